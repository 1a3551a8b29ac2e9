"""A whole configuration of a result backend: what is chosen, which settings that means, and where they go."""

"""Flask's configuration and what is done to it."""

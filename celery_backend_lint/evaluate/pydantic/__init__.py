"""pydantic models and settings, versions 1 and 2."""

"""A linter for Celery result backends: it reads a project the way Celery would load it, without running it."""

__version__ = "0.1.0"

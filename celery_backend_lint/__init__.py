"""A linter for Celery result backends: it reads a project the way Celery would load it, without running it."""

__version__ = "0.1.0"

PROGRAM = "celery-backend-lint"
"""What the command is called."""

HOME = "https://github.com/celery-backend-lint/celery-backend-lint"
"""Where the source, the issues and the rules' pages are."""

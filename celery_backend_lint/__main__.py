"""``python -m celery_backend_lint``."""

from __future__ import annotations

from celery_backend_lint.cli import run

run()

"""``python -m celery_backend_lint``."""

from __future__ import annotations

import sys

from celery_backend_lint.cli import main

sys.exit(main())

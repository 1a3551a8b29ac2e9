"""The product's probe (``celery_backend_lint/verify/probe.py``) behind the fork server: many projects, one Celery."""

from __future__ import annotations

import importlib
import os
import sys

import forkserver
from forkserver import probe

PRELOADED = (
    "attr",
    "celery.app.base",
    "celery.app.defaults",
    "celery.app.utils",
    "celery.fixups.django",
    "celery.loaders.app",
    "celery.loaders.default",
    "celery.utils.deprecated",
    "decouple",
    "dj_database_url",
    "django.apps",
    "django.conf",
    "django.core.checks.urls",
    "django.db.models",
    "django.urls",
    "django.utils.log",
    "django.views.debug",
    "environ",
    "environs",
    "flask",
    "kombu.utils.url",
    "pydantic_settings",
    "split_settings.tools",
    "werkzeug.utils",
)


def preload():
    """Import what every request needs, once, before the first fork."""
    for name in PRELOADED:
        try:
            importlib.import_module(name)
        except ImportError:
            pass


if __name__ == "__main__":
    sys.path.remove(os.path.dirname(os.path.abspath(__file__)))
    preload()
    forkserver.main(probe.load)

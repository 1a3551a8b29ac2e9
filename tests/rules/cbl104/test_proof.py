"""CBL104 is true: what Django says to models of an app that is not installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.proofs.real import RealCelery

SOURCE = """
from django.conf import settings
settings.configure(INSTALLED_APPS={apps!r}, USE_TZ=True, DATABASES={{
    "default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}}})
import django
django.setup()
app = Celery()
app.conf.result_backend = {backend!r}
"""


@pytest.mark.parametrize("backend", ["django-db", "django-cache"])
def test_the_backend_needs_the_app(celery: RealCelery, backend: str) -> None:
    bad = celery.evaluate("app.backend", SOURCE.format(apps=[], backend=backend))
    assert bad.fails_with("RuntimeError", "isn't in an application in INSTALLED_APPS")
    for installed in ("django_celery_results", "django_celery_results.apps.CeleryResultConfig"):
        assert celery.evaluate("app.backend", SOURCE.format(apps=[installed], backend=backend)).works()


def test_the_app_loads_until_the_backend_is_used(celery: RealCelery) -> None:
    assert celery.evaluate("app.conf.result_backend", SOURCE.format(apps=[], backend="django-db")).works()

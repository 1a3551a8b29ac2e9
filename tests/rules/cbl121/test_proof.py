"""CBL121 is true: what ``cache_backend`` is to django-celery-results, and that it sets no result backend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.proofs.real import RealCelery

SOURCE = """
from django.conf import settings
settings.configure(INSTALLED_APPS=["django_celery_results"], CACHES={{
    "default": {{"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    "results": {{"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
}}, DATABASES={{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}}})
import django
django.setup()
app = Celery()
app.conf.update({settings!r})
"""
ROUND_TRIP = "(app.backend.store_result('proof', 42, 'SUCCESS'), app.AsyncResult('proof').get(timeout=5))[1]"


def test_the_name_of_the_backend_is_no_alias(celery: RealCelery) -> None:
    settings = {"result_backend": "django-cache", "cache_backend": "django-cache"}
    bad = celery.evaluate(ROUND_TRIP, SOURCE.format(settings=settings))
    assert bad.fails_with("InvalidCacheBackendError", "'django-cache' doesn't exist")


@pytest.mark.parametrize("alias", ["default", "results", "", None])
def test_an_alias_works(celery: RealCelery, alias: str | None) -> None:
    settings = {"result_backend": "django-cache", "cache_backend": alias}
    assert celery.evaluate(ROUND_TRIP, SOURCE.format(settings=settings)).value == 42


def test_the_setting_alone_sets_no_result_backend(celery: RealCelery) -> None:
    bad = celery.evaluate(ROUND_TRIP, SOURCE.format(settings={"cache_backend": "django-cache"}))
    assert bad.fails_with("NotImplementedError", "No result backend is configured")

"""CBL112 is true: what another process sees of results that are kept in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.proofs.real import RealCelery

STORE = "app.backend.store_result('proof', 42, 'SUCCESS')"
STATE = "app.AsyncResult('proof').state"
DJANGO = """
from django.conf import settings
settings.configure(INSTALLED_APPS=["django_celery_results"], {caches} DATABASES={{
    "default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}}})
import django
django.setup()
app = Celery()
app.conf.result_backend = "django-cache"
"""


def test_another_process_never_sees_the_result(celery: RealCelery, tmp_path: Path) -> None:
    # Each request is answered by a process of its own.
    url = "cache+memory://"
    assert celery.evaluate(f"({STORE}, {STATE})", result_backend=url).value == (42, "SUCCESS")
    assert celery.evaluate(STATE, result_backend=url).value == "PENDING"
    shared = f"db+sqlite:///{tmp_path}/results.db"
    assert celery.evaluate(STORE, result_backend=shared).value == 42
    assert celery.evaluate(STATE, result_backend=shared).value == "SUCCESS"


@pytest.mark.parametrize("url", ["db+sqlite://", "db+sqlite:///:memory:", "db+sqlite:///file:x?mode=memory&uri=true"])
def test_sqlite_in_memory_stores_nothing_at_all(celery: RealCelery, url: str) -> None:
    assert celery.evaluate(STATE, result_backend=url).error in ("BackendGetMetaError", "OperationalError")
    assert celery.evaluate(STORE, result_backend=url).error in ("BackendStoreError", "OperationalError")


def test_older_celery_fails_as_well(celery_at: Callable[[str], RealCelery]) -> None:
    bad = celery_at("5.6.3").evaluate(STORE, result_backend="db+sqlite://")
    assert bad.fails_with("OperationalError", "no such table: celery_taskmeta")


@pytest.mark.parametrize(
    "caches",
    [
        "",
        "CACHES={'default': {'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'}},",
        "CACHES={'default': {'BACKEND': 'django.core.cache.backends.dummy.DummyCache'}},",
    ],
)
def test_a_cache_of_djangos_in_memory_is_one_processs_own(celery: RealCelery, caches: str) -> None:
    source = DJANGO.format(caches=caches)
    assert celery.evaluate(STORE, source).works()
    assert celery.evaluate(STATE, source).value == "PENDING"


def test_a_cache_that_is_shared_is_seen(celery: RealCelery, tmp_path: Path) -> None:
    folder = f"CACHES={{'default': {{'BACKEND': 'django.core.cache.backends.filebased.FileBasedCache',\
 'LOCATION': '{tmp_path}'}}}},"
    source = DJANGO.format(caches=folder)
    assert celery.evaluate(STORE, source).works()
    assert celery.evaluate(STATE, source).value == "SUCCESS"

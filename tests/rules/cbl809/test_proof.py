"""CBL809 is true: whose the current app is once a function has made another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.proofs.real import RealCelery

APP = """
import gc
from celery import Celery, current_app, shared_task
from celery.result import AsyncResult

app = Celery("shop", broker="memory://", backend="cache+memory://")

@shared_task
def ship():
    return 1

def view(**options):
    Celery("other", broker="memory://", **options)

def seen():
    gc.collect()
    return [current_app.main, ship.app.main, type(AsyncResult("id").backend).__name__]
"""


@pytest.mark.parametrize("version", ["newest", "5.3.6"])
def test_the_newest_app_is_the_current_one(celery_at: Callable[[str], RealCelery], version: str) -> None:
    real = celery_at(version)
    expected = ["shop", "shop", "CacheBackend"]
    assert real.evaluate("seen()", APP).value == expected
    assert real.evaluate("[view(), seen()][1]", APP).value == ["other", "other", "DisabledBackend"]
    assert real.evaluate("[view(set_as_current=False), seen()][1]", APP).value == expected

"""CBL604 is true: where a result is tried again without an end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.proofs.real import RealCelery

# Sleeping takes no time here, and the hundredth time ends it: what has an end by itself ends before.
ENDLESS = """
from celery.backends.database import session
session.PREPARE_MODELS_MAX_RETRIES = 0
import time
class Endless(BaseException):
    pass
sleeps = []
def sleep(seconds):
    sleeps.append(seconds)
    if len(sleeps) == 100:
        raise Endless
app = Celery()
app.conf.update({settings})
backend = app.backend
backend._sleep = sleep
error = ""
try:
    backend.store_result("task", 1, "SUCCESS")
except BaseException as raised:
    error = type(raised).__name__
"""
REDIS = {
    "result_backend": "redis://127.0.0.1:1/0",
    "result_backend_transport_options": {"retry_policy": {"max_retries": 0}},
}
ASKED = {"result_backend_always_retry": True}
BOUNDED = {"result_backend_max_retries": 10}


def told(celery: RealCelery, settings: dict[str, object]) -> tuple[object, object]:
    text = repr(settings).replace(": inf", ": float('inf')")
    value = celery.evaluate("error, len(sleeps)", ENDLESS.format(settings=text)).value
    assert isinstance(value, tuple)
    return value[0], value[1]


@pytest.mark.parametrize("version", ["5.5.3", "newest"])
def test_redis(celery_at: Callable[[str], RealCelery], version: str) -> None:
    real = celery_at(version)
    assert told(real, {**REDIS, **ASKED}) == ("Endless", 100)
    assert told(real, {**REDIS, **ASKED, **BOUNDED}) == ("BackendStoreError", 10)
    assert told(real, {**REDIS, "result_backend_max_retries": float("inf")})[0] == "ConnectionError"


def test_database(celery_at: Callable[[str], RealCelery], tmp_path: object) -> None:
    """A folder that is not there stands for a server that is not there."""
    database = {"result_backend": f"db+sqlite:///{tmp_path}/none/r.db", "database_create_tables_at_setup": False}
    endless = {"result_backend_max_retries": float("inf")}
    old, new = celery_at("5.6.3"), celery_at("newest")
    assert told(old, {**database, **ASKED}) == ("Endless", 100)
    assert told(old, {**database, **ASKED, **BOUNDED}) == ("BackendStoreError", 10)
    assert told(old, database) == ("OperationalError", 0), "three tries without a wait"
    assert told(new, {**database, **ASKED}) == ("BackendStoreError", 3)
    assert told(new, {**database, **endless}) == ("Endless", 100)


def test_ten_tries_take_about_ten_seconds(celery: RealCelery) -> None:
    value = celery.evaluate("sum(sleeps)", ENDLESS.format(settings={**REDIS, **ASKED, **BOUNDED})).value
    assert isinstance(value, float)
    assert 0 < value <= 20.46, "each of them drawn from nothing to twice the one before"

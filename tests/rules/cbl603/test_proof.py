"""CBL603 is true: what is tried again on Redis, and from which Celery on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle.environments import environment
from tests.proofs.real import RealCelery

if TYPE_CHECKING:
    from collections.abc import Iterator

import pytest

URL = "redis://127.0.0.1:1/0"
TRIES = """
app = Celery()
app.conf.update({settings})
backend, tries = app.backend, []
plain = backend.client.connection_pool.get_connection
def counted(*given, **more):
    tries.append(1)
    return plain(*given, **more)
backend.client.connection_pool.get_connection = counted
error = ""
try:
    backend.get_task_meta("task")
except Exception as raised:
    error = type(raised).__name__
"""
ONCE = {"result_backend": URL, "result_backend_transport_options": {"retry_policy": {"max_retries": 2}}}
AGAIN = {**ONCE, "result_backend_always_retry": True, "result_backend_max_retries": 3}


@pytest.fixture(scope="module")
def before() -> Iterator[RealCelery]:
    """Celery 5.3.6 with a kombu whose Redis transport can be imported."""
    real = RealCelery(environment("celery[redis]==5.3.6", "packaging"))
    yield real
    real.close()


def test_reading_a_result_is_tried_once_unless_it_is_said(celery: RealCelery) -> None:
    assert celery.evaluate("error, len(tries)", TRIES.format(settings=ONCE)).value == ("ConnectionError", 1)
    assert celery.evaluate("error, len(tries)", TRIES.format(settings=AGAIN)).value == ("BackendGetMetaError", 4)


def test_before_5_5_the_setting_does_nothing_on_redis(before: RealCelery) -> None:
    assert before.evaluate("error, len(tries)", TRIES.format(settings=AGAIN)).value == ("ConnectionError", 1)


def test_storing_begins_with_a_read_that_the_retry_policy_does_not_cover(
    celery: RealCelery, before: RealCelery
) -> None:
    for real in (celery, before):
        source = TRIES.format(settings=ONCE).replace(
            'backend.get_task_meta("task")', 'backend.store_result("task", 1, "SUCCESS")'
        )
        assert real.evaluate("error, len(tries)", source).value == ("ConnectionError", 1)
    again = TRIES.format(settings=AGAIN).replace(
        'backend.get_task_meta("task")', 'backend.store_result("task", 1, "SUCCESS")'
    )
    assert celery.evaluate("error, len(tries)", again).value == ("BackendStoreError", 4)

"""CBL706 is true: what real Celery makes of values of the wrong type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.evaluate.values import Literal, Sequence
from celery_backend_lint.location import Location
from celery_backend_lint.model import facts
from celery_backend_lint.model.literal_types import wrong_type

if TYPE_CHECKING:
    from pathlib import Path

    from celery_backend_lint.evaluate.values import Value
    from tests.proofs.real import RealCelery

ROUND_TRIP = "(app.backend.store_result('proof', 42, 'SUCCESS'), app.AsyncResult('proof').get(timeout=5))[1]"
SEND = "app.send_task('x', exchange='amq.fanout', queue=None, declare=[]) and 1"
HERE = Location("proj.py")
NEWEST = facts.celery_versions()[-1]


def judged(setting: str, plain: object) -> bool:
    """Whether the rule calls the value wrong."""
    value: Value
    if isinstance(plain, (list, tuple)):
        value = Sequence(type(plain).__name__, tuple(Literal(item, HERE) for item in plain), HERE)
    else:
        assert plain is None or isinstance(plain, (str, int, float, bool))
        value = Literal(plain, HERE)
    return wrong_type(setting, NEWEST, value) is not None


@pytest.mark.parametrize(
    ("setting", "wrong", "right"),
    [
        ("redis_max_connections", ["50", 50.0, [50]], [50, ""]),
        ("redis_backend_health_check_interval", ["30"], [30]),
        ("redis_socket_timeout", ["five", "", [5]], ["5"]),
        ("redis_socket_connect_timeout", ["five"], ["5"]),
        ("result_cache_max", ["100"], [100]),
        ("result_backend_transport_options", ["", [], False, True], []),
        ("accept_content", [True, 5], [None]),
        ("result_accept_content", [True, 5], [None]),
        ("result_serializer", [("json",), ["json"]], ["json"]),
        ("timezone", [("UTC",)], [None]),
    ],
)
def test_results_in_redis(
    celery: RealCelery, redis_url: str, setting: str, wrong: list[object], right: list[object]
) -> None:
    for value in wrong:
        assert judged(setting, value)
        assert celery.evaluate(ROUND_TRIP, result_backend=redis_url, settings={setting: value}).error, value
    for value in right:
        assert not judged(setting, value)
        assert celery.evaluate(ROUND_TRIP, result_backend=redis_url, settings={setting: value}).value == 42, value


@pytest.mark.parametrize(
    ("setting", "wrong", "right"),
    [
        ("database_engine_options", ["x=1", True], [None]),
        ("database_table_names", ["x", ["a"]], [[]]),
        ("database_table_schemas", ["x", True], [None]),
    ],
)
def test_results_in_a_database(
    celery: RealCelery, tmp_path: Path, setting: str, wrong: list[object], right: list[object]
) -> None:
    url = f"db+sqlite:///{tmp_path}/results.db"
    for value in wrong:
        assert judged(setting, value)
        assert celery.evaluate(ROUND_TRIP, result_backend=url, settings={setting: value}).error, value
    for value in right:
        assert not judged(setting, value)
        assert celery.evaluate(ROUND_TRIP, result_backend=url, settings={setting: value}).value == 42, value


def test_sending_a_task(celery: RealCelery, rabbitmq_url: str) -> None:
    cases: list[tuple[str, list[object], list[object]]] = [
        ("broker_pool_limit", ["10", True], [10, 10.0]),
        ("broker_connection_timeout", ["4", [4]], [True]),
        ("broker_transport_options", ["x", None], [[]]),
        ("task_publish_retry_policy", ["x", None], [[]]),
        ("task_serializer", [("json",), 5], [None]),
        ("task_default_queue", [("q",), None], []),
    ]
    for setting, wrong, right in cases:
        for value in wrong:
            assert judged(setting, value)
            assert celery.evaluate(SEND, settings={"broker_url": rabbitmq_url, setting: value}).error, (setting, value)
        for value in right:
            assert not judged(setting, value)
            assert celery.evaluate(SEND, settings={"broker_url": rabbitmq_url, setting: value}).works()


def test_options_of_the_cache_backend(celery: RealCelery) -> None:
    for value in ("x", None, True, 5):
        assert judged("cache_backend_options", value)
        bad = celery.evaluate("app.backend", result_backend="cache+memory://", cache_backend_options=value)
        assert bad.error, value
    assert celery.evaluate("app.backend", result_backend="cache+memory://", cache_backend_options=[]).works()


@pytest.mark.parametrize("text", ["false", "No", "0"])
def test_text_that_says_no_is_true(celery: RealCelery, text: str) -> None:
    assert judged("result_extended", text)
    assert celery.evaluate("bool(app.conf.result_extended)", result_extended=text).value is True
    ignored = "bool(app.task(os.path.join, name='t').ignore_result)"
    assert celery.evaluate(ignored, task_ignore_result=text).value is True
    assert celery.evaluate(ignored, task_ignore_result=False).value is False


def test_a_tuple_is_true(celery: RealCelery) -> None:
    assert judged("task_ignore_result", (False,))
    ignored = "bool(app.task(os.path.join, name='t').ignore_result)"
    assert celery.evaluate(ignored, task_ignore_result=(False,)).value is True


def test_text_that_says_yes_and_empty_text_are_what_they_say(celery: RealCelery) -> None:
    for text in ("true", ""):
        assert not judged("result_extended", text)
        assert celery.evaluate("bool(app.conf.result_extended)", result_extended=text).value is bool(text)


def test_text_breaks_retrying(celery: RealCelery) -> None:
    source = """
app = Celery()
app.conf.update(result_backend="cache+memory://", result_backend_always_retry=True, result_backend_max_retries={!r})
app.backend.exception_safe_to_retry = lambda error: True

def refuse(*unused, **ignored):
    raise ConnectionError("down")

app.backend._store_result = refuse
"""
    store = "app.backend.store_result('proof', 42, 'SUCCESS')"
    assert judged("result_backend_max_retries", "1")
    assert celery.evaluate(store, source.format("1")).fails_with("TypeError")
    assert celery.evaluate(store, source.format(1)).fails_with("BackendStoreError")


@pytest.mark.parametrize(
    ("setting", "wrong", "error", "right"),
    [
        ("worker_max_tasks_per_child", "100", "ValueError", 100),
        ("worker_concurrency", 2.0, "TypeError", 2),
    ],
)
def test_a_worker_starts_no_processes(
    celery: RealCelery, setting: str, wrong: object, error: str, right: object
) -> None:
    # what celery.worker.components.Pool does when a worker starts
    source = """
from celery.concurrency.prefork import TaskPool
app = Celery("proof", broker="memory://")
app.conf.update({!r})
worker = app.Worker()
pool = TaskPool(worker.concurrency, app=app, maxtasksperchild=worker.max_tasks_per_child)
"""
    assert judged(setting, wrong)
    assert celery.evaluate("pool.start()", source.format({setting: wrong})).fails_with(error)
    assert celery.evaluate("pool.start() or pool.stop()", source.format({setting: right})).works()

"""CBL801 is true: what reading a result does without a backend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.model.results.reads import ASKS, ATTRIBUTES, WAITS
from celery_backend_lint.rules.cbl801_result_without_backend import NOT_IMPLEMENTED

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.proofs.real import RealCelery

TASKS = f"""
from celery import Celery, group
from celery.result import AsyncResult

app = Celery("proof", broker="memory://", backend=BACKEND)

@app.task
def add(x=1, y=1):
    return x + y

@app.task(ignore_result=True)
def quiet():
    return 1

def read(name):
    one, many = AsyncResult("an-id"), group(add.s(1), add.s(2))()
    given = add.delay() if hasattr(AsyncResult, name) else many
    held = getattr(given, name)
    if name in {{"get", "wait", "join", "join_native", "iter_native"}}:
        held = held(timeout=0.05)
    held = held() if callable(held) else held
    return list(held) if hasattr(held, "__next__") else held

def error(name):
    try:
        read(name)
    except Exception as error:
        return f"{{type(error).__name__}}: {{error}}".splitlines()[0]

READS = sorted({sorted(WAITS | ASKS | ATTRIBUTES)!r})
"""
LATER = {"exists"}
"""Methods that only Celery 5.7 has."""


@pytest.mark.parametrize("version", ["newest", "5.3.6"])
def test_every_read_raises(celery_at: Callable[[str], RealCelery], version: str) -> None:
    said = celery_at(version).evaluate("{name: error(name) for name in READS}", f"BACKEND = None\n{TASKS}")
    assert said.works()
    assert isinstance(said.value, dict)
    for name, text in said.value.items():
        if version != "newest" and name in LATER:
            continue
        expected = "NotImplementedError: " if name in NOT_IMPLEMENTED else "AttributeError: 'DisabledBackend' object"
        assert str(text).startswith(expected), (name, text)
    assert said.value["get"] == "NotImplementedError: No result backend is configured."


def test_get_of_an_ignored_result_does_not(celery: RealCelery) -> None:
    assert celery.evaluate("quiet.delay().get()", f"BACKEND = None\n{TASKS}").value is None


def test_nothing_raises_that_with_a_backend(celery: RealCelery, redis_url: str) -> None:
    waits = WAITS | {"iter_native"}
    said = celery.evaluate(
        f"{{error(name) for name in READS if name not in {waits!r}}}", f"BACKEND = {redis_url!r}\n{TASKS}"
    )
    assert said.works()
    assert isinstance(said.value, set)
    assert said.value == {None}


OWN = """
from celery import Celery
from celery.backends.redis import RedisBackend


class Stored(Celery):
    def _get_backend(self):
        return RedisBackend(app=self, url=STORE)


app = Celery("proof", broker="memory://")
other = Stored("other", broker="memory://")


@app.task(backend=RedisBackend(app=app, url=STORE))
def add(x, y):
    return x + y


class Kept(app.Task):
    backend = RedisBackend(app=app, url=STORE)


@app.task(base=Kept)
def multiply(x, y):
    return x * y
"""


def test_a_task_and_a_class_of_apps_may_have_a_backend(celery: RealCelery, redis_url: str) -> None:
    said = celery.evaluate(
        "[add.delay(1, 2).state, multiply.delay(1, 2).state, other.AsyncResult('an-id').state]",
        f"STORE = {redis_url!r}\n{OWN}",
    )
    assert said.value == ["PENDING", "PENDING", "PENDING"]

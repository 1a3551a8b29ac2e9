"""CBL804 is true: a worker refuses to wait inside of a task."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.proofs.worker import running

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.proofs.real import RealCelery

TASKS = running("""
from celery import Celery
from celery.result import allow_join_result

app = Celery("proof", broker="memory://", backend="cache+memory://")

@app.task
def inner(number=1):
    return number

@app.task(ignore_result=True)
def quiet(number=1):
    return number

@app.task(bind=True)
def progress(self):
    self.update_state(state="PROGRESS")

@app.task(bind=True)
def again(self):
    raise self.retry(exc=KeyError("first try"))

def allowed():
    with allow_join_result():
        return inner.apply().get()

@app.task
def outer():
    def both():
        return group(inner.s(1), inner.s(2))()
    ways = {
        "get": lambda: inner.delay().get(timeout=1),
        "wait": lambda: inner.delay().wait(timeout=1),
        "get_leaf": lambda: inner.delay().get_leaf(),
        "join": lambda: both().join(timeout=1),
        "group.get": lambda: both().get(timeout=1),
        "join_native": lambda: both().join_native(timeout=1),
        "collect": lambda: list(inner.apply().collect()),
        "apply": lambda: inner.apply().get(),
        "ignored": lambda: quiet.delay().get(),
        "told": lambda: inner.apply().get(disable_sync_subtasks=False),
        "allowed": allowed,
        "ready": lambda: inner.delay().ready(),
        "called": lambda: inner(3),
        "called progress": progress,
        "called again": again,
    }
    return {name: outcome(way) for name, way in ways.items()}
""")


@pytest.mark.parametrize("version", ["newest", "5.3.6"])
def test_a_worker_refuses_to_wait_in_a_task(celery_at: Callable[[str], RealCelery], version: str) -> None:
    said = celery_at(version).evaluate("outer.delay().get(**WAIT)", TASKS)
    assert said.works()
    ways = said.value
    assert isinstance(ways, dict)
    refused = {name for name, text in ways.items() if text == "RuntimeError: Never call result.get() within a task!"}
    assert refused == {"get", "wait", "get_leaf", "join", "group.get", "join_native", "collect", "apply"}
    assert ways["ignored"] == "None"
    assert ways["told"] == ways["allowed"] == "1"
    assert (ways["ready"], ways["called"]) == ("False", "3")
    assert ways["called progress"].startswith("ValueError: task_id must not be empty")
    assert ways["called again"] == "KeyError: 'first try'"  # where a worker would try again


def test_green_pools_do_not_refuse(celery: RealCelery) -> None:
    """By what their classes say, which celery.worker.components.Pool hands on: gevent itself is not installed."""
    source = (
        "import ast, inspect, celery.concurrency as c, pathlib\n"
        "folder = pathlib.Path(c.__file__).parent\n"
        "def blocks(name): return 'task_join_will_block = False' not in (folder / (name + '.py')).read_text()\n"
    )
    expression = "[name for name in ('gevent', 'eventlet', 'solo', 'prefork', 'thread', 'base') if not blocks(name)]"
    assert celery.evaluate(expression, source).value == ["gevent", "eventlet"]

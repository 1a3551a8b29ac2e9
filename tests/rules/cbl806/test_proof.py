"""CBL806 is true: without a timeout the wait has no end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.proofs.real import RealCelery

APP = """
import threading
from celery import Celery, group
from celery.exceptions import TimeoutError
from celery.result import AsyncResult

app = Celery("proof", broker="memory://", backend="cache+memory://")

@app.task
def add(x, y):
    return x + y

def waits(function):
    thread = threading.Thread(target=function, daemon=True)
    thread.start()
    thread.join(0.3)
    return thread.is_alive()

def ends(function):
    try:
        function()
    except TimeoutError:
        return True
"""
WAYS = [
    'AsyncResult("no-such-id", app=app).get',
    "add.delay(1, 2).get",
    "group(add.s(1, 1), add.s(2, 2))().join",
]


def test_no_worker_no_end(celery: RealCelery) -> None:
    all_at_once = (
        f"waits(lambda: [{WAYS[0]}()])",
        *(f"ends(lambda: {way}(timeout=0.01, interval=0.02))" for way in WAYS),
    )
    assert celery.evaluate(f"[{', '.join(all_at_once)}]", APP).value == [True] * (1 + len(WAYS))


def test_an_unknown_id_looks_like_a_task_that_has_not_run(celery: RealCelery) -> None:
    assert celery.evaluate('AsyncResult("no-such-id", app=app).state', APP).value == "PENDING"

"""CBL808 is true: each task's result is stored though nobody asks, and `task_ignore_result` stops that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.proofs.worker import running

if TYPE_CHECKING:
    from tests.proofs.real import RealCelery

TASKS = """
from celery import Celery

app = Celery("proof", broker="memory://", backend=BACKEND, task_ignore_result=IGNORE)

@app.task
def ship(number):
    return number

@app.task(ignore_result=False)
def last():
    return 1

def stored():
    for number in range(3):
        ship.delay(number)
    last.delay().get(**WAIT)  # the worker does one after another: the others are done
    return len(app.backend.client.keys("celery-task-meta-*"))
"""


@pytest.mark.parametrize(("ignored", "kept"), [(False, 4), (True, 1)])
def test_what_is_stored(celery: RealCelery, redis_url: str, ignored: bool, kept: int) -> None:
    source = running(TASKS, before=f"BACKEND, IGNORE = {redis_url!r}, {ignored}\n")
    assert celery.evaluate("stored()", source).value == kept

"""CBL507 is true: a worker has no part that looks at the schedule, beat sends what is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.proofs.real import RealCelery

PROJECT = """
import time
from celery.beat import Scheduler
from celery.signals import before_task_publish

app = Celery(broker="memory://")
app.conf.beat_schedule = {"often": {"task": "proof.often", "schedule": 0.001}}
sent = []


@before_task_publish.connect(weak=False)
def note(sender=None, **kwargs):
    sent.append(sender)


def worker(**more):
    made = app.WorkController(pool="solo", **more)
    return [type(step).__name__ for step in made.steps]
"""
BEAT = """
scheduler = Scheduler(app, lazy=True)
scheduler.setup_schedule()
scheduler.tick()
time.sleep(0.01)
scheduler.tick()
"""


def test_a_worker_has_no_beat(celery: RealCelery, tmp_path: Path) -> None:
    assert "Beat" not in celery.evaluate("worker()", PROJECT, root=tmp_path).value
    assert "Beat" in celery.evaluate("worker(beat=True)", PROJECT, root=tmp_path).value


def test_beat_sends_what_is_due(celery: RealCelery, tmp_path: Path) -> None:
    assert celery.evaluate("sent", PROJECT, root=tmp_path).value == []
    assert celery.evaluate("sent[0]", PROJECT + BEAT, root=tmp_path).value == "proof.often"

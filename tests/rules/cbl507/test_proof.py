"""CBL507 is true: a worker sends nothing of the schedule, beat does."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.proofs.real import RealCelery

PROJECT = """
from celery import Celery
from celery.contrib.testing.worker import start_worker

app = Celery(broker="memory://", backend="cache+memory://")
app.conf.beat_schedule = {{"often": {{"task": "proof.often", "schedule": 0.05}}}}
app.conf.beat_schedule_filename = {schedule!r}
ran = []


@app.task(name="proof.often")
def often():
    ran.append(1)


def waited(beat, seconds=0.6):
    import time

    with start_worker(app, perform_ping_check=False, pool="solo"):
        if beat:
            from celery.beat import Scheduler
            scheduler = Scheduler(app, lazy=True)
            scheduler.setup_schedule()
            for _ in range(4):
                time.sleep(0.06)
                scheduler.tick()
        end = time.monotonic() + seconds
        while time.monotonic() < end and not ran:
            time.sleep(0.02)
    return len(ran) > 0
"""


def test_a_worker_does_not_look_at_the_schedule(celery: RealCelery, tmp_path: Path) -> None:
    source = PROJECT.format(schedule=str(tmp_path / "schedule"))
    assert celery.evaluate("waited(beat=False, seconds=0.3)", source).value is False
    assert celery.evaluate("waited(beat=True, seconds=5)", source).value is True

"""CBL505 is true: what Redis has counted of a chord is gone after ``result_expires`` without a part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.proofs.real import RealCelery

CHORD = """
import time
from celery.app.task import Context
from celery.canvas import chord
from celery.signals import before_task_publish

sent = []


@before_task_publish.connect(weak=False)
def note(sender=None, headers=None, **kwargs):
    sent.append((sender, headers))


app = Celery(broker="memory://", set_as_current=True)
app.conf.update(result_backend={url!r}, {settings})


@app.task(name="part")
def part(number):
    return number


@app.task(name="done")
def done(numbers):
    return numbers


chord([part.s(1), part.s(2)])(done.s())
parts = [headers for name, headers in sent if name == "part"]
body = done.s()
body.options["task_id"] = "callback"


def back(number):
    request = Context(id=parts[number]["id"], group=parts[number]["group"], group_index=number, chord=body)
    app.backend.on_chord_part_return(request, "SUCCESS", number)


time.sleep({first})
back(0)
time.sleep({pause})
back(1)
"""
CALLED = "[name for name, headers in sent].count('done')"


@pytest.mark.parametrize(
    ("version", "settings", "first", "pause", "called"),
    [
        ("5.6.3", "result_expires=1", 0, 1.2, 0),
        ("5.6.3", "result_expires=1", 1.2, 0, 0),
        ("newest", "result_expires=60, result_chord_expires=1", 0, 1.2, 0),
        ("5.6.3", "result_expires=60, result_chord_expires=1", 0, 0, 1),
        ("newest", "result_expires=60", 0, 0, 1),
    ],
)
def test_the_callback_of_a_chord(
    celery_at: Callable[[str], RealCelery],
    redis_url: str,
    version: str,
    settings: str,
    first: float,
    pause: float,
    called: int,
) -> None:
    source = CHORD.format(url=redis_url, settings=settings, first=first, pause=pause)
    assert celery_at(version).evaluate(CALLED, source).value == called


RETRIES = """
app = Celery(broker="memory://")


@app.task(autoretry_for=(OSError,), retry_kwargs={"countdown": 600})
def own():
    raise OSError


@app.task(autoretry_for=(OSError,), default_retry_delay=700)
def delay():
    raise OSError


@app.task(autoretry_for=(OSError,))
def default():
    raise OSError


def seconds(task):
    task.push_request(id="one", called_directly=False, is_eager=False, retries=0, delivery_info={})
    try:
        task.run()
    except Exception as raised:
        return raised.when
"""


def test_what_autoretry_waits(celery: RealCelery) -> None:
    assert celery.evaluate("[seconds(own), seconds(delay), seconds(default)]", RETRIES).value == [600, 700, 180]

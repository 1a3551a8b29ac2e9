"""CBL803 is true: what becomes of the result of a task that ignores it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.proofs.worker import running

if TYPE_CHECKING:
    from tests.proofs.real import RealCelery

TASKS = """
from celery import Celery
from celery.result import AsyncResult

app = Celery("proof", broker="memory://", backend=BACKEND)

@app.task(ignore_result=True)
def quiet(number=1):
    return number

@app.task(ignore_result=True)
def failing():
    raise ValueError("no")

@app.task(ignore_result=True, bind=True)
def telling(self):
    self.update_state(state="HALFWAY", meta={"done": 1})

@app.task(ignore_result=True, store_errors_even_if_ignored=True)
def faulty():
    raise ValueError("no")

@app.task
def loud(number=1):
    return number
"""
WAYS = """{
    "get": outcome(lambda: quiet.delay().get(**WAIT)),
    "signature": outcome(lambda: quiet.s().delay().get(**WAIT)),
    "failing": outcome(lambda: failing.delay().get(**WAIT)),
    "by call": outcome(lambda: loud.apply_async(ignore_result=True).get(**WAIT)),
    "loud": outcome(lambda: loud.delay().get(**WAIT)),
    "header": outcome(lambda: chord([quiet.s(1), quiet.s(2)])(loud.s()).get(**WAIT)),
    "middle": outcome(lambda: chain(quiet.s(7), loud.s())().get(**WAIT)),
    "id": outcome(lambda: AsyncResult(quiet.delay().id, app=app).get(**BRIEFLY)),
    "chain": outcome(lambda: chain(loud.s(1), quiet.s())().get(**BRIEFLY)),
    "group": outcome(lambda: group(quiet.s(1), loud.s(2))().join(**BRIEFLY)),
    "telling": [telling.delay(), loud.delay().get(**WAIT)][0].state,
    "faulty": [faulty.delay(), loud.delay().get(**WAIT)][0].state,
    "state": [quiet.apply_async(), loud.delay().get(**WAIT)][0].state,
}"""


def test_an_ignored_result_never_comes(celery: RealCelery, redis_url: str) -> None:
    said = celery.evaluate(WAYS, running(TASKS, before=f"BACKEND = {redis_url!r}\n"))
    assert said.works()
    ways = said.value
    assert isinstance(ways, dict)
    assert {ways[name] for name in ("get", "signature", "failing", "by call")} == {"None"}
    assert {ways[name] for name in ("id", "chain", "group")} == {"TimeoutError: The operation timed out."}
    assert ways["state"] == "PENDING"
    assert (ways["telling"], ways["faulty"]) == ("HALFWAY", "FAILURE")
    assert (ways["loud"], ways["header"], ways["middle"]) == ("1", "[1, 2]", "7")


def test_the_setting_does_the_same_and_the_call_overrides_it(celery: RealCelery, redis_url: str) -> None:
    setting = "app.conf.task_ignore_result = True\n"
    source = running(
        TASKS.replace("\n@app.task(ignore", f"\n{setting}\n@app.task(ignore", 1), before=f"BACKEND = {redis_url!r}\n"
    )
    expression = "[loud.delay().get(**WAIT), quiet.apply_async(ignore_result=False).get(**WAIT)]"
    assert celery.evaluate(expression, source).value == [None, 1]

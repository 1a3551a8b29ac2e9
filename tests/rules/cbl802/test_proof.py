"""CBL802 is true: which flows start a chord, and that RPC and no backend know none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.proofs.real import RealCelery

TASKS = """
from celery import Celery, chain, chord, group

app = Celery("proof", broker="memory://", backend=BACKEND)

@app.task
def add(x=1, y=1):
    return x + y

@app.task
def total(numbers):
    return sum(numbers)

def outcome(flow):
    try:
        return type(flow()).__name__
    except NotImplementedError as error:
        return str(error).strip().splitlines()[0]

both = group(add.s(1), add.s(2))
CHORDS = [
    lambda: chord([add.s(1), add.s(2)])(total.s()),
    lambda: chord([add.s(1)])(total.s()),
    lambda: chord(add.s(i) for i in range(2))(total.s()),
    lambda: chord([add.s(1), add.s(2)], total.s()).delay(),
    lambda: (both | total.s()).delay(),
    lambda: (both | both)(),
    lambda: chain(both, total.s())(),
    lambda: (add.s(1) | both | total.s())(),
    lambda: chain(add.s(1), both, total.s()).apply_async(),
    lambda: (group(add.s(1)) | total.s())(),
]
OTHERS = [
    lambda: both(),
    lambda: (add.s(1, 1) | both)(),
    lambda: chain(both)(),
    lambda: chain(add.s(1, 1), add.s(2))(),
    lambda: chord([])(total.s()),
    lambda: chain(group(add.s(1)), total.s())(),
    lambda: chain(add.s(1), group([add.s(1)]), total.s())(),
    lambda: (add.s(1) | group(add.s(1)) | total.s())(),
]
"""
WHY = {
    "rpc://": 'The "rpc" result backend does not support chords!',
    None: "Starting chords requires a result backend to be configured.",
}


@pytest.mark.parametrize("version", ["newest", "5.3.6"])
@pytest.mark.parametrize("backend", ["rpc://", None])
def test_chords_are_refused(celery_at: Callable[[str], RealCelery], version: str, backend: str | None) -> None:
    source = f"BACKEND = {backend!r}\n{TASKS}"
    said = celery_at(version).evaluate("[{outcome(one) for one in CHORDS}, {outcome(one) for one in OTHERS}]", source)
    assert said.works()
    assert isinstance(said.value, list)
    assert said.value[0] == {WHY[backend]}
    assert said.value[1] <= {"AsyncResult", "GroupResult"}


def test_a_backend_that_counts_takes_them(celery: RealCelery, redis_url: str) -> None:
    source = f"BACKEND = {redis_url!r}\n{TASKS}"
    said = celery.evaluate("{outcome(one) for one in CHORDS}", source)
    assert said.works()
    assert isinstance(said.value, set)
    assert said.value <= {"AsyncResult", "GroupResult"}

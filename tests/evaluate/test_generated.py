"""The evaluator against Python itself, over programs that hypothesis writes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from tests.evaluate.agreement import compare
from tests.oracle.generators.program import Program

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLES = int(os.environ.get("CBL_EVALUATOR_EXAMPLES", "60"))


@st.composite
def programs(draw: st.DrawFn) -> tuple[dict[str, str], dict[str, str], str]:
    """A project's files, an environment, and the layout."""
    return make(lambda low, high: draw(st.integers(low, high)))


def make(integer: Callable[[int, int], int]) -> tuple[dict[str, str], dict[str, str], str]:
    """The same, numbers drawn by ``integer``."""
    program = Program(integer, ("", "proj", "src/proj")[integer(0, 2)])
    main = program.module("main_of_test")
    for name in ("consts", "base"):
        program.module(name)
    for number in range(integer(1, 4)):
        value = program.value(main, program.pick("text", "int", "bool", "list", "dict", "duration", "float"))
        main.add(f"RESULT{number} = {value}")
    return program.files(), program.environment(), program.layout


@settings(
    max_examples=EXAMPLES, deadline=None, derandomize="CBL_EVALUATOR_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(programs())
def test_what_the_evaluator_claims_is_what_python_has(drawn: tuple[dict[str, str], dict[str, str], str]) -> None:
    files, environment, layout = drawn
    note("\n".join(f"-- {path} --\n{text}" for path, text in files.items() if text))
    note(str(environment))
    path = f"{layout}/main_of_test.py".lstrip("/")
    try:
        found = compare(files, environment, path, (".", "src"))
    except Exception as error:
        assert not isinstance(error, (SyntaxError, NameError, AssertionError, RecursionError)), error
        if any("celery_backend_lint" in frame.filename for frame in _frames(error)):
            raise
        return
    assert found.wrong == []


def _frames(error: BaseException) -> list[object]:
    import traceback

    return list(traceback.extract_tb(error.__traceback__))

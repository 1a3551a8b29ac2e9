"""The words in which the reports say when another outcome of the result backend holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.evaluate.values import Environment, Literal, Operation, Unknown
from celery_backend_lint.location import Location
from celery_backend_lint.model.condition_words import when

if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Value

HERE = Location("tasks.py")
READ = Environment(("Q",), Literal(None, HERE), "str", "os.environ", HERE)
REQUIRED = Environment(("Q",), None, "str", "os.environ", HERE)
WHY = Unknown("a loop", HERE)


def operation(operator: str, *operands: Value) -> Operation:
    return Operation(operator, operands, HERE)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (None, "otherwise"),
        (READ, "Q is set"),
        (WHY, "a loop"),
        (Literal(True, HERE), "the code decides so"),
        (operation("not", READ), "Q is not set"),
        (operation("not", REQUIRED), "Q is empty"),
        (operation("and", operation("is not", READ, Literal(None, HERE)), operation("not", REQUIRED)), "Q is empty"),
        (operation("not", WHY), "otherwise"),
        (operation("and", READ, WHY), "Q is set and a loop"),
        (operation("or", READ, operation("not", READ)), "Q is set or Q is not set"),
        (operation("is not", READ, Literal(None, HERE)), "Q is set"),
        (operation("succeeds", READ), "Q is set"),
        (operation("==", READ, Literal("a", HERE)), "Q is 'a'"),
        (operation("!=", READ, Literal(1, HERE)), "Q is not 1"),
        (operation("in", Literal("a", HERE), READ), "'a' is in Q"),
        (operation("not in", operation("lower", READ), WHY), "Q is not in a value"),
        (operation("not", operation("==", READ, Literal("a", HERE))), "Q is not 'a'"),
        (operation("not", operation("not", READ)), "Q is set"),
        (operation("and", READ, operation("==", READ, Literal("a", HERE))), "Q is 'a'"),
        (
            operation("and", operation("!=", READ, Literal("b", HERE)), operation("==", READ, Literal("a", HERE))),
            "Q is 'a'",
        ),
        (operation("and", operation("not", WHY), READ, READ), "Q is set"),
        (operation("and", operation("not", WHY), operation("not", WHY)), "otherwise"),
        (operation("any variable", Literal("FLASK_", HERE)), "a variable FLASK_… is set"),
        (operation("==", Unknown("the argument stage", HERE), Literal("a", HERE)), "stage is 'a'"),
        (operation("startswith", READ, Literal("a", HERE)), "Q"),
    ],
)
def test_condition_in_words(condition: Value | None, words: str) -> None:
    assert when(condition) == words

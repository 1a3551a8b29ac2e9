"""Values are the same when they say the same, wherever they stand, and never when a part is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Duration,
    Entry,
    Environment,
    External,
    Literal,
    Mapping,
    Missing,
    Operation,
    Sequence,
    Text,
    Unknown,
)
from celery_backend_lint.location import Location, Span
from celery_backend_lint.model.conflicts import identity

if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Value

HERE, THERE = Location("a.py"), Location("b.py", Span(9, 1, 9, 9))


def values(at: Location, text: str = "redis://h") -> list[Value]:
    literal = Literal(text, at)
    read = Environment(("X",), literal, "str", "os.environ", at)
    return [
        literal,
        read,
        Environment((text,), None, "str", "os.environ", at),
        Text((literal, read), at),
        Operation("replace", (literal, literal), at),
        Sequence("list", (literal,), at),
        Mapping((Entry(literal, literal, at),), at),
        Choice((Alternative(literal, read), Alternative(Missing(at), None)), at),
        External(text, at),
    ]


@pytest.mark.parametrize("number", range(9))
def test_the_same_value_in_another_place_is_the_same(number: int) -> None:
    assert identity(values(HERE)[number]) == identity(values(THERE)[number])
    assert identity(values(HERE)[number]) != identity(values(HERE, "rpc://")[number])


def test_kinds_of_values_differ() -> None:
    assert len({identity(value) for value in values(HERE)}) == 9
    assert identity(Literal(1, HERE)) != identity(Literal(True, HERE))


def test_a_value_with_an_unknown_part_is_like_no_other() -> None:
    unknown = Unknown("a function's result", HERE)
    held: list[Value] = [
        unknown,
        Environment(("X",), unknown, "str", "os.environ", HERE),
        Text((Literal("redis://", HERE), unknown), HERE),
        Operation("replace", (unknown,), HERE),
        Sequence("list", (unknown,), HERE),
        Mapping((Entry(Literal("a", HERE), unknown, HERE),), HERE),
        Choice((Alternative(unknown, unknown), Alternative(unknown, None)), HERE),
    ]
    assert [identity(value) for value in held] == [None] * len(held)


def test_what_was_not_read_whole_or_is_no_plain_value_is_like_no_other() -> None:
    assert identity(Sequence("list", (), HERE, complete=False)) is None
    assert identity(Mapping((), HERE, complete=False)) is None
    assert identity(Duration(1.0, HERE)) is None

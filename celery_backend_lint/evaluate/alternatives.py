"""Values of several outcomes: combined from the ways that lead to them, changed one by one, filled where missing."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Alternative, Choice, Missing, Unknown, has_more_outcomes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location

MOST_ALTERNATIVES = 16
"""How many outcomes a Choice may have before an operation on it is given up."""

MOST_OUTCOMES = 64
"""How many outcomes it may have with those of the Choices in it."""

WOULD_FAIL = "a key that is not in the dict"
"""Why an outcome is Unknown that no running program has: reading it raises."""


def combine(alternatives: list[Alternative], origin: Location) -> Value:
    """One value for several ways through: the value they share, else a Choice; Unknown when there is none."""
    if not alternatives:
        return Unknown("no way through leads here", origin)
    first = alternatives[0].value
    if all(alternative.value is first or alternative.value == first for alternative in alternatives):
        return first
    return Choice(tuple(alternatives), origin)


def unknown_which(why: str, number: int, origin: Location) -> Unknown:
    """The condition that it is just this one of several, counted from 0, which nobody can tell.

    Each has a condition of its own: that it is not the first does not say that it is not the second either.
    """
    return Unknown(f"{why} ({number + 1})", origin)


def any_of(values: list[Value], why: str, origin: Location) -> list[Alternative]:
    """The alternatives of a value that is one of several, nobody can tell which."""
    unsure = [Alternative(value, unknown_which(why, number, origin)) for number, value in enumerate(values[:-1])]
    return [*unsure, Alternative(values[-1], None)]


def distribute(choice: Choice, origin: Location, change: Callable[[Value], Value]) -> Value:
    """The Choice of ``change`` applied to each outcome."""
    if has_more_outcomes(choice, MOST_OUTCOMES):
        return Unknown("too many alternatives", origin)
    alternatives = [
        one
        if isinstance(one.value, Missing) or would_fail(one.value)
        else Alternative(change(one.value), one.condition)
        for one in choice.alternatives
    ]
    return combine(alternatives, choice.origin)


def would_fail(value: Value) -> bool:
    """Whether an outcome is one that no running program has."""
    return isinstance(value, Unknown) and value.why == WOULD_FAIL


def may_be_missing(value: Value) -> bool:
    """Whether an outcome of a value is that nothing is set."""
    left, seen = [value], set()
    while left:
        one = left.pop()
        if isinstance(one, Missing):
            return True
        if isinstance(one, Choice) and id(one) not in seen:  # outcomes may share Choices, and so have many ways there
            seen.add(id(one))
            left.extend(alternative.value for alternative in one.alternatives)
    return False


def filled(value: Value, other: Value) -> Value:
    """``value`` with ``other`` in the outcomes where it is missing."""
    if isinstance(value, Missing):
        return other
    if isinstance(value, Choice) and may_be_missing(value):
        if has_more_outcomes(value, MOST_OUTCOMES):
            return Unknown("too many alternatives", value.origin)
        alternatives = [Alternative(filled(one.value, other), one.condition) for one in value.alternatives]
        return combine(alternatives, value.origin)
    return value


def with_fallback(value: Value | None, fallback: Value | None) -> Value | None:
    """``value`` where it is there, ``fallback`` in the outcomes where it is missing; None for what is not there."""
    if value is None or isinstance(value, Missing):
        return fallback
    return value if fallback is None else filled(value, fallback)

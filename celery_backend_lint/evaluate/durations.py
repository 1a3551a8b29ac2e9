"""``datetime.timedelta`` as Python computes with it: to the microsecond, with its own rounding."""

from __future__ import annotations

from celery_backend_lint.evaluate import computation
from celery_backend_lint.evaluate.operations import apply
from celery_backend_lint.evaluate.values import Duration, Entry, Literal, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import timedelta
    from typing import Any

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location

_ORDER = ("days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks")
_DECIDED = "a duration that the environment decides"
ATTRIBUTES = frozenset({"days", "seconds", "microseconds"})


def duration(arguments: list[Value], keywords: list[Entry], origin: Location) -> Value:
    """What ``timedelta(…)`` makes."""
    from datetime import timedelta

    pairs = [*zip(_ORDER, arguments, strict=False)]
    pairs += [(str(entry.key.value), entry.value) for entry in keywords if isinstance(entry.key, Literal)]
    if len(pairs) != len(arguments) + len(keywords):
        return Unknown("a duration", origin)
    given: dict[str, Any] = {}
    for unit, value in pairs:
        if unit not in _ORDER or not isinstance(value, Literal) or not isinstance(value.value, (int, float)):
            return Unknown(_DECIDED, origin)
        given[unit] = value.value
    try:
        return of_timedelta(timedelta(**given), origin)
    except (ArithmeticError, ValueError):
        return Unknown("a duration that is too long", origin)


def of_timedelta(made: Any, origin: Location) -> Duration:
    """The value ``made``, a ``timedelta``: its seconds, which a float holds to the microsecond for 270 years."""
    return Duration(made.total_seconds(), origin)


def timedelta_of(value: Duration) -> timedelta:
    """The ``timedelta`` of a value. Raises OverflowError and ValueError as it does."""
    from datetime import timedelta

    return timedelta(seconds=value.seconds)


def operate_on_durations(operator: str, operands: list[Value], origin: Location) -> Value:
    """An operator on values of which one is a duration."""
    plain: list[Any] = []
    for operand in operands:
        if isinstance(operand, Duration):
            try:
                plain.append(timedelta_of(operand))
            except (ArithmeticError, ValueError):
                return Unknown("a duration that is too long", origin)
        elif isinstance(operand, Literal):
            plain.append(operand.value)
        else:
            return Unknown(_DECIDED, origin)
    try:
        return computation.from_plain(apply(operator, plain), origin)
    except Exception:
        return Unknown("an operation on durations that fails", origin)


def duration_attribute(value: Duration, name: str, origin: Location) -> Value:
    """``value.days``, ``.seconds``, ``.microseconds``."""
    try:
        return Literal(getattr(timedelta_of(value), name), origin)
    except (ArithmeticError, ValueError):
        return Unknown("a duration that is too long", origin)

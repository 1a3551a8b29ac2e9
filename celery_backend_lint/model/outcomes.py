"""The outcomes of a value, each with when it holds."""

from __future__ import annotations

from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, truth
from celery_backend_lint.evaluate.values import Choice, Environment, Literal, Operation, Text
from celery_backend_lint.model.held import variables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias, TypeGuard

    from celery_backend_lint.evaluate.values import Value

    Assumed: TypeAlias = "tuple[tuple[object, bool], ...]"

_NONE = (type(None), None)
_OPPOSITE = {"!=": "==", "is not": "is", "not in": "in"}


def outcomes(
    value: Value, condition: Value | None = None, assumed: Assumed = ()
) -> Iterator[tuple[Value, Value | None]]:
    """Every outcome of a value in the order in which they are tried, with the conditions of all Choices around it.

    The condition is None where none is needed, or where it is "otherwise". What the Choices around it have decided
    (``assumed``) is not asked again: an outcome that contradicts them is left out, and a read of a variable that they
    found to be set has no default. Text that begins with a Choice has as many outcomes as that.
    """
    parts = value.parts if isinstance(value, Text) else value.operands if _is_sum(value) else ()
    if parts and isinstance(parts[0], (Choice, Operation)) and (isinstance(parts[0], Choice) or _is_sum(parts[0])):
        for first, holds in outcomes(parts[0], condition, assumed):
            rest = (first, *parts[1:])
            yield Text(rest, value.origin) if isinstance(value, Text) else Operation("+", rest, value.origin), holds
        return
    if not isinstance(value, Choice):
        yield _without_default(value, assumed), condition
        return
    for number, alternative in enumerate(value.alternatives):
        holds = alternative.condition
        known = _known(holds, assumed) if holds is not None else None
        if known is False:
            continue
        inner = None if known else holds if holds is not None else _otherwise(value)
        if condition is not None and inner is not None:
            inner = Operation("and", (condition, inner), value.origin)
        within = assumed if holds is None else (*assumed, *_consequences(holds, truth=True))
        yield from outcomes(remaining(value, number), inner if inner is not None else condition, within)
        if known or holds is None:
            return
        assumed = (*assumed, *_consequences(holds, truth=False))


def remaining(choice: Choice, number: int) -> Value:
    """What one alternative may come to.

    Left out are the outcomes that its condition excludes (``if queue is not None``), and the defaults of reads where it
    is another alternative's turn while none of their variables is set.
    """
    taken = choice.alternatives[number]
    value = _possible(taken.value, taken.condition)
    return _without_defaults(value) if _is_passed_over(value, choice, number) else value


def _possible(value: Value, condition: Value | None) -> Value:
    """A value without the outcomes that its condition excludes, which is worked out for each of them, in the same order
    and under the same conditions.
    """
    if not (isinstance(value, Choice) and isinstance(condition, Choice)):
        return value
    when, asked = ([one.condition for one in choice.alternatives] for choice in (value, condition))
    if when != asked:
        return value
    left = [
        one
        for one, other in zip(value.alternatives, condition.alternatives, strict=True)
        if not (isinstance(other.value, Literal) and not other.value.value)
    ]
    return Choice(tuple(left), value.origin) if left else value


def _is_passed_over(taken: Value, choice: Choice, number: int) -> bool:
    """Whether an alternative that reads variables is another one's turn while none is set: it never has their defaults.

    ``if BROKER == "django://": backend = "redis://"``, ``else: backend = BROKER`` with that default of ``BROKER``, or
    ``backend = f"{BROKER}&ssl_cert_reqs=none" if "?" in BROKER else …``.
    """
    read = {one.variable for one in variables(taken)} if not isinstance(taken, Choice) else set()
    if not read:
        return False
    for alternative in choice.alternatives[: number + 1]:
        condition = alternative.condition
        asked = {one.variable for one in variables(condition)} if condition is not None else set()
        if condition is None or not asked or not asked <= read:
            continue
        try:
            if truth(condition, {}) is (alternative is not choice.alternatives[number]):
                return True
        except (UndeterminedError, WouldRaiseError):
            continue
    return False


def _without_defaults(value: Value) -> Value:
    """A text as it is once its variables are set."""
    if isinstance(value, Text):
        return Text(tuple(_without_defaults(part) for part in value.parts), value.origin)
    if isinstance(value, Environment):
        return Environment(value.variables, None, value.cast, value.reader, value.origin, value.case_sensitive)
    return value


def _facts(condition: Value, *, truth: bool) -> Iterator[tuple[object, bool]]:
    """What follows from a condition's truth: itself, and its parts as far as they are decided by it."""
    if isinstance(condition, Operation):
        if condition.operator == "not":
            yield from _facts(condition.operands[0], truth=not truth)
            return
        if condition.operator == ("and" if truth else "or"):
            for operand in condition.operands:
                yield from _facts(operand, truth=truth)
        if condition.operator in _OPPOSITE:
            same = Operation(_OPPOSITE[condition.operator], condition.operands, condition.origin)
            yield _key(same), not truth
            return
    yield _key(condition), truth


def _consequences(condition: Value, *, truth: bool) -> Iterator[tuple[object, bool]]:
    """The facts, and what follows from them in one direction only: what counts as true is not None."""
    for key, held in _facts(condition, truth=truth):
        yield key, held
        if not isinstance(key, tuple):
            continue
        if held and key[0] == "read":
            yield ("is", key, _NONE), False
        elif held and key[0] == "is" and key[2] == _NONE:
            yield key[1], False


def _known(condition: Value, assumed: Assumed) -> bool | None:
    """What is assumed of a condition; None for nothing."""
    if isinstance(condition, Operation):
        if condition.operator == "not":
            inner = _known(condition.operands[0], assumed)
            return None if inner is None else not inner
        if condition.operator in ("and", "or"):
            deciding = condition.operator == "or"
            parts = [_known(operand, assumed) for operand in condition.operands]
            if deciding in parts:
                return deciding
            if None not in parts:
                return not deciding
        if condition.operator in ("is", "is not") and _key(condition.operands[1]) == _NONE:
            subject = condition.operands[0]
            if isinstance(subject, Choice) and all(_is_something(one) for one, _ in outcomes(subject, None, assumed)):
                return condition.operator == "is not"
    for key, holds in _facts(condition, truth=True):
        found = next((held for one, held in assumed if one == key), None)
        if found is not None:
            return found is holds
    return None


def _key(value: Value) -> object:
    """What two readings of one thing have in common, wherever they stand."""
    if isinstance(value, Literal):
        return (type(value.value), value.value)
    if isinstance(value, Environment):
        default = _key(value.default) if value.default is not None else None
        return ("read", value.variables, default, value.cast, value.reader)
    if isinstance(value, Operation):
        return (value.operator, *map(_key, value.operands))
    return value


def _without_default(value: Value, assumed: Assumed) -> Value:
    """A read whose default counts as false, where the read is assumed to be true or not None: without the default."""
    if not (isinstance(value, Environment) and isinstance(value.default, Literal) and not value.default.value):
        return value
    is_none = ("is", _key(value), _NONE)
    given = (_key(value), True) in assumed or (value.default.value is None and (is_none, False) in assumed)
    if not given:
        return value
    return Environment(value.variables, None, value.cast, value.reader, value.origin, value.case_sensitive)


def _is_something(value: Value) -> bool:
    """Whether a value is certain not to be None: text, or a read that is text wherever it does not raise."""
    if isinstance(value, Environment):
        return value.cast == "str" and (value.default is None or _is_something(value.default))
    return isinstance(value, Text) or (isinstance(value, Literal) and value.value is not None)


def _is_sum(value: Value) -> TypeGuard[Operation]:
    return isinstance(value, Operation) and value.operator == "+"


def _otherwise(choice: Choice) -> Value | None:
    """What the last of two outcomes holds under; of more it is only "otherwise"."""
    first = choice.alternatives[0].condition
    return Operation("not", (first,), choice.origin) if len(choice.alternatives) == 2 and first is not None else None

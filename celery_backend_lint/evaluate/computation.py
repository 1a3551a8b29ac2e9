"""Pure operations on values: computed where all are known, kept as an Operation where the environment decides."""

from __future__ import annotations

from celery_backend_lint.evaluate import paths
from celery_backend_lint.evaluate.alternatives import distribute
from celery_backend_lint.evaluate.dict_outcomes import overlaid
from celery_backend_lint.evaluate.operations import OPERATIONS, STRING_METHODS, apply
from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, resolve
from celery_backend_lint.evaluate.texts import added, percent
from celery_backend_lint.evaluate.values import (
    Choice,
    Class,
    Duration,
    Entry,
    External,
    Function,
    Instance,
    Literal,
    Mapping,
    Method,
    Module,
    Operation,
    Sequence,
    Text,
    Unknown,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location

_GOING_THROUGH = frozenset({"in", "not in", "len", "max", "min", "sorted", "list", "tuple", "set"})
_LAZY = frozenset({"range", "view", "iterator"})


def operate(operator: str, operands: list[Value], origin: Location) -> Value:
    """A pure operation on values: computed where all are known, kept as an Operation where the environment decides."""
    for position, operand in enumerate(operands):
        if isinstance(operand, Choice) and sum(isinstance(o, Choice) for o in operands) == 1:
            return _operate_on_choice(operator, operands, position, operand, origin)
        if isinstance(operand, Unknown) and operator not in ("+", "%"):
            return Unknown(operand.why, origin)
    if operator == "+" and any(_is_text(operand) for operand in operands):
        return added(operands, origin)
    first = operands[0] if operands else None
    if operator == "%" and isinstance(first, Literal) and isinstance(first.value, str):
        return percent(first, operands[1], origin)
    if len(operands) == 2 and isinstance(first, Sequence) and isinstance(operands[1], Sequence) and operator == "+":
        other = operands[1]
        return Sequence(first.kind, (*first.items, *other.items), origin, first.complete and other.complete)
    if len(operands) == 2 and isinstance(first, Mapping) and isinstance(operands[1], Mapping) and operator == "|":
        other_map = operands[1]
        entries = overlaid((*first.entries, *other_map.entries))
        return Mapping(entries, origin, first.complete and other_map.complete)
    if any(paths.is_path(operand) for operand in operands):
        found = paths.path_operator(operator, operands, origin)
        return Unknown("an operation on a path", origin) if found is None else found
    if any(isinstance(operand, Duration) for operand in operands):
        from celery_backend_lint.evaluate import durations

        return durations.operate_on_durations(operator, operands, origin)
    if operator not in OPERATIONS and operator not in STRING_METHODS:
        return Unknown(f"the operator {operator}", origin)
    if operator in _GOING_THROUGH:
        operands = [
            Sequence("list", one.items, one.origin, one.complete) if isinstance(one, Sequence) and one.kind in _LAZY
            else one for one in operands
        ]  # fmt: skip
    for operand in operands:
        if isinstance(operand, Unknown):
            return Unknown(operand.why, origin)
        if isinstance(operand, (External, Instance, Module, Class, Function, Method)):
            if isinstance(operand, External):
                return Unknown(f"{operand.name} is known when the program runs", origin)
            return Unknown("an operation on an object", origin)
    whole = Operation(operator, tuple(operands), origin)
    try:
        return from_plain(apply(operator, [resolve(operand, None) for operand in operands]), origin)
    except UndeterminedError:
        return whole
    except (WouldRaiseError, Exception):
        return Unknown(f"an operation that fails ({operator})", origin)


def _operate_on_choice(operator: str, operands: list[Value], position: int, choice: Choice, origin: Location) -> Value:
    before, after = operands[:position], operands[position + 1 :]
    return distribute(choice, origin, lambda one: operate(operator, [*before, one, *after], origin))


def _is_text(value: Value) -> bool:
    return isinstance(value, Text) or (isinstance(value, Literal) and isinstance(value.value, str))


def from_plain(value: object, origin: Location) -> Value:
    """The value of a plain Python object."""
    if value is None or isinstance(value, (str, bytes, int, float, complex, bool)):
        return Literal(value, origin)
    if type(value).__name__ == "timedelta":
        from celery_backend_lint.evaluate import durations

        return durations.of_timedelta(value, origin)
    if isinstance(value, (list, tuple, set, frozenset)):
        items = sorted(value, key=repr) if isinstance(value, (set, frozenset)) else value
        return Sequence(type(value).__name__, tuple(from_plain(item, origin) for item in items), origin)
    if isinstance(value, dict):
        return Mapping(
            tuple(Entry(from_plain(k, origin), from_plain(v, origin), origin) for k, v in value.items()), origin
        )
    return Unknown("an object", origin)

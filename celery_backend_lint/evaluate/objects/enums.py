"""Enums: members are instances of their class whose one argument is the value; what comparing them says."""

from __future__ import annotations

from celery_backend_lint.evaluate.alternatives import distribute
from celery_backend_lint.evaluate.computation import operate
from celery_backend_lint.evaluate.objects import classes
from celery_backend_lint.evaluate.values import (
    Choice,
    Class,
    Entry,
    Environment,
    Instance,
    Literal,
    Method,
    Operation,
    Sequence,
    Text,
    Unknown,
)
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location


def members(ev: Evaluator, cls: Class) -> list[Instance] | None:
    """The members of an enum in their order; None when they are not all known."""
    found: list[Instance] = []
    for name, bindings in ev.scope_of(cls).bindings.items():
        if name.startswith("_") or bindings[-1].kind != "assign":
            continue
        value = ev.read(ev.scope_of(cls), name, None)
        made = member(ev, cls, name, value) if value is not None else None
        if not isinstance(made, Instance):
            return None
        found.append(made)
    return found


def member(ev: Evaluator, cls: Class, name: str, value: Value) -> Value:
    """A member, from what its name is bound to in the class; ``auto()`` counts, or is the name in a StrEnum."""
    if isinstance(value, Instance) and isinstance(value.type, Class):
        return value
    bindings = ev.scope_of(cls).bindings
    if name not in bindings or bindings[name][-1].kind != "assign" or classes.has_base(ev, cls, "Flag", "IntFlag"):
        return value if isinstance(value, Method) else Unknown("an attribute of an enum", value.origin)
    if any(special in bindings for special in ("__new__", "__init__", "_generate_next_value_", "_missing_")):
        return Unknown("an enum that makes its members itself", value.origin)
    if text_of(bindings[name][-1].node).endswith("auto()"):
        own = [one for one, found in bindings.items() if not one.startswith("_") and found[-1].kind == "assign"]
        counted = all(text_of(bindings[one][-1].node).endswith("auto()") for one in own)
        if classes.has_base(ev, cls, "StrEnum"):
            value = Literal(name.lower(), value.origin)
        elif counted and not classes.has_base(ev, cls, "TextChoices", "IntegerChoices"):
            value = Literal(own.index(name) + 1, value.origin)
        else:
            return Unknown("what auto() gives", value.origin)
    place = value.origin
    return Instance(cls, (value,), (Entry(Literal("name", place), Literal(name, place), place),), place)


def compared(ev: Evaluator, operator: str, operands: list[Value], origin: Location) -> Value | None:
    """A comparison in which a member of an enum takes part; None for another."""
    left, right = operands
    if isinstance(left, Choice):
        return distribute(left, origin, lambda one: compare(ev, operator, [one, right], origin))
    if isinstance(right, Choice):
        return distribute(right, origin, lambda one: compare(ev, operator, [left, one], origin))
    if isinstance(right, Sequence) and operator in ("in", "not in"):
        items = [compared(ev, "==", [left, item], origin) for item in right.items]
        if not right.complete or not items or any(item is None for item in items):
            return None
        found = Operation("or", tuple(item for item in items if item is not None), origin)
        return found if operator == "in" else Operation("not", (found,), origin)
    members = [_held(ev, one) for one in operands]
    if operator not in ("==", "!=", "is", "is not") or all(held is None for held in members):
        return None
    if all(held is not None for held in members):
        same = isinstance(left, Instance) and isinstance(right, Instance) and left.type == right.type
        if not same:
            return None
    else:
        other = next(one for one, held in zip(operands, members, strict=True) if held is None)
        mixed = [
            isinstance(one, Instance) and isinstance(one.type, Class) and _is_mixed(ev, one.type)
            for one, held in zip(operands, members, strict=True)
            if held is not None
        ]
        if operator in ("is", "is not") or not isinstance(other, (Literal, Environment, Text, Operation)):
            return None
        if not all(mixed):
            return Literal(operator == "!=", origin)
    plain = [held if held is not None else one for one, held in zip(operands, members, strict=True)]
    return operate({"is": "==", "is not": "!="}.get(operator, operator), plain, origin)


def compare(ev: Evaluator, operator: str, operands: list[Value], origin: Location) -> Value:
    """A comparison: of members of enums, else as any operation."""
    found = compared(ev, operator, operands, origin)
    return operate(operator, operands, origin) if found is None else found


def _held(ev: Evaluator, value: Value) -> Value | None:
    member = isinstance(value, Instance) and isinstance(value.type, Class) and classes.is_enum(ev, value.type)
    return value.arguments[0] if member and isinstance(value, Instance) and value.arguments else None


def _is_mixed(ev: Evaluator, cls: Class) -> bool:
    return classes.has_base(ev, cls, "str", "int", "StrEnum", "IntEnum", "TextChoices", "IntegerChoices")

"""Outcomes of Flask's entries put together: conditions joined, missing ones filled, items set."""

from __future__ import annotations

from celery_backend_lint.evaluate.alternatives import combine
from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Entry,
    Environment,
    Literal,
    Mapping,
    Operation,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Change, Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.syntax.python import Node


def flattened(choice: Choice) -> Value:
    """A Choice whose outcomes are no Choices themselves, each under the conditions of both."""
    found: list[Alternative] = []
    for one in choice.alternatives:
        if isinstance(one.value, Choice):
            inner = flattened(one.value)
            nested = inner.alternatives if isinstance(inner, Choice) else (Alternative(inner, None),)
            found += [Alternative(n.value, both(one.condition, n.condition, choice.origin)) for n in nested]
        else:
            found.append(one)
    return combine(found, choice.origin)


def single(choice: Choice) -> Value:
    """The one literal that all outcomes are, else the Choice."""
    values = [one.value for one in choice.alternatives]
    literal = [one for one in values if isinstance(one, Literal)]
    return literal[0] if len(literal) == len(values) and len({one.value for one in literal}) == 1 else choice


def as_text(read: Environment) -> Environment:
    """The same read without its cast."""
    return Environment(read.variables, read.default, "str", read.reader, read.origin)


def pairs(arguments: list[Value], keywords: list[Entry], origin: Location) -> list[Entry]:
    """What ``update(*arguments, **keywords)`` sets; None as the first argument sets nothing."""
    from celery_backend_lint.evaluate.calls import spread

    first = [one for one in arguments[:1] if not (isinstance(one, Literal) and one.value is None)]
    return [*(entry for one in first for entry in spread(one, origin)), *keywords]


def with_entry(owner: Mapping, entry: Entry, change: Change | None = None) -> Mapping:
    """A dict after an item of it is set by the statement ``change``, None where that is inside one of its items."""
    name = entry.key.value if isinstance(entry.key, Literal) else None
    rest = [one for one in owner.entries if not is_key(one, str(name))]
    changed = owner.changed if change is None else (*owner.changed, change)
    return Mapping((*rest, entry), owner.origin, owner.complete, changed, owner.made_at, owner.open_when)


def changed_by(owner: Mapping, change: Change) -> Mapping:
    """The same dict, which says that it has the effect of a statement."""
    changed = (*owner.changed, change)
    return Mapping(owner.entries, owner.origin, owner.complete, changed, owner.made_at, owner.open_when)


def word(key: Literal) -> str:
    """The text that a key is, "" where it is something else."""
    return key.value if isinstance(key.value, str) else ""


def is_key(entry: Entry, name: str) -> bool:
    """Whether an entry is the one of a name."""
    return isinstance(entry.key, Literal) and entry.key.value == name


def both(one: Value | None, other: Value | None, origin: Location) -> Value | None:
    """The condition that both hold, None standing for always."""
    held = [condition for condition in (one, other) if condition is not None]
    if len(held) == 2:
        return Operation("and", tuple(held), origin)
    return held[0] if held else None


def last_right(node: Node) -> Node | None:
    """The value of an assignment, also of a chained one."""
    value: Node | None = node
    while value is not None and value.type == "assignment":
        value = value.child_by_field_name("right")
    return value

"""Going through a value: the items that a ``for`` or ``list()`` gets, in order."""

from __future__ import annotations

from celery_backend_lint.evaluate.alternatives import may_be_missing
from celery_backend_lint.evaluate.values import Choice, Literal, Mapping, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Value

MOST_ITEMS = 5_000
"""How many items are gone through."""


def items_of(value: Value, *, ordered: bool = True) -> tuple[Value, ...] | None:
    """The items that going through ``value`` gives; None where they, or (``ordered``) their order, are not known.

    The order of a set differs from run to run (hashes of text are salted).
    """
    if isinstance(value, Sequence):
        if not value.complete or len(value.items) > MOST_ITEMS:
            return None
        if value.kind in ("set", "frozenset") and len(value.items) > 1:
            unique = {item.value: item for item in value.items if isinstance(item, Literal)}
            known = _are_literal(value) and (not ordered or len(unique) == 1)
            return tuple(unique.values()) if known else None
        return value.items
    if isinstance(value, Mapping):
        return keys_of(value)
    if isinstance(value, Literal) and isinstance(value.value, (str, bytes)) and len(value.value) <= MOST_ITEMS:
        return tuple(Literal(item, value.origin) for item in value.value)
    return None


def _are_literal(value: Sequence) -> bool:
    return all(isinstance(item, Literal) for item in value.items)


def keys_of(mapping: Mapping) -> tuple[Literal, ...] | None:
    """The keys of a dict in order; None where not all are known."""
    if not mapping.complete or len(mapping.entries) > MOST_ITEMS:
        return None
    found: dict[object, Literal] = {}
    for entry in mapping.entries:
        if not isinstance(entry.key, Literal) or (isinstance(entry.value, Choice) and may_be_missing(entry.value)):
            return None
        found.setdefault(entry.key.value, entry.key)
    return tuple(found.values())


def pairs_of(mapping: Mapping) -> tuple[tuple[Literal, Value], ...] | None:
    """The keys and values of a dict in order; None where not all are known."""
    keys = keys_of(mapping)
    if keys is None:
        return None
    values = {entry.key.value: entry.value for entry in mapping.entries if isinstance(entry.key, Literal)}
    return tuple((key, values[key.value]) for key in keys)

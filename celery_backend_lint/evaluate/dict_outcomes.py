"""Dicts of which it is not known which one it is: ``b if c else {}``, and what ``{**a, **(b if c else {})}`` holds.

They are one dict whose entries may be Missing: such an entry is not there in those outcomes, and what stood under its
key before shows through.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.alternatives import combine, filled, may_be_missing
from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Entry,
    Literal,
    Mapping,
    Missing,
    Unknown,
    has_more_outcomes,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location

MOST_OUTCOMES = 16
"""How many dicts it may be."""


def one_of(choice: Choice, origin: Location) -> Mapping | None:
    """One dict for several that it may be; None where one of them is not known whole."""
    if has_more_outcomes(choice, MOST_OUTCOMES):
        return None
    places: dict[object, Entry] = {}
    outcomes: list[tuple[dict[object, Value], Value | None]] = []
    for alternative in choice.alternatives:
        held = alternative.value
        if isinstance(held, Choice):
            held = one_of(held, origin) or held
        if not isinstance(held, Mapping) or not held.complete:
            return None
        found: dict[object, Value] = {}
        for entry in overlaid(held.entries):
            if not isinstance(entry.key, Literal):
                return None
            places[entry.key.value] = entry
            found[entry.key.value] = entry.value
        outcomes.append((found, alternative.condition))
    entries = []
    for key, place in places.items():
        alternatives = [Alternative(held.get(key, Missing(origin)), condition) for held, condition in outcomes]
        entries.append(Entry(place.key, combine(alternatives, place.origin), place.origin))
    return Mapping(tuple(entries), origin)


def overlaid(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The entries of a dict, what stood under a key before put into the outcomes in which a later one is not there."""
    if not any(may_be_missing(entry.value) for entry in entries):
        return entries
    shown: dict[object, Value] = {}
    doubt: Value | None = None
    found = []
    for entry in entries:
        if not isinstance(entry.key, Literal):
            shown, doubt = {}, Unknown("a key that is not known", entry.origin)
            found.append(entry)
            continue
        value = entry.value
        before = shown.get(entry.key.value, doubt)
        if before is not None and may_be_missing(value):
            value = filled(value, before)
        shown[entry.key.value] = value
        found.append(Entry(entry.key, value, entry.origin))
    return tuple(found)

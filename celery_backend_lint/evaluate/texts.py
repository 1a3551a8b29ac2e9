"""Text put together from parts: concatenation, ``%`` and ``str.format``, without running either."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Environment,
    Literal,
    Mapping,
    Operation,
    Sequence,
    Text,
    Unknown,
    has_more_outcomes,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Entry, Value
    from celery_backend_lint.location import Location

MOST_PARTS = 500
"""How many parts a text may have."""

LARGEST_NUMBER = 4_000
"""Bits of the largest number that is written as text; Python itself refuses more than 4,300 digits."""

_FIELD = r"\{\{|\}\}|\{([A-Za-z_]\w*|\d*)(?:![s])?(?::(?:s|d)?)?\}|[{}]"
_PERCENT = r"%(?:\((\w+)\))?([sdi%])|%"


def text(parts: list[Value], origin: Location) -> Value:
    """Parts as one text: flattened, constants merged; a single Choice among them becomes a Choice of texts."""
    flat: list[Value] = []
    for part in parts:
        if isinstance(part, Text):
            flat.extend(part.parts)
        elif isinstance(part, Literal) and isinstance(part.value, bytes):
            return Unknown("text joined with bytes", origin)
        elif isinstance(part, (Literal, Environment, Operation, Choice, Unknown)):
            flat.append(part)
        else:
            flat.append(Unknown("the text of an object", part.origin))
    if len(flat) > MOST_PARTS:
        return Unknown("text of too many parts", origin)
    choices = [part for part in flat if isinstance(part, Choice)]
    if len(choices) == 1 and not has_more_outcomes(choices[0], 16):
        at = next(index for index, part in enumerate(flat) if part is choices[0])
        return Choice(
            tuple(
                Alternative(text([*flat[:at], one.value, *flat[at + 1 :]], origin), one.condition)
                for one in choices[0].alternatives
            ),
            origin,
        )
    merged: list[Value] = []
    for part in flat:
        previous = merged[-1] if merged else None
        if isinstance(part, Literal) and isinstance(part.value, int) and part.value.bit_length() > LARGEST_NUMBER:
            return Unknown("a number of too many digits", origin)
        if isinstance(part, Literal) and isinstance(previous, Literal):
            merged[-1] = Literal(str(previous.value) + str(part.value), previous.origin)
        else:
            merged.append(part)
    if not merged:
        return Literal("", origin)
    if len(merged) == 1 and isinstance(merged[0], Literal):
        return Literal(str(merged[0].value), origin)
    return Text(tuple(merged), origin)


def formatted(template: Literal, arguments: list[Value], keywords: list[Entry], origin: Location) -> Value:
    """``template.format(…)`` for plain fields; Unknown parts where a format specification is used."""
    if not isinstance(template.value, str):
        return Unknown("a format of bytes", origin)
    parts: list[Value] = []
    end = 0
    automatic = 0
    for match in re.finditer(_FIELD, template.value):
        parts.append(Literal(template.value[end : match.start()], template.origin))
        end = match.end()
        if match[0] in ("{{", "}}"):
            parts.append(Literal(match[0][0], template.origin))
        elif match[1] is None:
            return Unknown("a format that is not followed", origin)
        elif match[1].isdigit() or not match[1]:
            index = int(match[1]) if match[1] else automatic
            automatic += 1
            parts.append(arguments[index] if index < len(arguments) else Unknown("a format's argument", origin))
        else:
            named = [e.value for e in keywords if isinstance(e.key, Literal) and e.key.value == match[1]]
            parts.append(named[-1] if named else Unknown("a format's argument", origin))
    parts.append(Literal(template.value[end:], template.origin))
    return text([part for part in parts if not (isinstance(part, Literal) and part.value == "")], origin)


def percent(template: Literal, arguments: Value, origin: Location) -> Value:
    """``template % arguments`` for ``%s``, ``%d`` and ``%(name)s``."""
    if not isinstance(template.value, str):
        return Unknown("a format of bytes", origin)
    positional: tuple[Value, ...] = (arguments,)
    if isinstance(arguments, Sequence) and arguments.kind == "tuple":
        positional = arguments.items
    parts: list[Value] = []
    end = used = 0
    for match in re.finditer(_PERCENT, template.value):
        parts.append(Literal(template.value[end : match.start()], template.origin))
        end = match.end()
        if match[2] == "%":
            parts.append(Literal("%", template.origin))
        elif match[2] is None:
            return Unknown("a format that is not followed", origin)
        elif match[1]:
            found = arguments.get(match[1]) if isinstance(arguments, Mapping) else None
            given = found if found is not None else Unknown("a format's argument", origin)
            parts.append(given if match[2] == "s" else _as_number(given, origin))
        else:
            given = positional[used] if used < len(positional) else Unknown("a format's argument", origin)
            parts.append(given if match[2] == "s" else _as_number(given, origin))
            used += 1
    parts.append(Literal(template.value[end:], template.origin))
    return text([part for part in parts if not (isinstance(part, Literal) and part.value == "")], origin)


def _as_number(value: Value, origin: Location) -> Value:
    """What ``%d`` writes: the whole part of a number."""
    if isinstance(value, Literal):
        if isinstance(value.value, (int, float)) and abs(value.value) < 1e15:
            return Literal(int(value.value), value.origin)
        return Unknown("a format that does not fit its argument", origin)
    if isinstance(value, (Environment, Operation)):
        return Operation("int", (value,), origin)
    return Unknown("a format's argument", origin)

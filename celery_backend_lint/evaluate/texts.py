"""Text put together from parts: concatenation, ``%`` and ``str.format``, without running either."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.alternatives import distribute
from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Duration,
    Environment,
    Instance,
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

LONGEST = 100_000
"""Characters that the known parts of a text may have."""

LARGEST_NUMBER = 4_000
"""Bits of the largest number that is written as text; Python itself refuses more than 4,300 digits."""

_PERCENT = r"%(?:\(([^)]*)\))?([-+ #0]*\d*(?:\.\d*)?)[hlL]?([sdiouxXeEfFgGcra%])|%"


def text(parts: list[Value], origin: Location) -> Value:
    """Parts as one text: flattened, constants merged; a single Choice among them becomes a Choice of texts."""
    from celery_backend_lint.evaluate.paths import text_of_path

    flat: list[Value] = []
    for part in map(text_of_path, parts):
        if isinstance(part, Text):
            flat.extend(part.parts)
        elif isinstance(part, Literal) and isinstance(part.value, bytes):
            return Unknown("text joined with bytes", origin)
        elif isinstance(part, Choice) and any(isinstance(one.value, Instance) for one in part.alternatives):
            shown = tuple(Alternative(text([one.value], origin), one.condition) for one in part.alternatives)
            flat.append(Choice(shown, part.origin))
        elif isinstance(part, Instance):
            from celery_backend_lint.evaluate.objects.builtins_on_objects import as_text

            shown_text = as_text(part)
            flat.extend(shown_text.parts if isinstance(shown_text, Text) else (shown_text,))
        elif isinstance(part, (Literal, Environment, Operation, Choice, Unknown)):
            flat.append(part)
        elif isinstance(part, (Sequence, Mapping, Duration)):
            flat.append(_shown(part, "str", origin))
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
    length = 0
    for part in flat:
        previous = merged[-1] if merged else None
        if isinstance(part, Literal) and isinstance(part.value, int) and part.value.bit_length() > LARGEST_NUMBER:
            return Unknown("a number of too many digits", origin)
        if isinstance(part, Literal) and isinstance(part.value, str):
            length += len(part.value)
            if length > LONGEST:
                return Unknown("text that is too long", origin)
        if isinstance(part, Literal) and isinstance(previous, Literal):
            merged[-1] = Literal(str(previous.value) + str(part.value), previous.origin)
        else:
            merged.append(part)
    if not merged:
        return Literal("", origin)
    if len(merged) == 1 and isinstance(merged[0], Literal):
        return Literal(str(merged[0].value), origin)
    return Text(tuple(merged), origin)


_NUMBERS = frozenset({"int", "float", "bool", "len", "abs", "round", "not"})
"""Casts and operations whose result is no text."""


def added(operands: list[Value], origin: Location) -> Value:
    """Text that ``+`` puts together, which takes nothing but text: anything else raises TypeError."""
    return text([_addend(one, origin) for one in operands], origin)


def _addend(value: Value, origin: Location) -> Value:
    """A part as it is where it is text. A variable whose default is none is as good as required: unset, it raises."""
    fails = Unknown("an operation that fails (+)", origin)
    if isinstance(value, Choice):
        return Choice(
            tuple(Alternative(_addend(one.value, origin), one.condition) for one in value.alternatives), value.origin
        )
    if isinstance(value, Environment):
        if value.cast in _NUMBERS:
            return fails
        default = _addend(value.default, origin) if value.default is not None else None
        default = None if default == fails else default
        return Environment(value.variables, default, value.cast, value.reader, value.origin, value.case_sensitive)
    if isinstance(value, Literal) and not isinstance(value.value, (str, bytes)):
        return fails
    if isinstance(value, (Sequence, Mapping, Duration)) or (
        isinstance(value, Operation) and value.operator in _NUMBERS
    ):
        return fails
    return value


def formatted(template: Literal, arguments: list[Value], keywords: list[Entry], origin: Location) -> Value:
    """``template.format(…)``, fields with items, conversions and format specifications included."""
    if not isinstance(template.value, str):
        return Unknown("a format of bytes", origin)
    return _Template(arguments, keywords, origin).fill(template.value, template.origin, 2)


class _Template:
    """The arguments of one ``str.format``."""

    def __init__(self, arguments: list[Value], keywords: list[Entry], origin: Location) -> None:
        self.arguments = arguments
        self.keywords = keywords
        self.origin = origin
        self.automatic = 0

    def fill(self, template: str, where: Location, depth: int) -> Value:
        from string import Formatter

        parts: list[Value] = []
        try:
            fields = list(Formatter().parse(template))
        except ValueError:
            return Unknown("a format that is not followed", self.origin)
        for before, field, specification, conversion in fields:
            parts.append(Literal(before, where))
            if field is None:
                continue
            value = self.field(field)
            inner = self.fill(specification or "", where, depth - 1) if depth else None
            if not isinstance(inner, Literal) or not isinstance(inner.value, str):
                return Unknown("a format that is not followed", self.origin)
            parts.append(converted(value, conversion or "", inner.value, self.origin))
        return text([part for part in parts if not (isinstance(part, Literal) and part.value == "")], self.origin)

    def field(self, field: str) -> Value:
        match = re.match(r"\w*", field)
        first = match[0] if match is not None else ""
        nothing = Unknown("a format's argument", self.origin)
        value: Value = nothing
        if not first or first.isdigit():
            index = int(first) if first else self.automatic
            self.automatic += not first
            value = self.arguments[index] if index < len(self.arguments) else nothing
        else:
            for entry in self.keywords:
                if not isinstance(entry.key, Literal):
                    value = nothing
                elif entry.key.value == first:
                    value = entry.value
        rest = field[len(first) :]
        for step in re.findall(r"\[[^\]]+\]|.+", rest):
            if step[0] != "[":
                return Unknown("a format that is not followed", self.origin)
            key = step[1:-1]
            value = _field_item(value, int(key) if key.isdigit() else key, self.origin)
        return value


def _field_item(value: Value, key: str | int, origin: Location) -> Value:
    """The item that a field such as ``{0[key]}`` names."""
    if isinstance(value, Mapping) and isinstance(key, str):
        found = value.get(key)
        if found is not None:
            return found
    if isinstance(value, Sequence) and isinstance(key, int) and value.complete and key < len(value.items):
        return value.items[key]
    return Unknown("a format's argument", origin)


def converted(value: Value, conversion: str, specification: str, origin: Location) -> Value:
    """A field of an f-string or format: ``{value!conversion:specification}``."""
    from celery_backend_lint.evaluate.computation import operate

    name = {"r": "repr", "a": "ascii"}.get(conversion)
    if name is not None:
        value = _shown(value, name, origin)
    elif conversion == "s":
        value = text([value], origin)
    if not specification:
        return value
    return operate("format", [value, Literal(specification, origin)], origin)


def _shown(value: Value, name: str, origin: Location) -> Value:
    """``str``, ``repr`` or ``ascii`` of a value; the text of a set depends on its order."""
    from celery_backend_lint.evaluate.computation import operate

    if isinstance(value, Choice):
        return distribute(value, origin, lambda one: _shown(one, name, origin))
    if isinstance(value, (Sequence, Mapping)) and not _has_order(value):
        return Unknown("the text of a set", origin)
    return operate(name, [value], origin)


def _has_order(value: Value) -> bool:
    if isinstance(value, Sequence):
        return value.kind in ("list", "tuple") and all(_has_order(item) for item in value.items)
    if isinstance(value, Mapping):
        return all(_has_order(entry.key) and _has_order(entry.value) for entry in value.entries)
    return True


def percent(template: Literal, arguments: Value, origin: Location) -> Value:
    """``template % arguments``: fields with names, flags, width and precision."""
    if not isinstance(template.value, str):
        return Unknown("a format of bytes", origin)
    positional: tuple[Value, ...] = (arguments,)
    if isinstance(arguments, Sequence) and arguments.kind == "tuple":
        positional = arguments.items
    parts: list[Value] = []
    end = used = 0
    nothing = Unknown("a format's argument", origin)
    for match in re.finditer(_PERCENT, template.value):
        parts.append(Literal(template.value[end : match.start()], template.origin))
        end = match.end()
        if match[3] == "%":
            parts.append(Literal("%", template.origin))
            continue
        if match[3] is None:
            return Unknown("a format that is not followed", origin)
        if match[1] is not None:
            given = arguments.get(match[1]) if isinstance(arguments, Mapping) else None
        else:
            given = positional[used] if used < len(positional) else None
            used += 1
        parts.append(_percent_field(nothing if given is None else given, match[2], match[3], origin))
    parts.append(Literal(template.value[end:], template.origin))
    return text([part for part in parts if not (isinstance(part, Literal) and part.value == "")], origin)


def _percent_field(value: Value, flags: str, kind: str, origin: Location) -> Value:
    from celery_backend_lint.evaluate.computation import operate

    if kind == "s" and not flags:
        return value
    if kind in ("r", "a"):
        value, kind = _shown(value, "repr" if kind == "r" else "ascii", origin), "s"
    elif kind == "s":
        value = text([value], origin)
    if isinstance(value, Unknown):
        return Unknown("a format's argument", origin)
    return operate("percent", [Literal(f"%{flags}{kind}", origin), value], origin)

"""Whether two values come to the same, wherever they stand: a form of a value that is equal for those that do."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import (
    Choice,
    Duration,
    Environment,
    External,
    Instance,
    Literal,
    Mapping,
    Method,
    Missing,
    Module,
    Operation,
    Sequence,
    Text,
    Unknown,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable
    from typing import Any

    from celery_backend_lint.evaluate.values import Value

MISSING = ("missing",)


def form_of(value: Value | None, default: Hashable = MISSING) -> Hashable:
    """The form of a value. ``default`` stands for a Missing in it: what shows through there.

    What is not known, and functions and classes, are the same only where they stand in the same place. Lists and tuples
    are not told apart, for Celery does not. None is the form of a condition that is always true.
    """
    if value is None:
        return None
    if isinstance(value, Missing):
        return default
    if isinstance(value, Literal):
        return form_of_object(value.value)
    if isinstance(value, Duration):
        return ("duration", value.seconds)
    if isinstance(value, (External, Module)):
        return (type(value).__name__, value.name)
    if isinstance(value, Environment):
        return ("environment", value.variables, value.cast, form_of(value.default))
    if isinstance(value, Text):
        return ("text", tuple(form_of(part) for part in value.parts))
    if isinstance(value, Operation):
        return ("operation", value.operator, tuple(form_of(operand) for operand in value.operands))
    if isinstance(value, Sequence):
        kind = "list" if value.kind == "tuple" else value.kind
        return (kind, tuple(form_of(item) for item in value.items), None if value.complete else value.origin)
    if isinstance(value, Mapping):
        entries = tuple((form_of(entry.key), form_of(entry.value)) for entry in value.entries)
        return ("dict", entries, None if value.complete else value.origin)
    if isinstance(value, Choice):
        return ("choice", tuple((form_of(one.value, default), form_of(one.condition)) for one in value.alternatives))
    if isinstance(value, Instance):
        keywords = tuple((form_of(entry.key), form_of(entry.value)) for entry in value.keywords)
        return ("instance", form_of(value.type), tuple(form_of(one) for one in value.arguments), keywords)
    if isinstance(value, Method):
        return ("method", value.function.name, value.origin)
    return (type(value).__name__, value.why if isinstance(value, Unknown) else value.name, value.origin)


def form_of_object(plain: Any) -> Hashable:
    """The form of a default as ``facts`` has it: a literal, ``("timedelta", seconds)``, a tuple for a list, a dict."""
    if isinstance(plain, tuple) and plain[:1] == ("timedelta",):
        return ("duration", plain[1])
    if isinstance(plain, tuple):
        return ("list", tuple(form_of_object(item) for item in plain), None)
    if isinstance(plain, dict):
        return ("dict", tuple((form_of_object(key), form_of_object(item)) for key, item in plain.items()), None)
    return ("literal", type(plain).__name__, plain)

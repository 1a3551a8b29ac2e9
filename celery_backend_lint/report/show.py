"""Values as people read them, without credentials: ``redis://:***@${REDIS_HOST:-localhost}:6379/0``.

A variable stands as the shell writes it: ``${NAME}``, ``${NAME:-default}``, and ``${NAME:?}`` where reading it raises
while it is not set.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.values import (
    Choice,
    Class,
    Duration,
    Entry,
    Environment,
    External,
    Function,
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
from celery_backend_lint.findings.masking import MASK, is_secret_name, mask
from celery_backend_lint.model.condition_words import when
from celery_backend_lint.report.composed_text import Read, composed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from celery_backend_lint.evaluate.values import Value

BRACKETS = {"list": ("[", "]"), "tuple": ("(", ")"), "set": ("{", "}")}


def show(value: Value, name: str = "") -> str:
    """A value as text, every credential masked; ``name`` is what it is the value of (``redis_password``)."""
    secret = is_secret_name(name)
    return f'"{_composed(value, secret=secret)}"' if isinstance(value, Text) else mask(_shown(value, secret=secret))


def _shown(value: Value, *, secret: bool) -> str:
    if isinstance(value, Literal):
        return repr(MASK if secret and isinstance(value.value, (str, bytes)) and value.value else value.value)
    if isinstance(value, Environment):
        return _inline(value, secret=secret)
    if isinstance(value, Text):
        return f'"{_composed(value, secret=secret)}"'
    if isinstance(value, Choice):
        outcomes = [
            _shown(each.value, secret=secret) + (f" when {when(each.condition)}" if each.condition else "")
            for each in value.alternatives
        ]
        return f"{', '.join(outcomes[:-1])}, else {outcomes[-1]}"
    if isinstance(value, Sequence):
        opening, closing = BRACKETS.get(value.kind, (f"{value.kind}(", ")"))
        if value.kind == "tuple" and value.complete and len(value.items) == 1:
            closing = ",)"
        return f"{opening}{_listed((_shown(item, secret=secret) for item in value.items), value.complete)}{closing}"
    if isinstance(value, Mapping):
        entries = (f"{_shown(entry.key, secret=False)}: {_entry(entry)}" for entry in value.entries)
        return f"{{{_listed(entries, value.complete)}}}"
    if isinstance(value, Operation):
        operands = [_shown(operand, secret=secret) for operand in value.operands]
        if len(operands) == 2 and not value.operator.isidentifier():
            return f"{operands[0]} {value.operator} {operands[1]}"
        return f"{value.operator}({', '.join(operands)})"
    if isinstance(value, Instance):
        arguments = [_shown(argument, secret=secret) for argument in value.arguments]
        arguments += [f"{_plain(entry.key)}={_entry(entry)}" for entry in value.keywords]
        return f"{value.type.name}({', '.join(arguments)})"
    return _name(value)


def _name(value: Duration | Module | External | Function | Method | Class | Missing | Unknown) -> str:
    if isinstance(value, Duration):
        return f"{value.seconds:g} seconds"
    if isinstance(value, Method):
        return f"{value.bound.name if isinstance(value.bound, Class) else value.bound.type.name}.{value.function.name}"
    if isinstance(value, Missing):
        return "Celery's default"
    if isinstance(value, Unknown):
        return f"unknown ({value.why})"
    return value.name


def _composed(text: Text, *, secret: bool) -> str:
    return composed(_part(part, secret=secret) for part in _flat(text))


def _part(part: Value, *, secret: bool) -> str | Read:
    if isinstance(part, Environment) and part.cast in ("str", "unknown"):
        default = part.default
        if default is None or isinstance(default, Literal):
            shown, hidden = _inline(part, secret=secret), _inline(part, secret=True)
            return Read(shown, hidden, "" if default is None or default.value is None else str(default.value))
    return _inline(part, secret=secret)


def _flat(text: Text) -> Iterator[Value]:
    for part in text.parts:
        if isinstance(part, Text):
            yield from _flat(part)
        else:
            yield part


def _inline(value: Value, *, secret: bool) -> str:
    """A value as a part of a text."""
    if isinstance(value, Text):
        return "".join(_inline(part, secret=secret) for part in value.parts)
    if isinstance(value, Environment):
        hidden = secret or any(is_secret_name(variable) for variable in value.variables)
        name = "|".join(value.variables)
        if value.default is None:
            text = f"${{{name}:?}}"
        elif isinstance(value.default, Literal) and value.default.value is None:
            text = f"${{{name}}}"
        else:
            text = f"${{{name}:-{_inline(value.default, secret=hidden)}}}"
        return text if value.cast in ("str", "unknown") else f"{value.cast}({text})"
    if isinstance(value, Literal):
        return MASK if secret and isinstance(value.value, (str, bytes)) and value.value else str(value.value)
    return _shown(value, secret=secret)


def _entry(entry: Entry) -> str:
    return _shown(entry.value, secret=is_secret_name(_plain(entry.key)))


def _plain(key: Value) -> str:
    return str(key.value) if isinstance(key, Literal) else ""


def _listed(items: Iterable[str], complete: bool) -> str:
    return ", ".join([*items, *([] if complete else ["…"])])

"""Conditions in words, as people read them: ``REDIS_URL is set``, ``ENV is 'dev'``."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import (
    Choice,
    Environment,
    Literal,
    Operation,
    Sequence,
    Text,
    Unknown,
    parts_of,
)
from celery_backend_lint.model.outcomes import outcomes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value

_WORDS = {"==": "is", "!=": "is not", "in": "is in", "not in": "is not in"}


_told: dict[int, tuple[Value, str]] = {}
"""The words of conditions, which chains of choices share, by their id; kept with them, so that no other gets it."""
_MOST = 20_000


def when(condition: Value | None) -> str:
    """A condition in words: ``REDIS_URL is set``."""
    if condition is None:
        return "otherwise"
    known = _told.get(id(condition))
    if known is None:
        if len(_told) >= _MOST:
            _told.clear()
        known = _told[id(condition)] = (condition, _in_words(condition))
    return known[1]


def _in_words(condition: Value) -> str:
    if isinstance(condition, Environment):
        return f"{condition.variable} is {'not empty' if _is_something(condition.default) else 'set'}"
    if isinstance(condition, Unknown):
        return condition.why
    if isinstance(condition, Operation):
        operands = condition.operands
        if condition.operator == "not":
            return _when_not(operands[0])
        if condition.operator in ("and", "or"):
            return _joined(condition.operator, operands)
        if condition.operator == "any variable":
            return f"a variable {_name(operands[0]).strip(chr(39))}… is set"
        if condition.operator == "is not" and isinstance(operands[1], Literal) and operands[1].value is None:
            read = operands[0]
            return f"{read.variable} is set" if isinstance(read, Environment) else when(read)
        if condition.operator == "succeeds":
            reads = list(dict.fromkeys(read for operand in operands for read in _variables(operand)))
            return " and ".join(f"{read} is set" for read in reads) or "reading it succeeds"
        if condition.operator in _WORDS and len(operands) == 2:
            return f"{_name(operands[0])} {_WORDS[condition.operator]} {_name(operands[1])}"
        return " ".join(dict.fromkeys(_name(operand) for operand in operands if not isinstance(operand, Literal)))
    if isinstance(condition, Choice):
        true = [(one, holds) for one, holds in outcomes(condition) if not _is_false(one)]
        if len(true) == 1:
            [(one, holds)] = true
            words = () if isinstance(one, Literal) else (one,)
            return _joined("and", (*words, holds) if holds is not None else words)
    return "the code decides so"


def _is_false(value: Value) -> bool:
    """Whether an outcome of a condition is false, or cannot be told in words."""
    return isinstance(value, Unknown) or (isinstance(value, Literal) and not value.value)


def _variables(value: Value) -> Iterator[str]:
    if isinstance(value, Environment):
        yield value.variable
    else:
        for part in parts_of(value):
            yield from _variables(part)


_OPPOSITE = {"==": "!=", "!=": "==", "in": "not in", "not in": "in", "is": "is not", "is not": "is"}


def _when_not(condition: Value) -> str:
    """The opposite of a condition in words; ``otherwise`` where it has none that reads well."""
    if isinstance(condition, Environment) and condition.required:
        return f"{condition.variable} is empty"  # reading it raises while it is not set
    if isinstance(condition, Operation):
        if condition.operator == "not":
            return when(condition.operands[0])
        if condition.operator in _OPPOSITE and condition.operator in _WORDS:
            return when(Operation(_OPPOSITE[condition.operator], condition.operands, condition.origin))
    inner = when(condition)
    if inner.endswith(" is not empty"):
        return inner.removesuffix("not empty") + "empty"
    single = " and " not in inner and " or " not in inner
    return inner.removesuffix(" is set") + " is not set" if single and inner.endswith(" is set") else "otherwise"


def _joined(operator: str, operands: tuple[Value, ...]) -> str:
    """Conditions joined by ``and`` or ``or``: each once, and no ``otherwise`` beside one that says more."""
    words = list(dict.fromkeys(when(operand) for operand in operands))
    parts = [word for one in words for word in (one.split(" and ") if operator == "and" else [one])]
    said = [word for word in dict.fromkeys(parts) if word != "otherwise"]
    if operator == "and":  # ``X is 'a'`` says that it is not 'b', and that it is set
        exact = {word.partition(" is '")[0] for word in said if " is '" in word}
        said = [word for word in said if not any(word.startswith((f"{x} is not '", f"{x} is set")) for x in exact)]
        said = [word for word in said if f"{word.removesuffix(' set')} empty" not in said]
        # What is not None and yet counts as false is an empty text.
        empty = [word.removesuffix(" is not set") for word in said if word.endswith(" is not set")]
        empty = [name for name in empty if f"{name} is set" in said]
        said = [word for word in said if word not in {f"{name} is not set" for name in empty}]
        said = [f"{name} is empty" if (name := word.removesuffix(" is set")) in empty else word for word in said]
    return f" {operator} ".join(said) or "otherwise"


def _name(value: Value) -> str:
    if isinstance(value, Environment):
        return value.variable
    if isinstance(value, Literal):
        return repr(value.value)
    if isinstance(value, Operation) and value.operands:
        return _name(value.operands[0])
    if isinstance(value, Sequence) and value.items and all(isinstance(item, Literal) for item in value.items):
        return ", ".join(map(_name, value.items))
    if isinstance(value, Unknown) and value.why.startswith("the argument "):
        return value.why.removeprefix("the argument ")
    if isinstance(value, Text):
        return "".join(str(one.value) if isinstance(one, Literal) else f"{{{_name(one)}}}" for one in value.parts)
    return "a value"


def _is_something(default: Value | None) -> bool:
    """Whether a read's default counts as true: then only an empty variable does not."""
    return isinstance(default, Literal) and bool(default.value)

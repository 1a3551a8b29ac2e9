"""The result backend of an app, summed up for the reports."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Environment,
    Literal,
    Missing,
    Operation,
    Text,
    Unknown,
)
from celery_backend_lint.model import facts
from celery_backend_lint.model.app import BackendAlternative, ResultBackend
from celery_backend_lint.model.backend_kind import DISABLED, UNKNOWN, alias_of, kind_of
from celery_backend_lint.model.held import evidence, hold, leading_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model.app import Setting
    from celery_backend_lint.model.data import Version
    from celery_backend_lint.model.variable_evidence import VariableEvidence


def summarize(setting: Setting, version: Version, said: VariableEvidence, app: Location) -> ResultBackend:
    """What holds while no variable is set, and the other outcomes."""
    from celery_backend_lint.findings.masking import mask

    value = setting.value
    if isinstance(value, Missing):
        return ResultBackend(DISABLED, None, "default", None, None)
    held = hold(value, said, app.path)
    if held.known and (held.plain is None or isinstance(held.plain, str)):
        kind = kind_of(held.plain, version)
        if kind == UNKNOWN:
            kind = kind_of_value(value, version, said, app.path)
    else:
        kinds = {kind_of_value(one, version, said, app.path) for one, _ in _leaves(value, None)}
        kind = kinds.pop() if len(kinds) == 1 else UNKNOWN
    if kind == UNKNOWN and held.known:
        kind = _removed(held.plain)
    shown = mask(held.plain) if isinstance(held.plain, str) and held.plain else None
    source = held.source if held.known or held.source == "environment" else "unknown"
    others: dict[str, str] = {}
    for one, condition in _leaves(value, None):
        other = kind_of_value(one, version, said, app.path)
        if other == UNKNOWN and isinstance(one, Literal):
            other = _removed(one.value)
        if other != kind and other not in others:
            others[other] = when(condition)
    for one in _whole_reads(value):
        for words, other in _said(one, version, said, app.path):
            if other != kind:
                others.setdefault(other, words)
    alternatives = tuple(BackendAlternative(other, words) for other, words in others.items())
    return ResultBackend(kind, shown, source, held.variable, held.origin, alternatives)


def _whole_reads(value: Value) -> Iterator[Environment]:
    """The reads whose variable may be the whole value, those in defaults too."""
    for leaf, _ in _leaves(value, None):
        if isinstance(leaf, Environment):
            yield leaf
            if leaf.default is not None:
                yield from _whole_reads(leaf.default)


def _said(read: Environment, version: Version, said: VariableEvidence, near: str) -> Iterator[tuple[str, str]]:
    """The kinds that processes get by a read, as the repository says, each with who says it; examples say nothing."""
    for one in said.of(read, near):
        kind = kind_of(one.value, version) if one.strong else UNKNOWN
        if kind != UNKNOWN:
            yield one.words, kind


def _removed(plain: object) -> str:
    """The alias of a backend that Celery has dropped: ``amqp`` is what a text names though nothing loads it."""
    if isinstance(plain, str) and facts.removed_backend(alias_of(plain)) is not None:
        return alias_of(plain)
    return UNKNOWN


def kind_of_value(value: Value, version: Version, said: VariableEvidence | None, near: str) -> str:
    """The kind that one outcome of ``result_backend`` names, ``unknown`` when it does not say."""
    if isinstance(value, Missing):
        return DISABLED
    if isinstance(value, Environment):
        if value.default is not None and not _is_nothing(value.default):
            return kind_of_value(value.default, version, said, near)
        text = evidence(value, said, near)
        if text is not None:
            return kind_of(text, version)
        return kind_of_value(value.default, version, said, near) if value.default is not None else UNKNOWN
    if isinstance(value, Literal):
        return kind_of(value.value, version) if isinstance(value.value, str) or value.value is None else UNKNOWN
    start = leading_text(value)
    if start is not None and "://" in start:
        return kind_of(start, version)
    if start is not None and "+" in start and isinstance(value, Text):
        return kind_of(f"{start}://", version)  # ``"db+" + url``: what stands before the ``+`` names the backend
    held = hold(value, said, near)
    return kind_of(held.plain, version) if held.known and isinstance(held.plain, str) else UNKNOWN


def _is_nothing(value: Value) -> bool:
    return isinstance(value, Literal) and value.value in (None, "")


def _leaves(value: Value, condition: Value | None) -> Iterator[tuple[Value, Value | None]]:
    """Every outcome with the condition under which it holds: those of all Choices around it."""
    if isinstance(value, Choice):
        for alternative in value.alternatives:
            inner = alternative.condition if alternative.condition is not None else _otherwise(value, alternative)
            if condition is not None and inner is not None:
                inner = Operation("and", (condition, inner), value.origin)
            yield from _leaves(alternative.value, inner if inner is not None else condition)
    else:
        yield value, condition


def _otherwise(choice: Choice, last: Alternative) -> Value | None:
    first = choice.alternatives[0].condition
    if len(choice.alternatives) == 2 and first is not None and choice.alternatives[1] is last:
        return Operation("not", (first,), choice.origin)
    return None


_WORDS = {"==": "is", "!=": "is not", "in": "is in", "not in": "is not in"}


def when(condition: Value | None) -> str:
    """A condition in words: ``REDIS_URL is set``."""
    if condition is None:
        return "otherwise"
    if isinstance(condition, Environment):
        return f"{condition.variable} is set"
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
            return when(operands[0])
        if condition.operator == "succeeds":
            return "reading it succeeds"
        if condition.operator in _WORDS and len(operands) == 2:
            return f"{_name(operands[0])} {_WORDS[condition.operator]} {_name(operands[1])}"
        return " ".join(dict.fromkeys(_name(operand) for operand in operands if not isinstance(operand, Literal)))
    return "the code decides so"


_OPPOSITE = {"==": "!=", "!=": "==", "in": "not in", "not in": "in", "is": "is not", "is not": "is"}


def _when_not(condition: Value) -> str:
    """The opposite of a condition in words; ``otherwise`` where it has none that reads well."""
    if isinstance(condition, Operation):
        if condition.operator == "not":
            return when(condition.operands[0])
        if condition.operator in _OPPOSITE and condition.operator in _WORDS:
            return when(Operation(_OPPOSITE[condition.operator], condition.operands, condition.origin))
    inner = when(condition)
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
    return f" {operator} ".join(said) or "otherwise"


def _name(value: Value) -> str:
    if isinstance(value, Environment):
        return value.variable
    if isinstance(value, Literal):
        return repr(value.value)
    if isinstance(value, Operation) and value.operands:
        return _name(value.operands[0])
    if isinstance(value, Unknown) and value.why.startswith("the argument "):
        return value.why.removeprefix("the argument ")
    if isinstance(value, Text):
        return "".join(str(one.value) if isinstance(one, Literal) else f"{{{_name(one)}}}" for one in value.parts)
    return "a value"

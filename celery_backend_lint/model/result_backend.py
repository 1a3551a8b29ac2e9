"""The result backend of an app, summed up for the reports."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import (
    Environment,
    Literal,
    Missing,
    Text,
)
from celery_backend_lint.model import facts
from celery_backend_lint.model.app import BackendAlternative, ResultBackend
from celery_backend_lint.model.backend_kind import DISABLED, UNKNOWN, alias_of, kind_of
from celery_backend_lint.model.condition_words import when
from celery_backend_lint.model.held import evidence, hold, leading_text
from celery_backend_lint.model.outcomes import outcomes

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
        kinds = {kind_of_value(one, version, said, app.path) for one, _ in outcomes(value)}
        kind = kinds.pop() if len(kinds) == 1 else UNKNOWN
    if kind == UNKNOWN and held.known:
        kind = _removed(held.plain)
    shown = mask(held.plain) if isinstance(held.plain, str) and held.plain else None
    source = held.source if held.known or held.source == "environment" else "unknown"
    others: dict[str, str] = {}
    for one, condition in outcomes(value):
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
    for leaf, _ in outcomes(value):
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

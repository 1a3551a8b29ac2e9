"""Outcomes in which nothing is set, and what shows through them."""

from __future__ import annotations

from celery_backend_lint.evaluate.evaluator import combine
from celery_backend_lint.evaluate.values import Alternative, Choice, Missing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Value


def may_be_missing(value: Value) -> bool:
    """Whether an outcome of a value is that nothing is set."""
    if isinstance(value, Choice):
        return any(may_be_missing(one.value) for one in value.alternatives)
    return isinstance(value, Missing)


def filled(value: Value, other: Value) -> Value:
    """``value`` with ``other`` in the outcomes where it is missing."""
    if isinstance(value, Missing):
        return other
    if isinstance(value, Choice) and may_be_missing(value):
        alternatives = [Alternative(filled(one.value, other), one.condition) for one in value.alternatives]
        return combine(alternatives, value.origin) or value
    return value

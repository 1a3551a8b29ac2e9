"""What the properties of ``app.conf`` look at where a setting is not set, is None or is empty (celery.app.utils)."""

from __future__ import annotations

from celery_backend_lint.evaluate.alternatives import combine
from celery_backend_lint.evaluate.values import Alternative, Choice, Environment, Literal, Missing, Operation, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Value

FALLBACKS = {
    "result_backend": "CELERY_RESULT_BACKEND",
    "timezone": "TIME_ZONE",
    "broker_url": "broker_host",
    "broker_read_url": "broker_url",
    "broker_write_url": "broker_url",
}
"""What ``Settings`` looks at where a setting is None or not set (celery.app.utils.Settings, 4.4 to 5.7)."""

ASKED_WHETHER_TRUE = frozenset({"broker_read_url", "broker_write_url"})
"""Those of them whose own value is taken where it is true; of the others, where it is not None."""

SETTINGS_OF_THEIR_OWN = frozenset({"broker_host", "broker_url"})
"""Those of them that are told apart, with what is written for them."""


def may_be_unset(value: Value) -> bool:
    """Whether Celery may look at a setting's fallback: an outcome is that it is not set, or None."""
    if isinstance(value, Choice):
        return any(may_be_unset(one.value) for one in value.alternatives)
    if isinstance(value, Environment):
        return value.default is not None and may_be_unset(value.default)
    return isinstance(value, Missing) or (isinstance(value, Literal) and value.value is None)


def where_unset(value: Value, instead: Value) -> Value:
    """``value`` with ``instead`` in the outcomes where it is not set or None."""
    if isinstance(value, Choice):
        alternatives = [Alternative(where_unset(one.value, instead), one.condition) for one in value.alternatives]
        return combine(alternatives, value.origin)
    if isinstance(value, Environment) and may_be_unset(value):
        held = Operation("is not", (value, Literal(None, value.origin)), value.origin)
        return Choice((Alternative(value, held), Alternative(instead, None)), value.origin)
    return instead if may_be_unset(value) else value


def may_be_false(value: Value) -> bool:
    """Whether an outcome of a value is that it is not set, None or empty, where that can be said."""
    if isinstance(value, Choice):
        return any(may_be_false(one.value) for one in value.alternatives)
    if isinstance(value, Literal):
        return not value.value
    return isinstance(value, (Environment, Missing, Text))


def where_false(value: Value, instead: Value) -> Value:
    """``value or instead``; the value itself where nobody can say whether it is true."""
    if isinstance(value, Choice):
        alternatives = [Alternative(where_false(one.value, instead), one.condition) for one in value.alternatives]
        return combine(alternatives, value.origin)
    if isinstance(value, (Environment, Text)):
        return Choice((Alternative(value, value), Alternative(instead, None)), value.origin)
    return instead if may_be_false(value) else value


def may_be_none(value: Value) -> bool:
    """Whether an outcome of a value is None."""
    if isinstance(value, Literal):
        return value.value is None
    if isinstance(value, Choice):
        return any(may_be_none(alternative.value) for alternative in value.alternatives)
    if isinstance(value, Environment):
        return value.default is not None and may_be_none(value.default)
    return False

"""``match``: the condition under which a pattern fits."""

from __future__ import annotations

from celery_backend_lint.evaluate.computation import operate
from celery_backend_lint.evaluate.values import Operation, Unknown
from celery_backend_lint.syntax.python import children_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.syntax.python import Node

_CONSTANTS = frozenset({"string", "concatenated_string", "integer", "float", "true", "false", "none", "attribute"})


def matches(ev: Evaluator, pattern: Node, subject: Value, scope: Scope) -> Value | None:
    """The condition that ``pattern`` fits ``subject``; None where it fits anything, Unknown where it cannot be said."""
    origin = ev.location(pattern, scope)
    if pattern.type == "case_pattern":
        inner = children_of(pattern)
        if not inner:
            return None if text_of(pattern) == "_" else Unknown("whether a pattern matches", origin)
        if len(inner) == 1:
            return matches(ev, inner[0], subject, scope)
    if pattern.type in _CONSTANTS or (pattern.type == "dotted_name" and "." in text_of(pattern)):
        if pattern.type == "dotted_name":
            return Unknown("whether a pattern matches", origin)
        sign = "is" if pattern.type in ("true", "false", "none") else "=="
        return operate(sign, [subject, ev.value(pattern, scope)], origin)
    if pattern.type == "dotted_name":
        return None  # a name: it takes anything
    if pattern.type == "union_pattern":
        several = [matches(ev, child, subject, scope) for child in pattern.named_children]
        known = [one for one in several if one is not None]
        return Operation("or", tuple(known), origin) if len(known) == len(several) else None
    return Unknown("whether a pattern matches", origin)

"""Conditions on ``sys.version_info`` that every Python that runs Celery decides alike."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import External, Literal, Sequence, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location

OLDEST = (3, 6)
"""The oldest Python that is thought of: Celery 5 needs it."""

_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}


def version_comparison(operands: list[Value], operator: str, origin: Location) -> Value | None:
    """What a comparison with ``sys.version_info``, or its first number, gives; None for another comparison."""
    left, right = operands
    if not _is_version(left):
        if not _is_version(right) or operator not in _TURNED:
            return None
        left, right, operator = right, left, _TURNED[operator]
    unknown = Unknown("which Python runs it", origin)
    numbers = [one.value for one in right.items if isinstance(one, Literal)] if isinstance(right, Sequence) else []
    if isinstance(right, Literal) and isinstance(right.value, int):
        numbers = [right.value]
    if not numbers or not all(isinstance(number, int) for number in numbers):
        return unknown
    bound = tuple(number for number in numbers if isinstance(number, int))
    if isinstance(left, External) and left.name != "sys.version_info":  # its first number alone
        holds = {"<": bound[0] > 3, "<=": bound[0] >= 3, ">": bound[0] < 3, ">=": bound[0] <= 3,
                 "==": bound[0] == 3, "!=": bound[0] != 3}.get(operator)  # fmt: skip
        return unknown if holds is None else Literal(holds, origin)
    if bound >= (4,) or bound <= OLDEST:
        later = bound <= OLDEST
        if operator in (">", ">="):
            return Literal(later, origin)
        if operator in ("<", "<="):
            return Literal(not later, origin)
    return unknown


def _is_version(value: Value) -> bool:
    return isinstance(value, External) and value.name in ("sys.version_info", "sys.version_info.major")

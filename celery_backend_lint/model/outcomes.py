"""The outcomes of a value, each with when it holds."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Choice, Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from celery_backend_lint.evaluate.values import Value

    Assumed: TypeAlias = "tuple[tuple[Value, bool], ...]"


def outcomes(
    value: Value, condition: Value | None = None, assumed: Assumed = ()
) -> Iterator[tuple[Value, Value | None]]:
    """Every outcome of a value in the order in which they are tried, with the conditions of all Choices around it.

    The condition is None where none is needed, or where it is "otherwise". What the Choices around it have decided
    (``assumed``) is not asked again: an outcome that contradicts them is left out.
    """
    if not isinstance(value, Choice):
        yield value, condition
        return
    for alternative in value.alternatives:
        holds = alternative.condition
        known = next((truth for one, truth in assumed if one == holds), None) if holds is not None else None
        if known is False:
            continue
        inner = None if known else holds if holds is not None else _otherwise(value)
        if condition is not None and inner is not None:
            inner = Operation("and", (condition, inner), value.origin)
        within = assumed if holds is None else (*assumed, (holds, True))
        yield from outcomes(alternative.value, inner if inner is not None else condition, within)
        if known or holds is None:
            return
        assumed = (*assumed, (holds, False))


def _otherwise(choice: Choice) -> Value | None:
    """What the last of two outcomes holds under; of more it is only "otherwise"."""
    first = choice.alternatives[0].condition
    return Operation("not", (first,), choice.origin) if len(choice.alternatives) == 2 and first is not None else None

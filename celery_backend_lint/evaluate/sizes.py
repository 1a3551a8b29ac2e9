"""How large values are when they are written out: values share parts, so small ones can unfold without end."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import LEAVES, parts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Value

MOST_PARTS = 20_000
"""How many parts a value may have when it is written out; parts that it holds twice count twice."""

HIGHEST = 100
"""How deep the parts of a value may be nested."""


class Sizes:
    """The sizes of values, each counted once."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[int, tuple[Value, int, int]] = {}

    def is_too_large(self, value: Value) -> bool:
        """Whether a value has more parts, or is nested deeper, than can be walked in time."""
        parts, height = self._size(value)
        return parts > MOST_PARTS or height > HIGHEST

    def _size(self, value: Value) -> tuple[int, int]:
        if isinstance(value, LEAVES):
            return 1, 1
        known = self._known.get(id(value))
        if known is None:
            parts, height = 1, 0
            for part in parts_of(value):
                more, higher = self._size(part)
                parts, height = parts + more, max(height, higher)
            # The value is kept: another object must not get its id.
            known = self._known[id(value)] = (value, parts, height + 1)
        return known[1], known[2]

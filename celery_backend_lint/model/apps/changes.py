"""A map of settings that is written to, under conditions too: what was written before is an outcome."""

from __future__ import annotations

from celery_backend_lint.evaluate.alternatives import filled
from celery_backend_lint.evaluate.values import Alternative, Choice, Missing, Unknown
from celery_backend_lint.model.apps.configuration_sources import Cell, SettingsMap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model.app import Assignment

MOST_CONDITIONAL_WRITES = 50
"""How many writes to one setting are followed where they are conditional."""


class Changes:
    """A map of settings that is written to: what an app's ``_preconf`` or ``conf.changes`` holds."""

    __slots__ = ("cells", "doubt", "doubt_when")

    def __init__(self) -> None:
        self.cells: dict[str, Cell] = {}
        self.doubt: Unknown | None = None
        self.doubt_when: Value | None = None

    def write(self, key: str, assignment: Assignment, condition: Value | None) -> None:
        """Put an assignment under a key: for certain, or where ``condition`` holds."""
        before = self.cells.get(key)
        older = before.assignments if before is not None else ()
        value = assignment.value if before is None else filled(assignment.value, before.value)
        if condition is not None and len(older) > MOST_CONDITIONAL_WRITES:
            value = Unknown("too many writes under conditions", assignment.location)
        elif condition is not None:
            shown: Value = before.value if before is not None else Missing(assignment.location)
            value = Choice((Alternative(value, condition), Alternative(shown, None)), assignment.location)
        certain = assignment.certain and (condition is None or before is None or before.certain)
        self.cells[key] = Cell(value, (assignment, *older), certain)

    def delete(self, key: str, where: Location, condition: Value | None) -> None:
        """Take away what is under a key: for certain, or where ``condition`` holds."""
        before = self.cells.pop(key, None)
        if before is not None and condition is not None:
            value = Choice((Alternative(Missing(where), condition), Alternative(before.value, None)), where)
            self.cells[key] = Cell(value, before.assignments, before.certain)

    def blur(self, doubt: Unknown, when: Value | None = None) -> None:
        """Anything may have been written, always or under a condition: what stood before is only one outcome."""
        self.doubt_when = when if self.doubt is None else None
        self.doubt = doubt
        for key, cell in self.cells.items():
            value = Choice((Alternative(doubt, when or doubt), Alternative(cell.value, None)), doubt.origin)
            self.cells[key] = Cell(value, cell.assignments, certain=when is not None and cell.certain)

    def as_map(self) -> SettingsMap:
        """The map to look settings up in."""
        return SettingsMap(set(self.cells), self.cells.get, self.doubt, self.doubt_when)

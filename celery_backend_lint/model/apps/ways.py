"""The ways that a program may go where a condition decides when Celery loads its configuration.

Loading is no value: what is written before and after it counts differently. So an app is followed once for each way,
and what comes of the ways that differ is an alternative under the condition.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Operation
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.model.app import Assignment, ConfigurationSource
    from celery_backend_lint.model.apps.declared_celery import DeclaredCelery
    from celery_backend_lint.model.apps.precedence import Configuration

MOST_DECISIONS = 4
"""How many conditions may decide on one way; there are at most two to that power."""


@record
class Followed:
    """An app's configuration after everything that the project does to it; the fields as in ``App``.

    ``ways`` are what comes of it under conditions, the first that holds; the rest is what comes of it otherwise.
    """

    configuration: Configuration
    declared: DeclaredCelery
    sources: tuple[ConfigurationSource, ...]
    writes: tuple[Assignment, ...] = ()
    unread: str = ""
    ways: tuple[tuple[Value, Followed], ...] = ()


class Decisions:
    """Answers the conditions that one way comes to: the first ones as given, the others with no."""

    def __init__(self, taken: tuple[bool, ...] = ()) -> None:
        self._taken = taken
        self.asked: list[Value] = []

    @property
    def is_full(self) -> bool:
        """Whether no more can be decided on this way."""
        return len(self.asked) >= MOST_DECISIONS

    def holds(self, condition: Value) -> bool:
        """Whether a condition holds on this way; one that was asked before is as it was."""
        if condition not in self.asked:
            self.asked.append(condition)
        number = self.asked.index(condition)
        return number < len(self._taken) and self._taken[number]


def both(first: Value | None, second: Value | None) -> Value | None:
    """The condition that two conditions hold; None for always."""
    held = [one for one in (first, second) if one is not None]
    return Operation("and", tuple(held), held[0].origin) if len(held) > 1 else held[0] if held else None


def follow_ways(follow: Callable[[Decisions], Followed], taken: tuple[bool, ...] = ()) -> Followed:
    """Follow an app on every way that begins as ``taken``."""
    decisions = Decisions(taken)
    found = follow(decisions)
    ways: list[tuple[Value, Followed]] = []
    for number in range(len(taken), len(decisions.asked)):
        condition = decisions.asked[number]
        other = follow_ways(follow, (*taken, *[False] * (number - len(taken)), True))
        ways += [(both(condition, inner) or inner, one) for inner, one in other.ways]
        ways.append((condition, other))
    return Followed(found.configuration, found.declared, found.sources, found.writes, found.unread, tuple(ways))

"""What must be there for a rule to find anything; where it is missing the rule is not even imported.

To import a rule takes 40 µs, besides what it needs, and a project has something for half of them. A line repeats what
the check itself begins with, which stays true without it; a rule that has no line here is always run.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from celery_backend_lint.model import Model

    Condition: TypeAlias = Callable[["Evidence"], bool]


class Evidence:
    """What the apps of a model set and use, gathered once for all rules."""

    __slots__ = ("_gives_backend", "kinds", "model", "settings")

    def __init__(self, model: Model) -> None:
        """``settings`` are the names of those that any app has, ``kinds`` the result backends that any may use."""
        apps = model.checked_apps
        self.model = model
        self.settings = frozenset(name for app in apps for name in app.settings)
        self.kinds = frozenset(app.result_backend.kind for app in apps).union(
            other.kind for app in apps for other in app.result_backend.alternatives
        )
        self._gives_backend: bool | None = None

    @property
    def gives_backend(self) -> bool:
        """Whether any app's result backend has a value that is not merely read from the environment."""
        if self._gives_backend is None:
            from celery_backend_lint.model.backend_values import backend_values

            self._gives_backend = any(True for app in self.model.checked_apps for _ in backend_values(app))
        return self._gives_backend

    def is_for(self, code: str) -> bool:
        """Whether the rule of that code may find something."""
        condition = NEEDS.get(code)
        return condition is None or condition(self)


def _advice(evidence: Evidence) -> bool:
    return evidence.model.wants_advice


def _value(evidence: Evidence) -> bool:
    return evidence.gives_backend


def _setting(*names: str) -> Condition:
    return lambda evidence: not evidence.settings.isdisjoint(names)


def _kind(*kinds: str) -> Condition:
    return lambda evidence: not evidence.kinds.isdisjoint(kinds)


NEEDS: dict[str, Condition] = {
    "CBL002": lambda _: False,  # its findings are made where comments are read
    "CBL003": lambda evidence: evidence.model.unresolved > 0,
    "CBL101": _advice,
    "CBL102": _value,
    "CBL103": _value,
    "CBL104": _kind("django-db", "django-cache"),
    "CBL105": _value,
    "CBL109": _value,
    "CBL110": _value,
    "CBL111": _setting("result_backend_transport_options"),
    "CBL112": _value,
    "CBL113": _value,
    "CBL114": _advice,
    "CBL115": _kind("rpc"),
    "CBL118": _advice,
    "CBL119": _value,
    "CBL121": _setting("cache_backend"),
    "CBL205": _setting("result_serializer", "task_serializer", "result_compression", "task_compression"),
    "CBL402": _setting("result_serializer", "accept_content", "result_accept_content"),
    "CBL403": _setting("result_serializer", "task_serializer", "accept_content", "result_accept_content"),
    "CBL404": _advice,
    "CBL405": _setting("accept_content", "result_accept_content"),
    "CBL406": _setting("result_compression"),
    "CBL503": _advice,
    "CBL505": _setting("result_expires", "result_chord_expires"),
    "CBL507": _advice,
    "CBL601": _advice,
    "CBL604": _setting("result_backend_always_retry", "result_backend_max_retries"),
    "CBL606": _setting("database_engine_options"),
    "CBL607": _advice,
    "CBL801": _kind("disabled"),
    "CBL802": _kind("disabled", "rpc"),
    "CBL805": _kind("rpc"),
    "CBL806": _advice,
    "CBL808": _advice,
    "CBL809": _advice,
    "CBL907": _advice,
}
"""The condition of each rule that has one."""

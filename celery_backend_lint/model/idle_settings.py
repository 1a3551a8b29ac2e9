"""Which settings have no effect, because only backends read them that an app does not use."""

from __future__ import annotations

from celery_backend_lint.model import facts
from celery_backend_lint.model.backend_kind import DISABLED, UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from celery_backend_lint.model.app import App, Assignment
    from celery_backend_lint.model.data import Version

_READ_BY_THIRD_PARTIES = {
    "django-db": frozenset[str](),
    "django-cache": frozenset({"cache_backend", "result_backend_transport_options"}),
}
"""What the backends of django-celery-results 2.6 read besides what every backend reads."""

_READ_OTHERWISE = frozenset({"result_serializer", "result_accept_content", "result_compression", "result_cache_max"})
"""Settings of results that other parts of Celery use, or that have a rule of their own (CBL406)."""


def known_kinds(app: App) -> frozenset[str]:
    """The backends that the app may use; empty where one of them is not known, or where none stores results."""
    backend = app.result_backend
    kinds = {backend.kind, *(other.kind for other in backend.alternatives)}
    if UNKNOWN in kinds or app.unread:
        return frozenset()
    return frozenset(kinds - {DISABLED})


def having_it_too(apps: Iterable[App], app: App, assignment: Assignment) -> tuple[App, ...]:
    """The other ones of ``apps`` that have a setting from the same place: from a module, say, that configures both."""
    found = []
    for other in apps:
        setting = other.settings.get(assignment.setting)
        assignments = setting.assignments if setting is not None and other.location != app.location else ()
        if any(one.location == assignment.location for one in assignments):
            found.append(other)
    return tuple(found)


def may_read(app: App, setting: str) -> bool:
    """Whether an app may use a setting, by its new-style name; true as well where its backend is not known."""
    kinds = known_kinds(app)
    return not kinds or not is_idle(setting, kinds, app.declared.version)


def is_idle(setting: str, kinds: Iterable[str], version: Version) -> bool:
    """Whether nothing reads a setting, by its new-style name, in an app with a backend of one of the kinds."""
    if setting in _READ_OTHERWISE or not facts.is_backend_setting(setting, version):
        return False
    every = facts.backend("disabled", version)
    if every is not None and setting in every.settings:
        return False
    for kind in kinds:
        read = _READ_BY_THIRD_PARTIES.get(kind)
        if read is None:
            known = facts.backend(kind, version)
            read = known.settings if known is not None else None
        if read is None or setting in read:
            return False
    return True

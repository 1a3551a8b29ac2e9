"""What another release of Celery would make of a project: the differences between two readings of it.

Each release is read by itself, as Celery of that release would load the project; nothing here knows what changed in
Celery but the words for it. Defaults, names, backends and packages come from the tables.
"""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.alternatives import may_be_missing
from celery_backend_lint.evaluate.values import Choice, Missing, Unknown, walk
from celery_backend_lint.model import facts
from celery_backend_lint.model.apps.precedence import MAPS_BEFORE_NAMES
from celery_backend_lint.model.backend_kind import DISABLED, UNKNOWN, alias_of
from celery_backend_lint.model.backend_values import backend_values, dotted
from celery_backend_lint.model.names import READS_OLD_UNDER_NAMESPACE
from celery_backend_lint.model.redis_tls import PLAIN_URL_MAY_HAVE_OPTIONS, tls_options
from celery_backend_lint.model.urls import split
from celery_backend_lint.model.value_identity import MISSING, form_of, form_of_object
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App, Assignment, Setting
    from celery_backend_lint.model.data import Version

VALUE, ALIVE, DEAD, HEEDED, IGNORED, REFUSED, ACCEPTED, DEFAULT, BACKEND, PACKAGE = (
    "value", "alive", "dead", "heeded", "ignored", "refused", "accepted", "default", "backend", "package",
)  # fmt: skip
"""The kinds of changes: the effective value · what is set takes effect, or no longer does · the result backend begins
or ceases to read a setting · the configuration or the backend fails only afterwards, or only before · a default of
Celery that shows through · which backend it is · what has to be installed."""

WINNERS = {
    "constructor": "the argument of Celery()",
    "conf": "the write to app.conf",
    "defaults": "add_defaults",
    "module": "the configuration module",
    "django": "the Django settings",
    "class": "the configuration class",
    "mapping": "the dict of settings",
    "environment": "a variable that the code sets",
}
"""``Assignment.place`` as what wins."""

WRITTEN = frozenset({"constructor", "conf", "defaults"})
"""The places beside the configuration object."""


@record
class Side:
    """One release's side of a change.

    ``value`` is the setting's (a Missing: Celery's default, which ``text`` gives as Python writes it), None where it is
    no setting's; then ``text`` says all. ``assignment`` is the place that decides.
    """

    text: str
    value: Value | None = None
    assignment: Assignment | None = None


@record
class Change:
    """What one release does and the other does not. ``name`` is the setting's, or the package's."""

    kind: str
    name: str
    before: Side
    after: Side
    why: str


@record
class AppUpgrade:
    """An app as both releases read it, and the changes between them.

    ``open`` are settings of which it cannot be said whether they change, each with the reason.
    """

    before: App
    after: App
    changes: tuple[Change, ...]
    open: tuple[tuple[str, str], ...] = ()


@record
class Upgrade:
    """A project under two releases of Celery: each app, by path and line, and what else has to be installed."""

    before: Version
    after: Version
    apps: tuple[AppUpgrade, ...]
    packages: tuple[Change, ...]


def release_named(text: str) -> str | None:
    """The known release that a text names: itself, or the newest of a minor (``5.6``); None where there is none."""
    if not re.fullmatch(r"\d+(\.\d+){0,2}", text):
        return None
    known = facts.releases("celery")
    return text if text in known else facts.newest("celery", f"=={text}.*")


def compare(model: Model | None, before: str, after: str) -> Upgrade:
    """What going from one release to another (both known, either may be the newer) changes for a project's apps."""
    first, second = facts.release_of(before), facts.release_of(after)
    if model is None:
        return Upgrade(first, second, (), ())
    later = {app.location: app for app in apps_at(model, after)}
    apps = tuple(
        AppUpgrade(app, now, tuple(changes(app, now)), tuple(_open(app, now)))
        for app in apps_at(model, before)
        if (now := later.get(app.location)) is not None
    )
    from celery_backend_lint.model.upgrade_packages import packages

    return Upgrade(first, second, apps, tuple(packages(model, apps, first, second)))


def apps_at(model: Model, release: str) -> list[App]:
    """The apps of a project as an exact release reads them, whatever it declares."""
    from celery_backend_lint.model.apps.reading import read_apps

    return read_apps(model.evaluator, model.manifests, model.evidence, model.deployment, None, release)


def changes(before: App, after: App) -> Iterator[Change]:
    """The differences between two readings of an app, the result backend's first."""
    refusals = list(_refusals(before, after))
    yield from refusals
    if before.mixing or after.mixing:  # one of them has no settings at all
        return
    names = sorted({*before.settings, *after.settings}, key=lambda name: (name != "result_backend", name))
    found = [change for name in names if (change := setting_change(name, before, after)) is not None]
    backend = None if any(one.name == "result_backend" for one in found) else _backend(before, after)
    if backend is not None:
        yield backend
    yield from found
    yield from _tls(before, after)
    yield from _read_by_the_backend(before, after)
    yield from _defaults(before, after)


def setting_change(name: str, before: App, after: App) -> Change | None:
    """How a setting that the project gives changes; None where it does not, or where that cannot be said."""
    if not _differs(name, before, after):
        return None
    then, now = before.settings.get(name), after.settings.get(name)
    first, second = before.declared.version, after.declared.version
    one, other = _side(then, name, first), _side(now, name, second)
    if why_open(before, name) or why_open(after, name):
        # Of what is not known in itself it can still be said that another place decides.
        decided = one.assignment is not None and other.assignment is not None
        if not (decided and _is_settled(then) and _is_settled(now)) or _same_place(one, other):
            return None
    set_before, set_after = _is_set(then), _is_set(now)
    kind = VALUE if set_before and set_after else ALIVE if set_after else DEAD if set_before else DEFAULT
    return Change(kind, name, one, other, _why(before, after, name, one.assignment, other.assignment))


def _differs(name: str, before: App, after: App) -> bool:
    """Whether the readings of a setting differ that is not merely one that follows another (broker_read_url)."""
    then, now = before.settings.get(name), after.settings.get(name)
    if not (then and then.assignments) and not (now and now.assignments):
        return False
    return _form(then, name, before.declared.version) != _form(now, name, after.declared.version)


def _open(before: App, after: App) -> Iterator[tuple[str, str]]:
    """The settings whose readings differ in what is not known."""
    if before.mixing or after.mixing:
        return
    for name in sorted({*before.settings, *after.settings}):
        if _differs(name, before, after) and setting_change(name, before, after) is None:
            yield name, why_open(before, name) or why_open(after, name)


def why_open(app: App, name: str) -> str:
    """Why a setting of an app is not known in whole, "" where it is."""
    setting = app.settings.get(name)
    if setting is None:
        return app.unread
    for value in walk(setting.value):
        if isinstance(value, Unknown):
            return value.why
    if not setting.certain:
        return "it is set in a function that nothing was seen to call"
    return app.unread if may_be_missing(setting.value) else ""


def _is_settled(setting: Setting | None) -> bool:
    """Whether it is known which place decides, though perhaps not what stands there."""
    return setting is not None and setting.certain and not isinstance(setting.value, Choice)


def _same_place(one: Side, other: Side) -> bool:
    return (
        one.assignment is not None
        and other.assignment is not None
        and one.assignment.location == other.assignment.location
    )


def _form(setting: Setting | None, name: str, version: Version) -> Hashable:
    return form_of(setting.value, _default_form(name, version)) if setting else _default_form(name, version)


def _default_form(name: str, version: Version) -> Hashable:
    found = facts.setting(name, version)
    return form_of_object(found.default) if found is not None and found.listed else MISSING


def _is_set(setting: Setting | None) -> bool:
    return setting is not None and not isinstance(setting.value, Missing)


def _side(setting: Setting | None, name: str, version: Version) -> Side:
    text = default_text(name, version)
    if setting is None or isinstance(setting.value, Missing):
        return Side(text)
    return Side(text, setting.value, setting.assignments[0] if setting.assignments else None)


def default_text(name: str, version: Version) -> str:
    """Celery's default of a setting as Python writes it; "" where this release does not know the setting."""
    found = facts.setting(name, version)
    if found is None:
        return ""
    if isinstance(found.default, tuple):
        return f"{found.default[1]:g} seconds" if found.default[:1] == ("timedelta",) else repr(list(found.default))
    return repr(found.default)


def _why(before: App, after: App, name: str, then: Assignment | None, now: Assignment | None) -> str:
    first, second = before.declared.version, after.declared.version
    for version in (first, second):
        if facts.setting(name, version) is None:
            return f"Celery {dotted(version)} does not know this setting"
    if _crosses(first, second, READS_OLD_UNDER_NAMESPACE) and before.namespace:
        newer = then if first > second else now
        if (
            newer is not None
            and facts.is_old_name(newer.written, max(first, second))
            and not _is_prefixed(before, newer)
        ):
            return f"from Celery {dotted(READS_OLD_UNDER_NAMESPACE)} on old names are read under a namespace as well"
    if _crosses(first, second, MAPS_BEFORE_NAMES) and then is not None and now is not None:
        older, newer = (now, then) if first > second else (then, now)
        if older.location == newer.location:
            return f"from Celery {dotted(MAPS_BEFORE_NAMES)} on what one place says in any form beats the next place"
        if newer.place in WRITTEN and older.place not in WRITTEN:
            return (
                f"from Celery {dotted(MAPS_BEFORE_NAMES)} on {WINNERS[newer.place]} wins over a namespaced setting; "
                "before, the setting wins"
            )
        return (
            f"from Celery {dotted(MAPS_BEFORE_NAMES)} on {WINNERS[newer.place]} is looked at first, whatever the names"
        )
    return "the two releases look this setting up differently"


def _crosses(first: Version, second: Version, border: Version) -> bool:
    return (first < border) != (second < border)


def _is_prefixed(app: App, assignment: Assignment) -> bool:
    """Whether a name is the namespaced form of its setting's new name."""
    return assignment.written.lower() == f"{app.namespace.rstrip('_')}_{assignment.setting}".lower()


def _refusals(before: App, after: App) -> Iterator[Change]:
    """The mixing error, where one release raises it and the other does not."""
    if bool(before.mixing) == bool(after.mixing):
        return
    (assignment, wanted), *_ = before.mixing or after.mixing
    raises = Side("raises ImproperlyConfigured", None, assignment)
    why = f"old and new names stand in one configuration: {assignment.written} must be {wanted}"
    if after.mixing:
        yield Change(REFUSED, assignment.setting, Side("reads the configuration"), raises, why)
    else:
        yield Change(ACCEPTED, assignment.setting, raises, Side("reads the configuration"), why)


def _backend(before: App, after: App) -> Change | None:
    """The same value as another backend, or one that only one of the releases can load."""
    then, now = before.result_backend.kind, after.result_backend.kind
    first, second = before.declared.version, after.declared.version
    alias = alias_of(before.result_backend.value or after.result_backend.value or "")
    loads = _loads(alias, first), _loads(alias, second)
    if alias and loads[0] != loads[1]:
        one, other = (Side(alias if loaded else "cannot be loaded") for loaded in loads)
        why = f"Celery {dotted(first if loads[1] else second)} has no result backend {alias}"
        return Change(ACCEPTED if loads[1] else REFUSED, "result_backend", one, other, why)
    if then == now:
        return None
    lacking, kind = (first, now) if then == UNKNOWN else (second, then)
    return Change(
        BACKEND, "result_backend", Side(then), Side(now), f"Celery {dotted(lacking)} does not know {kind} by it"
    )


def _loads(alias: str, version: Version) -> bool:
    return alias in facts.backends(version) or facts.third_party_backend(alias) is not None


def _tls(before: App, after: App) -> Iterator[Change]:
    """``redis://`` beside a dict of TLS options: an error before 5.7, TLS from then on."""
    first, second = before.declared.version, after.declared.version
    if not _crosses(first, second, PLAIN_URL_MAY_HAVE_OPTIONS):
        return
    if plain_url_with_options(before) and plain_url_with_options(after):
        raises, uses = Side("raises ValueError when the result backend is used"), Side("connects by TLS")
        one, other = (raises, uses) if first < second else (uses, raises)
        why = f"before Celery {dotted(PLAIN_URL_MAY_HAVE_OPTIONS)} TLS options beside a redis:// URL are refused"
        yield Change(ACCEPTED if first < second else REFUSED, "redis_backend_use_ssl", one, other, why)


def plain_url_with_options(app: App) -> bool:
    """Whether an app's result backend is always a ``redis://`` URL beside a dict of TLS options."""
    effective = [value for value in backend_values(app) if value.effective]
    urls = [split(value.text or "") if alias_of(value.text or "") == "redis" else None for value in effective]
    return (
        bool(urls)
        and all(url is not None and url.scheme == "redis" for url in urls)
        and all(options.refuses_plain_url for options in tls_options(app))
    )


def _read_by_the_backend(before: App, after: App) -> Iterator[Change]:
    """Settings that the project gives and that the backend's code reads in only one of the releases."""
    kind = before.result_backend.kind
    first, second = before.declared.version, after.declared.version
    then, now = facts.backend(kind, first), facts.backend(kind, second)
    if kind in (DISABLED, UNKNOWN) or kind != after.result_backend.kind or then is None or now is None:
        return
    for name in sorted(then.settings ^ now.settings):
        setting = after.settings.get(name)
        known = facts.setting(name, first) is not None and facts.setting(name, second) is not None
        if setting is None or not known or not _is_set(setting) or not _is_of_results(name, max(first, second)):
            continue
        reads = Side("", setting.value, setting.assignments[0])
        newly = name in now.settings
        where = dotted(second if newly else first)
        yield Change(
            HEEDED if newly else IGNORED,
            name,
            *((Side(""), reads) if newly else (reads, Side(""))),
            f"of the two only Celery {where} has a {kind} backend that reads it",
        )


def _is_of_results(name: str, version: Version) -> bool:
    return name.startswith("result_") or facts.is_backend_setting(name, version)


def _defaults(before: App, after: App) -> Iterator[Change]:
    """Defaults that differ, of settings that the app's result backend reads and nothing sets."""
    first, second = before.declared.version, after.declared.version
    read: set[str] = set()
    for app, version in ((before, first), (after, second)):
        found = facts.backend(app.result_backend.kind, version)
        if found is not None and app.result_backend.kind != DISABLED:
            read |= found.settings
    for name, then, now in facts.changed_settings(first, second):
        if name not in read or name in before.settings or name in after.settings or then is None or now is None:
            continue
        if then.listed and now.listed and then.default != now.default:
            why = "Celery's default has changed, and the project sets none"
            yield Change(DEFAULT, name, Side(default_text(name, first)), Side(default_text(name, second)), why)

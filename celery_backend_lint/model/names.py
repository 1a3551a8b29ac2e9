"""What the names in an app's configuration mean to Celery: which it reads, which it never sees, which are none of its.

How Celery looks names up: ``model/precedence.py``. Seen with Celery 4.4.7 to 5.7.0: nothing warns of a name that is not
read, neither when the configuration is loaded nor later.
"""

from __future__ import annotations

from celery_backend_lint.evaluate import stars
from celery_backend_lint.model import facts
from celery_backend_lint.model.apps.precedence import UPPER_TIME_ZONE
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Binding, Scope
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App, Assignment, ConfigurationSource
    from celery_backend_lint.model.apps.declared_celery import DeclaredCelery
    from celery_backend_lint.model.data import Version

READS_OLD_UNDER_NAMESPACE = (5, 7, 0)
"""The first Celery that reads old names under a namespace (celery.utils.collections.ConfigurationView, 5.7.0)."""

READ, OLD, OLD_IGNORED, UNSEEN, UNKNOWN = "read", "old", "old-ignored", "unseen", "unknown"
"""Celery reads it · reads it by its old name · an old name that it ignores · a setting's name that it never sees in
this form · the name of no setting of any supported Celery."""

COMMON_WORDS = frozenset({"timezone", "include", "imports", "enable_utc"})
"""Settings whose names are words that a project uses for things of its own."""

SECTIONS = ("celery", "broker_", "result_", "task_", "worker_", "beat_")
"""What a name in Django's or Flask's settings begins with if it is meant for Celery."""

NEAR_WORDS = ("autodiscover", "autoretry", "loglevel", "logging")
"""Words of Celery's that stand in no setting's name, though people make names with them."""

SHARED_SIGNS = frozenset(
    {"INSTALLED_APPS", "ROOT_URLCONF", "SECRET_KEY", "DEBUG", "TESTING", "SQLALCHEMY_DATABASE_URI", "DATABASES"}
)  # fmt: skip
"""Names that show that a configuration object holds other things than Celery's settings."""


@record
class Meaning:
    """What a name is to Celery: ``status`` as above; ``setting`` is the new-style name it means, "" for none."""

    status: str
    setting: str


@record
class NameUse:
    """A name in a configuration that is not simply read: where it is written, what it means, what it stands in.

    ``kind`` is the source's, or the assignment's ``place`` (``constructor``, ``conf``, ``defaults``). ``shared`` says
    that the place holds other things than Celery's settings as well. ``locations`` are one a file, in order.
    """

    written: str
    meaning: Meaning
    kind: str
    shared: bool
    locations: tuple[Location, ...]


def meaning(name: str, version: Version, namespace: str) -> Meaning:
    """What a name in an app's configuration means to a Celery, ``namespace`` being the app's ("" for none)."""
    prefix = f"{namespace.rstrip('_')}_" if namespace else ""
    if prefix:
        folded = prefix if prefix.isupper() else prefix.lower()
        rest = name[len(folded) :]
        if name.startswith(folded) and rest == (rest.upper() if prefix.isupper() else rest.lower()):
            found = _new_setting(rest.lower(), version)
            if found:
                return Meaning(READ, found)
    if not name.isupper() and _new_setting(name, version):
        return Meaning(READ, name)
    if facts.is_old_name(name, version):
        setting = facts.canonical(name, version) or ""
        if prefix and version < READS_OLD_UNDER_NAMESPACE and setting != "result_backend":
            return Meaning(OLD_IGNORED, setting)
        return Meaning(OLD, setting)
    return _never_read(name, prefix, version)


def _never_read(name: str, prefix: str, version: Version) -> Meaning:
    if name.isupper() or name.islower():
        folded = name.lower()
        for candidate in (folded, folded.removeprefix("celery_"), folded.removeprefix(prefix.lower())):
            if _new_setting(candidate, version):
                return Meaning(UNSEEN, candidate)
            if facts.setting_releases(candidate):
                return Meaning(READ, candidate)  # another release's: a matter of versions, not of names
    if name == ("TIME_ZONE" if version >= UPPER_TIME_ZONE else "time_zone"):
        return Meaning(READ, "timezone")
    newest = facts.celery_versions()[-1]
    if name.isupper() and any(facts.is_old_name(name, release) for release in (newest, (5, 0, 0), (4, 4, 0))):
        return Meaning(READ, facts.canonical(name, newest) or "")
    return Meaning(UNKNOWN, "")


def _new_setting(name: str, version: Version) -> str:
    return name if facts.setting(name, version) is not None and not name.isupper() else ""


def is_below_four(declared: DeclaredCelery) -> bool:
    """Whether only a Celery before 4.0 is declared, where the old names are the only ones."""
    from celery_backend_lint.model.versions import admits

    if declared.locked:
        return declared.version < (4,)
    if not declared.text:
        return False
    decided = ".".join(map(str, declared.version))
    known = (*facts.releases("celery"), "4.3.1", "4.2.2", "4.1.1", "4.0.2")
    return not any(admits(declared.text, text) for text in (*known, *([decided] if declared.version >= (4,) else ())))


def admits_three(declared: DeclaredCelery) -> str:
    """The requirement that asks for a Celery before 4.0 as well as for later ones, as written; "" where none does.

    A Celery 3 knows neither the new names nor a namespace (seen with 3.1.26: they set nothing, and
    ``config_from_object`` raises TypeError). A requirement without a lower bound never installs one.
    """
    from celery_backend_lint.model.versions import floor

    if declared.locked or is_below_four(declared):
        return ""
    return declared.text if any(() < floor(part) < (4,) for part in declared.text.split("||")) else ""


def once_four(declared: DeclaredCelery) -> str:
    """How a remedy with new names or a namespace begins where a Celery before 4.0 may be installed; "" elsewhere."""
    three = admits_three(declared)
    return f"once `celery{three}` asks for Celery 4 or newer: " if three else ""


def counted_as_old(app: App) -> tuple[str, ...]:
    """The names of a configuration that make Celery take it for one with old names, beside which it refuses new ones.

    Those of other things too, such as a project's own ``S3_BUCKET``. What is written to ``app.conf`` counts where there
    is no configuration object, and nothing does under a namespace (``celery.app.utils.detect_settings``, 4.4 to 5.7).
    """
    if app.namespace:
        return ()
    given = {name.name for source in app.sources for name in source.names}
    if not app.sources:
        given = {write.written for write in app.writes if write.place == "conf"}
    version = app.declared.version
    return tuple(
        sorted(
            name for name in given if facts.is_old_name(name, version) and facts.canonical(name, version) not in given
        )
    )


def begins_like_a_setting(name: str, version: Version) -> bool:
    """Whether a name begins, or nearly, with the first word of a setting's name, or is how such a name ends: others
    name a project's own things.

    ``name`` is in lower case and without the namespace: ``worker_speed`` and ``prefetch_multiplier`` do, ``use_gpu``
    does not.
    """
    settings = facts.setting_names(version)
    firsts = {setting.partition("_")[0] for setting in settings}
    first = name.partition("_")[0]
    if first in firsts or first in NEAR_WORDS or any(setting.endswith(f"_{name}") for setting in settings):
        return True
    return bool(facts.close_names(first, firsts, 1))


def uses(model: Model, app: App) -> Iterator[NameUse]:
    """The names in an app's configuration that are not simply read: of its configuration objects, then its writes.

    Names that are imported, functions and classes are no settings; those in test code are left out, and in a place
    that holds other things as well those that do not look like Celery's.
    """
    version = app.declared.version
    return _uses(model, app, lambda name: meaning(name, version, app.namespace), lambda found: found.status != READ)


def newer_settings(model: Model, app: App, oldest: Version) -> Iterator[NameUse]:
    """The names in an app's configuration that some Celery reads, but not that of ``oldest``; places as in ``uses``."""
    newest = facts.celery_versions()[-1]

    def is_newer(found: Meaning) -> bool:
        spans = facts.setting_releases(found.setting) if found.setting else ()
        return found.status in (READ, OLD) and bool(spans) and spans[0][0] > oldest

    return _uses(model, app, lambda name: meaning(name, newest, app.namespace), is_newer)


def _uses(
    model: Model, app: App, judge: Callable[[str], Meaning], wanted: Callable[[Meaning], bool]
) -> Iterator[NameUse]:
    for source in app.sources:
        shared = is_shared(model, source)
        for name in source.names:
            if shared and not _looks_like_celerys(name.name, app):
                continue
            found = judge(name.name)
            if not wanted(found):
                continue
            locations = _one_a_file(_assigned(model.evaluator, name.name, name.locations, source.kind))
            if locations:
                yield NameUse(name.name, found, source.kind, shared, locations)
    for write in app.writes:
        if write.written in ("backend", "broker", "include") or is_test_path(write.location.path):
            continue
        found = judge(write.written)
        if found.status == OLD_IGNORED and _holds(app, write, found.setting):
            found = Meaning(OLD, found.setting)
        if wanted(found):
            shared = _is_flasks(model.evaluator, write)
            if not shared or _looks_like_celerys(write.written, app):
                yield NameUse(write.written, found, write.place, shared, (write.location,))


def _holds(app: App, write: Assignment, setting: str) -> bool:
    """Whether what is written to ``app.conf`` by an old name reaches its setting, whatever the namespace is.

    It does as long as nothing was read from ``app.conf`` (seen with 5.3.6, 5.6.3 and 5.7.0).
    """
    found = app.settings.get(setting)
    return found is not None and any(one.location == write.location for one in found.assignments)


def _is_flasks(ev: Evaluator, write: Assignment) -> bool:
    """Whether a write comes from Flask's ``app.config``, as in ``celery.conf.update(app.config)``."""
    if not ev.flask_configs:
        return False
    from celery_backend_lint.evaluate.flask import config as flask

    return flask.is_written(ev, write.written, write.location)


def _looks_like_celerys(name: str, app: App) -> bool:
    folded = name.lower()
    return folded.startswith(SECTIONS) or bool(app.namespace and folded.startswith(app.namespace.lower()))


def is_shared(model: Model, source: ConfigurationSource) -> bool:
    """Whether a configuration object holds other things than Celery's settings: Django's, Flask's, an app's module."""
    if source.kind == "django" or not source.only_celery:
        return True
    if any(name.name in SHARED_SIGNS for name in source.names):
        return True
    return source.kind == "module" and any(app.location.path == source.path for app in model.apps)


def _one_a_file(places: list[Location]) -> tuple[Location, ...]:
    found: dict[str, Location] = {}
    for place in sorted(places, key=lambda one: one.order):
        if not is_test_path(place.path):
            found.setdefault(place.path, place)
    return tuple(found.values())


def _assigned(ev: Evaluator, name: str, places: Sequence[Location], kind: str) -> list[Location]:
    """Those of some places where a name of a module is given a value, rather than imported or defined."""
    if kind not in ("module", "django"):
        return list(places)
    found = []
    assigned: dict[str, set[int]] = {}
    for place in places:
        file = ev.modules.file(place.path)
        if file is None:
            continue
        if place.path not in assigned:
            bindings = file.scope.bindings.get(name, ())
            kinds = ("assign", "augment", "annotate")
            assigned[place.path] = {one.target.start_byte for one in bindings if one.kind in kinds}
        if file.source.offset(place.span.line, place.span.column) in assigned[place.path]:
            found.append(place)
    return found


def module_bindings(ev: Evaluator, scope: Scope, seen: set[str] | None = None) -> Iterator[tuple[Binding, Scope]]:
    """The assignments at the top of a module and of those that it star-imports."""
    seen = set() if seen is None else seen
    if scope.file.path in seen:
        return
    seen.add(scope.file.path)
    for star in scope.stars:
        target = stars.star_target(ev, scope, star)
        if target is not None:
            yield from module_bindings(ev, target, seen)
    for bindings in scope.bindings.values():
        for binding in bindings:
            if binding.kind == "assign":
                yield binding, scope

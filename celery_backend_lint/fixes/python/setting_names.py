"""The name that a setting needs where it is written, and configurations whose names are changed as a whole."""

from __future__ import annotations

from celery_backend_lint.evaluate import stars
from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.python.entries import insert_entry
from celery_backend_lint.fixes.python.items import quote_around
from celery_backend_lint.fixes.python.names import heirs_of, rename
from celery_backend_lint.fixes.python.nodes import place_of
from celery_backend_lint.fixes.python.style import line_length
from celery_backend_lint.model import facts
from celery_backend_lint.model.apps.conf_arguments import KEYWORDS_ARE_SETTINGS
from celery_backend_lint.model.names import admits_three, counted_as_old
from celery_backend_lint.syntax.python import arguments_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App, Assignment
    from celery_backend_lint.model.names import NameUse

SOURCES = ("django", "module", "class", "instance", "mapping")
"""Kinds of configuration objects, in which names stand under the namespace."""

DJANGOS_NAMESPACE = "CELERY"
"""The namespace that Celery's documentation gives to Django's settings."""


def prefixed(namespace: str, setting: str) -> str:
    """A setting's name under a namespace, in the namespace's case."""
    prefix = namespace.rstrip("_")
    return f"{prefix}_{setting}".upper() if prefix.isupper() else f"{prefix}_{setting}".lower()


def right_name(app: App, use: NameUse, setting: str) -> str:
    """How a setting is written in the place of a name that Celery does not read.

    Raises CannotFixError where that place has no name for it, and where the app has the setting already.
    """
    where = f"`{use.locations[0].path}` line {use.locations[0].line}"
    other = in_force_instead(app, setting)
    if other is not None:
        raise CannotFixError(
            f"`{use.written}` in {where} would change `{other.written}`, which is set in "
            f"`{other.location.path}` line {other.location.line}"
        )
    if use.kind in SOURCES and app.namespace:
        return prefixed(app.namespace, setting)
    if use.kind == "constructor" and app.celery and app.declared.oldest < KEYWORDS_ARE_SETTINGS:
        parameter = {"result_backend": "backend", "broker_url": "broker"}.get(setting)
        if parameter is None:
            raise CannotFixError(f"the oldest Celery that is declared takes no settings as keywords, as in {where}")
        return parameter
    if use.shared or use.kind == "django" or is_old_style(app, use):
        known = facts.setting(setting, app.declared.version)
        if known is None or not known.old_names:
            raise CannotFixError(f"`{setting}` has no name that could stand in {where}")
        return known.old_names[0]
    return setting


def in_force_instead(app: App, setting: str) -> Assignment | None:
    """What gives a setting its value, or stands for it: the broker's host, which a URL would beat (seen in 5.7.0)."""
    for name in (setting, "broker_host") if setting == "broker_url" else (setting,):
        present = app.settings.get(name)
        if present is not None and present.assignments:
            return present.assignments[0]
    return None


def is_old_style(app: App, use: NameUse) -> bool:
    """Whether the other names of the same configuration are mostly those from before Celery 4."""
    names = {write.written for write in app.writes if write.place == use.kind}
    if use.kind in SOURCES:
        paths = {location.path for location in use.locations}
        names = {
            name.name
            for source in app.sources
            for name in source.names
            if source.kind == use.kind and paths & {source.path, *(place.path for place in name.locations)}
        }
    elif app.sources:
        return False  # writes to a configuration that is loaded are not compared with it
    version = app.declared.version
    old = sum(1 for name in names if facts.is_old_name(name, version))
    return old > sum(1 for name in names if not name.isupper() and facts.setting(name, version) is not None)


def rename_old_names(model: Model, app: App, names: Iterable[tuple[str, str, Location]]) -> list[Edit]:
    """Give settings with names from before Celery 4 their new ones, all of a configuration at once.

    ``names`` are old name, setting and place. Settings modules that build upon a renamed one are renamed with it.
    Raises CannotFixError as ``rename`` does, for places that only take names in capitals, where a Celery may be
    installed that knows no new names, and where another old name would be left.
    """
    names = list(names)
    refuse_celery_three(model, app)
    left = set(counted_as_old(app)) - {written for written, _, _ in names}
    if left and not any(source.kind == "django" for source in app.sources):
        raise CannotFixError(
            f"Celery takes `{min(left)}` for an old name as well, and refuses a mix of old and new ones"
        )
    wanted: dict[str, tuple[str, list[Location]]] = {}
    for written, setting, location in names:
        wanted.setdefault(written, (setting, []))[1].append(location)
    kinds = {name.name: source.kind for source in app.sources for name in source.names}
    for written, setting, location in _in_heirs(model, app, wanted):
        wanted.setdefault(written, (setting, []))[1].append(location)
        kinds[written] = "django" if any(source.kind == "django" for source in app.sources) else "module"
    edits: dict[Location, Edit] = {}
    adds_namespace = False
    for written, (setting, locations) in wanted.items():
        kind = kinds.get(written, "conf")
        new = setting
        if app.namespace and kind in SOURCES:
            new = prefixed(app.namespace, setting)
        elif kind == "django":
            new, adds_namespace = prefixed(DJANGOS_NAMESPACE, setting), True
        if new != written:
            edits.update({edit.location: edit for edit in rename(model, locations, written, new)})
    if adds_namespace:
        edits.update({edit.location: edit for edit in add_namespace(model, app, tuple(wanted))})
    return [edits[location] for location in sorted(edits, key=lambda one: one.order)]


def refuse_celery_three(model: Model, app: App) -> None:
    """Raise CannotFixError where a Celery before 4.0 may be installed: new names and a namespace are unknown to it."""
    from celery_backend_lint.model.python_two import may_run_celery_three

    three = "" if app.namespace else admits_three(app.declared)
    if three:
        raise CannotFixError(f"`celery{three}` admits Celery 3, which knows old names only: ask for 4 or newer first")
    if not app.namespace and may_run_celery_three(model, app.declared):
        raise CannotFixError("the project runs with Python 2, maybe with Celery 3, which knows old names only")


def _in_heirs(model: Model, app: App, wanted: dict[str, tuple[str, list[Location]]]) -> list[tuple[str, str, Location]]:
    """Old names that only settings modules have which build upon the one that is read: those of tests, of a stage."""
    version = app.declared.version
    paths = {location.path for _, locations in wanted.values() for location in locations}
    kinds = {source.kind for source in app.sources}
    if not kinds & {"module", "django"}:
        return []
    found = []
    for path in sorted(heirs_of(model, paths)):
        file = model.evaluator.modules.file(path)
        for name, bindings in file.scope.bindings.items() if file is not None else ():
            setting = facts.canonical(name, version) if facts.is_old_name(name, version) else None
            if file is not None and setting and name not in wanted and bindings[0].kind == "assign":
                if "django" in kinds and not name.startswith(("CELERY", "BROKER_")):
                    continue
                found.append((name, setting, model.evaluator.location(bindings[0].target, file.scope)))
    return found


def rename_to_setting(model: Model, app: App, use: NameUse, setting: str) -> tuple[str, list[Edit]]:
    """Write a name that Celery does not read as a setting's, as its place needs it. Returns the name and the edits.

    In Django's settings that are read without a namespace, the namespace is set with it where that is possible: the
    name would be one from before Celery 4 otherwise. Raises CannotFixError as ``right_name`` and ``rename`` do.
    """
    from celery_backend_lint.model.names import uses

    new = right_name(app, use, setting)
    locations = [location for one in uses(model, app) if one.written == use.written for location in one.locations]
    edits: list[Edit] = []
    if use.kind == "django" and not app.namespace:
        try:
            edits = add_namespace(model, app, (use.written,))
            new = prefixed(DJANGOS_NAMESPACE, setting)
        except CannotFixError:
            edits = []  # the old name is read
    return new, [*rename(model, locations, use.written, new), *edits]


def is_completed_elsewhere(model: Model, paths: Iterable[str]) -> bool:
    """Whether one of some modules star-imports what is not in the tree, such as settings of the machine it runs on."""
    ev = model.evaluator
    scopes = [file.scope for path in paths if (file := ev.modules.file(path)) is not None]
    return any(
        star.kind == "star" and stars.star_target(ev, scope, star) is None for scope in scopes for star in scope.stars
    )


def add_namespace(model: Model, app: App, renamed: tuple[str, ...] = ()) -> list[Edit]:
    """Have an app read Django's settings under the namespace ``CELERY``.

    ``renamed`` are old names that are given new ones at the same time. Raises CannotFixError where another name would
    not be read any more, where two would be read for one setting, where the call that loads the settings is not plain,
    and where a Celery may be installed that knows no namespace.
    """
    from celery_backend_lint.model.names import OLD, OLD_IGNORED, READ, meaning

    refuse_celery_three(model, app)
    version, oldest = app.declared.version, app.declared.oldest
    sources = [source for source in app.sources if source.kind == "django"]
    if len({source.location for source in sources}) != 1 or app.namespace or len(app.sources) != len(sources):
        raise CannotFixError(f"the app in `{app.path}` loads more than Django's settings")
    for name in {name.name for source in sources for name in source.names} - set(renamed):
        before = meaning(name, version, "")
        after = [meaning(name, release, DJANGOS_NAMESPACE) for release in {version, oldest}]
        is_lost = before.status in (OLD, OLD_IGNORED) and any(one.status != READ for one in after)
        if is_lost and name.startswith(("CELERY", "BROKER_")):
            raise CannotFixError(f"`{name}` in `{sources[0].path}` is an old name, which is not read under a namespace")
        if before.status != READ and after[0].status == READ and before.setting == after[0].setting:
            present = app.settings.get(after[0].setting)
            if present is not None and any(one.written != name for one in present.assignments):
                raise CannotFixError(f"`{name}` in `{sources[0].path}` would change `{after[0].setting}`, which is set")
    place = place_of(model, sources[0].location)
    arguments = place.node.child_by_field_name("arguments") if place.node.type == "call" else None
    given = list(arguments_of(place.node)) if arguments is not None else []
    if arguments is None or not given or any(name in ("namespace", "*", "**") for name, _ in given):
        raise CannotFixError(f"the call that loads the settings in {place.where} is not plain")
    last = given[-1][1]
    entry = last.parent if last.parent is not None and last.parent.type == "keyword_argument" else last
    quote = quote_around(arguments)
    code = f"namespace={quote}{DJANGOS_NAMESPACE}{quote}"
    return insert_entry(place.source, entry, code, line_length(model.project, place.source.path), "namespace")

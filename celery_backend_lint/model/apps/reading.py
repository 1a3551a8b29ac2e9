"""From creations and touches to apps: the project's statements about each app followed in order."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.values import Alternative, Choice, Missing, Operation, Unknown
from celery_backend_lint.location import Location
from celery_backend_lint.model import facts
from celery_backend_lint.model.app import App, Assignment, Setting
from celery_backend_lint.model.apps.app_reader import follow_app
from celery_backend_lint.model.apps.configuration_sources import default_module
from celery_backend_lint.model.apps.creations import app_name, find_creations, may_make_others
from celery_backend_lint.model.apps.declared_celery import DeclaredCelery, declared_celery
from celery_backend_lint.model.apps.entries import Entries
from celery_backend_lint.model.apps.fallbacks import where_unset
from celery_backend_lint.model.apps.own_variables import set_by_code, written_by_code
from celery_backend_lint.model.apps.places import Places
from celery_backend_lint.model.apps.precedence import Configuration
from celery_backend_lint.model.apps.ways import Followed
from celery_backend_lint.model.result_backend import summarize
from celery_backend_lint.project.test_paths import is_test_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.model.app import ConfigurationSource
    from celery_backend_lint.model.apps.configuration_sources import SettingsMap
    from celery_backend_lint.model.deployment.reading import Deployment
    from celery_backend_lint.model.manifests.selection import Manifests
    from celery_backend_lint.model.variable_evidence import VariableEvidence

MOST_NAMES = 5_000
"""A module with more names than this is data, not a configuration."""

DEFAULT_MODULE = "celeryconfig.py"
"""What the default loader imports (celery.loaders.default.DEFAULT_CONFIG_MODULE)."""


def read_apps(
    ev: Evaluator,
    manifests: Manifests,
    said: VariableEvidence,
    deployment: Deployment,
    target: str | None,
    release: str | None = None,
) -> list[App]:
    """Every app of the project, by path and line.

    The default app is included where only it can read a ``celeryconfig.py``, for no code may make another app, and
    where a worker is started for it.
    """
    installed = ev.modules.project.installed("celery")

    def declared(path: str) -> DeclaredCelery:
        found = declared_celery(manifests.for_path(path), target, release, installed=installed)
        if found.text or not _uses_django_celery(ev):
            return found
        return declared_celery(manifests.for_path(path), target, release, djcelery=True)

    creations = find_creations(ev)
    places = Places(ev, creations)
    entries = Entries(places, deployment)
    apps = []
    for creation in creations:
        steps, entry = entries.steps(creation)
        followed = follow_app(ev, creation, declared(creation.file.path), steps)
        code = (ev, creation.scope)
        apps.append(finish(app_name(ev, creation), creation.location, followed, said, code, entry))
    if ev.modules.project.python_files_mentioning([b"FlaskCeleryExt"]):
        from celery_backend_lint.model.apps.celeryext_apps import celeryext_apps

        apps += [finish("default", where, followed, said) for where, followed in celeryext_apps(ev, declared)]
    defaults = _default_apps(ev, declared, said)
    if defaults and (not all(app.in_tests for app in apps) or may_make_others(ev)):
        from celery_backend_lint.model.processes import runs_default_app

        loaded = {source.path for app in apps for source in app.sources}
        defaults = [app for app in defaults if app.path not in loaded]
        if defaults and not runs_default_app(ev.modules.project, deployment):
            defaults = []
    apps += defaults
    return sorted(apps, key=lambda app: app.location.order)


def _uses_django_celery(ev: Evaluator) -> bool:
    """Whether code names ``djcelery``, outside of comments; ``djcelery_email`` is another package."""
    project = ev.modules.project
    for path in project.python_files_mentioning([b"djcelery"]):
        source = project.source(path)
        if source is not None and re.search(rb"^[^#\n]*\bdjcelery\b", source.data, re.MULTILINE):
            return True
    return False


def _default_apps(ev: Evaluator, declared_for: Callable[[str], DeclaredCelery], said: VariableEvidence) -> list[App]:
    found = []
    for path in ev.modules.project.paths():
        if path == DEFAULT_MODULE or path.endswith("/" + DEFAULT_MODULE):
            read = default_module(ev, path)
            if read is not None and _looks_like_configuration(read[0]):
                declared = declared_for(path)
                configuration = Configuration(declared.version)
                configuration.set_source(read[1], None)
                followed = Followed(configuration, declared, (read[0],))
                found.append(finish("default", Location(path), followed, said))
    return found


def _looks_like_configuration(source: ConfigurationSource) -> bool:
    if len(source.names) > MOST_NAMES:
        return False
    newest = facts.celery_versions()[-1]
    return any(facts.canonical(name.name, newest) is not None for name in source.names)


def finish(
    name: str,
    location: Location,
    followed: Followed,
    said: VariableEvidence,
    code: tuple[Evaluator, Scope] | None = None,
    entry: str = "",
) -> App:
    """The app that a configuration makes: its settings looked up as Celery does.

    ``code`` is where the app is made: what its module writes into Celery's own variables counts. ``entry`` as in App.
    """
    runs = [*(one for _, one in followed.ways), followed]
    version = followed.declared.version
    names: set[str] = set()
    for run in runs:
        run.configuration.load()
        names |= _settings_named(run.configuration)
        maps = _maps(run.configuration)
        if any(not one.keys.isdisjoint(("TIME_ZONE", "time_zone")) for one in maps):
            names.add("timezone")
    if not names.isdisjoint(("broker_url", "broker_host")):
        names |= {"broker_url", "broker_read_url", "broker_write_url"}
    sources = tuple(dict.fromkeys(source for run in (followed, *runs[:-1]) for source in run.sources))
    writes = tuple(dict.fromkeys(write for run in (followed, *runs[:-1]) for write in run.writes))
    settings: dict[str, Setting] = {}
    for key in sorted(names):
        found = _setting(followed, key, location)
        if key == "timezone" and any(one.kind == "django" for one in sources):
            ours = where_unset(found.value, Unknown("Django's own default of TIME_ZONE", location))
            found = Setting(key, ours, found.assignments, found.certain)
        if found.assignments or not isinstance(found.value, Missing):
            settings[key] = found
    if code is not None:
        settings.update(written_by_code(code[0], settings, code[1]))
    backend = settings.get("result_backend") or _setting(followed, "result_backend", location)
    mixing = {run.configuration.mixing for run in runs}
    unread = read_fully = next((run.unread for run in runs if run.unread), "")
    if len(mixing) > 1 or any(run.configuration.uncertain_style for run in runs):
        unread = unread or "whether old or new names count hangs on a condition"
    elif followed.configuration.mixing:
        unread = unread or "Celery refuses the configuration: it mixes old and new names"
    return App(
        name,
        location,
        followed.configuration.prefix,
        followed.declared,
        settings,
        sources,
        summarize(backend, version, said, location),
        unread,
        is_test_path(location.path),
        _mixing(followed.configuration, followed.configuration.mixing) if len(mixing) == 1 else (),
        writes,
        set_by_code(*code) if code is not None else frozenset(),
        _in_doubt_when(_maps(followed.configuration), location) if unread == read_fully and len(runs) == 1 else None,
        entry,
        old_style=any(run.configuration.old_style for run in runs),
        perhaps_mixing=_mixing(followed.configuration, followed.configuration.perhaps_mixing) if len(runs) == 1 else (),
    )


def _setting(followed: Followed, name: str, location: Location) -> Setting:
    """A setting as it is on every way that the program may go."""
    otherwise = followed.configuration.setting(name, location)
    ways = [(condition, one.configuration.setting(name, location)) for condition, one in followed.ways]
    if all(found.value == otherwise.value for _, found in ways):
        return otherwise
    alternatives = [Alternative(found.value, condition) for condition, found in ways]
    value = Choice((*alternatives, Alternative(otherwise.value, None)), otherwise.value.origin)
    settings = [otherwise, *(found for _, found in ways)]
    assignments = tuple(dict.fromkeys(assignment for found in settings for assignment in found.assignments))
    return Setting(name, value, assignments, all(found.certain for found in settings))


def _maps(configuration: Configuration) -> list[SettingsMap]:
    """The maps that a configuration looks settings up in."""
    maps = [configuration.changes.as_map(), *configuration.defaults, configuration.source, configuration.copied]
    return [one for one in maps if one is not None]


def _in_doubt_when(maps: Iterable[SettingsMap], where: Location) -> Value | None:
    """The condition under which settings are hidden in some of the maps; None where it is always, or not known."""
    doubtful = [one for one in maps if one.doubt is not None]
    known = [one.doubt_when for one in doubtful if one.doubt_when is not None]
    if not known or len(known) < len(doubtful):
        return None
    return known[0] if len(known) == 1 else Operation("or", tuple(known), where)


def _settings_named(configuration: Configuration) -> set[str]:
    """The new-style names of the settings that any map of a configuration may hold, however written there."""
    version = configuration.version
    prefix = configuration.prefix.rstrip("_") + "_" if configuration.prefix else ""
    found = set()
    for one in _maps(configuration):
        for key in one.keys:
            stripped = key[len(prefix) :].lower() if prefix and key.lower().startswith(prefix.lower()) else key
            for candidate in (key, stripped):
                setting = facts.canonical(candidate, version)
                if setting is not None:
                    found.add(setting)
    return found


def _mixing(configuration: Configuration, refused: tuple[tuple[str, str], ...]) -> tuple[tuple[Assignment, str], ...]:
    """Where names that are refused are set first, with what they must be."""
    found = []
    for name, wanted in refused:
        cell = (
            configuration.source.get(name)
            if configuration.source is not None
            else configuration.preconf.cells.get(name)
        )
        if cell is not None and cell.assignments:
            found.append((cell.assignments[0], wanted))
    return tuple(found)

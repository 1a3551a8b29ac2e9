"""Loads projects with real Celery and compares what the static reading claims of them with what Celery has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from celery_backend_lint.model import read_model
from celery_backend_lint.model.app import App, Setting
from celery_backend_lint.model.held import variables
from celery_backend_lint.project.discovery import open_project
from celery_backend_lint.verify.comparison import Comparison, compare_app
from celery_backend_lint.verify.verification import module_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from celery_backend_lint.model import Model
    from tests.oracle.server import CeleryProcess

MOST_MISSING_VARIABLES = 12


class Totals(NamedTuple):
    """What came of comparing one project with one Celery."""

    confirmed: int
    unknown: int
    contradictions: list[str]
    unloadable: list[str]


class Loaded(NamedTuple):
    """One app in one environment: what came of it, or why it could not be loaded."""

    app: App
    environment: dict[str, str]
    told: dict[str, Any] | None
    comparison: Comparison
    problem: str


def read(root: Path, version: str) -> Model | None:
    """The static reading of a project for an exact release."""
    return read_model(open_project([str(root)], str(root)), release=version)


def likely_value(variable: str, cast: str = "str") -> str:
    """A value for a variable by its name and by what its reader makes of the text."""
    upper = variable.upper()
    if cast == "json":
        return "{}"
    if cast in ("int", "float", "bool"):
        return {"int": "7", "float": "2.5", "bool": "1"}[cast]
    if "PORT" in upper or re.search(r"(^|_)DB$|TTL|EXPIRES|TIMEOUT|SECONDS|COUNT|MAX", upper):
        return "7"
    if re.search(r"URL|BACKEND|BROKER|DSN|URI", upper):
        return "redis://fromenv.example:6379/3"
    return "1"  # text, a number, a switch and JSON at once, whatever the code makes of it


def environments(model: Model, app: App) -> list[dict[str, str]]:
    """Nothing but what is required; and every variable set that the settings read. Env files are loaded in both."""
    loaded = {
        entry.key: entry.value
        for file in model.env_files.in_use
        for entry in file.entries
        if entry.value is not None and not entry.commented
    }
    reads = [read for setting in app.settings.values() for read in variables(setting.value)]
    required = {read.variable: likely_value(read.variable, read.cast) for read in reads if read.required}
    everything = {read.variable: likely_value(read.variable, read.cast) for read in reads}
    required.update(loaded)
    everything.update(loaded)
    return [required] if everything == required else [required, everything]


def compare(
    root: Path,
    version: str,
    celery: CeleryProcess,
    extra_paths: tuple[str, ...] = (),
    given: list[dict[str, str]] | None = None,
    entry: str | None = None,
) -> Totals:
    """Load every app of a project with real Celery and compare each setting that the static reading claims to know.

    ``given`` are the environments to load it in; without it those that `environments` makes. ``entry`` is the module
    that a worker is started with where that is another than the one that makes the app: what it calls counts as called.
    """
    model = read(root, version)
    confirmed = unknown = 0
    contradictions: list[str] = []
    unloadable: list[str] = []
    for loaded in load_apps(root, model, celery, extra_paths, given, entry) if model is not None else ():
        where = f"{loaded.app.path}:{loaded.app.location.line}"
        if loaded.problem:
            unloadable.append(f"{where}: {loaded.problem}")
        confirmed += len(loaded.comparison.confirmed)
        unknown += len(loaded.comparison.unknown)
        contradictions += [f"{where} with {loaded.environment}: {text}" for text in contradictions_of(loaded)]
    return Totals(confirmed, unknown, contradictions, unloadable)


def as_called(app: App) -> App:
    """The app with everything counted as certain that functions nothing in its own module calls do to it."""
    values = {name: getattr(app, name) for name in App.__slots__}
    values["settings"] = {
        name: Setting(one.name, one.value, one.assignments, certain=True) for name, one in app.settings.items()
    }
    return App(**values)


def contradictions_of(loaded: Loaded) -> list[str]:
    """What the static reading claims and Celery does not have, in words."""
    comparison = loaded.comparison
    found = [
        f"{one.setting} is {one.real!r}, the static reading says {one.claimed!r}" for one in comparison.disagreements
    ]
    return [comparison.refusal, *found] if comparison.refusal else found


def load_apps(
    root: Path,
    model: Model,
    celery: CeleryProcess,
    extra_paths: tuple[str, ...] = (),
    given: list[dict[str, str]] | None = None,
    entry: str | None = None,
) -> Iterator[Loaded]:
    """Load every app of a project in each environment, as `compare` does."""
    for found in model.apps:
        app = found if entry is None else as_called(found)
        module, folder = module_of(model, app)
        module = module if entry is None else entry
        for variables_set in environments(model, app) if given is None else given:
            environment = dict(variables_set)
            request = {
                "root": str(root),
                "sys_path": list(dict.fromkeys([folder, ".", "src", *extra_paths])) if module else [folder],
                "app": {"module": module} if module else None,
            }
            reply = _ask(celery, request, environment)
            if reply["error"]:
                yield Loaded(app, environment, None, Comparison(), str(reply["error"]))
                continue
            lines = range(app.location.line, app.location.span.end_line + 1)
            told = next(
                (one for one in reply["apps"] if not module or (one["path"] == app.path and one["line"] in lines)), None
            )
            if told is None:
                yield Loaded(app, environment, None, Comparison(), "created by nothing that importing the module runs")
            else:
                yield Loaded(app, environment, told, compare_app(app, told, environment), "")


def _ask(celery: CeleryProcess, request: dict[str, Any], environment: dict[str, str]) -> dict[str, Any]:
    """Load, giving variables that the project turns out to require beside the settings that were read."""
    for _ in range(MOST_MISSING_VARIABLES):
        reply = celery.ask({**request, "environment": environment})
        missing = re.search(r"KeyError.*?'([A-Z][A-Z0-9_]+)'", str(reply["error"] or ""))
        if missing is None or missing[1] in environment:
            return reply
        environment[missing[1]] = likely_value(missing[1])
    return reply

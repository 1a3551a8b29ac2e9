"""Compares what the static reading claims of a project with what real Celery has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, resolve
from celery_backend_lint.evaluate.values import Missing
from celery_backend_lint.model import facts, read_model
from celery_backend_lint.model.held import variables
from celery_backend_lint.project.discovery import open_project
from tests.oracle.tags import Opaque, untagged

if TYPE_CHECKING:
    from pathlib import Path

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from tests.oracle.server import CeleryProcess

MOST_MISSING_VARIABLES = 12


class Comparison(NamedTuple):
    """What came of comparing one project with one Celery."""

    confirmed: int
    unknown: int
    contradictions: list[str]
    unloadable: list[str]


def read(root: Path, version: str) -> Model | None:
    """The static reading of a project for an exact release."""
    return read_model(open_project([str(root)], str(root)), release=version)


def module_of(model: Model, app: App) -> tuple[str, str]:
    """The dotted name of an app's module and the folder to put on sys.path for it."""
    from celery_backend_lint.model.creations import dotted_name

    name = dotted_name(model.evaluator, app.path)
    stem = app.path.removesuffix(".py").removesuffix("/__init__")
    return name, stem[: len(stem) - len(name)].rstrip("/") or "."


def likely_value(variable: str, cast: str = "str") -> str:
    """A value for a variable by its name and by what its reader makes of the text."""
    upper = variable.upper()
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
) -> Comparison:
    """Load every app of a project with real Celery and compare each setting that the static reading claims to know.

    ``given`` are the environments to load it in; without it those that `environments` makes.
    """
    model = read(root, version)
    confirmed = unknown = 0
    contradictions: list[str] = []
    unloadable: list[str] = []
    for app in model.apps if model is not None else ():
        module, folder = module_of(model, app)
        default = app.name == "default" and app.path.endswith("celeryconfig.py")
        for variables_set in environments(model, app) if given is None else given:
            environment = dict(variables_set)
            paths = list(dict.fromkeys([folder, ".", "src", *extra_paths]))
            request = {
                "root": str(root),
                "sys_path": [app.path.rpartition("/")[0] or "."] if default else paths,
                "app": None if default else {"module": module},
            }
            reply = _ask(celery, request, environment)
            if reply["error"]:
                unloadable.append(f"{app.path}: {reply['error']}")
                continue
            told = [
                one
                for one in reply["apps"]
                if default
                or (one["path"] == app.path and one["line"] in range(app.location.line, app.location.span.end_line + 1))
            ]
            if not told:
                unloadable.append(f"{app.path}:{app.location.line}: created by nothing that importing the module runs")
                continue
            known, open_, wrong = compare_app(app, told[0], environment)
            confirmed += known
            unknown += open_
            contradictions += [f"{app.path}:{app.location.line} with {environment}: {text}" for text in wrong]
    return Comparison(confirmed, unknown, contradictions, unloadable)


def _ask(celery: CeleryProcess, request: dict[str, Any], environment: dict[str, str]) -> dict[str, Any]:
    """Load, giving variables that the project turns out to require beside the settings that were read."""
    for _ in range(MOST_MISSING_VARIABLES):
        reply = celery.ask({**request, "environment": environment})
        missing = re.search(r"KeyError.*?'([A-Z][A-Z0-9_]+)'", str(reply["error"] or ""))
        if missing is None or missing[1] in environment:
            return reply
        environment[missing[1]] = likely_value(missing[1])
    return reply


def compare_app(app: App, told: dict[str, Any], environment: dict[str, str]) -> tuple[int, int, list[str]]:
    """How many settings agree, how many stayed unknown, and each that does not agree."""
    if told["error"]:
        if app.mixing or app.unread:
            return (1, 0, []) if app.mixing else (0, 1, [])
        if told["error"]["type"] in ("KeyError", "ValueError", "SyntaxError") and told["error"]["place"]:
            return 0, 0, []  # the project's own code fails while its configuration is imported
        return 0, 0, [f"Celery refuses the configuration ({told['error']}), the static reading does not say so"]
    if app.mixing and not app.unread.startswith("a "):
        names = [assignment.written for assignment, _ in app.mixing]
        return 0, 0, [f"the static reading says that Celery refuses {names}, it does not"]
    confirmed = unknown = 0
    wrong = []
    for name, tagged in told["settings"].items():
        real = normal(untagged(tagged))
        if name in told["effective"]:
            real = normal(untagged(told["effective"][name]))
            if environment.get(f"CELERY_{name.upper()}"):
                continue
        try:
            claimed = claim(app, name, environment)
        except UndeterminedError:
            unknown += 1
            continue
        if same(claimed, real):
            confirmed += 1
        else:
            wrong.append(f"{name} is {real!r}, the static reading says {claimed!r}")
    return confirmed, unknown, wrong


def claim(app: App, name: str, environment: dict[str, str]) -> object:
    """What the static reading says a setting is in an environment. Raises UndeterminedError when it says nothing."""
    setting = app.settings.get(name)
    if setting is None or isinstance(setting.value, Missing):
        if app.unread:
            raise UndeterminedError(app.unread)
        if name == "timezone" and any(source.kind == "django" for source in app.sources):
            raise UndeterminedError("Django's own default of TIME_ZONE")
        return default(app, name)
    if not setting.certain:
        raise UndeterminedError("a function that nothing is seen to call has a say")
    try:
        return normal(resolve(setting.value, environment))
    except WouldRaiseError as error:
        if str(error) == "the name is not set":
            if app.unread:
                raise UndeterminedError(app.unread) from None
            return default(app, name)
        return f"raises: {error}"


def default(app: App, name: str) -> object:
    """Celery's default, by the tables."""
    found = facts.setting(name, app.declared.version)
    if found is None or not found.listed:
        raise UndeterminedError("a setting without a listed default")
    if isinstance(found.default, tuple) and found.default[:1] == ("timedelta",):
        from datetime import timedelta

        return timedelta(seconds=found.default[1])
    return normal(found.default)


def normal(value: object) -> object:
    """A form in which lists and tuples, sets and frozensets compare as equal."""
    if isinstance(value, (list, tuple)):
        return tuple(normal(item) for item in value)
    if isinstance(value, (set, frozenset)):
        return frozenset(normal(item) for item in value)
    if isinstance(value, dict):
        return {key: normal(item) for key, item in value.items()}
    return value


def same(claimed: object, real: object) -> bool:
    """Whether a claim agrees with a real value: equal, and of one type as far as bool, int and text go."""
    if isinstance(real, Opaque):
        return False
    return claimed == real and isinstance(claimed, bool) == isinstance(real, bool)

"""Loads a project's apps in its own interpreter and says where they are not what was read, and why that may be."""

from __future__ import annotations

import os
import re

from celery_backend_lint.evaluate.resolve import UndeterminedError
from celery_backend_lint.location import Location
from celery_backend_lint.model.apps.creations import dotted_name
from celery_backend_lint.model.apps.own_variables import OWN_VARIABLES
from celery_backend_lint.record import record
from celery_backend_lint.verify.comparison import WHOLE, Open, claim, claim_of_project, compare_app, normal, same
from celery_backend_lint.verify.connecting import Tried, step_failed, tried
from celery_backend_lint.verify.loading import ProbeError, ask
from celery_backend_lint.verify.readers_of_files import found_in_files, reads_of
from celery_backend_lint.verify.tags import untagged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.env_files import EnvFiles
    from celery_backend_lint.verify.interpreter import Interpreter

ENVIRONMENT = "environment"
VERSION = "version"
CODE = "code"
BUG = "bug"
"""Why an app may not be what was read: a variable that Celery itself reads, another Celery than the one that the
project declares, the project's own code, or an error of this tool.
"""

CHOOSERS = ("DJANGO_SETTINGS_MODULE", "CELERY_CONFIG_MODULE", "FLASK_ENV")
"""Variables that choose a configuration."""

OVERRIDDEN = "a variable of Celery's own is set, which it reads before what the project says: {}"


@record
class Difference:
    """A setting that is not what was read. ``location`` is where it was read, None where nothing sets it."""

    setting: str
    read: object
    loaded: object
    location: Location | None
    cause: str
    text: str


@record
class Decided:
    """A setting that agrees, and that variables which are set here decide."""

    setting: str
    variables: tuple[str, ...]
    loaded: object


@record
class Failure:
    """Why there is nothing to compare. ``location`` is where the project's code failed, ``output`` what it printed."""

    message: str
    help: str
    location: Location | None = None
    output: str = ""


@record
class AppVerification:
    """What came of one app: its Failure, or the comparison. ``unset`` are variables that its settings read in vain."""

    app: App
    failure: Failure | None = None
    confirmed: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    decided: tuple[Decided, ...] = ()
    unknown: tuple[Open, ...] = ()
    unset: tuple[str, ...] = ()
    tried: Tried | None = None


@record
class LiveOptions:
    """How result backends are tried: whether steps may write, whether a worker is started, seconds for a step."""

    write: bool
    worker: bool
    limit: float


@record
class Verification:
    """What came of a project. ``python`` and ``celery`` are the versions that were found; empty before they are.

    ``tried`` is what came of the backend of an app that the static reading does not see, which ``failure`` then says.
    """

    interpreter: Interpreter
    python: str
    celery: str
    apps: tuple[AppVerification, ...]
    failure: Failure | None = None
    tried: Tried | None = None


def verify(
    read: Callable[[str | None], Model | None],
    interpreter: Interpreter,
    timeout: float,
    named: str | None,
    live: LiveOptions | None = None,
) -> Verification:
    """Load and compare the apps outside of tests, or the one that ``celery -A`` finds under ``named``.

    ``read`` gives the static reading for a release, for None that of the declared Celery. ``timeout`` is in seconds,
    for each module that is imported. With ``live`` their result backends are tried as well.
    """
    declared = read(None)
    if named is not None:
        return _verify_named(read, declared, interpreter, timeout, named, live)
    versions = ("", "")
    done: list[AppVerification] = []
    if declared is None:
        return Verification(interpreter, *versions, ())
    for (module, folder), apps in _by_module(declared).items():
        default = module == ""
        request = {
            "root": declared.project.root,
            "folder": folder,
            "sys_path": [folder] if default else list(dict.fromkeys([folder, "."])),
            "app": None if default else {"module": module},
            "live": _as_request(live, None if default else apps),
        }
        reply, failure = _ask(declared, interpreter, request, timeout)
        versions = (reply.get("python", ""), reply.get("celery", "")) if reply.get("celery") else versions
        if failure is not None:
            done += [AppVerification(app, failure) for app in apps]
            if not reply.get("celery"):
                return Verification(interpreter, *versions, tuple(done), failure)
            continue
        here = read(reply["celery"])
        for app in apps:
            told = [one for one in reply["apps"] if default or _is_at(one, app)]
            if not told:
                done.append(AppVerification(app, _not_made(app, module, declared.project.root)))
            else:
                done.append(_compare(_same_app(here, app), app, told[0], reply, declared.env_files))
    return Verification(interpreter, *versions, tuple(done))


def _verify_named(
    read: Callable[[str | None], Model | None], declared: Model | None, interpreter: Interpreter, timeout: float,
    named: str, live: LiveOptions | None,
) -> Verification:  # fmt: skip
    root = declared.project.root if declared is not None else os.getcwd()
    request = {"root": root, "app": {"find": named}, "live": _as_request(live, None)}
    reply, failure = _ask(declared, interpreter, request, timeout)
    versions = (reply.get("python", ""), reply.get("celery", ""))
    if failure is not None:
        return Verification(interpreter, *versions, (), failure)
    told = reply["apps"][0]
    found = [app for app in (declared.apps if declared is not None else ()) if _is_at(told, app)]
    if declared is None or not found:
        where = f"{told['path']}:{told['line']}" if told["path"] else "code outside of the project"
        failure = Failure(
            f"{named} is an app that {where} creates, which the static reading does not see",
            "if a person can see it there, that is a bug of celery-backend-lint: please report it",
        )
        return Verification(interpreter, *versions, (), failure, _tried(reply, told))
    here = read(reply["celery"])
    compared = _compare(_same_app(here, found[0]), found[0], told, reply, declared.env_files)
    return Verification(interpreter, *versions, (compared,))


def _as_request(live: LiveOptions | None, apps: list[App] | None) -> dict[str, Any] | None:
    """What the probe is asked to try: the backends of these apps, of None: of whichever app it finds."""
    if live is None:
        return None
    places = None if apps is None else [[app.path, app.location.line, app.location.span.end_line] for app in apps]
    return {"write": live.write, "worker": live.worker, "limit": live.limit, "at": places}


def _tried(reply: Mapping[str, Any], told: Mapping[str, Any]) -> Tried | None:
    """What came of trying the backend of an app that the probe told of."""
    index = next(index for index, one in enumerate(reply["apps"]) if one is told)
    return tried(reply["events"], index, reply["ended"])


def _by_module(model: Model) -> dict[tuple[str, str], list[App]]:
    """The apps to load, by the module that creates them and the folder it is imported from; ``""``: the default app."""
    found: dict[tuple[str, str], list[App]] = {}
    for app in model.checked_apps:
        found.setdefault(module_of(model, app), []).append(app)
    return found


def module_of(model: Model, app: App) -> tuple[str, str]:
    """The dotted name of the module to import for an app and the folder to put on sys.path for it; ``""`` names the
    default app.
    """
    if app.name == "default" and app.path.endswith("celeryconfig.py"):
        return "", app.path.rpartition("/")[0] or "."
    path = app.entry or app.path
    name = dotted_name(model.evaluator, path)
    stem = path.removesuffix(".py").removesuffix("/__init__")
    return name, stem[: len(stem) - len(name)].rstrip("/") or "."


def _is_at(told: Mapping[str, Any], app: App) -> bool:
    return told["path"] == app.path and told["line"] in range(app.location.line, app.location.span.end_line + 1)


def _same_app(model: Model | None, app: App) -> App:
    """The app in another reading of the same project."""
    return next((one for one in (model.apps if model is not None else ()) if one.location == app.location), app)


def _not_made(app: App, module: str, root: str) -> Failure:
    if module == "celery":
        package = os.path.basename(os.path.dirname(os.path.realpath(os.path.join(root, app.path)))) or "package"
        return Failure(
            "the module celery is the library of that name, not this file",
            f"name it by its folder, with -A {package}.celery from the folder above, or call the file otherwise",
            app.location,
        )
    return Failure(
        "importing the module does not create the app",
        "it is created by a function: name the module that calls it with -A, as for `celery -A`",
        app.location,
    )


def _ask(
    model: Model | None, interpreter: Interpreter, request: dict[str, Any], timeout: float
) -> tuple[dict[str, Any], Failure | None]:
    """The probe's reply, and what failed."""
    try:
        reply = ask(interpreter.path, request, timeout)
    except ProbeError as error:
        late = "within" in str(error)
        advice = "give it more time with --timeout, or see what it waits for" if late else "see what it prints"
        return {}, Failure(f"loading the project gave {error}", advice, None, error.output)
    problem = reply["error"] or next((one["error"] for one in reply["apps"] if _is_projects(one["error"])), None)
    return reply, None if problem is None else _failure(model, problem, reply, request["root"])


def _is_projects(error: Mapping[str, Any] | None) -> bool:
    """Whether it is the project's code that failed, not Celery that refuses its settings."""
    return error is not None and error["module"] != "celery.exceptions"


def _failure(model: Model | None, error: Mapping[str, Any], reply: Mapping[str, Any], root: str) -> Failure:
    """An error of the probe in the user's terms."""
    text = f"{error['type']}: {error['text']}" if error["text"] else error["type"]
    place = error["place"]
    location = None
    if place is not None and os.path.realpath(place["path"]).startswith(os.path.realpath(root) + os.sep):
        from celery_backend_lint.location import Span

        path = os.path.relpath(os.path.realpath(place["path"]), os.path.realpath(root)).replace(os.sep, "/")
        location = Location(path, Span(place["line"], 1, place["line"], 1))
    if error["stage"] == "celery" and "partially initialized module 'celery'" in error["text"]:
        return Failure(
            f"a file called celery hides the library of that name: {text}",
            "call it otherwise, or take its folder off PYTHONPATH and name it by its package, with -A PACKAGE.celery",
            location,
            reply.get("output", ""),
        )
    if error["stage"] == "celery":
        return Failure(
            f"Celery cannot be imported there: {text}",
            "install it there, or name the project's own interpreter with --python",
        )
    unset = sorted({name for app in (model.checked_apps if model is not None else ()) for name in _unset(app, {})})
    if error["type"] in ("ModuleNotFoundError", "ImportError"):
        advice = "install what the project needs there, or name its own interpreter with --python"
    elif "DJANGO_SETTINGS_MODULE" in error["text"]:
        advice = "set DJANGO_SETTINGS_MODULE as the worker's environment does"
    elif any(re.search(rf"\b{re.escape(name)}\b", error["text"]) for name in unset) or error["type"] == "KeyError":
        advice = "set the variables that the project needs, as the worker's environment does"
    else:
        advice = "the project's own code fails here: run it as the worker is run, with the same environment"
    return Failure(f"the project cannot be imported: {text}", advice, location, reply.get("output", ""))


def _compare(
    app: App, declared: App, told: Mapping[str, Any], reply: Mapping[str, Any], files: EnvFiles
) -> AppVerification:
    """Compare an app as read for the Celery that is there (and as read for the declared one) with what was told."""
    before = dict(os.environ)
    after = {**before, **{name: value for name, value in reply["changed"].items() if value is not None}}
    for name, value in reply["changed"].items():
        if value is None:
            after.pop(name, None)
    comparison = compare_app(app, told, after)
    unset = tuple(sorted(_unset(app, after)))
    attempt = _tried(reply, told)
    if comparison.refusal:
        difference = Difference(WHOLE, None, None, app.location, BUG, comparison.refusal)
        return AppVerification(declared, None, (), (difference,), (), (), unset, attempt)
    if told["error"]:
        return AppVerification(declared, None, comparison.confirmed, (), (), comparison.unknown, unset, attempt)
    confirmed = list(comparison.confirmed)
    unknown = list(comparison.unknown)
    differences = []
    environments: dict[str, Mapping[str, str]] = {}
    for wrong in comparison.disagreements:
        if same(_claimed(app, wrong.setting, before), wrong.real):  # read before the project changed the variable
            confirmed.append(wrong.setting)
            continue
        from_files = found_in_files(app, wrong, after, files)
        if isinstance(from_files, Open):
            unknown.append(from_files)
        elif from_files is not None:
            confirmed.append(wrong.setting)
            environments[wrong.setting] = from_files
        else:
            cause, text = _cause(app, wrong.setting, reply)
            differences.append(
                Difference(wrong.setting, wrong.claimed, wrong.real, _place(app, wrong.setting), cause, text)
            )
    for name in comparison.overridden:
        real = normal(untagged(told["effective"][name]))
        claimed = _claimed(app, name, after, claim_of_project)
        if claimed is not None and not same(claimed, real):
            confirmed = [one for one in confirmed if one != name]
            text = OVERRIDDEN.format(", ".join(sorted(set(OWN_VARIABLES.values()) & set(after))))
            differences.append(Difference(name, claimed, real, _place(app, name), ENVIRONMENT, text))
    if declared.declared.version != app.declared.version:
        text = (
            f"Celery {reply['celery']} is installed; the project is read for {_release(declared)}"
            f" ({declared.celery or 'no version is declared'})"
        )
        for name in list(confirmed):
            real = normal(untagged(told["effective"].get(name, told["settings"][name])))
            claimed = _claimed(declared, name, environments.get(name, after))
            if name in app.settings and claimed is not None and not same(claimed, real):
                confirmed.remove(name)
                differences.append(Difference(name, claimed, real, _place(declared, name), VERSION, text))
    return AppVerification(
        declared,
        None,
        tuple(confirmed),
        tuple(sorted(differences, key=lambda one: one.setting)),
        tuple(_decided(app, told, confirmed, after, environments)),
        tuple(unknown),
        tuple(name for name in unset if not any(name in one for one in environments.values())),
        attempt,
    )


def _claimed(
    app: App,
    name: str,
    environment: Mapping[str, str],
    how: Callable[[App, str, Mapping[str, str]], object] = claim,
) -> object:
    try:
        return how(app, name, environment)
    except UndeterminedError:
        return None


def _release(app: App) -> str:
    return ".".join(str(number) for number in app.declared.version)


def _place(app: App, name: str) -> Location | None:
    setting = app.settings.get(name)
    return setting.assignments[0].location if setting is not None and setting.assignments else None


def _cause(app: App, name: str, reply: Mapping[str, Any]) -> tuple[str, str]:
    """The likely cause of a difference."""
    sources = [source.location.path for source in app.sources] + [write.location.path for write in app.writes]
    setting = app.settings.get(name)
    sources += [assignment.location.path for assignment in setting.assignments] if setting is not None else []
    missing = next((path for path in dict.fromkeys(sources) if path not in reply["imported"]), None)
    for variable in CHOOSERS if missing is not None else ():
        if os.environ.get(variable):
            return ENVIRONMENT, f"the variable {variable} is set to {os.environ[variable]}; what was read is {missing}"
    if missing is not None:
        return CODE, f"{missing}, which configures the app, is not imported here"
    return BUG, "a bug of celery-backend-lint: please report it with the lines that set it"


def _decided(
    app: App,
    told: Mapping[str, Any],
    confirmed: list[str],
    environment: Mapping[str, str],
    environments: Mapping[str, Mapping[str, str]],
) -> Iterator[Decided]:
    """The settings that agree because of variables that are set here."""
    for name in sorted(confirmed):
        setting = app.settings.get(name)
        if setting is None or name not in told["settings"]:
            continue
        here = environments.get(name, environment)
        names = {variable for read in reads_of(setting.value) for variable in read.variables if variable in here}
        if names:
            real = untagged(told["effective"].get(name, told["settings"][name]))
            yield Decided(name, tuple(sorted(names)), real)


def _unset(app: App, environment: Mapping[str, str]) -> set[str]:
    """The variables that an app's settings read and that are not set."""
    reads = [read for setting in app.settings.values() for read in reads_of(setting.value)]
    return {read.variable for read in reads if not any(variable in environment for variable in read.variables)}


def disagrees(verification: Verification) -> bool:
    """Whether any setting is not what was read, or any step failed."""
    attempts = [verification.tried, *(app.tried for app in verification.apps)]
    return any(app.differences for app in verification.apps) or any(
        step_failed(attempt) for attempt in attempts if attempt is not None
    )


def failed(verification: Verification) -> bool:
    """Whether anything could not be loaded, or there was nothing to load."""
    if verification.tried is not None:
        return False
    return (
        verification.failure is not None
        or not verification.apps
        or any(app.failure is not None for app in verification.apps)
    )

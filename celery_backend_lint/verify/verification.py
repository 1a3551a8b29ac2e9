"""Loads a project's apps in its own interpreter, has each compared with what was read, and its backend tried."""

from __future__ import annotations

import os
import posixpath
import re

from celery_backend_lint.model.apps.creations import dotted_name
from celery_backend_lint.record import record
from celery_backend_lint.verify.connecting import Tried, tried
from celery_backend_lint.verify.differences import compare
from celery_backend_lint.verify.failures import import_failure, not_made
from celery_backend_lint.verify.loading import ProbeError, ask
from celery_backend_lint.verify.results import AppVerification, Failure, Verification

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.verify.interpreter import Interpreter


@record
class LiveOptions:
    """How result backends are tried: whether steps may write, whether a worker is started, seconds for a step."""

    write: bool
    worker: bool
    limit: float


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
                done.append(AppVerification(app, not_made(app, module, declared.project.root)))
            else:
                done.append(
                    compare(_same_app(here, app), app, told[0], reply, declared.env_files, _tried(reply, told[0]))
                )
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
    compared = compare(_same_app(here, found[0]), found[0], told, reply, declared.env_files, _tried(reply, told))
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


def _ask(
    model: Model | None, interpreter: Interpreter, request: dict[str, Any], timeout: float
) -> tuple[dict[str, Any], Failure | None]:
    """The probe's reply, and what failed."""
    try:
        reply = ask(interpreter.path, request, timeout)
        problem = _problem(reply)
        inside = _from_inside(model, request, problem)
        if problem is not None and inside is not None:
            again = ask(interpreter.path, inside, timeout)
            other = _problem(again)
            if other is None or (other["type"] == "ModuleNotFoundError" and other["text"] != problem["text"]):
                reply, problem = again, other
    except ProbeError as error:
        late = "within" in str(error)
        advice = "give it more time with --timeout, or see what it waits for" if late else "see what it prints"
        return {}, Failure(f"loading the project gave {error}", advice, None, error.output)
    return reply, None if problem is None else import_failure(model, problem, reply, request["root"])


def _problem(reply: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The error of importing the project, or of an app's configuration."""
    found: Mapping[str, Any] | None = reply["error"]
    return found or next((one["error"] for one in reply["apps"] if _is_projects(one["error"])), None)


def _from_inside(
    model: Model | None, request: dict[str, Any], problem: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """The request from inside of the app's package, where the module that was not found lies there; None elsewhere.

    ``import tasks`` in ``src/app.py`` finds ``src/tasks.py`` where Python is started in ``src``, which may have an
    ``__init__.py`` all the same.
    """
    missing = re.fullmatch(r"No module named '([\w.]+)'", problem["text"]) if problem is not None else None
    module = (request["app"] or {}).get("module")
    if model is None or missing is None or module is None:
        return None
    names = module.split(".")
    path = missing[1].replace(".", "/")
    for depth in range(1, len(names)):
        home = posixpath.normpath(posixpath.join(request["folder"], *names[:depth]))
        made = (f"{home}/{path}.py", f"{home}/{path}/__init__.py")
        if names[depth] != "celery" and any(model.project.source(one) is not None for one in made):
            paths = list(dict.fromkeys([home, *request["sys_path"]]))
            return {**request, "folder": home, "sys_path": paths, "app": {"module": ".".join(names[depth:])}}
    return None


def _is_projects(error: Mapping[str, Any] | None) -> bool:
    """Whether it is the project's code that failed, not Celery that refuses its settings."""
    return error is not None and error["module"] != "celery.exceptions"

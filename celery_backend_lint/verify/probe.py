"""Imports a project's Celery app with real Celery and tells every setting's effective value.

Runs in the project's interpreter, where nothing but Celery need be installed: standard library only, and the syntax of
Python 3.6. ``python probe.py FD < request.json`` writes the reply to the open file descriptor ``FD``, which nothing
that the project prints can reach. The request:

- ``root``: the project's folder; ``folder``: the working directory, relative to it (default ``"."``);
- ``sys_path``: folders put first on ``sys.path``, relative to ``root`` (default ``["."]``);
- ``app``: ``{"module": "proj.celery", "attribute": "app"}``. Without ``attribute`` every app is told that the import
  created or that the module holds. An attribute may be dotted and may end in ``()`` (a factory without arguments).
  ``{"find": "proj"}`` finds the app as ``celery -A proj`` does (``celery.app.utils.find_app``). ``null`` asks for
  the default app, which loads ``celeryconfig``.

The reply: ``celery`` and ``python`` (versions), ``apps``, ``changed`` (variables that the import set or removed in
the process's environment, null for removed), ``imported`` (the project's files that were) and ``error`` (null, or what
failed outside an app, with its ``stage``).
An app:

- ``attribute`` (null: not found on the module), ``main``, ``path`` and ``line`` of its creation, ``namespace``;
- ``settings``: name to tagged value of ``app.conf[name]``, for each name that Celery lists, and the unlisted ones that
  are set; ``effective``: the few that Celery computes on attribute access (``app.conf.result_backend`` also looks at
  the environment); ``raised``: name to error for each that raised;
- ``error``: why its configuration could not be read at all (mixed names, a missing module), else null.

A request with ``live`` has its apps' result backends tried as well, by the package ``live`` beside this file: ``at`` (a
list of ``[path, first line, last line]`` that an app must have been created on; null: whichever), ``write``, ``worker``
and ``limit`` (seconds for a step). The reply is then one line of JSON, and each event of the steps is a line after it.
A request with ``serve`` runs a worker of the app at ``index``; then there are but its events (``live/worker_process``).
"""
# ruff: noqa: SLF001
# mypy: disable-error-code="import-untyped"

import importlib
import importlib.util
import json
import os
import sys
import traceback
from datetime import timedelta
from functools import partial
from typing import Any, Callable, Dict, List, Optional, Tuple

# Names that the library reads although celery.app.defaults does not list them.
UNLISTED = (
    "redis_backend_health_check_interval",
    "redis_backend_credential_provider",
    "redis_client_name",
    "result_backend_thread_safe",
    "gcs_threadpool_maxsize",
    "dynamodb_endpoint_url",
    "override_backends",
)
COMPUTED = ("result_backend", "broker_url", "broker_read_url", "broker_write_url", "timezone")
LIVE = "_celery_backend_lint_live"
"""What the package ``live`` is called here, which no package of the project can be."""
STANDARD_LIBRARY = os.path.dirname(os.__file__) + os.sep
DEEPEST = 20

Reply = Dict[str, Any]
Place = Optional[Tuple[str, int]]


def load(request: Reply) -> Reply:
    """Answer one request in this process, which is spoilt by it."""
    return load_apps(request)[0]


def load_apps(request: Reply) -> Tuple[Reply, List[Any]]:
    """The same, and the apps that the reply tells of."""
    reply: Reply = {"celery": "", "python": sys.version.split()[0], "apps": [], "changed": {}, "imported": []}
    reply["error"] = None
    try:
        import celery
        import celery.app.base
    except BaseException as error:
        reply["error"] = describe(error, "celery")
        return reply, []
    reply["celery"] = celery.__version__
    root = os.path.abspath(request["root"])
    os.chdir(os.path.join(root, request.get("folder") or "."))
    sys.path[:0] = [os.path.normpath(os.path.join(root, entry)) for entry in request.get("sys_path") or ["."]]
    created = watch_creation(root)
    before = dict(os.environ)
    try:
        found = wanted_apps(request.get("app"), created)
    except BaseException as error:
        reply["error"] = describe(error, "import")
        return reply, []
    problem = set_up_django()
    files = [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]
    reply["imported"] = sorted(os.path.relpath(path, root) for path in files if path and inside(path, root))
    if problem is not None:
        reply["error"] = problem
    places = {id(app): place for app, place in created}
    reply["apps"] = [describe_app(attribute, app, places.get(id(app))) for attribute, app in found]
    names = [name for name in {**before, **os.environ} if before.get(name) != os.environ.get(name)]
    reply["changed"] = {name: os.environ.get(name) for name in names}
    return reply, [app for _, app in found]


def wanted_apps(wanted: Optional[Reply], created: List[Tuple[Any, Place]]) -> List[Tuple[Optional[str], Any]]:
    """Import what the request names and give its apps, each with the attribute that holds it."""
    if wanted is None:
        import celery

        return [(None, celery.current_app._get_current_object())]
    if "find" in wanted:
        from celery.app.utils import find_app

        app = find_app(wanted["find"])
        # A proxy such as ``current_app`` is not the object whose creation was recorded.
        current = getattr(app, "_get_current_object", None)
        return [(None, current() if callable(current) and type(app).__name__.endswith("Proxy") else app)]
    return find_apps(importlib.import_module(wanted["module"]), wanted.get("attribute"), created)


def watch_creation(root: str) -> List[Tuple[Any, Place]]:
    """Record each app that is created from now on, with the project's line that created it."""
    from celery.app.base import Celery

    created: List[Tuple[Any, Place]] = []
    original = Celery.__init__

    def recording(self: Any, *args: Any, **kwargs: Any) -> None:
        frame: Any = sys._getframe(1)
        while frame is not None and (not inside(frame.f_code.co_filename, root) or frame.f_locals.get("self") is self):
            frame = frame.f_back  # out of the library, and out of a subclass's own constructor
        place = None if frame is None else (os.path.relpath(frame.f_code.co_filename, root), frame.f_lineno)
        if all(app is not self for app, _ in created):
            created.append((self, place))
        original(self, *args, **kwargs)

    Celery.__init__ = recording
    return created


def inside(path: str, root: str) -> bool:
    """Whether a file is the project's own."""
    return os.path.abspath(path).startswith(root + os.sep) and "site-packages" not in path


def find_apps(
    module: Any, attribute: Optional[str], created: List[Tuple[Any, Place]]
) -> List[Tuple[Optional[str], Any]]:
    """The wanted app, or all: those that the module holds first, then the others in order of creation."""
    from celery import Celery

    if attribute:
        value = module
        for name in attribute.split("."):
            value = getattr(value, name[:-2])() if name.endswith("()") else getattr(value, name)
        return [(attribute, value)]
    held: List[Tuple[Optional[str], Any]] = []
    for name, value in list(vars(module).items()):
        # By its type: a proxy such as ``current_app`` says of itself that it is an instance.
        if issubclass(type(value), Celery) and all(value is not other for _, other in held):
            held.append((name, value))
    unheld = [app for app, place in created if place and all(app is not other for _, other in held)]
    return held + [(None, app) for app in unheld]


def set_up_django() -> Optional[Reply]:
    """What a Django process does before it uses the app; ``AppConfig.ready`` may configure Celery."""
    if not os.environ.get("DJANGO_SETTINGS_MODULE"):
        return None
    try:
        import django

        django.setup()
    except BaseException as error:
        return describe(error, "django")
    return None


def describe_app(attribute: Optional[str], app: Any, place: Place) -> Reply:
    """Tell what an app has."""
    from celery.app.defaults import DEFAULTS

    told: Reply = {
        "attribute": attribute,
        "main": app.main,
        "path": place and place[0],
        "line": place and place[1],
        "namespace": app.namespace,
        "settings": {},
        "effective": {},
        "raised": {},
        "error": None,
    }
    try:
        conf = app.conf
        # Its truth value, for ``conf[name]`` and ``conf.finalize()`` swallow a KeyError of the project's configuration.
        bool(conf)
    except BaseException as error:
        told["error"] = describe(error, "configuration")
        return told
    told["namespace"] = app.namespace
    for name in DEFAULTS:
        read_into(told["settings"], told["raised"], name, partial(conf.__getitem__, name))
    for name in UNLISTED:
        if name in conf:
            read_into(told["settings"], told["raised"], name, partial(conf.__getitem__, name))
    for name in COMPUTED:
        read_into(told["effective"], told["raised"], name, partial(getattr, conf, name))
    return told


def read_into(values: Reply, raised: Reply, name: str, read: Callable[[], Any]) -> None:
    """Put a setting's value, or its error, where it belongs."""
    try:
        values[name] = tagged(read())
    except BaseException as error:
        raised[name] = describe(error, "setting")


def describe(error: BaseException, stage: str) -> Reply:
    """An exception as data, with the last place of it that is neither a library's nor Python's own.

    A SyntaxError is where the syntax is.
    """
    places = [
        {"path": frame.filename, "line": frame.lineno}
        for frame in traceback.extract_tb(error.__traceback__)
        if "site-packages" not in frame.filename
        and not frame.filename.startswith((STANDARD_LIBRARY, "<"))
        and os.path.abspath(frame.filename) != os.path.abspath(__file__)
    ]
    if isinstance(error, SyntaxError) and error.filename:
        places.append({"path": error.filename, "line": error.lineno or 1})
    return {
        "stage": stage,
        "type": type(error).__name__,
        "module": type(error).__module__,
        "text": str(error).strip(),
        "place": places[-1] if places else None,
    }


def tagged(value: Any, depth: int = 0) -> Any:
    """A value as JSON; what JSON lacks becomes a dict with a ``$`` key, which ``verify.tags`` reads back."""
    if value is None or isinstance(value, (bool, str)):
        return str(value) if isinstance(value, str) and type(value) is not str else value
    if isinstance(value, (int, float)):
        if type(value) in (int, float):
            return value if value == value and abs(value) != float("inf") else {"$float": repr(value)}
        return {"$object": type(value).__name__, "value": value.real}
    if depth > DEEPEST:
        return {"$object": "nested too deep"}
    if isinstance(value, timedelta):
        return {"$timedelta": value.total_seconds()}
    if isinstance(value, (list, tuple)):
        items = [tagged(item, depth + 1) for item in value]
        return items if isinstance(value, list) else {"$tuple": items}
    if isinstance(value, (set, frozenset)):
        return {"$set": sorted((tagged(item, depth + 1) for item in value), key=repr)}
    if isinstance(value, dict):
        return {"$dict": [[tagged(key, depth + 1), tagged(item, depth + 1)] for key, item in value.items()]}
    if isinstance(value, bytes):
        return {"$bytes": value.hex()}
    return {"$object": type(value).__name__}


def live_runner() -> Any:
    """The module that tries backends, under a name that nothing of the project has; its folder is not on sys.path."""
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "live")
    keeping, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # the folder may not be this Python's
    try:
        spec: Any = importlib.util.spec_from_file_location(
            LIVE, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
        )
        sys.modules[LIVE] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[LIVE])
        return importlib.import_module(LIVE + ".run")
    finally:
        sys.dont_write_bytecode = keeping


def wanted_live(reply: Reply, apps: List[Any], places: Optional[List[List[Any]]]) -> List[Tuple[int, Any]]:
    """The apps whose backends are tried, each with its place in the reply."""
    if reply["error"]:
        return []
    return [
        (index, app)
        for index, (told, app) in enumerate(zip(reply["apps"], apps))
        if not told["error"]
        and (
            places is None
            or any(told["path"] == path and first <= told["line"] <= last for path, first, last in places)
        )
    ]


def send(out: int, event: Reply) -> None:
    """Write a line to the caller."""
    data = json.dumps(event).encode() + b"\n"
    while data:
        data = data[os.write(out, data) :]


def main() -> None:
    """Answer the request on standard input, then end at once: threads and exit handlers of the project do not count."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or os.curdir) != here]
    out = int(sys.argv.pop())
    os.set_inheritable(out, False)
    request = json.load(sys.stdin)
    request["root"] = os.path.abspath(request["root"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    live, serve = request.get("live"), request.get("serve")
    runner: Any = None
    try:
        if live or serve:
            runner = live_runner()
        reply, apps = load_apps(request)
    except BaseException as error:
        reply, apps = {"error": describe(error, "answer"), "apps": []}, []
    if serve:
        os._exit(runner.serve_worker(reply, apps, request, partial(send, out), out, describe))
    send(out, reply)
    if live:
        settings = dict(live, load={name: value for name, value in request.items() if name != "live"})
        try:
            runner.try_backends(wanted_live(reply, apps, live["at"]), settings, partial(send, out), out)
        except BaseException as error:
            send(out, {"event": "crash", "error": describe(error, "answer")})
    os._exit(0)


if __name__ == "__main__":
    main()

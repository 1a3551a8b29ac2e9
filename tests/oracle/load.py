"""Imports a project's Celery app with real Celery and tells every setting's effective value.

Run by a Python that has Celery, see `forkserver` for the two ways to call it. The request:

- ``root``: the project's folder, becomes the working directory;
- ``sys_path``: folders put first on ``sys.path``, relative to ``root`` (default ``["."]``);
- ``app``: ``{"module": "proj.celery", "attribute": "app"}``. Without ``attribute`` every app is told that the import
  created or that the module holds. An attribute may be dotted and may end in ``()`` (a factory without arguments).
  ``null`` instead of a dict asks for the default app, which loads ``celeryconfig``;
- ``environment``: the whole environment of the process, beside PATH and the like.

The reply: ``celery`` (version), ``apps`` and ``error`` (null, or what failed outside an app, with its ``stage``).
An app:

- ``attribute`` (null: not found on the module), ``main``, ``path`` and ``line`` of its creation, ``namespace``;
- ``settings``: name to tagged value of ``app.conf[name]``, for each name that Celery lists, and the unlisted ones that
  are set; ``effective``: the few that Celery computes on attribute access (``app.conf.result_backend`` also looks at
  the environment); ``raised``: name to error for each that raised;
- ``error``: why its configuration could not be read at all (mixed names, a missing module), else null.
"""

from __future__ import annotations

import importlib
import os
import sys

import forkserver

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
PRELOADED = (
    "celery.app.base",
    "celery.app.utils",
    "celery.app.defaults",
    "celery.loaders.app",
    "celery.loaders.default",
    "celery.fixups.django",
    "celery.utils.deprecated",
    "decouple",
    "django.apps",
    "django.conf",
    "django.core.checks.urls",
    "django.db.models",
    "django.urls",
    "django.utils.log",
    "django.views.debug",
    "environ",
    "kombu.utils.url",
)
COMPUTED = ("result_backend", "broker_url", "broker_read_url", "broker_write_url", "timezone")


def preload():
    """Import what every request needs, once, before the first fork."""
    for name in PRELOADED:
        try:
            importlib.import_module(name)
        except ImportError:
            pass


def load(request):
    """Answer one request in this process, which is spoilt by it."""
    import celery

    root = os.path.abspath(request["root"])
    os.chdir(root)
    sys.path[:0] = [os.path.normpath(os.path.join(root, entry)) for entry in request.get("sys_path") or ["."]]
    reply = {"celery": celery.__version__, "apps": [], "error": None}
    created = watch_creation(root)
    wanted = request.get("app")
    try:
        if wanted is None:
            found = [(None, celery.current_app._get_current_object())]
        else:
            found = find_apps(importlib.import_module(wanted["module"]), wanted.get("attribute"), created)
    except BaseException as error:
        reply["error"] = forkserver.describe(error, "import")
        return reply
    problem = set_up_django()
    if problem is not None:
        reply["error"] = problem
    places = {id(app): place for app, place in created}
    reply["apps"] = [describe_app(attribute, app, places.get(id(app))) for attribute, app in found]
    return reply


def watch_creation(root):
    """Record each app that is created from now on, with the project's line that created it."""
    from celery.app.base import Celery

    created = []
    original = Celery.__init__

    def recording(self, *args, **kwargs):
        frame = sys._getframe(1)
        while frame is not None and (not inside(frame.f_code.co_filename, root) or frame.f_locals.get("self") is self):
            frame = frame.f_back  # out of the library, and out of a subclass's own constructor
        place = None if frame is None else (os.path.relpath(frame.f_code.co_filename, root), frame.f_lineno)
        if all(app is not self for app, _ in created):
            created.append((self, place))
        original(self, *args, **kwargs)

    Celery.__init__ = recording
    return created


def inside(path, root):
    return os.path.abspath(path).startswith(root + os.sep) and "site-packages" not in path


def find_apps(module, attribute, created):
    """The wanted app, or all: those that the module holds first, then the others in order of creation."""
    from celery import Celery

    if attribute:
        value = module
        for name in attribute.split("."):
            value = getattr(value, name[:-2])() if name.endswith("()") else getattr(value, name)
        return [(attribute, value)]
    held = []
    for name, value in list(vars(module).items()):
        # By its type: a proxy such as ``current_app`` says of itself that it is an instance.
        if issubclass(type(value), Celery) and all(value is not other for _, other in held):
            held.append((name, value))
    unheld = [app for app, place in created if place and all(app is not other for _, other in held)]
    return held + [(None, app) for app in unheld]


def set_up_django():
    """What a Django process does before it uses the app; ``AppConfig.ready`` may configure Celery."""
    if not os.environ.get("DJANGO_SETTINGS_MODULE"):
        return None
    try:
        import django

        django.setup()
    except BaseException as error:
        return forkserver.describe(error, "django")
    return None


def describe_app(attribute, app, place):
    from celery.app.defaults import DEFAULTS

    told = {
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
        told["error"] = forkserver.describe(error, "configuration")
        return told
    told["namespace"] = app.namespace
    for name in DEFAULTS:
        read_into(told["settings"], told["raised"], name, lambda name=name: conf[name])
    for name in UNLISTED:
        if name in conf:
            read_into(told["settings"], told["raised"], name, lambda name=name: conf[name])
    for name in COMPUTED:
        read_into(told["effective"], told["raised"], name, lambda name=name: getattr(conf, name))
    return told


def read_into(values, raised, name, read):
    try:
        values[name] = forkserver.tagged(read())
    except BaseException as error:
        raised[name] = forkserver.describe(error, "setting")


if __name__ == "__main__":
    sys.path.remove(os.path.dirname(os.path.abspath(__file__)))
    preload()
    forkserver.main(load)

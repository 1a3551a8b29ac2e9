"""Loads a strange project's app with real Celery behind fences; `compare_projects` speaks to it.

Run by a Python that has Celery, as ``tests/oracle/load.py`` is. Beside what the probe tells, a reply has ``stubbed``
(modules that were not installed) and ``asked`` (variables that the project asked for in vain). A request may name
``replaced``, files of the project to put stubs in place of, and in ``app``, beside ``module``, a function to ``call``.
Nothing reaches the network, starts a process or writes outside of the temporary folder; memory and time are bounded.
"""

# ruff: noqa: SLF001

from __future__ import annotations

import _collections_abc
import collections
import collections.abc
import importlib
import importlib.metadata
import inspect
import json
import os
import resource
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "oracle"))

import forkserver  # type: ignore[import-not-found]
import load  # type: ignore[import-not-found]
from forkserver import probe
from import_stubs import Replacing, StubFinder

MOST_MEMORY = 4 << 30
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CUT = (
    "socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname",
    "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "os.kill",
    "os.killpg",
)  # fmt: skip
CHANGES = (
    "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.truncate", "os.link", "os.symlink", "os.chmod", "os.chown",
    "os.utime", "shutil.rmtree", "shutil.move", "shutil.copyfile",
)  # fmt: skip
PYTHONS_OWN = (os.__file__, _collections_abc.__file__, "<frozen os>", "<frozen _collections_abc>")
READERS = ("decouple.py", "environ/", "environs/", "dynaconf/", "dotenv/")
"""Libraries that ask for variables in a project's name."""
OWN = ("forkserver", "import_stubs", "load", "probe")
"""This side's modules: a project may have its own of that name."""
PRELOADED = ("celery.schedules", "flask", "kombu", "pydantic_settings", "redis", "sqlalchemy", "yaml")


def fence(allowed: str) -> None:
    """Let nothing out of this process any more, and no write out of the folder ``allowed``."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))

    def check(event: str, arguments: tuple[Any, ...]) -> None:
        if event in CUT:
            raise OSError(f"the campaign allows no {event}")
        if event == "open":
            path, _, flags = arguments
            if not isinstance(flags, int) or not flags & WRITES or isinstance(path, int):
                return
        elif event in CHANGES:
            path = arguments[0]
        else:
            return
        name = os.path.abspath(os.fsdecode(path)) if isinstance(path, (str, bytes)) else ""
        if name != os.devnull and not name.startswith(allowed + os.sep):
            raise PermissionError(f"the campaign allows no {event} outside of the copy")

    sys.addaudithook(check)


def record_asked(root: str) -> list[str]:
    """Record the variables that are asked for from now on and are not set."""
    asked: list[str] = []
    kind: Any = type(os.environ)
    original = kind.__getitem__

    def recording(self: Any, name: Any) -> Any:
        try:
            return original(self, name)
        except KeyError:
            if isinstance(name, str) and name not in asked and is_wanted_by(sys._getframe(1), root):
                asked.append(name)
            raise

    kind.__getitem__ = recording
    return asked


def is_wanted_by(frame: Any, root: str) -> bool:
    """Whether it is the project that asks for a variable, by itself or through a library that does so for it."""
    while frame is not None and frame.f_code.co_filename in PYTHONS_OWN:
        frame = frame.f_back
    name = frame.f_code.co_filename if frame is not None else ""
    return name.startswith(root) or any(f"/{reader}" in name for reader in READERS)


def give_versions(root: str) -> None:
    """Give the project a version of itself, and of packages that are stubbed."""
    original = importlib.metadata.version

    def version(distribution_name: str) -> str:
        try:
            return original(distribution_name)
        except importlib.metadata.PackageNotFoundError:
            if sys._getframe(1).f_code.co_filename.startswith(root):
                return "0.0.0"
            raise

    importlib.metadata.version = version


def mend_python() -> None:
    """Bring back names that older Pythons had; which one runs the project has no say in its settings.

    Settings ask for the machine's own address (``INTERNAL_IPS``): that is answered without asking anyone.
    """
    socket.gethostbyname = lambda *_: "127.0.0.1"
    socket.gethostbyname_ex = lambda name: (name, [], ["127.0.0.1"])
    for name in collections.abc.__all__:
        if not hasattr(collections, name):
            setattr(collections, name, getattr(collections.abc, name))
    if not hasattr(inspect, "getargspec"):
        setattr(inspect, "getargspec", inspect.getfullargspec)  # noqa: B010


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Load as the probe does, behind fences and with stubs."""
    root = str(Path(request["root"]).resolve())
    for name in OWN:
        sys.modules.pop(name, None)
    tempfile.tempdir = os.environ["TMPDIR"] = os.environ["HOME"] = os.path.dirname(root)
    fence(os.path.dirname(root))
    finder = StubFinder(root)
    sys.meta_path.append(finder)
    sys.meta_path.insert(0, Replacing([os.path.join(root, path) for path in request.get("replaced") or ()]))
    mend_python()
    give_versions(root)
    asked = record_asked(root)
    call = (request.get("app") or {}).get("call")
    if call:
        find_apps = probe.find_apps

        def call_and_find(module: Any, attribute: str | None, created: list[Any]) -> Any:
            getattr(module, call)()
            return find_apps(module, attribute, created)

        probe.find_apps = call_and_find
    reply: dict[str, Any] = probe.load(request)
    reply["stubbed"] = finder.stubbed
    reply["asked"] = asked
    django_conf = sys.modules.get("django.conf")
    settings = django_conf.settings if django_conf is not None else None
    # Where the project's own failed there are Django's defaults, with no apps.
    reply["has_settings"] = bool(settings is not None and settings.configured and settings.INSTALLED_APPS)
    # A stub in it, of an environment say, is told as text.
    told: dict[str, Any] = json.loads(json.dumps(reply, default=str))
    return told


if __name__ == "__main__":
    here = str(Path(__file__).resolve().parent)
    sys.path[:] = [entry for entry in sys.path if entry not in (here, str(Path(load.__file__).parent))]
    load.preload()
    for module in PRELOADED:
        try:
            importlib.import_module(module)
        except ImportError:
            pass
    forkserver.main(answer)

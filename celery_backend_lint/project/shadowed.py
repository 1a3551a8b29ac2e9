"""Modules that no import reaches: a package of the same name stands beside them.

Python looks for ``app/__init__.py`` before ``app.py`` in each folder of ``sys.path``, and in each package
(``importlib.machinery.FileFinder``, CPython 3; ``imp`` in Python 2 does the same). Celery, Flask, gunicorn and uvicorn
import the module that a command names, though it be given as ``app.py`` (``flask --app app.py``).
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.project.discovery import Project

_RUN_BY_PATH = frozenset({"asgi", "conftest", "fabfile", "locustfile", "manage", "noxfile", "setup", "tasks", "wsgi"})
"""Files that tools and hosts find by their name and run by their path."""

_RUNS_ITSELF = rb"__name__[ \t]*==|\.(?:run|start|worker_main)\(|\A#!"
"""What stands in a file that is a program."""

_DATA = (".html", ".css", ".svg", ".png", ".jpg", ".ico", ".woff2", ".map", ".po", ".csv", ".lock", ".ipynb", ".pyc")
"""Endings of files that may be large and start no program."""

_PROSE = (".md", ".mdx", ".rst", ".adoc", ".txt")


def is_shadowed(project: Project, path: str) -> bool:
    """Whether importing the module at ``path`` gives the package beside it that has the same name."""
    return path.endswith(".py") and project.exists(f"{path[:-3]}/__init__.py")


def is_never_run(project: Project, path: str) -> bool:
    """Whether a module that is shadowed is no program either: it does not look like one, and no file has its name.

    Documentation that lists the file is no such file, but for a line with a program before the name.
    """
    name = path.rpartition("/")[2]
    source = project.source(path)
    if not is_shadowed(project, path) or name[:-3] in _RUN_BY_PATH or source is None:
        return False
    if re.search(_RUNS_ITSELF, source.data) is not None:
        return False
    word = re.compile(rb"(?<![\w-])" + re.escape(name.encode()) + rb"(?!\w)")
    started = re.compile(rb"(?:python|run|exec|app_file)[^\n]*(?<![\w-])" + re.escape(name.encode()) + rb"(?!\w)")
    for other in project.paths():
        if other == path or other.endswith(_DATA) or not project.mentions(other, (name.encode(),)):
            continue
        told = project.source(other)
        pattern = started if other.lower().endswith(_PROSE) else word
        if told is not None and pattern.search(told.data) is not None:
            return False
    return True

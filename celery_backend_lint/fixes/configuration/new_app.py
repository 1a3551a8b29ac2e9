"""A Celery app for a project that has none: as Celery's own "First steps" write it, for Django or for anything else."""

from __future__ import annotations

import re

from celery_backend_lint.findings.fix import CannotFixError, Edit
from celery_backend_lint.fixes.text_edits import append_lines
from celery_backend_lint.location import START, Location
from celery_backend_lint.project.test_paths import is_test_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.project.discovery import Project

SETTINGS_MODULE = r"""DJANGO_SETTINGS_MODULE["']\s*,\s*["']([A-Za-z_][\w.]*)["']"""
"""How manage.py names the settings (``django-admin startproject``, Django 1.4 to 5.2)."""

DJANGO_APP = '''\
"""The project's Celery app: `celery -A {package} worker` starts a worker."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "{settings}")

app = Celery("{package}")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
'''

DJANGO_IMPORT = "from .celery import app as celery_app\n"

APP = '''\
"""The project's Celery app: `celery -A {module} worker` starts a worker."""

from celery import Celery

app = Celery("{name}")
app.config_from_object("{configuration}")
'''

CONFIGURATION = '''\
"""What Celery is configured with."""

import os

broker_url = os.environ["{broker}"]
'''


def new_app(project: Project, name: str, broker: str) -> list[Edit]:
    """Create an app that is configured by Django's settings, or by a module ``celeryconfig`` of its own.

    ``name`` is what to call the app where there is no package to name it for, ``broker`` the variable that holds the
    broker's URL. Raises CannotFixError where a file of that name is there
    already, where Django's settings are not found, and where code has an app from somewhere that is not in sight.
    """
    _refuse_app_out_of_sight(project)
    managed = [path for path in project.paths() if path.rpartition("/")[2] == "manage.py" and not is_test_path(path)]
    if managed:
        return _for_django(project, min(managed, key=lambda path: (path.count("/"), path)))
    folder = _package(project)
    dotted = f"{folder.rpartition('/')[2]}." if folder else ""
    prefix = f"{folder}/" if folder else ""
    module, configuration = f"{dotted}celery_app", f"{dotted}celeryconfig"
    name = dotted.rstrip(".") or name
    return [
        _created(project, f"{prefix}celery_app.py", APP.format(module=module, name=name, configuration=configuration)),
        _created(project, f"{prefix}celeryconfig.py", CONFIGURATION.format(broker=broker)),
    ]


APP_OUT_OF_SIGHT = (
    rb"(?m)^[ \t]*from\b[ \t]*(?:celery(?:\.app(?:\.base)?)?[ \t]+import[ \t]+(?:[\w, \t]*\b)?(?:Celery|current_app)\b"
    rb"|[\w.][\w. \t]*\bimport[ \t]+(?:[\w, \t]*\b)?"
    rb"(?:\w*Celery(?!Config|Task|Result|Integration|Instrument|Error)\w*|celery_app)\b)"
)
"""Imports of an app or what makes one: ``from celery import Celery``, ``from company.tools import CompanyCelery``."""


def _refuse_app_out_of_sight(project: Project) -> None:
    """Raise CannotFixError where an app is imported or made in a way that is not understood: one more would be idle."""
    for path in project.python_files_mentioning((b"elery",)):
        source = project.source(path) if not is_test_path(path) else None
        found = re.search(APP_OUT_OF_SIGHT, source.data) if source is not None else None
        if source is not None and found is not None:
            line = source.data.count(b"\n", 0, found.start()) + 1
            raise CannotFixError(
                f"`{path}` line {line} imports one, and where it is made is not found: a second one would do nothing. "
                "Set `result_backend` where that one is configured"
            )


def _for_django(project: Project, manage: str) -> list[Edit]:
    source = project.source(manage)
    found = re.search(SETTINGS_MODULE, source.text if source is not None else "")
    if found is None:
        raise CannotFixError(f"`{manage}` names no settings module (DJANGO_SETTINGS_MODULE)")
    settings = found[1]
    folder = manage.rpartition("/")[0]
    package = settings.partition(".")[0]
    path = f"{folder}/{package}" if folder else package
    as_path = settings.replace(".", "/")
    start = f"{folder}/" if folder else ""
    if not any(project.exists(f"{start}{as_path}{ending}") for ending in (".py", "/__init__.py")):
        raise CannotFixError(f"the settings that `{manage}` names, `{settings}`, are not in the project")
    if "." not in settings:
        raise CannotFixError(f"`{manage}` names settings outside of any package: there is no place for `celery.py`")
    edits = [_created(project, f"{path}/celery.py", DJANGO_APP.format(package=package, settings=settings))]
    init = project.source(f"{path}/__init__.py")
    if init is None or DJANGO_IMPORT.strip() not in init.text:
        gap = "\n" if init is not None and init.text.strip() else ""
        edits.append(append_lines(project, f"{path}/__init__.py", f"{gap}{DJANGO_IMPORT}", "celery_app"))
        if init is None or "__all__" not in init.text:
            edits.append(append_lines(project, f"{path}/__init__.py", '\n__all__ = ("celery_app",)\n', "__all__"))
    return edits


def _created(project: Project, path: str, text: str) -> Edit:
    if project.on_disk(path):
        raise CannotFixError(f"`{path}` is there already, and no Celery app was found in it")
    return Edit(Location(path, START), text, path)


def _package(project: Project) -> str:
    """The folder of the package that the project's code is in: the only one at the top, or below ``src``."""
    for above in ("", "src"):
        folders, _ = project.folder(above)
        packages = [
            f"{above}/{name}" if above else name
            for name in folders
            if project.exists(f"{above}/{name}/__init__.py" if above else f"{name}/__init__.py")
            and not is_test_path(f"{name}/__init__.py")
        ]
        if len(packages) == 1:
            return packages[0]
    return ""

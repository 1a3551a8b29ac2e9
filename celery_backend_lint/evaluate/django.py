"""Django's settings module: which one it is, and what ``settings.NAME`` holds."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.values import Missing, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.project.source import SourceFile

VARIABLE = b"DJANGO_SETTINGS_MODULE"
_STARTERS = ("manage.py", "wsgi.py", "asgi.py", "celery.py", "celery_app.py", "celeryapp.py")
# Assigned to a key of os.environ, or given to its setdefault.
_NAMED = rb"""DJANGO_SETTINGS_MODULE['"]?\s*(?:,|\]\s*=|\)\s*or|=)\s*['"]([\w.]+)['"]"""
_DEPLOYMENT = r"(?i)(?:^|[./_-])(?:(?:docker-)?compose[^/]*\.ya?ml|dockerfile|procfile|env)(?:[._-][^/]*)?$"
"""Files that give a process its variables: compose files, Dockerfile, Procfile, the ``.env`` family."""
_GIVEN = rb"(?m)^[^#\n]*?DJANGO_SETTINGS_MODULE['\"]?[ \t]*[:= ][ \t]*['\"]?([A-Za-z_][\w.]*)"
_SPLIT = rb"(?m)^[ \t]*(?:from|import)[ \t]+split_settings\b"
_CLASSES = rb"(?m)^[ \t]*(?:from|import)[ \t]+configurations\b"

NOT_FOUND = "the Django settings module is not named, or not in the tree"


def hides_settings(ev: Evaluator, source: SourceFile) -> str:
    """Why a settings module brings in settings that are not followed; "" where it does not.

    django-split-settings runs files that it is named; django-configurations takes the attributes of a class.
    """
    if b"split_settings" in source.data and re.search(_SPLIT, source.data):
        return "Django's settings include files by split_settings, which is not followed"
    if (
        b"configurations" in source.data
        and re.search(_CLASSES, source.data)
        and ev.modules.find("configurations", source.path) is None
    ):
        return "Django's settings are attributes of classes (django-configurations), which are not followed"
    return ""


def settings_module(ev: Evaluator, near: str) -> str | None:
    """The path of the Django settings module that the project names nearest to the file ``near``.

    The file itself decides (a ``celery.py`` sets the variable as the worker imports it), then manage.py, wsgi.py and
    asgi.py, nearest folder first; where none of them names one, the deployment files, if they name the same. None when
    nothing names one, or what ``near`` itself names is not in the tree.
    """
    found = ev.django_settings.get(near)
    if found is None:
        found = _search(ev, near)
        ev.django_settings[near] = found
    return found or None


def _search(ev: Evaluator, near: str) -> str:
    project = ev.modules.project
    paths = [near] if near.endswith(".py") else []
    starters = [path for path in project.paths() if path.rpartition("/")[2] in _STARTERS and path != near]
    folders = near.split("/")[:-1]
    starters.sort(key=lambda path: (-_shared(path.split("/")[:-1], folders), _rank(path), path))
    for path in (*paths, *starters):
        source = project.source(path)
        if source is None or VARIABLE not in source.data:
            continue
        for match in re.finditer(_NAMED, source.data):
            module = ev.modules.find(match[1].decode("ascii", "replace"), path)
            if module is not None and module.endswith(".py"):
                return module
            if path == near:
                return ""
    return _given_by_deployment(ev, near)


def _given_by_deployment(ev: Evaluator, near: str) -> str:
    """The settings module that compose files, Dockerfile, Procfile and env files name; "" where they differ."""
    found = set()
    for path in ev.modules.project.paths():
        source = ev.modules.project.source(path) if re.search(_DEPLOYMENT, path) else None
        if source is not None and VARIABLE in source.data:
            for match in re.finditer(_GIVEN, source.data):
                module = ev.modules.find(match[1].decode("ascii"), near)
                found.add(module if module is not None and module.endswith(".py") else "")
    return found.pop() if len(found) == 1 else ""


def _shared(one: list[str], other: list[str]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _rank(path: str) -> int:
    name = path.rpartition("/")[2]
    return _STARTERS.index(name)


def setting(ev: Evaluator, name: str, origin: Location) -> Value:
    """What ``django.conf.settings.name`` holds where ``origin`` reads it. Django exposes upper-case names only."""
    path = settings_module(ev, origin.path)
    file = ev.modules.file(path) if path is not None else None
    if file is None:
        return Unknown(NOT_FOUND, origin)
    found = ev.read(file.scope, name, None) if name.isupper() else None
    if found is None or isinstance(found, Missing):
        return Unknown(hides_settings(ev, file.source) or f"Django's settings do not set {name}", origin)
    return found

"""Apps that nothing runs: the project's commands name another one, and nothing names their module."""

from __future__ import annotations

import re

from celery_backend_lint.model.file_mentions import DOCUMENTATION, NAME_NO_FILES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

_RUN = re.compile(rb"__name__[ \t]*==|worker_main|\.start\(")


def is_dead(model: Model, app: App) -> bool:
    """Whether a worker's command names another app, and no file of the project this one's module.

    A module that can be run by itself is not dead, nor is one that Celery finds by its name. Of the documentation a
    list of the project's files is no mention: ``celery_config.py`` without a program that is given it.
    """
    stem = app.path.rpartition("/")[2].removesuffix(".py")
    if not app.path.endswith(".py") or stem in ("__init__", "celery", "__main__") or not _runs_another(model, app):
        return False
    source = model.project.source(app.path)
    if source is None or _RUN.search(source.data) is not None:
        return False
    name = stem.encode()
    word = re.compile(rb"(?<![A-Za-z0-9_])" + re.escape(name) + rb"(?![A-Za-z0-9_])")
    used = re.compile(
        rb"(?<![A-Za-z0-9_])" + re.escape(name) + rb"(?!\.py)(?![A-Za-z0-9_])|python[\d.]*[ \t][^\n]*" + name
    )
    for other in model.project.paths():
        if other == app.path or other.endswith(NAME_NO_FILES) or not model.project.mentions(other, (name,)):
            continue
        found = model.project.source(other)
        pattern = used if other.lower().endswith(DOCUMENTATION) else word
        if found is not None and pattern.search(found.data) is not None:
            return False
    return True


def _runs_another(model: Model, app: App) -> bool:
    """Whether a command of the deployment names the module of another app of the project."""
    from celery_backend_lint.model.deployment.commands import module_files

    others = [one.path for one in model.checked_apps if one.path != app.path]
    if not others:
        return False
    named = {file for running in model.deployment.commands for file in module_files(running.command.app)}
    return any(path == file or path.endswith(f"/{file}") for path in others for file in named)

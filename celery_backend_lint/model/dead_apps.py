"""Apps that nothing runs: the project's commands name another one, a function that nothing calls would make them, or
what imports them is commented out; and nothing names their module.
"""

from __future__ import annotations

import re

from celery_backend_lint.model.file_mentions import DOCUMENTATION, holding
from celery_backend_lint.model.source_nodes import node_at
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.syntax.python import Node

_FOUND_BY_NAME = frozenset({"__init__", "celery", "__main__"})
"""Modules that Python and Celery find by their names."""

_FOUND_BY_OTHERS = frozenset({"app", "wsgi", "asgi", "main", "manage", "application", "celeryconfig", "conftest"})
"""Modules that Flask, FastAPI, pytest and hosts find by their names."""

_CALLED_BY_OTHERS = frozenset({"create_app", "make_app", "main"})
"""Functions that Flask's command line and scripts call by their names."""

_RUN = re.compile(rb"__name__[ \t]*==|worker_main|\.start\(")


def runs_nowhere(model: Model, app: App) -> bool:
    """Whether no process of the project has an app, in any of the three ways: ``is_dead``, ``is_never_made`` and
    ``is_commented_out``.
    """
    return is_dead(model, app) or is_never_made(model, app) or is_commented_out(model, app)


def is_dead(model: Model, app: App) -> bool:
    """Whether a worker's command names another app, and no file of the project this one's module.

    A module that can be run by itself is not dead, nor is one that Celery finds by its name. Of the documentation a
    list of the project's files is no mention: ``celery_config.py`` without a program that is given it.
    """
    return _may_be_dead(app, _FOUND_BY_NAME) and _runs_another(model, app) and _is_left_alone(model, app, ())


def is_never_made(model: Model, app: App) -> bool:
    """Whether a function makes the app that nothing calls, in a module that nothing names: no file of the project has
    the name of either.
    """
    if not _may_be_dead(app, _FOUND_BY_NAME | _FOUND_BY_OTHERS):
        return False
    node, source = node_at(model.evaluator, app.location), model.project.source(app.path)
    while node is not None and not (node.type == "function_definition" and _is_at_the_top(node)):
        node = node.parent
    name_node = node.child_by_field_name("name") if node is not None else None
    if source is None or name_node is None:
        return False
    name = text_of(name_node)
    called = re.findall(rb"(?<![A-Za-z0-9_])" + re.escape(name.encode()) + rb"(?![A-Za-z0-9_])", source.data)
    return name not in _CALLED_BY_OTHERS and len(called) == 1 and _is_left_alone(model, app, (name,))


def is_commented_out(model: Model, app: App) -> bool:
    """Whether the module of an app was imported once, and the lines that did are comments now: no other line of the
    project names it.
    """
    if not _may_be_dead(app, _FOUND_BY_NAME | _FOUND_BY_OTHERS):
        return False
    name = re.escape(_stem(app).encode())
    imports = re.compile(rb"(?m)^[ \t]*#[# \t]*(?:from|import)[ \t]+(?:[\w.]+\.)?" + name + rb"(?![\w])")
    return any(
        other != app.path and other.endswith(".py") and imports.search(data) is not None
        for other, data in holding(model.project, (_stem(app),))
    ) and _is_left_alone(model, app, (), comments=False)


def _is_at_the_top(function: Node) -> bool:
    """Whether a function is one of the module's own, and nothing decorates, and so may keep, it."""
    return function.parent is not None and function.parent.type == "module"


def _may_be_dead(app: App, found: frozenset[str]) -> bool:
    """Whether an app stands in a module by a name that nothing looks for by itself."""
    return app.path.endswith(".py") and _stem(app) not in found


def _stem(app: App) -> str:
    return app.path.rpartition("/")[2].removesuffix(".py")


def _is_left_alone(model: Model, app: App, names: tuple[str, ...], *, comments: bool = True) -> bool:
    """Whether the module of an app cannot be run by itself, and no other file names it, nor has one of ``names``.

    Lines of Python that are ``comments`` name it, too, unless that is False.
    """
    source = model.project.source(app.path)
    if source is None or _RUN.search(source.data) is not None:
        return False
    name = _stem(app).encode()
    word = re.compile(rb"(?<![A-Za-z0-9_])" + re.escape(name) + rb"(?![A-Za-z0-9_])")
    used = re.compile(
        rb"(?<![A-Za-z0-9_])" + re.escape(name) + rb"(?!\.py)(?![A-Za-z0-9_])|python[\d.]*[ \t][^\n]*" + name
    )
    for other, held in holding(model.project, (_stem(app), *names)):
        data = held if comments or not other.endswith(".py") else re.sub(rb"(?m)^[ \t]*#.*$", b"", held)
        pattern = used if other.lower().endswith(DOCUMENTATION) else word
        if other != app.path and (pattern.search(data) is not None or any(one.encode() in data for one in names)):
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

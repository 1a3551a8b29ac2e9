"""The health-check module of ``configure --health-check PATH``: its text, where it goes, and how it is started."""

from __future__ import annotations

import keyword
import os
import re

from celery_backend_lint.evaluate.project_modules import NEVER_LOCAL
from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.model.apps.creations import dotted_name
from celery_backend_lint.model.source_nodes import node_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

TEMPLATE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "templates", "health.py.txt")

NAMES = ("health.py", "celery_health.py", "result_backend_health.py")
"""What the file is called: the first that is free. Without a package around it, not the first, for a distribution on
PyPI is called so.
"""

LINE_LENGTH = 88


def health_check_module(app_module: str, app_attribute: str, module: str) -> str:
    """The source text of a health-check module, which needs Celery 5.2 or newer, Python 3.8 or newer, and no more.

    ``app_module`` and ``app_attribute`` say where the app is: ``proj.celery`` and ``app``. The attribute may be dotted
    and may be a call without arguments: ``create_app().extensions.celery``, ``make_celery()``. ``module`` is
    the name that the text will be imported by, which it mentions. Raises ValueError where these are no names.
    """
    parts = re.fullmatch(r"([A-Za-z_]\w*)((?:\(\))?(?:\.[A-Za-z_]\w*(?:\(\))?)*)", app_attribute)
    if parts is None or keyword.iskeyword(parts[1]) or not _is_dotted(app_module) or not _is_dotted(module):
        raise ValueError(f"not the names of an app and a module: {app_module}, {app_attribute}, {module}")
    statement = f"    from {app_module} import {parts[1]}"
    if len(statement) > LINE_LENGTH:
        statement = f"    from {app_module} import (\n        {parts[1]},\n    )"
    with open(TEMPLATE, encoding="utf-8") as file:
        text = file.read()
    text = text.replace("    IMPORT_OF_APP\n", f"{statement}\n\n    return {app_attribute}\n")
    return text.replace("HEALTH_MODULE", module)


def default_health_check_path(model: Model, app: App) -> str:
    """The path, relative to the root, of a file next to the app's module that is not there yet; where one of ours is,
    that one.
    """
    folder = (app.entry or app.path).rpartition("/")[0]
    in_package = model.project.exists(f"{folder}/__init__.py") or "." in _module_name(model, app.entry or app.path)
    paths = [f"{folder}/{name}" if folder else name for name in (NAMES if in_package else NAMES[1:])]
    for path in paths:
        if not model.project.exists(path) and not model.project.is_folder(path.removesuffix(".py")):
            return path
        if is_health_check(model, path):
            return path
    return paths[-1]


def is_health_check(model: Model, path: str) -> bool:
    """Whether the file at ``path`` is one that we wrote, as it was or as people changed it since."""
    source = model.project.source(path)
    return source is not None and b"def check_result_backend(" in source.data


def health_check_name(model: Model, app: App, path: str) -> tuple[str, str]:
    """The name that ``python -m`` takes for a health check at ``path``, and the folder to start it in (``"."``: the
    root), which is the one that the app is imported from.

    Raises CannotFixError where a file of that path could not import the app, or could not be imported itself.
    """
    own = app.entry or app.path
    name = _module_name(model, own)
    stem = own.removesuffix(".py").removesuffix("/__init__")
    base = stem[: len(stem) - len(name)]
    if not path.endswith(".py"):
        raise CannotFixError(f"`{path}` is no name of a Python module: it does not end in .py")
    if not path.startswith(base):
        raise CannotFixError(f"`{path}` could not import the app, which is imported from `{base}`: put it below that")
    module = path[len(base) : -3].removesuffix("/__init__").replace("/", ".")
    if not _is_dotted(module):
        raise CannotFixError(f"`{path}` cannot be imported: a folder or the file is called what no module can be")
    return module, base.rstrip("/") or "."


def app_reference(model: Model, app: App) -> tuple[str, str]:
    """The dotted name of the module to import an app from, and its name there.

    Raises CannotFixError where no module holds it under a name: it is made by a function.
    """
    ev = model.evaluator
    file, call = ev.modules.file(app.path), node_at(ev, app.location)
    names = [
        name
        for name, bindings in (file.scope.bindings.items() if file is not None and call is not None else ())
        if len(bindings) == 1 and bindings[0].kind == "assign" and not bindings[0].index and bindings[0].node == call
    ]
    entry = ev.modules.file(app.entry) if app.entry else file
    for name in names:
        if entry is not None and (
            entry is file or any(one.kind == "from" for one in entry.scope.bindings.get(name, ()))
        ):
            return _module_name(model, entry.path), name
    raise CannotFixError(f"nothing in `{app.entry or app.path}` is called what the app can be imported by")


def _module_name(model: Model, path: str) -> str:
    """The name that a module is imported by. One called as a library can only be meant in its folder."""
    name = dotted_name(model.evaluator, path)
    folder = path.rpartition("/")[0].rpartition("/")[2]
    return f"{folder}.{name}" if name in NEVER_LOCAL and folder else name


def _is_dotted(name: str) -> bool:
    return all(part.isidentifier() and not keyword.iskeyword(part) for part in name.split("."))

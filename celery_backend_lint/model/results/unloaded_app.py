"""Apps of Django projects that no web process loads: nothing but a worker's ``-A`` imports their module."""

from __future__ import annotations

import posixpath
import re
from fnmatch import fnmatch

from celery_backend_lint.model.results.facts import SENDS
from celery_backend_lint.model.source_nodes import node_at
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import FROM_MODULE, text_of, without_blanks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

_USES = rb"(?m)^[^#\n]*?\b(?:shared_task|AsyncResult|GroupResult|current_app)\b"
_IMPORT = rb"(?m)(?:^|;)[ \t]*(?:" + FROM_MODULE + rb"[ \t]*(\([^)]*\)|[^\n;]*)|import[ \t]+([\w., \t]+))"
_DYNAMIC = re.compile(rb"import_module|__import__|import_string|find_module")
_CURRENT = (b"shared_task", b"AsyncResult", b"GroupResult", b"current_app")


@record
class UnloadedApp:
    """An app that is not loaded with Django: ``package`` is the ``__init__.py`` that should import it, ``module`` and
    ``name`` what it should import; ``used`` is where the current app is used instead.
    """

    package: str
    module: str
    name: str
    used: Location


def unloaded_app(model: Model, app: App) -> UnloadedApp | None:
    """How an app is missed by a Django project's processes; None where it is loaded, or where that cannot be said."""
    if app.in_tests or not any(source.kind == "django" for source in app.sources):
        return None
    folder, _, base = app.path.rpartition("/")
    package = f"{folder}/__init__.py"
    project = model.project
    if not folder or base == "__init__.py" or not project.exists(package) or not _is_project(model, app):
        return None
    name = _name_of(model, app)
    if not name or _is_imported(model, app, base[:-3]) or not _sends(model, app):
        return None
    used = _use_of_current(model, app)
    return UnloadedApp(package, base[:-3], name, used) if used is not None else None


def _sends(model: Model, app: App) -> bool:
    """Whether something outside of tests, and of tasks that only workers load, sends a task or asks for a result."""
    project = model.project
    found = [path for path in project.python_files_mentioning([b"elery"]) if project.mentions(path, SENDS)]
    found += project.python_files_mentioning(SENDS[:2])
    return any(not is_test_path(path) and not _is_for_workers(model, app, path) for path in dict.fromkeys(found))


def _is_for_workers(model: Model, app: App, path: str) -> bool:
    """Whether a file holds tasks, and none but the app's own module imports it: workers alone find it by its name."""
    stem = path.rpartition("/")[2].removesuffix(".py")
    if stem == "__init__" or not model.project.mentions(path, (b"shared_task",)):
        return False
    for other in model.project.python_files_mentioning([stem.encode()]):
        source = model.project.source(other)
        if other in (path, app.path) or is_test_path(other) or source is None:
            continue
        if _DYNAMIC.search(source.data) is not None or _imports(model, other, source.data, path, stem):
            return False
    return True


def _is_project(model: Model, app: App) -> bool:
    """Whether the repository holds the Django project itself, and not only an app for others'."""
    if any(path.rpartition("/")[2] == "manage.py" for path in model.project.paths()):
        return True
    return any(
        name.name == "INSTALLED_APPS" and any(not is_test_path(place.path) for place in name.locations)
        for source in app.sources
        for name in source.names
    )


def _name_of(model: Model, app: App) -> str:
    """The name that the module gives the app at its top level; "" where it gives it none."""
    node = node_at(model.evaluator, app.location)
    while node is not None and node.type not in ("assignment", "function_definition", "class_definition", "module"):
        node = node.parent
    left = node.child_by_field_name("left") if node is not None and node.type == "assignment" else None
    statement = node.parent if node is not None else None
    top = statement is not None and statement.parent is not None and statement.parent.type == "module"
    return text_of(left) if left is not None and left.type == "identifier" and top else ""


def _is_imported(model: Model, app: App, stem: str) -> bool:
    """Whether any file outside of tests seems to import the app's module, whatever runs that file. A dotted name in a
    text counts: something may import it.
    """
    project = model.project
    folder = app.path.rpartition("/")[0]
    dotted = re.compile(rb"\b%b\.%b\b" % (re.escape(folder.rpartition("/")[2].encode()), re.escape(stem.encode())))
    relative = re.compile(rb"\.%b[\"']" % re.escape(stem.encode()))
    first = f"{folder}/__init__.py"  # where it stands in most projects
    for path in (first, *project.python_files_mentioning([stem.encode()])):
        source = project.source(path)
        if path == app.path or is_test_path(path) or source is None or stem.encode() not in source.data:
            continue
        if _DYNAMIC.search(source.data) is not None and relative.search(source.data) is not None:
            return True
        if dotted.search(source.data) is not None or _imports(model, path, source.data, app.path, stem):
            return True
    return _is_included(model, app)  # last: it may read every file again


def _is_included(model: Model, app: App) -> bool:
    """Whether split-settings runs the app's module with Django's settings: ``include("base.py", "celery.py")``."""
    for path in model.project.python_files_mentioning([b"split_settings"]):
        source = model.project.source(path)
        folder = path.rpartition("/")[0]
        for named in re.findall(r"[\"']([^\"'\n]+\.py)[\"']", source.text if source is not None else ""):
            if fnmatch(app.path, posixpath.normpath(posixpath.join(folder, named))):
                return True
    return False


def _imports(model: Model, importer: str, data: bytes, wanted: str, stem: str) -> bool:
    """Whether a statement of a file imports the module at the path ``wanted``, by its lines alone."""
    modules = model.evaluator.modules
    for match in re.finditer(_IMPORT, re.sub(rb"\\\r?\n", b" ", data)):
        module, names, plain = (part.decode("utf-8", "replace") if part else "" for part in match.groups())
        plainly = (re.split(r"\sas\s", one)[0] for one in plain.split(",") if one.strip())
        for name in map(without_blanks, (module, *plainly)):
            level = len(name) - len(name.lstrip("."))
            inner = name[level:]
            path = modules.find_relative(level, inner, importer) if level else modules.find(inner, importer)
            if path == wanted:
                return True
            package = path.removesuffix("__init__.py").rstrip("/") if path is not None else None
            if package == wanted.rpartition("/")[0] and re.search(rf"\b{re.escape(stem)}\b", names) is not None:
                return True
    return False


def _use_of_current(model: Model, app: App) -> Location | None:
    """The first use of the current app outside of the app's own module and of tests, by path and place."""
    from celery_backend_lint.location import Location

    for path in model.project.python_files_mentioning([b"elery"]):
        source = model.project.source(path)
        if path == app.path or is_test_path(path) or source is None or not model.project.mentions(path, _CURRENT):
            continue
        for found in re.finditer(_USES, source.utf8):
            if re.match(rb"\s*(?:from|import)\b", found[0]) is None and b"celery" in source.utf8:
                word = re.search(rb"\b(?:shared_task|AsyncResult|GroupResult|current_app)$", found[0])
                start = found.start() + (word.start() if word is not None else 0)
                return Location(path, source.span(start, found.end()))
    return None

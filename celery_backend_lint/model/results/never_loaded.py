"""Modules that no worker has loaded: a module of the project that they import is not there, or nothing names them."""

from __future__ import annotations

from celery_backend_lint.model.file_mentions import is_word_elsewhere
from celery_backend_lint.syntax.python import children_of, module_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.syntax.python import Node

_FOUND_BY_NAME = ("tasks", "task", "celery", "__main__", "main", "manage", "conftest")
"""What ``autodiscover_tasks`` and commands look for without the project naming it."""

_BY_LISTING = (b"walk_packages", b"iter_modules", b"find_modules", b"listdir", b"glob(", b"os.walk", b"iterdir(")
_IMPORTS = (b"import_module", b"__import__", b"import_string", b"autodiscover_tasks", b"imports", b"include")


def is_never_loaded(model: Model, path: str) -> bool:
    """Whether the module at ``path`` fails to load for sure, or is named by nothing outside of itself."""
    return _lacks_an_import(model, path) or _is_named_nowhere(model, path)


def _lacks_an_import(model: Model, path: str) -> bool:
    """Whether a statement at the module's top, in no ``try`` and no ``if``, imports what the project does not have."""
    file = model.evaluator.modules.file(path)
    if file is None:
        return False
    return any(
        _is_absent(model, name, path)
        for statement in file.scope.node.named_children
        if statement.type in ("import_statement", "import_from_statement")
        for name in _modules_of(statement)
    )


def _modules_of(statement: Node) -> Iterator[str]:
    if statement.type == "import_from_statement":
        module = statement.child_by_field_name("module_name")
        if module is not None:
            yield module_name(module)
        return
    for child in children_of(statement):
        name = child.child_by_field_name("name") if child.type == "aliased_import" else child
        if name is not None and name.type == "dotted_name":
            yield module_name(name)


def _is_absent(model: Model, module: str, importer: str) -> bool:
    """Whether a module of the project's own packages is nowhere in the repository."""
    from celery_backend_lint.model.module_presence import is_there

    name = module.lstrip(".")
    level = len(module) - len(name)
    if not name:
        return False
    modules = model.evaluator.modules
    if not level:
        top, _, rest = name.partition(".")
        return bool(rest) and modules.find(top, importer) is not None and is_there(model, name, importer) is False
    package = modules.find_relative(level, "", importer)
    if package is None or not package.endswith("__init__.py") or modules.find_relative(level, name, importer):
        return False
    return is_there(model, f"{package.removesuffix('__init__.py')}{name}".replace("/", "."), importer) is False


def _says_what_is_loaded(model: Model) -> bool:
    """Whether tasks' modules are listed or discovered, or a worker's command is written down."""
    return (
        any("include" in app.settings or "imports" in app.settings for app in model.apps)
        or bool(model.project.python_files_mentioning([b"autodiscover_tasks"]))
        or any(running.command.what in ("worker", "multi") for running in model.deployment.commands)
    )


def _is_named_nowhere(model: Model, path: str) -> bool:
    """Whether the project says what its workers load, and neither this module nor a listing of modules is in it."""
    parts = path.removesuffix(".py").split("/")
    if parts[-1] == "__init__":
        parts.pop()
    if not parts or parts[-1] in _FOUND_BY_NAME or any(app.path == path for app in model.apps):
        return False
    project = model.project
    if not _says_what_is_loaded(model):
        return False
    for other in project.python_files_mentioning(_BY_LISTING):
        if project.mentions(other, _IMPORTS):
            return False
    return not is_word_elsewhere(project, parts[-1], path)

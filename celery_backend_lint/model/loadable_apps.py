"""What ``celery -A`` takes an app from: the modules that give one a name when they are imported.

``celery.app.utils.find_app`` (Celery 4.4 to 5.7): what the module calls ``app`` is taken whatever it is, else what it
calls ``celery`` unless that is a module, else the first app among all that it holds. One that only a function makes is
nowhere until that is called.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Choice, Instance
from celery_backend_lint.model.source_nodes import node_at
from celery_backend_lint.project.shadowed import is_shadowed
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.project_modules import ModuleFile
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

_CREATING = (b"elery",)


@record
class LoadableApp:
    """A module from which an app can be taken: its path, and the attribute that must be named with it ("" for none)."""

    path: str
    attribute: str


def loadable(model: Model, app: App) -> LoadableApp | None:
    """Where Celery finds an app: in its own module, else in another one that names it; None where in none for sure."""
    others = [path for path in model.project.python_files_mentioning(_CREATING) if path != app.path]
    for path in (app.path, *others):
        file = model.evaluator.modules.file(path)
        if file is None or is_shadowed(model.project, path) or (is_test_path(path) and not is_test_path(app.path)):
            continue
        names = list(_names(model, file, app))
        if names:
            best = min(names, key=lambda name: (name != "app", name != "celery"))
            return LoadableApp(path, _attribute(file, best))
    return None


def maker(model: Model, app: App) -> str:
    """The name of the function that makes an app; "" for one that the module makes itself."""
    node = node_at(model.evaluator, app.location)
    while node is not None and node.type != "function_definition":
        node = node.parent
    name = node.child_by_field_name("name") if node is not None else None
    return text_of(name) if name is not None else ""


def _names(model: Model, file: ModuleFile, app: App) -> Iterator[str]:
    """The names that a module gives to an app where it is imported, not where it is run."""
    for name in file.scope.bindings:
        if _is_made_when_run(file, name):
            continue
        if any(
            isinstance(one, Instance) and one.origin == app.location
            for one in _leaves(model.evaluator.read(file.scope, name, None))
        ):
            yield name


def _leaves(value: Value | None) -> Iterator[Value]:
    if isinstance(value, Choice):
        for alternative in value.alternatives:
            yield from _leaves(alternative.value)
    elif value is not None:
        yield value


def _is_made_when_run(file: ModuleFile, name: str) -> bool:
    """Whether a name is only bound below ``if __name__ == "__main__"``."""
    node = file.scope.bindings[name][0].target
    while node.parent is not None:
        node = node.parent
        if node.type == "if_statement":
            condition = node.child_by_field_name("condition")
            if condition is not None and "__name__" in text_of(condition):
                return True
    return False


def _attribute(file: ModuleFile, name: str) -> str:
    """The name of an app where the module alone would give something else: its Flask app is called ``app``."""
    bound = file.scope.bindings
    if name == "app" or (name == "celery" and "app" not in bound):
        return ""
    is_module = "celery" in bound and bound["celery"][0].kind == "import"
    return name if "app" in bound or ("celery" in bound and not is_module) or file.path.endswith("__init__.py") else ""

"""Classes of tasks that do otherwise than Celery's: that send in a way of their own, or have a backend of their own."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.objects import classes
from celery_backend_lint.evaluate.values import Class, Literal
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model.results.things import Things

_SENDING = ("delay", "apply_async", "apply", "AsyncResult")
_AS_CELERY = re.compile(r"super\(.*\)\.(?:delay|apply_async|apply|AsyncResult)\(", re.DOTALL)
_CLASS_OF_AN_APP = (b"task_cls", b".Task =")
_DEFINED = (b"def apply_async(", b"def delay(")


def has_own_backend(things: Things, cls: Class) -> bool:
    """Whether a class of tasks says which backend they have: ``Task.backend`` then comes before the app's."""
    for base in classes.lineage(things.ev, cls):
        held = things.ev.read(things.ev.scope_of(base), "backend", None) if isinstance(base, Class) else None
        if held is not None and not (isinstance(held, Literal) and held.value is None):
            return True
    return False


def sends_itself(things: Things, cls: Class | None) -> bool:
    """Whether tasks of a class may give something else than Celery's result when they are sent.

    None asks for tasks without a class of their own: an app may give them one (``task_cls``). A method that returns
    what Celery's own does is none of those.
    """
    if cls is None:
        return things.has_class_for_all
    for base in classes.lineage(things.ev, cls):
        if not isinstance(base, Class):
            continue
        bindings = things.ev.scope_of(base).bindings
        for name in _SENDING:
            for binding in bindings.get(name, ()):
                if binding.kind != "def" or not _returns_celerys(things, base, binding.node):
                    return True
    return False


def _returns_celerys(things: Things, cls: Class, node: object) -> bool:
    scope = things.ev.function_scope(node, things.ev.scope_of(cls))  # type: ignore[arg-type]
    returns = [text_of(one.node) for one in scope.returns]
    return bool(returns) and all(_AS_CELERY.match(text) is not None for text in returns)


def class_for_all(things: Things) -> bool:
    """Whether an app of the project may have a class for its tasks that sends in a way of its own, by their bytes."""
    project = things.ev.modules.project
    given, defined = (
        [path for path in project.python_files_mentioning((b"elery",)) if project.mentions(path, needles)]
        for needles in (_CLASS_OF_AN_APP, _DEFINED)
    )
    return any(not is_test_path(path) for path in given) and any(not is_test_path(path) for path in defined)

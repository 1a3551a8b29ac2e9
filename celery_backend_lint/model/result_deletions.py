"""Where a project's own code deletes the rows that hold results, over an ORM: by the model's name, or by a query that a
variable holds.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.objects import classes
from celery_backend_lint.evaluate.values import Class, External
from celery_backend_lint.model.results.names import held_by
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.syntax.python import arguments_of, location_of, nodes_in, text_of, without_parentheses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.syntax.python import Node

_MODELS = frozenset(
    f"{home}.{name}"
    for home, names in {
        "django_celery_results.models": ("TaskResult",),
        "celery.backends.database.models": ("Task", "TaskExtended"),
        "celery.backends.database": ("Task", "TaskExtended"),
    }.items()
    for name in names
)
_HOMES = (b"django_celery_results", b"celery.backends.database")
_DELETES = ("delete", "_raw_delete")
_QUERIES = ("query", "delete", "select", "scalars", "execute", "list", "iter")
"""Calls that are of what they are given: ``session.query(Task)``, ``delete(Task)``."""
_MOST_STEPS = 8
"""Names and calls that are followed from a ``delete`` to the model."""


def deletion_of_results(model: Model) -> Location | None:
    """The first call, outside of tests, that deletes rows of a model whose table is that of results; None for none.

    django-celery-results' TaskResult and the models of Celery's database backend, or the project's own classes that
    descend from them.
    """
    for path in model.project.python_files_mentioning(_HOMES):
        file = None
        if not is_test_path(path) and model.project.mentions(path, (b"delete",)):
            file = model.evaluator.modules.file(path)
        for call in nodes_in(file.scope.node) if file is not None else ():
            function = call.child_by_field_name("function") if call.type == "call" else None
            if file is None or function is None or text_of(function).rpartition(".")[2] not in _DELETES:
                continue
            if _is_of_results(model, call, model.evaluator.scope_at(call, file.scope)):
                return location_of(file.source, call)
    return None


def _is_of_results(model: Model, node: Node, scope: Scope, steps: int = 0) -> bool:
    """Whether an expression is a model of results, or a query, a row or a statement that is made from one."""
    if steps > _MOST_STEPS:
        return False
    for part in _made_from(node):
        if part.type not in ("identifier", "attribute"):
            continue
        value = model.evaluator.ask(part, scope)
        lineage = classes.lineage(model.evaluator, value) if isinstance(value, Class) else (value,)
        if any(isinstance(one, External) and one.name in _MODELS for one in lineage):
            return True
        held = held_by(part, scope) if part.type == "identifier" else None
        for one in held or ():
            if one.kind in ("value", "item") and _is_of_results(model, one.node, one.scope, steps + 1):
                return True
    return False


def _made_from(node: Node) -> Iterator[Node]:
    """The expressions along a chain, from the outside in: ``a.b(x).c`` is made from ``a.b(x)``, ``a.b`` and ``a``; what
    is given to a call counts where the call is a query's.
    """
    left = [node]
    while left:
        one = without_parentheses(left.pop())
        yield one
        if one.type == "call":
            function = one.child_by_field_name("function")
            if function is not None:
                left.append(function)
                if text_of(function).rpartition(".")[2] in _QUERIES:
                    left += [argument for name, argument in arguments_of(one) if not name]
        elif one.type == "attribute":
            owner = one.child_by_field_name("object")
            left += [owner] if owner is not None else []
        elif one.type == "subscript":
            value = one.child_by_field_name("value")
            left += [value] if value is not None else []

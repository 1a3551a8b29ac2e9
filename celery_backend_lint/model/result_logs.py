"""Models whose rows are made for each result, by a signal's handler: logs that belong to the result."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.values import External
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.syntax.python import arguments_of, nodes_in, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.model import Model
    from celery_backend_lint.syntax.python import Node

_MAKES = r"(?:.*\.)?{}(?:\.\w+\.a?(?:create|get_or_create|update_or_create|bulk_create))?"
_OF_A_TASK = r"celery\.signals\.task_\w+"
_SAVED = ("django.db.models.signals.post_save", "django.db.models.signals.pre_save")
_RECEIVER = ("django.dispatch.receiver", "django.dispatch.dispatcher.receiver")


def belongs_to_results(model: Model, owner: str) -> bool:
    """Whether all that makes rows of the model ``owner`` are handlers of what happens to a task or a result.

    Such rows are made unasked, whoever sends the task, and say nothing without the result. False where nothing is seen
    to make any.
    """
    seen = False
    for path in model.project.python_files_mentioning([owner.encode()]) if owner else ():
        file = model.evaluator.modules.file(path)
        if file is None or is_test_path(path) or "/migrations/" in f"/{path}":
            continue
        for node in nodes_in(file.scope.node):
            function = node.child_by_field_name("function") if node.type == "call" else None
            if function is None or re.fullmatch(_MAKES.format(re.escape(owner)), text_of(function)) is None:
                continue
            if not _in_handler(model, node, file.scope):
                return False
            seen = True
    return seen


def _in_handler(model: Model, node: Node, scope: Scope) -> bool:
    """Whether a node stands in a function that a decorator connects with a signal of tasks or of results."""
    above = node.parent
    while above is not None:
        if above.type == "decorated_definition":
            expressions = [one.named_children[0] for one in above.children if one.type == "decorator"]
            if any(_connects(model, one, scope) for one in expressions):
                return True
        above = above.parent
    return False


def _connects(model: Model, decorator: Node, scope: Scope) -> bool:
    """``@task_postrun.connect``, with or without arguments, and Django's ``@receiver(signal, …)``."""
    function = decorator.child_by_field_name("function") if decorator.type == "call" else decorator
    if function is None:
        return False
    if text_of(function).endswith(".connect"):
        signal, named = function.child_by_field_name("object"), dict(_named(decorator))
    elif _name_of(model, function, scope) in _RECEIVER:
        given = list(arguments_of(decorator)) if decorator.type == "call" else []
        signal, named = next((one for key, one in given if not key), None), dict(_named(decorator))
    else:
        return False
    name = _name_of(model, signal, scope) if signal is not None else ""
    if name in _SAVED:
        sender = _name_of(model, named["sender"], scope) if "sender" in named else ""
        return sender in ("django_celery_results.models.TaskResult", "django_celery_results.models.GroupResult")
    return re.fullmatch(_OF_A_TASK, name) is not None


def _named(decorator: Node) -> list[tuple[str, Node]]:
    return [one for one in arguments_of(decorator) if one[0]] if decorator.type == "call" else []


def _name_of(model: Model, node: Node, scope: Scope) -> str:
    value = model.evaluator.ask(node, model.evaluator.scope_at(node, scope))
    return value.name if isinstance(value, External) else ""

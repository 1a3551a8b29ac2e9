"""The tasks that a file defines: its decorated functions and its classes that descend from Celery's Task."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.values import Class, Function
from celery_backend_lint.model.results.tasks import task_of_class
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.project_modules import ModuleFile
    from celery_backend_lint.model.results.records import Task
    from celery_backend_lint.model.results.things import Things
    from celery_backend_lint.syntax.python import Node

_DECORATED = rb"(?m)^[ \t]*(@)"
_CLASSES = rb"(?m)^[ \t]*(class)[ \t]+\w+[ \t]*\([^)]*[Tt]ask"


def tasks_in(things: Things, file: ModuleFile) -> Iterator[Task]:
    """Every task that a file defines, functions first."""
    root = file.scope.node
    text = file.source.utf8
    seen: set[int] = set()
    for match in re.finditer(_DECORATED, text):
        node = _around(root.descendant_for_byte_range(*match.span(1)), "decorated_definition")
        definition = node.child_by_field_name("definition") if node is not None else None
        if definition is None or definition.type != "function_definition" or definition.start_byte in seen:
            continue
        seen.add(definition.start_byte)
        name = definition.child_by_field_name("name")
        scope = things.ev.scope_at(definition, file.scope)
        where = things.ev.location(definition, scope)
        task = things.task_of(Function(text_of(name) if name is not None else "", definition, scope, where))
        if task is not None:
            yield task
    for match in re.finditer(_CLASSES, text):
        node = _around(root.descendant_for_byte_range(*match.span(1)), "class_definition")
        name = node.child_by_field_name("name") if node is not None else None
        if node is None or name is None:
            continue
        scope = things.ev.scope_at(node, file.scope)
        task = task_of_class(things, Class(text_of(name), node, scope, things.ev.location(node, scope)))
        if task is not None:
            yield task


def _around(node: Node | None, kind: str) -> Node | None:
    while node is not None and node.type != kind:
        node = node.parent
    return node

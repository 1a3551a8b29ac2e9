"""Ids of results that the code which reads them has sent itself."""

from __future__ import annotations

import re

from celery_backend_lint.model.results.names import held_by
from celery_backend_lint.model.results.records import Result, Task
from celery_backend_lint.syntax.python import arguments_of, children_of, text_of, without_parentheses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.model.results.things import Things
    from celery_backend_lint.syntax.python import Node

DEEPEST = 6
"""How many names and lists deep an id is followed."""


def is_own_id(things: Things, node: Node, scope: Scope, depth: int = 0) -> bool:
    """Whether an id is that of a result that the code was given: ``sent.id``, a name or an attribute that holds that,
    or a name that the same function chose as the ``task_id`` of what it sends.
    """
    node = without_parentheses(node)
    if depth > DEEPEST:
        return False
    if node.type == "attribute":
        owner = node.child_by_field_name("object")
        if owner is not None and isinstance(things.thing(owner, scope), (Result, Task)):
            return True
        return _is_kept(node)
    if node.type == "call" and text_of(node.child_by_field_name("function") or node) == "str":
        return any(is_own_id(things, given, scope, depth + 1) for _, given in arguments_of(node))
    if node.type != "identifier":
        return False
    if _is_chosen(node, scope):
        return True
    for one in held_by(node, scope) or ():
        if one.kind == "value" and is_own_id(things, one.node, one.scope, depth + 1):
            return True
        if one.kind == "item" and _are_own(things, one.node, one.scope, depth + 1):
            return True
    return False


def _are_own(things: Things, node: Node, scope: Scope, depth: int) -> bool:
    """Whether a list holds such ids."""
    node = without_parentheses(node)
    if node.type in ("list_comprehension", "set_comprehension", "generator_expression"):
        body = node.child_by_field_name("body")
        return body is not None and is_own_id(things, body, scope, depth + 1)
    if node.type in ("list", "tuple", "set"):
        return any(is_own_id(things, one, scope, depth + 1) for one in children_of(node))
    if node.type != "identifier":
        return False
    return any(
        is_own_id(things, one.node, one.scope, depth + 1)
        if one.kind == "appended"
        else one.kind == "value" and _are_own(things, one.node, one.scope, depth + 1)
        for one in held_by(node, scope) or ()
    )


def _is_chosen(name: Node, scope: Scope) -> bool:
    """Whether the function gives a name as ``task_id`` to something that it sends."""
    chosen = rb"\.apply_async\([^#]*?\btask_id[ \t]*=[ \t]*(?:str\()?%b\b" % re.escape(name.text or b"")
    return re.search(chosen, scope.node.text or b"") is not None


def _is_kept(attribute: Node) -> bool:
    """Whether the class around ``self.name`` gives it the id of something."""
    owner, name = attribute.child_by_field_name("object"), attribute.child_by_field_name("attribute")
    holder = attribute.parent
    while holder is not None and holder.type != "class_definition":
        holder = holder.parent
    if owner is None or name is None or holder is None or text_of(owner) != "self":
        return False
    kept = rb"\bself\.%b[ \t]*(?::[^=\n]+)?=[^=\n][^\n]*\.(?:id|task_id)\b" % re.escape(name.text or b"")
    return re.search(kept, holder.text or b"") is not None

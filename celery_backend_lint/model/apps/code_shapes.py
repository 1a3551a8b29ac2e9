"""Code around a node: the call that it is given to, the function that a signal calls, a base's constructor."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.objects.classes import lineage
from celery_backend_lint.evaluate.values import Class, Function, Instance
from celery_backend_lint.model.apps.creations import is_celery_class
from celery_backend_lint.model.apps.places import call_of, definition_around
from celery_backend_lint.syntax.python import arguments_of, children_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.model.apps.creations import Creation
    from celery_backend_lint.syntax.python import Node


def loop_names(loop: Node) -> list[str]:
    """The names that a loop binds, as far as they are plain."""
    left = loop.child_by_field_name("left")
    parts = [left, *left.named_children] if left is not None else []
    return [text_of(part) for part in parts if part.type == "identifier"]


def call_with(parent: Node) -> Node | None:
    """The call among whose arguments a node stands, given its parent."""
    if parent.type == "keyword_argument" and parent.parent is not None:
        parent = parent.parent
    return parent.parent if parent.type == "argument_list" else None


def connected(ev: Evaluator, node: Node, scope: Scope) -> Function | None:
    """The function that ``app.signal.connect`` connects: the one that it decorates, or its first argument."""
    connect = node.parent
    holder = connect.parent if connect is not None else None
    if holder is not None and holder.type == "call":
        given = [value for _, value in arguments_of(holder)]
        if given:
            value = ev.ask(given[0], scope)
            return value if isinstance(value, Function) else None
        holder = holder.parent
    if holder is None or holder.type != "decorator" or holder.parent is None:
        return None
    definition = holder.parent.child_by_field_name("definition")
    name = definition.child_by_field_name("name") if definition is not None else None
    if definition is None or name is None or definition.type != "function_definition":
        return None
    return Function(text_of(name), definition, scope, ev.location(name, scope))


def call_of_base(ev: Evaluator, init: Function, scope: Scope) -> Node | None:
    """The call of a base's constructor in a constructor; None where there is not exactly one."""
    found = []
    body = init.node.child_by_field_name("body")
    for match in re.finditer(rb"__init__\s*\(", (body.text or b"") if body is not None else b""):
        call = call_of(init.node, (body.start_byte if body is not None else 0) + match.start())
        function = call.child_by_field_name("function") if call is not None else None
        owner = function.child_by_field_name("object") if function is not None else None
        if call is None or owner is None or definition_around(call) != init.node:
            continue
        if text_of(owner).startswith("super") or is_celery_class(ev, ev.value(owner, scope)):
            found.append(call)
    return found[0] if len(found) == 1 else None


def own_app(ev: Evaluator, node: Node, creation: Creation) -> Instance | None:
    """The app as ``self`` of a method of its own class, where a node is ``self.x`` in one; else None."""
    definition, cls = definition_around(node), creation.cls
    owner = node.child_by_field_name("object")
    parameters = definition.child_by_field_name("parameters") if definition is not None else None
    names = children_of(parameters) if parameters is not None else []
    if definition is None or not names or not isinstance(cls, Class):
        return None
    around = definition.parent
    while around is not None and around.type in ("block", "decorated_definition"):
        around = around.parent
    if owner is None or around is None or text_of(owner) != text_of(names[0]):
        return None
    if any(isinstance(base, Class) and base.node == around for base in lineage(ev, cls)):
        return Instance(cls, creation.arguments, creation.keywords, creation.location)
    return None

"""What the code of a project itself writes into a variable of the environment, where it can be followed."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.values import Environment, Literal
from celery_backend_lint.syntax.python import children_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.syntax.python import Node


def variable(ev: Evaluator, name: str, scope: Scope, before: int | None = None) -> Value | None:
    """What the module of ``scope`` writes into a variable at its top level; None where it does not.

    ``before`` is the byte offset of the reader in that module, None where all of it was run. With ``setdefault`` the
    variable's own text comes first, and what is written is the default of the read.
    """
    module = scope.module
    text = module.file.source.utf8
    if name.encode() not in text:
        return None
    found: Value | None = None
    pattern = re.compile(
        rb"environ\s*(?:\[\s*[\"']" + re.escape(name.encode()) + rb"[\"']\s*\]\s*=(?!=)"
        rb"|\.\s*(setdefault)\s*\(\s*[\"']" + re.escape(name.encode()) + rb"[\"'])"
    )
    for match in pattern.finditer(text):
        node = module.node.descendant_for_byte_range(match.start(), match.end() - 1)
        while node is not None and node.type not in ("assignment", "call", "module", "block"):
            node = node.parent
        if node is None or ev.scope_at(node, module) is not module or (before is not None and node.end_byte > before):
            continue
        value = _written(ev, node, module)
        if value is None:
            continue
        place = ev.location(node, module)
        found = _default(name, value, place) if match[1] else value
    return found


def _written(ev: Evaluator, node: Node, module: Scope) -> Value | None:
    if node.type == "assignment":
        right = node.child_by_field_name("right")
        return ev.ask(right, module) if right is not None else None
    if node.type == "call":
        arguments = node.child_by_field_name("arguments")
        given = children_of(arguments) if arguments is not None else []
        return ev.ask(given[1], module) if len(given) == 2 else None
    return None


def _default(name: str, value: Value, place: Location) -> Value:
    if isinstance(value, Literal) and value.value is None:
        return value
    return Environment((name,), value, "str", "os.environ", place)

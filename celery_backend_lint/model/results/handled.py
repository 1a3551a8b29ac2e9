"""Reads and flows whose failure the code itself has in mind: it catches just that error, or asks for the backend."""

from __future__ import annotations

import re

from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.syntax.python import Node

_ASKS = re.compile(rb"\bDisabledBackend\b")


def is_handled(node: Node, error: str) -> bool:
    """Whether a ``try`` around an expression catches ``error`` by its name, or its function (its module, outside of
    one) looks whether the backend is Celery's ``DisabledBackend``.

    A broad ``except Exception`` does not count: what it hides is not meant.
    """
    child, parent = node, node.parent
    while parent is not None and child.type not in ("function_definition", "module"):
        tried = parent.type == "try_statement" and child == parent.child_by_field_name("body")
        if tried and any(_catches(one, error) for one in parent.children if one.type == "except_clause"):
            return True
        child, parent = parent, parent.parent
    return _ASKS.search(child.text or b"") is not None


def _catches(clause: Node, error: str) -> bool:
    caught = next((one for one in clause.named_children if one.type != "block"), None)
    return caught is not None and re.search(rf"(?<!\w){error}\b", text_of(caught)) is not None

"""Functions that write into the names of the module that calls them: ``sys._getframe(1).f_globals.update(…)``.

What they write is not followed.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.syntax.python import Node

_BLOCKS = frozenset(
    {"block", "if_statement", "elif_clause", "else_clause", "try_statement", "except_clause", "finally_clause"}
)


def why_hidden(ev: Evaluator, scope: Scope) -> str:
    """Why a function that a module calls as a statement may set names of it; "" where none does."""
    for call in _calls(scope.node):
        function = call.child_by_field_name("function")
        if function is None or function.type not in ("identifier", "attribute"):
            continue
        called = ev.value(function, scope)
        text = called.node.text if isinstance(called, Function) else None
        if text and (b"f_globals" in text or b"f_locals" in text):
            return "a function writes into the names of the module that calls it"
    return ""


def _calls(node: Node) -> Iterator[Node]:
    """The calls that stand as statements at the top of a module, in branches too."""
    for child in node.named_children:
        if child.type == "expression_statement":
            yield from (one for one in child.named_children if one.type == "call")
        elif child.type in _BLOCKS:
            yield from _calls(child)

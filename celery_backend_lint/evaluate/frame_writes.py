"""Functions that write into the names of the module that calls them: ``sys._getframe(1).f_globals.update(…)``.

What they write is not followed.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.stars import module_path
from celery_backend_lint.evaluate.values import Function
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.syntax.python import Node

_BLOCKS = frozenset(
    {"block", "if_statement", "elif_clause", "else_clause", "try_statement", "except_clause", "finally_clause"}
)


_SIGNS = (b"f_globals", b"f_locals")


def why_hidden(ev: Evaluator, scope: Scope) -> str:
    """Why a function that a module calls as a statement may set names of it; "" where none does.

    Nothing is evaluated but for a function of a module that speaks of the names of a frame.
    """
    asked: dict[str, bool] = {}  # a module may call one name as often as it likes
    for call in _calls(scope.node):
        function = call.child_by_field_name("function")
        first = function.child_by_field_name("object") if function and function.type == "attribute" else function
        if function is None or first is None or first.type != "identifier":
            continue
        name = text_of(first)
        if name not in asked:
            asked[name] = _may_write(ev, scope, name)
        if not asked[name]:
            continue
        called = ev.value(function, scope)
        text = called.node.text if isinstance(called, Function) else None
        if text and any(sign in text for sign in _SIGNS):
            return "a function writes into the names of the module that calls it"
    return ""


def _may_write(ev: Evaluator, scope: Scope, name: str) -> bool:
    """Whether a module that a name is defined in, or imported from, speaks of the names of a frame."""
    paths: set[str] = set()
    for binding in scope.bindings.get(name, ()):
        path: str | None = scope.file.path
        if binding.kind in ("from", "import"):
            statement = binding.node.parent if binding.kind == "from" else None
            module = statement.child_by_field_name("module_name") if statement is not None else None
            path = ev.modules.find(binding.name, scope.file.path) if module is None else module_path(ev, module, scope)
        if path is not None and path.endswith(".py"):
            paths.add(path)
    sources = (ev.modules.project.source(path) for path in paths)
    return any(source is not None and any(sign in source.data for sign in _SIGNS) for source in sources)


def _calls(node: Node) -> Iterator[Node]:
    """The calls that stand as statements at the top of a module, in branches too."""
    for child in node.named_children:
        if child.type == "expression_statement":
            yield from (one for one in child.named_children if one.type == "call")
        elif child.type in _BLOCKS:
            yield from _calls(child)

"""Where the text of an expression goes: is it printed, logged, or part of what a view answers?

Only what shows the whole text counts: formatting it, joining it, putting it into a dict. A call, a slice or a
comparison on the way may take a secret away.
"""

from __future__ import annotations

import re

from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.syntax.python import Node

PRINTS = frozenset({"print", "pprint", "secho", "echo"})
LEVELS = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log", "success"})
ANSWERS = frozenset({"jsonify", "JsonResponse", "JSONResponse", "Response", "HttpResponse", "PlainTextResponse"})
ROUTE = r"\.(?:route|get|post|put|api_route)\s*\(|\bapi_view\b|_view\b"
SHOWS_WHOLE = frozenset({"str", "repr", "format", "dict", "list", "tuple", "dumps", "join"})

_PASSES = frozenset(
    {
        "interpolation", "string", "concatenated_string", "parenthesized_expression", "tuple", "list", "dictionary",
        "expression_list", "set", "boolean_operator",
    }
)  # fmt: skip


def expression_around(node: Node) -> Node:
    """The longest expression that a name ends: ``settings.broker_url``, for a text ``os.environ["X"]``."""
    parent = node.parent
    while parent is not None:
        if (
            (parent.type == "attribute" and parent.child_by_field_name("attribute") == node)
            or (parent.type in ("string_content", "string") and node.type in ("string_content", "string"))
            or (parent.type == "subscript" and node.type == "string")
        ):
            node = parent
        elif parent.type == "argument_list" and node.type == "string" and _reads_environment(parent.parent):
            node = parent.parent or node
        else:
            return node
        parent = node.parent
    return node


def shown_by(node: Node) -> tuple[str, Node] | None:
    """How the whole text of an expression is shown, and the call or statement that does; None where it is not.

    ``"printed"``, ``"logged"`` or ``"returned"``.
    """
    parent = node.parent
    while parent is not None:
        kind = parent.type
        if _passes(parent, node):
            pass
        elif kind == "argument_list" and parent.parent is not None and parent.parent.type == "call":
            call = parent.parent
            found = _sink(call)
            if found:
                return found, call
            if _called(call) not in SHOWS_WHOLE:
                return None
            node, parent = call, call.parent
            continue
        elif kind == "return_statement":
            return ("returned", parent) if _in_view(parent) else None
        else:
            return None
        node, parent = parent, parent.parent
    return None


def _passes(parent: Node, node: Node) -> bool:
    """Whether the text of a part of an expression is in the text of the whole."""
    kind = parent.type
    if kind in ("pair", "keyword_argument"):
        return parent.child_by_field_name("value") == node
    if kind == "binary_operator":
        return _operator(parent) in ("%", "+")
    if kind == "conditional_expression":
        return parent.named_children[1] != node
    return kind in _PASSES


def _operator(node: Node) -> str:
    operator = node.child_by_field_name("operator")
    return text_of(operator) if operator is not None else ""


def _called(call: Node) -> str:
    function = call.child_by_field_name("function")
    return text_of(function).rpartition(".")[2] if function is not None else ""


def _sink(call: Node) -> str:
    """What a call does with its arguments, "" for something else."""
    function = call.child_by_field_name("function")
    if function is None:
        return ""
    text, name = text_of(function), _called(call)
    if name in PRINTS or re.search(r"(?:stdout|stderr)\.write$", text):
        return "printed"
    if name in LEVELS and re.search(r"(?i)log", text.rpartition(".")[0]):
        return "logged"
    return "returned" if name in ANSWERS else ""


def _in_view(node: Node) -> bool:
    """Whether a statement stands in a function that a decorator makes a view."""
    outer = node.parent
    while outer is not None and outer.type != "function_definition":
        outer = outer.parent
    decorated = outer.parent if outer is not None else None
    if decorated is None or decorated.type != "decorated_definition":
        return False
    return any(re.search(ROUTE, text_of(one)) for one in decorated.named_children if one.type == "decorator")


def _reads_environment(call: Node | None) -> bool:
    function = call.child_by_field_name("function") if call is not None and call.type == "call" else None
    return (
        function is not None
        and re.search(r"(?:^|\.)(?:getenv|environ\.get|env|config)$", text_of(function)) is not None
    )

"""Where an expression is only come to while its text has no ``@``: a URL without one holds no password.

``url.split("@")[-1] if "@" in url else url``, ``if "@" not in url:``, and what follows ``if "@" in url: return …``.
"""

from __future__ import annotations

from celery_backend_lint.syntax.python import children_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.syntax.python import Node

_LEAVES = frozenset({"return_statement", "raise_statement", "continue_statement", "break_statement"})


def has_no_login(node: Node) -> bool:
    """Whether what decides that ``node`` is come to, in its function, says that its text has no ``@``."""
    text = _plain(node)
    return any(_says(condition, text, holds=holds) for condition, holds in _decisions(node))


def _decisions(node: Node) -> Iterator[tuple[Node, bool]]:
    """The conditions under which a node is come to, each with whether it is true there."""
    inner, outer = node, node.parent
    while outer is not None and inner.type not in ("function_definition", "lambda"):
        if outer.type == "conditional_expression":
            consequence, condition, alternative = children_of(outer)[:3]
            if inner in (consequence, alternative):
                yield condition, inner == consequence
        elif outer.type in ("if_statement", "elif_clause"):
            yield from _of_statement(outer, inner)
        elif outer.type in ("block", "module"):
            yield from _left_before(outer, inner)
        inner, outer = outer, outer.parent


def _of_statement(statement: Node, inner: Node) -> Iterator[tuple[Node, bool]]:
    condition = statement.child_by_field_name("condition")
    if condition is None or inner == condition:
        return
    if statement.child_by_field_name("consequence") == inner:
        yield condition, True
        return
    yield condition, False
    for other in statement.children_by_field_name("alternative"):
        if other == inner:
            return
        refused = other.child_by_field_name("condition")
        if refused is not None:
            yield refused, False


def _left_before(block: Node, inner: Node) -> Iterator[tuple[Node, bool]]:
    """The conditions of the statements before one that leave the block where they are true."""
    for statement in children_of(block):
        if statement == inner:
            return
        if statement.type == "if_statement" and statement.child_by_field_name("alternative") is None:
            condition, body = (statement.child_by_field_name(name) for name in ("condition", "consequence"))
            last = children_of(body)[-1:] if body is not None else []
            if condition is not None and last and last[0].type in _LEAVES:
                yield condition, False


def _says(condition: Node, text: str, *, holds: bool) -> bool:
    """Whether a condition that is true (``holds``), or false, says that there is no ``@`` in ``text``."""
    if condition.type == "parenthesized_expression":
        return any(_says(one, text, holds=holds) for one in children_of(condition))
    if condition.type == "not_operator":
        argument = condition.child_by_field_name("argument")
        return argument is not None and _says(argument, text, holds=not holds)
    if condition.type == "boolean_operator":
        operator = condition.child_by_field_name("operator")
        sides = [condition.child_by_field_name(name) for name in ("left", "right")]
        certain = operator is not None and (text_of(operator) == "and") is holds
        return certain and any(side is not None and _says(side, text, holds=holds) for side in sides)
    if condition.type != "comparison_operator" or len(condition.named_children) != 2:
        return False
    sign, asked = condition.named_children
    compared = " ".join(text_of(one) for one in condition.children if not one.is_named)
    wanted = "not in" if holds else "in"
    return compared == wanted and text_of(sign).strip("\"'") == "@" and _plain(asked) == text


def _plain(node: Node) -> str:
    return "".join(text_of(node).split())

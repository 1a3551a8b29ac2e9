"""Reads of the environment that serve several variables: a project's own helper is not changed for one of them."""

from __future__ import annotations

from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.syntax.python import arguments_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Environment
    from celery_backend_lint.fixes.python.nodes import Place
    from celery_backend_lint.syntax.python import Node

_RUN_OFTEN = frozenset(
    {
        "function_definition",
        "lambda",
        "for_statement",
        "while_statement",
        "list_comprehension",
        "set_comprehension",
        "dictionary_comprehension",
        "generator_expression",
    }
)
_NAMES = frozenset({"", "key", "var", "name", "option"})
"""Parameters of readers that take the variable's name, ``""`` for by position."""


def refuse_shared(place: Place, read: Environment) -> None:
    """Raise CannotFixError where the read at a place is one of whatever variable it is asked for."""
    name = _name(place.node)
    if name is None or name.type in ("string", "concatenated_string"):
        return
    around = place.node.parent
    while around is not None:
        if around.type in _RUN_OFTEN:
            raise CannotFixError(f"{place.where} reads other variables as well as `{read.variable}`")
        around = around.parent


def _name(node: Node) -> Node | None:
    """The expression that says which variable is read."""
    if node.type == "subscript":
        return node.child_by_field_name("subscript")
    return next((one for key, one in arguments_of(node) if key in _NAMES), None) if node.type == "call" else None

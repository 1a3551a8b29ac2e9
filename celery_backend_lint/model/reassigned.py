"""An assignment that a later one of the same name beats before anything can have read it."""

from __future__ import annotations

from celery_backend_lint.model.source_nodes import node_at
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import children_of, nodes_in, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.syntax.python import Node

_READS_ANY_NAME = frozenset({"globals", "locals", "vars", "exec", "eval"})

_MAY_DO_SOMETHING = frozenset({"call", "named_expression", "await", "yield", "assignment", "subscript"})


@record
class Reassigned:
    """An assignment that has no effect: its name, its statement, and the line of the one that beats it."""

    name: str
    statement: Node
    line: int


def reassigned(model: Model, name: Location, value: Location) -> Reassigned | None:
    """The assignment to the plain name at a location, where the value at another one stands in it and it has no effect:
    the same module or class body sets the name again whatever happens, and nothing before that mentions it. Else None.

    A name in a branch may lose; one that wins stands in none.
    """
    target, literal = node_at(model.evaluator, name), node_at(model.evaluator, value)
    assignment = _assignment_of(target)
    if target is None or literal is None or assignment is None or name.path != value.path:
        return None
    statement, right = assignment.parent, assignment.child_by_field_name("right")
    if statement is None or right is None or not right.start_byte <= literal.start_byte < right.end_byte:
        return None
    if any(node.type in _MAY_DO_SOMETHING for node in nodes_in(right)):
        return None
    body = _body_of(statement)
    if body is None:
        return None
    for later in children_of(body):
        if later.start_byte < statement.end_byte:
            continue
        winner = _assignment_of(_target(later))
        if winner is not None and text_of(children_of(winner)[0]) == text_of(target):
            if _is_read_before(_root(body), text_of(target), later.end_byte):
                return None
            return Reassigned(text_of(target), statement, later.start_point[0] + 1)
    return None


def _target(statement: Node) -> Node | None:
    inner = children_of(statement)[0] if statement.type == "expression_statement" else None
    return inner.child_by_field_name("left") if inner is not None and inner.type == "assignment" else None


def _assignment_of(target: Node | None) -> Node | None:
    """The plain assignment of one value to one name, a statement by itself."""
    parent = target.parent if target is not None and target.type == "identifier" else None
    if parent is None or parent.type != "assignment" or parent.child_by_field_name("left") != target:
        return None
    is_statement = parent.parent is not None and parent.parent.type == "expression_statement"
    return parent if is_statement and parent.child_by_field_name("right") is not None else None


def _body_of(statement: Node) -> Node | None:
    """The body of the module or class that a statement stands in, in a branch of it or not; None in a function."""
    node = statement.parent
    while node is not None and node.type != "module":
        if node.type == "function_definition":
            return None
        if node.type == "class_definition":
            return node.child_by_field_name("body")
        node = node.parent
    return node


def _root(node: Node) -> Node:
    while node.parent is not None:
        node = node.parent
    return node


def _is_read_before(root: Node, name: str, end: int) -> bool:
    """Whether code above ``end`` may read a name: a function that does may be called there."""
    for node in nodes_in(root):
        if node.start_byte >= end or node.type != "identifier":
            continue
        if text_of(node) in _READS_ANY_NAME or (text_of(node) == name and _assignment_of(node) is None):
            return True
    return False

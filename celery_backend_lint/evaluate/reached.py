"""When a statement is reached in its scope: under which branches, after which statements that may leave it before."""

from __future__ import annotations

from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, truth
from celery_backend_lint.evaluate.values import Literal, Operation, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Branch, Path, Scope
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.syntax.python import Node

_PERHAPS = frozenset(
    {"boolean_operator", "conditional_expression", "list_comprehension", "set_comprehension",
     "dictionary_comprehension", "generator_expression"}
)  # fmt: skip
"""Expressions whose parts may not be evaluated at all, or more than once; the first operand is."""


def condition_at(ev: Evaluator, node: Node, scope: Scope, given: Path = (), since: int = 0) -> Value | None:
    """When ``node`` is reached in its scope: None for always, ``Literal(False)`` for never, else the condition
    (Unknown: nobody can say). Of the branches in ``given`` it is known that they are taken, of the place ``since`` that
    it was reached: nothing before it left the scope.
    """
    path = scope.path_at(node.start_byte)
    held: list[Value] = []
    if (perhaps := _inside_expression(node)) is not None:
        held.append(ev.unknown("a part of an expression that may not be evaluated", perhaps, scope))
    for depth, (branch, number) in enumerate(path):
        if depth < len(given) and given[depth] == (branch, number):
            continue
        held.extend(taken(ev, branch, number, scope))
    for _, end, inner in scope.branches:
        branch, number = inner[-1]
        if since < end <= node.start_byte and branch.arms[number].exits and path[: len(inner) - 1] == inner[:-1]:
            held.append(_negated(conjunction(taken(ev, branch, number, scope)), ev, branch, scope))
    return conjunction(held)


def conjunction(held: list[Value]) -> Value | None:
    """One condition for several that must all hold: None where they all do, ``Literal(False)`` where one does not."""
    left: list[Value] = []
    for condition in held:
        try:
            if not truth(condition, None):
                return Literal(False, condition.origin)
        except (UndeterminedError, WouldRaiseError):
            left.append(condition)
    if not left:
        return None
    return left[0] if len(left) == 1 else Operation("and", tuple(left), left[0].origin)


def taken(ev: Evaluator, branch: Branch, number: int, scope: Scope) -> list[Value]:
    """The conditions under which one arm of a branch is taken."""
    origin = ev.location(branch.node, scope)
    if branch.kind == "loop":
        return [Unknown("a loop", origin)]
    if branch.kind == "try":
        return [Unknown("an exception is raised", origin)] if number > 0 else []
    held: list[Value] = []
    for earlier in range(number):
        condition = ev.condition(branch, earlier, None, scope)
        if condition is not None:
            held.append(Operation("not", (condition,), origin))
    condition = ev.condition(branch, number, None, scope)
    if condition is not None:
        held.append(condition)
    return held


def _negated(condition: Value | None, ev: Evaluator, branch: Branch, scope: Scope) -> Value:
    origin = ev.location(branch.node, scope)
    if branch.kind == "try":
        return Literal(True, origin)  # its handlers leave where it fails; that it works is what is assumed
    if condition is None:
        return Literal(False, origin)
    if isinstance(condition, Unknown):
        return condition
    return Operation("not", (condition,), origin)


def _inside_expression(node: Node) -> Node | None:
    """The expression around ``node`` that may leave it out; None where it is evaluated with its statement."""
    child, parent = node, node.parent
    while parent is not None and not parent.type.endswith(("_statement", "block", "module", "_definition")):
        if parent.type in _PERHAPS:
            first = parent.child_by_field_name("left")
            if first is None or first != child:
                return parent
        child, parent = parent, parent.parent
    return None

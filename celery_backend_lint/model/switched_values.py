"""Values that a switch in the source (``DEBUG = True``) decides, and of which the other one is the environment's."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Environment, Literal, walk
from celery_backend_lint.model.source_nodes import node_at
from celery_backend_lint.model.taken_values import written_value
from celery_backend_lint.syntax.python import children_of, nodes_in, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.scopes import Binding, Scope
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import Setting
    from celery_backend_lint.syntax.python import Node

MOST_EXPRESSIONS = 50
"""How many expressions are looked into."""

_AROUND = frozenset({"parenthesized_expression", "conditional_expression"})

_NO_SWITCHES = frozenset({"TYPE_CHECKING", "__name__", "__debug__"})
"""Names that no deployment turns."""


def is_read_with_the_switch_off(model: Model, setting: Setting, literal: Literal) -> bool:
    """Whether the code that gives a setting a literal reads the environment in the other branch of a condition on a
    constant of the project: ``"redis://localhost" if DEBUG else os.environ["RESULTS"]`` beside ``DEBUG = True``.

    ``if`` statements count as well, and names that the value is taken by or put together of, within their modules.
    """
    left = list(_starts(model, setting, literal))
    seen: set[tuple[str, int]] = set()
    while left and len(seen) < MOST_EXPRESSIONS:
        node, module = left.pop()
        if (module.file.path, node.id) in seen:
            continue
        seen.add((module.file.path, node.id))
        if _is_branch_beside_a_read(model, node, module):
            return True
        for name in _names(model, node, module):
            bindings = [one for one in module.bindings.get(name, []) if one.kind == "assign" and not one.index]
            if _is_bound_beside_a_read(model, module, bindings):
                return True
            left += [(one.node, module) for one in bindings]
    return False


def _starts(model: Model, setting: Setting, literal: Literal) -> Iterator[tuple[Node, Scope]]:
    nodes = [(node_at(model.evaluator, literal.origin), literal.origin.path)]
    nodes += [(node_at(model.evaluator, one.location), one.location.path) for one in setting.assignments]
    nodes += [(written_value(model, one), one.location.path) for one in setting.assignments]
    for node, path in nodes:
        file = model.evaluator.modules.file(path)
        if node is not None and file is not None:
            yield node, file.scope


def _names(model: Model, expression: Node, module: Scope) -> Iterator[str]:
    """The names of the module in an expression, and the one that it is given to."""
    parent = expression.parent
    while parent is not None and parent.type in _AROUND:
        parent = parent.parent
    target = parent.child_by_field_name("left") if parent is not None and parent.type == "assignment" else None
    for node in (*nodes_in(expression), *([target] if target is not None else [])):
        if node.type == "identifier" and model.evaluator.scope_at(node, module) is module:
            yield text_of(node)


def _is_branch_beside_a_read(model: Model, expression: Node, module: Scope) -> bool:
    """Whether an expression is, or holds, one branch of a conditional whose other one reads the environment."""
    conditionals = [node for node in nodes_in(expression) if node.type == "conditional_expression"]
    node = expression.parent
    while node is not None and node.type in _AROUND:
        conditionals += [node] if node.type == "conditional_expression" else []
        node = node.parent
    for conditional in conditionals:
        parts = children_of(conditional)
        reads = len(parts) == 3 and any(_reads(model, part, module) for part in (parts[0], parts[2]))
        if reads and _is_switch(model, parts[1], module):
            return True
    return False


def _is_bound_beside_a_read(model: Model, module: Scope, assigned: list[Binding]) -> bool:
    """Whether a branch that the switch turns on gives a name what it reads, and nothing below undoes that."""
    for one in assigned:
        branch = _switched_branch(model, one.node, module)
        if branch is not None and _reads(model, one.node, module):
            return not any(other.target.start_byte >= branch.end_byte for other in assigned)
    return False


def _switched_branch(model: Model, node: Node, module: Scope) -> Node | None:
    """The ``if`` statement on a switch that a node stands in a branch of."""
    parent = node.parent
    while parent is not None and parent.type != "function_definition":
        if parent.type == "if_statement":
            conditions = [parent, *(child for child in children_of(parent) if child.type == "elif_clause")]
            for one in conditions:
                condition = one.child_by_field_name("condition")
                if condition is not None and _is_switch(model, condition, module):
                    return parent
        parent = parent.parent
    return None


def _is_switch(model: Model, condition: Node, module: Scope) -> bool:
    """Whether a condition asks a constant of the project, by its name."""
    for node in nodes_in(condition):
        if node.type in ("identifier", "attribute") and text_of(node) not in _NO_SWITCHES:
            value = model.evaluator.ask(node, model.evaluator.scope_at(node, module))
            if isinstance(value, Literal) and value.origin.path and value.origin.line:
                return True
    return False


def _reads(model: Model, node: Node, module: Scope) -> bool:
    value = model.evaluator.ask(node, model.evaluator.scope_at(node, module))
    return any(isinstance(one, Environment) for one in walk(value))

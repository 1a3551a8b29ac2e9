"""The Django settings modules that a file names where which one hangs on a condition.

``if os.environ.get("STAGE"): os.environ.setdefault("DJANGO_SETTINGS_MODULE", "proj.settings.server")`` and an ``else``:
each branch names one. What is put together of a variable's text (``"proj.settings." + stage``) names modules that
nobody can tell; the variable itself may name any other module anyhow, so those that are written out are what is known.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.alternatives import combine, filled
from celery_backend_lint.evaluate.values import Alternative, Choice, Literal, Missing, Operation, Unknown
from celery_backend_lint.syntax.python import children_of, string_value, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.project_modules import ModuleFile
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.syntax.python import Node

VARIABLE = "DJANGO_SETTINGS_MODULE"


def named_by_branches(ev: Evaluator, file: ModuleFile) -> list[tuple[str, Value | None]]:
    """The names that a module gives the variable, each with when it does, None for otherwise.

    At its top level, or in the one function that speaks of it (``main()`` of manage.py). Empty where something else
    than an ``if`` decides, and where on some way none is given.
    """
    block, scope = file.scope.node, file.scope
    speaking = [one for one in children_of(block) if VARIABLE in text_of(one) and one.type != "comment"]
    if len(speaking) == 1 and speaking[0].type == "function_definition":
        scope = ev.function_scope(speaking[0], scope)
        block = speaking[0].child_by_field_name("body") or block
    value = _left_by(ev, block, scope)
    found = list(_names(value, None)) if value is not None else []
    names = [(name, condition) for name, condition in found if name]
    return names if all(name is not None for name, _ in found) else []


def _names(value: Value, condition: Value | None) -> Iterator[tuple[str | None, Value | None]]:
    """Each outcome of the variable: its name, "" where that is put together, None where nothing is named."""
    if isinstance(value, Choice):
        for one in value.alternatives:
            yield from _names(one.value, _both(condition, one.condition))
    elif isinstance(value, Literal) and isinstance(value.value, str):
        yield value.value, condition
    elif isinstance(value, (Missing, Literal)):
        yield None, condition
    else:
        yield "", condition


def _both(outer: Value | None, inner: Value | None) -> Value | None:
    if outer is None or inner is None:
        return outer or inner
    return Operation("and", (outer, inner), inner.origin)


def _left_by(ev: Evaluator, block: Node, scope: Scope) -> Value | None:
    """What a block leaves in the variable where the environment has none; None where that cannot be told."""
    found: Value = Missing(ev.location(block, scope))
    for statement in children_of(block):
        if VARIABLE not in text_of(statement):
            continue
        if statement.type == "if_statement":
            inner = _of_branches(ev, statement, scope)
            if inner is None:
                return None
            found = filled(found, inner)
        elif statement.type == "expression_statement" and statement.named_children:
            node = statement.named_children[0]
            if node.type == "call":
                found = filled(found, _given(ev, node, scope))
            elif node.type == "assignment":
                return None  # whatever the environment says
        elif statement.type != "comment":
            return None
    return found


def _of_branches(ev: Evaluator, statement: Node, scope: Scope) -> Value | None:
    alternatives: list[Alternative] = []
    condition: Node | None = statement
    for clause in (statement, *statement.children_by_field_name("alternative")):
        body = clause.child_by_field_name("body" if clause.type == "else_clause" else "consequence")
        condition = clause.child_by_field_name("condition")
        inner = _left_by(ev, body, scope) if body is not None else None
        if inner is None:
            return None
        alternatives.append(Alternative(inner, ev.ask(condition, scope) if condition is not None else None))
    if condition is not None:
        alternatives.append(Alternative(Missing(ev.location(statement, scope)), None))
    return combine(alternatives, ev.location(statement, scope))


def _given(ev: Evaluator, call: Node, scope: Scope) -> Value:
    """What ``os.environ.setdefault("DJANGO_SETTINGS_MODULE", …)`` gives; Missing for any other call."""
    function, arguments = (call.child_by_field_name(name) for name in ("function", "arguments"))
    given = children_of(arguments) if arguments is not None else []
    if function is None or not text_of(function).endswith("environ.setdefault") or len(given) != 2:
        return Missing(ev.location(call, scope))
    if given[0].type != "string" or string_value(given[0]) != VARIABLE:
        return Unknown("the name of a variable", ev.location(call, scope))
    return ev.ask(given[1], scope)

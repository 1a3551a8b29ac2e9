"""Who calls a function, and with what: the parameters of factories such as ``make_celery(app)``."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.calls import read_arguments
from celery_backend_lint.evaluate.evaluator import combine
from celery_backend_lint.evaluate.functions import bind_arguments, parameter_names
from celery_backend_lint.evaluate.values import Alternative, Class, Function, Instance, Unknown
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Entry, Value
    from celery_backend_lint.syntax.python import Node

NEEDLES = (b"elery",)
"""Only files that have to do with Celery are searched for callers: their bytes are in memory already."""

MOST_CALLERS = 4
"""With more callers than this a parameter is unknown."""

MOST_PLACES = 40
"""A name that stands before a parenthesis more often than this is too common to look for callers."""


def open_parameters(ev: Evaluator, node: Node, scope: Scope) -> dict[str, Value]:
    """The parameters of a function as its callers pass them, alternatives where they differ; unknown without callers.

    A method's ``self`` is an instance of its class. Decorated functions are called by others: unknown.
    """
    names = parameter_names(node)
    if not names:
        return {}
    origin = ev.location(node, scope)
    if scope.kind == "class" and scope.parent is not None:
        return _of_method(ev, node, scope)
    unknown: dict[str, Value] = {name: Unknown(f"the argument {name}", origin) for name, _, _ in names if name}
    name_node = node.child_by_field_name("name")
    if name_node is None or scope.kind != "module":
        return unknown
    calls = _calls(ev, text_of(name_node), node, scope)
    if not 1 <= len(calls) <= MOST_CALLERS:
        return unknown
    function = Function(text_of(name_node), node, scope, origin)
    bound = [bind_arguments(ev, function, arguments, keywords) for arguments, keywords in calls]
    which = Unknown("which caller it is", origin)
    found: dict[str, Value] = {}
    for name, nothing in unknown.items():
        values = [one.get(name, nothing) for one in bound]
        alternatives = [Alternative(value, which) for value in values[:-1]] + [Alternative(values[-1], None)]
        found[name] = combine(alternatives, origin) or nothing
    return found


def _of_method(ev: Evaluator, node: Node, scope: Scope) -> dict[str, Value]:
    bound: dict[str, Value] = {}
    origin = ev.location(node, scope)
    for position, (name, _, _) in enumerate(parameter_names(node)):
        bound[name] = Unknown(f"the argument {name}", origin)
        if position == 0 and scope.parent is not None and name in ("self", "cls"):
            name_node = scope.node.child_by_field_name("name")
            cls = Class(text_of(name_node) if name_node is not None else "", scope.node, scope.parent, origin)
            bound[name] = cls if name == "cls" else Instance(cls, (), (), origin)
    return bound


def _calls(ev: Evaluator, name: str, node: Node, scope: Scope) -> list[tuple[list[Value], list[Entry]]]:
    """The arguments of each call of a function in the files that have to do with Celery; none for too common a name."""
    found = []
    pattern = re.compile(rb"(?<![\w])" + re.escape(name.encode()) + rb"\s*\(")
    paths = dict.fromkeys([scope.file.path, *ev.modules.project.python_files_mentioning(NEEDLES)])
    seen = 0
    for path in paths:
        file = ev.modules.file(path)
        if file is None or name.encode() not in file.source.utf8:
            continue
        offsets = [match.start() for match in pattern.finditer(file.source.utf8)]
        seen += len(offsets)
        if seen > MOST_PLACES:
            return []
        for offset in offsets:
            call = _call_at(file.scope.node, offset)
            function = call.child_by_field_name("function") if call is not None else None
            if call is None or function is None:
                continue
            where = ev.scope_at(call, file.scope)
            target = ev.value(function, where)
            if isinstance(target, Function) and target.node.start_byte == node.start_byte and target.scope is scope:
                found.append(read_arguments(ev, call, where))
    return found


def _call_at(root: Node, offset: int) -> Node | None:
    """The call whose function ends with the name at a byte offset; None for a definition or something else."""
    node = root.descendant_for_byte_range(offset, offset + 1)
    if node is None or node.type != "identifier":
        return None
    parent = node.parent
    if parent is not None and parent.type == "attribute" and parent.child_by_field_name("attribute") == node:
        node, parent = parent, parent.parent
    is_function = parent is not None and parent.type == "call" and parent.child_by_field_name("function") == node
    return parent if is_function else None

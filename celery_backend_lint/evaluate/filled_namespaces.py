"""What a function of the project puts into the module's names that it is given: ``populate(env, globals())``.

Followed is a function that does nothing with them but ``names[key] = value``, in loops whose rounds are known.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Entry, Function, Literal, Mapping
from celery_backend_lint.syntax.python import arguments_of, nodes_in, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.syntax.python import Node

MOST_NAMES = 500
"""How many names one call may set."""


def filled(ev: Evaluator, call: Node, scope: Scope, own: frozenset[str]) -> Mapping | None:
    """The names that a call sets in the namespace that one argument (a text of ``own``) hands it; None where it may
    set others.
    """
    from celery_backend_lint.evaluate import functions
    from celery_backend_lint.evaluate.calls import read_arguments
    from celery_backend_lint.evaluate.objects import classes

    called = call.child_by_field_name("function") if call.type == "call" else None
    if called is None or scope.kind != "module":
        return None
    function = ev.value(called, scope)
    arguments = list(arguments_of(call))
    handed = [at for at, (_, node) in enumerate(arguments) if text_of(node) in own]
    if not isinstance(function, Function) or len(handed) != 1 or any(name.startswith("*") for name, _ in arguments):
        return None
    if function.node.type == "lambda" or classes.decorators(function) or b"yield" in (function.node.text or b""):
        return None
    named = arguments[handed[0]][0]
    parameters = functions.parameter_names(function.node)
    if any(kind or not name for name, kind, _ in parameters) or (not named and handed[0] >= len(parameters)):
        return None
    name = named or parameters[handed[0]][0]
    values, keywords = read_arguments(ev, call, scope)
    inside = functions.call_scope(ev, function, values, keywords)
    body = function.node.child_by_field_name("body")
    if inside.returns or body is None or any(child.type == "async" for child in function.node.children):
        return None
    entries: list[Entry] = []
    places = {node.start_byte for node in nodes_in(body) if node.type == "identifier" and text_of(node) == name}
    if len(places) != len(_put(inside, name)) or not _collect(ev, inside, name, entries):
        return None
    return Mapping(tuple(entries), ev.location(call, scope))


def _put(scope: Scope, name: str) -> set[int]:
    """Where ``name[key] = …`` stands."""
    return {one.target.start_byte for one in scope.bindings.get(name, ()) if one.kind == "item"}


def _collect(ev: Evaluator, scope: Scope, name: str, entries: list[Entry]) -> bool:
    """Add what a scope puts under names, in order; False where that is not known."""
    from celery_backend_lint.evaluate.loops import rounds_of

    looped: set[int] = set()
    for binding in scope.bindings.get(name, ()):
        if binding.kind != "item":
            return False
        if binding.path:
            branch = binding.path[0][0]
            if branch.kind != "loop":
                return False
            if branch.node.start_byte in looped:
                continue
            looped.add(branch.node.start_byte)
            rounds = rounds_of(ev, branch, scope)
            if rounds.why or any(end is not None for end in rounds.ends):
                return False
            if not all(_collect(ev, inner, name, entries) for inner in rounds.scopes):
                return False
            continue
        keys = binding.target.children_by_field_name("subscript")
        key = ev.value(keys[0], scope) if len(keys) == 1 else None
        if not isinstance(key, Literal) or not isinstance(key.value, str) or len(entries) >= MOST_NAMES:
            return False
        entries.append(Entry(key, ev.value(binding.node, scope), ev.location(keys[0], scope)))
    return True

"""Who calls a function, and with what: the parameters of factories such as ``make_celery(app)``."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.alternatives import any_of, combine
from celery_backend_lint.evaluate.calls import read_arguments
from celery_backend_lint.evaluate.flask import celeryext
from celery_backend_lint.evaluate.functions import bind_arguments, parameter_names
from celery_backend_lint.evaluate.values import (
    Class,
    Function,
    Instance,
    Literal,
    Method,
    Unknown,
)
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Entry, Value
    from celery_backend_lint.syntax.python import Node

NEEDLES = (b"elery",)
"""Files that have to do with Celery are searched for callers first: what they pass is what a worker has."""

MOST_CALLERS = 4
"""With more callers than this a parameter is unknown."""

_CONFIGURES = re.compile(rb"elery|config|Flask|FastAPI|settings|_app\b|\bapp\b|backend|broker|[Rr]edis|_url\b")
"""What the text of a function holds that has to do with configuration: only for those the whole project is searched."""

MOST_PLACES = 40
"""A name that stands before a parenthesis more often than this is too common to look for callers."""


def open_parameters(ev: Evaluator, node: Node, scope: Scope) -> dict[str, Value]:
    """The parameters of a function as its callers pass them, alternatives where they differ.

    Where nothing calls it its defaults hold: what runs it then (Flask's ``create_app()``, a command line) passes
    nothing; the others are unknown. A method's ``self`` is an instance of its class.
    """
    names = parameter_names(node)
    if not names:
        return {}
    origin = ev.location(node, scope)
    unknown: dict[str, Value] = {name: Unknown(f"the argument {name}", origin) for name, _, _ in names if name}
    own = _receiver(ev, node, scope)
    calls = _all_calls(ev, node, scope)
    if calls is None or len(calls) > MOST_CALLERS:
        return {**unknown, **own}
    name_node = node.child_by_field_name("name")
    function = Function(text_of(name_node) if name_node is not None else "", node, scope, origin)
    first: list[Value] = list(own.values())
    given: list[tuple[list[Value], list[Entry]]] = [read_arguments(ev, call, where) for call, where in calls]
    if not given and scope.kind == "module":
        for app, _, _ in celeryext.given_to(ev, node, scope):
            given.append(([app], []))
            if len(given) > MOST_CALLERS:
                return unknown
    if not given:
        return {**_defaults(ev, node, scope), **own}
    bound = [bind_arguments(ev, function, [*first, *arguments], keywords) for arguments, keywords in given]
    found: dict[str, Value] = {}
    for name, nothing in unknown.items():
        values = [one.get(name, nothing) for one in bound]
        first_one = values[0]
        if isinstance(first_one, Literal) and all(_same_literal(one, first_one) for one in values):
            found[name] = first_one
            continue
        found[name] = combine(any_of(values, "which caller it is", origin), origin)
    return {**found, **own}


def _same_literal(one: Value, other: Literal) -> bool:
    return isinstance(one, Literal) and type(one.value) is type(other.value) and one.value == other.value


def _defaults(ev: Evaluator, node: Node, scope: Scope) -> dict[str, Value]:
    """The parameters of a function that is called without arguments, unknown where that cannot be."""
    origin = ev.location(node, scope)
    found: dict[str, Value] = {}
    for name, kind, default in parameter_names(node):
        if name:
            held = ev.value(default, scope) if default is not None and not kind else None
            found[name] = Unknown(f"the argument {name}", origin) if held is None else held
    return found


def _receiver(ev: Evaluator, node: Node, scope: Scope) -> dict[str, Value]:
    """What ``self`` or ``cls`` is in a method; empty for another function and for a static method."""
    names = parameter_names(node)
    if scope.kind != "class" or scope.parent is None or names[0][0] not in ("self", "cls"):
        return {}
    origin = ev.location(node, scope)
    name_node = scope.node.child_by_field_name("name")
    cls = Class(text_of(name_node) if name_node is not None else "", scope.node, scope.parent, origin)
    return {names[0][0]: cls if names[0][0] == "cls" else Instance(cls, (), (), origin)}


def calls_of(ev: Evaluator, node: Node, scope: Scope) -> list[tuple[Node, Scope]]:
    """The calls of a function in the project, each with the scope it stands in.

    Those of test code only where the function is test code too. Empty where there are more than `MOST_CALLERS`, or
    where the name is too common to look for. ``scope`` is the one that the function is defined in.
    """
    found = _all_calls(ev, node, scope)
    return found if found is not None and len(found) <= MOST_CALLERS else []


def _all_calls(ev: Evaluator, node: Node, scope: Scope) -> list[tuple[Node, Scope]] | None:
    """As `calls_of`; None where the function cannot be looked for."""
    name_node = node.child_by_field_name("name")
    if name_node is None or scope.kind not in ("module", "class"):
        return None
    name = text_of(name_node)
    if name == "__init__" or (scope.kind == "class" and _CONFIGURES.search(node.text or b"") is None):
        return None
    key = (scope.file.path, node.start_byte)
    known = ev.callers.get(key)
    if known is None:
        ev.callers[key] = known = []  # for what asks while it is looked for
        ev.callers[key] = known = _search(ev, name, node, scope)
    return None if known is _COMMON else known


_COMMON: list[tuple[Node, Scope]] = []


def _search(ev: Evaluator, name: str, node: Node, scope: Scope) -> list[tuple[Node, Scope]]:
    project = ev.modules.project
    in_test = is_test_path(scope.file.path)
    near = dict.fromkeys([scope.file.path, *project.python_files_mentioning(NEEDLES)])
    found = _search_in(ev, name, node, scope, [path for path in near if in_test or not is_test_path(path)])
    if found or found is _COMMON or _CONFIGURES.search(node.text or b"") is None:
        return found
    far = [path for path in project.python_files_mentioning([name.encode()]) if path not in near]
    return _search_in(ev, name, node, scope, [path for path in far if in_test or not is_test_path(path)])


def _search_in(ev: Evaluator, name: str, node: Node, scope: Scope, paths: list[str]) -> list[tuple[Node, Scope]]:
    pattern = re.compile(re.escape(name.encode()) + rb"\s*\(")  # begins with plain bytes: these are found fast
    found = []
    seen = 0
    for path in paths:
        file = ev.modules.file(path)
        if file is None or name.encode() not in file.source.utf8:
            continue
        text = file.source.utf8
        offsets = [at for match in pattern.finditer(text) if not text[(at := match.start()) - 1 : at].isalnum()]
        offsets = [at for at in offsets if text[at - 1 : at] != b"_"]
        seen += len(offsets)
        if seen > MOST_PLACES:
            return _COMMON
        for offset in offsets:
            call = _call_at(file.scope.node, offset)
            function = call.child_by_field_name("function") if call is not None else None
            if call is None or function is None:
                continue
            where = ev.scope_at(call, file.scope)
            target = ev.value(function, where)
            if isinstance(target, Method):
                target = target.function
            if (
                isinstance(target, Function)
                and target.node.start_byte == node.start_byte
                and _same(target.scope, scope)
            ):
                found.append((call, where))
    return found


def _same(one: Scope, other: Scope) -> bool:
    """Whether two scopes are of the same text: a class may have been read more than once."""
    return one is other or (one.file is other.file and one.node.start_byte == other.node.start_byte)


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

"""Apps that are created in functions which run again and again: tasks, views, and what only these call."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.values import Function
from celery_backend_lint.model.apps.places import definition_around
from celery_backend_lint.model.source_nodes import node_at
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.syntax.python import arguments_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.syntax.python import Node

_ROUTES = (
    r"(?:^|\.)(?:route|get|post|put|patch|delete|websocket|api_view|action|require_\w+|login_required|view_config"
    r"|csrf_exempt|before_request|after_request|message_handler|command)$"
)
"""Decorators, without their arguments, of functions that a framework calls for each request or message."""

_VIEW_DECORATORS = frozenset({"api_view", "login_required", "csrf_exempt", "view_config"})
_VIEW_BASES = r"(?:View|ViewSet|Resource|MethodView|APIView|Handler|HTTPEndpoint)\b"
_VIEW_METHODS = frozenset({"get", "post", "put", "patch", "delete", "list", "retrieve", "create", "update", "dispatch"})
_CURRENT = (b"shared_task", b"AsyncResult", b"current_app", b"GroupResult")
MOST_CALLERS = 20


def creations_per_call(model: Model) -> Iterator[tuple[App, str]]:
    """The apps that a function makes for each call, and take the place of the current one; with its name."""
    for app in model.checked_apps:
        call = _creating_call(model, app)
        function = definition_around(call) if call is not None else None
        if call is None or function is None or function.type != "function_definition":
            continue
        if any(name in ("**", "set_as_current") for name, _ in arguments_of(call)) or not _matters(model, app):
            continue
        if not _is_made_once(call, function) and _is_repeated(model, app.path, function, 0):
            yield app, _name(function)


def _creating_call(model: Model, app: App) -> Node | None:
    node = node_at(model.evaluator, app.location)
    if node is not None and node.type in ("identifier", "attribute"):
        return None  # a use of ``current_app``, which makes the default app once
    while node is not None and node.type != "call":
        node = node.parent
    return node


def _is_made_once(call: Node, function: Node) -> bool:
    """Whether a function makes the app only where there is none yet, or what it returns is kept for it."""
    parent = call.parent
    while parent is not None and parent != function:
        condition = parent.child_by_field_name("condition") if parent.type == "if_statement" else None
        if condition is not None and re.search(r"\bis None\b|\bnot\b|\bhasattr\b", text_of(condition)) is not None:
            return True
        parent = parent.parent
    holder = function.parent
    decorators = holder.children if holder is not None and holder.type == "decorated_definition" else []
    return any(one.type == "decorator" and "cache" in text_of(one) for one in decorators)


def _matters(model: Model, app: App) -> bool:
    """Whether something in the project uses the current app: another app's tasks do not."""
    others = [one for one in model.checked_apps if one is not app]
    files = model.project.python_files_mentioning([b"elery"])
    return bool(others) or any(not is_test_path(path) and model.project.mentions(path, _CURRENT) for path in files)


def _is_repeated(model: Model, path: str, function: Node, depth: int) -> bool:
    """Whether a function runs for each request, message or task, by itself or because all its callers do."""
    if _is_view(function) or _is_task(model, path, function):
        return True
    name = _name(function)
    if depth > 2 or not name or name.startswith("__"):
        return False
    callers = list(_callers(model, path, function, name))
    return 0 < len(callers) <= MOST_CALLERS and all(
        caller is not None and _is_repeated(model, where, caller, depth + 1) for where, caller in callers
    )


def _is_view(function: Node) -> bool:
    parameters = function.child_by_field_name("parameters")
    first = parameters.named_children[0] if parameters is not None and parameters.named_children else None
    if first is not None and re.match(r"request\b", text_of(first)) is not None:
        return True
    holder = function.parent
    if holder is not None and holder.type == "decorated_definition":
        for decorator in (child for child in holder.children if child.type == "decorator"):
            name = text_of(decorator).lstrip("@ ").partition("(")[0].strip()
            if name in _VIEW_DECORATORS or ("." in name and re.search(_ROUTES, name) is not None):
                return True
    cls = _class_around(function)
    bases = cls.child_by_field_name("superclasses") if cls is not None else None
    return bases is not None and re.search(_VIEW_BASES, text_of(bases)) is not None and _name(function) in _VIEW_METHODS


def _is_task(model: Model, path: str, function: Node) -> bool:
    file = model.evaluator.modules.file(path)
    if file is None:
        return False
    scope = model.evaluator.scope_at(function, file.scope)
    where = model.evaluator.location(function, scope)
    return model.results.things.task_of(Function(_name(function), function, scope, where)) is not None


def _callers(model: Model, path: str, function: Node, name: str) -> Iterator[tuple[str, Node | None]]:
    """The functions that call one by its name, with their files; None for a call at the level of a module.

    Any use of the name that is no call and no import counts as such a call: nobody knows who calls it then.
    """
    pattern = re.compile(rb"(?<![\w])" + re.escape(name.encode()) + rb"(?!\w)")
    for other in model.project.python_files_mentioning([name.encode()]):
        file = model.evaluator.modules.file(other) if not is_test_path(other) else None
        for match in pattern.finditer(file.source.utf8) if file is not None else ():
            node = file.scope.node.descendant_for_byte_range(*match.span()) if file is not None else None
            if node is None or node.type != "identifier" or _is_named_there(node, function, other == path):
                continue
            if not _may_be_it(node, path):
                yield other, None
                continue
            holder = definition_around(node)
            while holder is not None and holder.type == "lambda":
                holder = definition_around(holder)
            yield other, holder


def _may_be_it(node: Node, path: str) -> bool:
    """Whether a name stands for the function of a file: alone, or after ``self`` or the module's name."""
    parent = node.parent
    if parent is None or parent.type != "attribute" or parent.child_by_field_name("attribute") != node:
        return True
    owner = parent.child_by_field_name("object")
    stem = path.removesuffix("/__init__.py").rpartition("/")[2].removesuffix(".py")
    return owner is not None and text_of(owner).rpartition(".")[2] in ("self", "cls", stem)


def _is_named_there(node: Node, function: Node, same_file: bool) -> bool:
    """Whether a name stands in an import, or is that of the definition itself."""
    parent = node.parent
    if same_file and function.child_by_field_name("name") == node:
        return True
    while parent is not None and parent.type in ("dotted_name", "aliased_import"):
        parent = parent.parent
    return parent is not None and parent.type.startswith("import")


def _name(function: Node) -> str:
    name = function.child_by_field_name("name")
    return text_of(name) if name is not None else ""


def _class_around(function: Node) -> Node | None:
    node = function.parent
    while node is not None and node.type not in ("class_definition", "function_definition"):
        node = node.parent
    return node if node is not None and node.type == "class_definition" else None

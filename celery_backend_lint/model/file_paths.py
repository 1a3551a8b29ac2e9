"""Which file of the project an expression names: ``Path(__file__).parent / ".env"`` and the like."""

from __future__ import annotations

import posixpath

from celery_backend_lint.syntax.python import arguments_of, number_value, string_value, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from celery_backend_lint.evaluate.scopes import Binding, Scope
    from celery_backend_lint.model import Model
    from celery_backend_lint.syntax.python import Node

_SAME = frozenset(
    {"Path", "PurePath", "str", "abspath", "realpath", "normpath", "fspath", "resolve", "absolute", "as_posix"}
)
"""Functions and methods that give the path that they are given."""

DEEPEST = 12


def file_named(model: Model, node: Node, scope: Scope, folder: str) -> str | None:
    """The path, relative to the root, of the file that an expression in a module names; None where that is not known.

    A relative path is taken to start from ``folder``, the one that processes are started in.
    """
    path = _path(model, node, scope, folder, 0)
    return None if path is None or path.startswith("..") else "" if path == "." else path


def _path(model: Model, node: Node, scope: Scope, folder: str, depth: int) -> str | None:
    if depth > DEEPEST:
        return None

    def inner(one: Node | None) -> str | None:
        return _path(model, one, scope, folder, depth + 1) if one is not None else None

    kind = node.type
    if kind == "parenthesized_expression" and len(node.named_children) == 1:
        return inner(node.named_children[0])
    if kind == "string":
        text = string_value(node)
        return None if not isinstance(text, str) or text.startswith(("/", "~")) else _joined(folder, text)
    if kind == "identifier":
        return scope.file.path if text_of(node) == "__file__" else _of_name(model, text_of(node), scope, folder, depth)
    if kind == "attribute" and text_of(node.child_by_field_name("attribute") or node) == "parent":
        return _above(inner(node.child_by_field_name("object")), 1)
    if kind == "subscript":
        return _of_parents(node, inner(_object_of(node.child_by_field_name("value"), "parents")))
    if kind == "binary_operator":
        left, operator, right = (node.child_by_field_name(name) for name in ("left", "operator", "right"))
        sign = text_of(operator) if operator is not None else ""
        if sign == "/" and right is not None and right.type == "string":
            return _joined(inner(left), string_value(right))
        if sign == "-" and right is not None and right.type == "integer":  # environ.Path(__file__) - 2
            number = number_value(right)
            return _above(inner(left), number) if isinstance(number, int) else None
        return None
    return _of_call(node, inner) if kind == "call" else None


def _of_call(node: Node, inner: Callable[[Node | None], str | None]) -> str | None:
    function = node.child_by_field_name("function")
    if function is None:
        return None
    name = text_of(function).rpartition(".")[2]
    arguments = [one for key, one in arguments_of(node) if not key]
    if name in _SAME:
        holder = _object_of(function, name)
        if not arguments and holder is not None:
            return inner(holder)
        return inner(arguments[0]) if len(arguments) == 1 else None
    if name == "dirname" and len(arguments) == 1:
        return _above(inner(arguments[0]), 1)
    if name == "joinpath":
        arguments = [one for one in (_object_of(function, name),) if one is not None] + arguments
    if name in ("join", "joinpath") and len(arguments) > 1:
        found: str | None = inner(arguments[0])
        for one in arguments[1:]:
            found = _joined(found, string_value(one) if one.type == "string" else None)
        return found
    return None


def _object_of(node: Node | None, name: str) -> Node | None:
    """``x`` of ``x.name``."""
    if node is None or node.type != "attribute" or text_of(node.child_by_field_name("attribute") or node) != name:
        return None
    return node.child_by_field_name("object")


def _of_parents(node: Node, path: str | None) -> str | None:
    index = node.child_by_field_name("subscript")
    number = number_value(index) if index is not None and index.type == "integer" else None
    return _above(path, number + 1) if isinstance(number, int) else None


def _of_name(model: Model, name: str, scope: Scope, folder: str, depth: int) -> str | None:
    """What a name that a module gives a value once, or imports from a module of the project, stands for."""
    bindings = scope.bindings.get(name, ())
    if not bindings:
        for star in scope.stars:
            target = _star_target(model, scope, star)
            if target is not None and name in target.bindings:
                return _of_name(model, name, target, folder, depth + 1)
    if len(bindings) != 1:
        return None
    binding = bindings[0]
    if binding.kind == "assign" and not binding.index:
        return _path(model, binding.node, scope, folder, depth + 1)
    if binding.kind == "from":
        statement: Node | None = binding.node
        while statement is not None and statement.type != "import_from_statement":
            statement = statement.parent
        module = statement.child_by_field_name("module_name") if statement is not None else None
        from celery_backend_lint.evaluate import stars

        path = stars.module_path(model.evaluator, module, scope) if module is not None else None
        file = model.evaluator.modules.file(path) if path is not None and path.endswith(".py") else None
        return _of_name(model, name, file.scope, folder, depth + 1) if file is not None and depth < DEEPEST else None
    return None


def _star_target(model: Model, scope: Scope, star: Binding) -> Scope | None:
    from celery_backend_lint.evaluate import stars

    return stars.star_target(model.evaluator, scope, star)


def _above(path: str | None, times: int) -> str | None:
    """The folder so many levels above a path; None above the root."""
    for _ in range(times):
        if path in (None, "", "."):
            return None
        path = posixpath.dirname(path or "")
    return path


def _joined(folder: str | None, text: str | bytes | None) -> str | None:
    if folder is None or not isinstance(text, str) or text.startswith("/"):
        return None
    path = posixpath.normpath(posixpath.join(folder, text))
    return "" if path == "." else path

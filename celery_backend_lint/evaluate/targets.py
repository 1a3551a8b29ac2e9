"""What a statement gives a value, or changes: names, items, attributes, and the objects that its methods change."""

from __future__ import annotations

from celery_backend_lint.evaluate.scopes import Binding
from celery_backend_lint.syntax.python import children_of, string_value, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.scopes import Path, Scope
    from celery_backend_lint.syntax.python import Node

MUTATING_METHODS = frozenset(
    {
        "append",
        "extend",
        "insert",
        "remove",
        "pop",
        "clear",
        "update",
        "setdefault",
        "add",
        "discard",
        "sort",
        "reverse",
        "popitem",
        "move_to_end",
        "appendleft",
        "extendleft",
        "difference_update",
        "intersection_update",
        "symmetric_difference_update",
        "__setitem__",
        "__delitem__",
        "__ior__",
        "__iadd__",
    }
)
"""Methods of list, dict and set that change the object in place."""


def bind(scope: Scope, binding: Binding) -> None:
    """Note what a statement binds a name to: in the scope, or in the one that ``global`` and ``nonlocal`` mean."""
    if binding.name in scope.globals:
        # An assignment through ``global``: it happens when the function is called, which nobody here can tell.
        called = Binding("called", binding.name, binding.node, binding.target, binding.at, ())
        owner = scope.module if scope.globals[binding.name] == "global_statement" else scope.parent
        if owner is scope.module:
            scope.kept.setdefault(binding.name, []).append(binding)
        if owner is not None:
            owner.bindings.setdefault(binding.name, []).append(called)
        return
    scope.bindings.setdefault(binding.name, []).append(binding)


def _holder(node: Node) -> Node:
    """What holds the object that is changed: ``a`` of ``a.setdefault("k", []).append(1)``."""
    while node.type == "call":
        function = node.child_by_field_name("function")
        owner = function.child_by_field_name("object") if function is not None else None
        method = function.child_by_field_name("attribute") if function is not None else None
        if owner is None or method is None or text_of(method) not in ("setdefault", "get"):
            return node
        node = owner
    return node


def root_name(node: Node) -> Node | None:
    """The name that a chain of subscripts starts with: ``a`` of ``a["b"]["c"]``; None with attributes in it."""
    while node.type == "subscript":
        inner = node.child_by_field_name("value")
        if inner is None:
            return None
        node = inner
    return node if node.type == "identifier" else None


def note_method_call(scope: Scope, call: Node, path: Path) -> None:
    """Note a call of a method that changes its object: ``name.append(…)``, ``name["a"].pop("b")``."""
    function = call.child_by_field_name("function")
    if function is None or function.type != "attribute":
        return
    owner, method = function.child_by_field_name("object"), function.child_by_field_name("attribute")
    if owner is not None and method is not None and text_of(method) in MUTATING_METHODS:
        root = root_name(_holder(owner))
        if root is not None:
            bind(scope, Binding("method", text_of(root), call, root, call.end_byte, path))


def bind_assignment(scope: Scope, node: Node, path: Path) -> None:
    """Bind every target of ``a = b = value``, and what ``a: type`` declares."""
    targets = []
    value: Node | None = node
    while value is not None and value.type == "assignment":
        left = value.child_by_field_name("left")
        if left is not None:
            targets.append(left)
        value = value.child_by_field_name("right")
    if value is not None and value.type == "call" and b".pop(" in (value.text or b""):
        note_method_call(scope, value, path)  # ``kept = name.pop(…)``
    for target in targets:
        if value is None:
            if target.type == "identifier":
                bind(scope, Binding("annotate", text_of(target), node, target, node.end_byte, path))
        else:
            bind_target(scope, target, value, path, (), node.end_byte, "assign")


def bind_target(
    scope: Scope, target: Node, value: Node, path: Path, index: tuple[int, ...], at: int, kind: str
) -> None:
    """Bind what stands at ``index`` of a value to a target: a name, an item, an attribute, or several to unpack."""
    if target.type == "identifier":
        bind(scope, Binding(kind, text_of(target), value, target, at, path, index))
    elif target.type in ("pattern_list", "tuple_pattern", "list_pattern", "tuple", "list", "expression_list"):
        items = children_of(target)
        starred = next((at for at, item in enumerate(items) if item.type in _STARRED), len(items))
        for position, item in enumerate(items):
            if position == starred and kind == "assign":
                _starred(scope, item, value, path, index, (position, len(items) - position - 1), at)
            else:
                bind_target(scope, item, value, path, (*index, position - len(items) * (position > starred)), at, kind)
    elif target.type == "subscript":
        root = root_name(target)
        if root is not None:
            bind(scope, Binding("item", text_of(root), value, target, at, path, index))
        elif not _own_names(scope, target, path, at):
            scope.attributes.append(Binding("item", "", value, target, at, path, index))
    elif target.type == "attribute":
        scope.attributes.append(Binding(kind, "", value, target, at, path, index))
    elif target.type in ("list_splat_pattern", "list_splat") and target.named_children:
        bind_target(scope, target.named_children[0], value, path, index, at, "opaque")


_STARRED = ("list_splat_pattern", "list_splat")


def _starred(
    scope: Scope, target: Node, value: Node, path: Path, index: tuple[int, ...], around: tuple[int, int], at: int
) -> None:
    """Bind ``*name`` of an unpacking with so many targets before and after it."""
    name = target.named_children[0] if target.named_children else None
    if name is not None and name.type == "identifier":
        binding = Binding("assign", text_of(name), value, name, at, path, index)
        binding.around = around
        bind(scope, binding)
    elif name is not None:
        bind_target(scope, name, value, path, index, at, "opaque")


def _own_names(scope: Scope, target: Node, path: Path, at: int) -> bool:
    """Follow ``globals()["NAME"] = …`` (also ``vars()`` and ``locals()``); False for another target."""
    owner, keys = target.child_by_field_name("value"), target.children_by_field_name("subscript")
    if owner is None or owner.type != "call" or text_of(owner) not in ("globals()", "vars()", "locals()"):
        return False
    if any(key.type != "string" for key in keys):
        scope.module.stars.append(Binding("handed", "*", target, target, at, ()))
    for key in keys:
        if key.type == "string":
            bind(scope, Binding("opaque", str(string_value(key)), target, target, at, path))
        else:
            note_blur(scope, target, path)
    return True


def bind_named_expressions(scope: Scope, node: Node | None, path: Path) -> None:
    """Bind the names that ``:=`` gives a value to inside an expression; those of comprehensions are opaque."""
    if node is None or b":=" not in (node.text or b""):
        return
    left: list[tuple[Node, bool]] = [(node, False)]
    while left:
        inner, repeated = left.pop()
        if inner.type == "named_expression":
            name, value = inner.child_by_field_name("name"), inner.child_by_field_name("value")
            if name is not None and value is not None:
                kind = "opaque" if repeated else "assign"
                bind(scope, Binding(kind, text_of(name), value, name, inner.end_byte, path))
        if inner.type != "lambda":
            repeats = repeated or inner.type in _REPEATS
            left.extend((child, repeats) for child in reversed(inner.named_children))


_REPEATS = frozenset(
    {"list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression", "boolean_operator",
     "conditional_expression"}
)  # fmt: skip
"""Expressions whose parts are evaluated more than once, or perhaps not at all."""


def note_blur(scope: Scope, node: Node, path: Path) -> None:
    """Note a statement that may set any name; in a function it sets those of the module when it is called."""
    if scope.kind == "function":
        text = node.text or b""
        if b"globals()" in text or b"sys.modules" in text:
            scope.module.blurs.append(Binding("blur", "*", node, node, scope.node.start_byte, ()))
        return
    scope.blurs.append(Binding("blur", "*", node, node, node.end_byte, path))

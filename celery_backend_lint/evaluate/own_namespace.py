"""Where a module's own namespace goes out of sight: ``f(globals())["A"] = 3``, ``x = globals()``, ``return globals()``.

What only looks names up changes nothing. What ``statements`` reads (``globals()["A"] = …``, ``globals().update(…)`` and
a call that is given the namespace, as statements of the module) is left to it. From every other place on, any of the
module's names may have been set: a star of kind ``handed`` says so. In a function that holds where it is called.
"""

from __future__ import annotations

import re

from celery_backend_lint.evaluate import namespaces
from celery_backend_lint.evaluate.scopes import Binding
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.syntax.python import Node

_OWN = re.compile(rb"\b(globals|vars|locals)\(\s*\)|\bsys\.modules\s*(\[)__name__\]")
_UNCALLED = re.compile(rb"\bglobals\b(?!\s*\()")
"""The function that gives the namespace where it is handed on: ``g = globals``. When it is called is not followed."""

_LOOKS = frozenset({"get", "items", "keys", "values", "copy", "__contains__", "__getitem__", "__len__", "__iter__"})
_READERS = frozenset(
    {"all", "any", "bool", "dict", "dir", "enumerate", "eval", "filter", "format", "frozenset", "getattr", "hasattr",
     "id", "inspect.getmembers", "isinstance", "iter", "len", "list", "map", "repr", "set", "sorted", "str", "tuple",
     "type"}
)  # fmt: skip
"""Functions that take the namespace and set nothing in it."""

_READS = frozenset(
    {"binary_operator", "comparison_operator", "dictionary_splat", "expression_statement", "f_string", "for_in_clause",
     "format_expression", "if_statement", "interpolation", "not_operator"}
)  # fmt: skip
"""What may stand around the namespace and only reads it."""

_WAYS_IN = frozenset({"__setattr__", "__delattr__", "__class__"})
_TARGETS = frozenset({"assignment", "augmented_assignment", "for_statement", "for_in_clause", "named_expression"})
_PATTERNS = frozenset(
    {"pattern_list", "tuple_pattern", "list_pattern", "list_splat_pattern", "expression_list", "tuple"}
)
_FUNCTIONS = frozenset({"function_definition", "lambda"})
MOST_USES = 50
"""How many uses of another name for the namespace are looked at."""


def note(scope: Scope) -> None:
    """Add to a module's scope the places from which any of its names may be set."""
    for match in _OWN.finditer(scope.file.source.utf8):
        node = _own(scope.node, match)
        function = _around(node, _FUNCTIONS) if node is not None else None
        if node is None or (match[1] in (b"vars", b"locals") and _around(node, _FUNCTIONS | {"class_definition"})):
            continue
        if _is_read(scope, node, is_module=node.type == "subscript") or (
            function is None and _is_followed(scope, node)
        ):
            continue
        _hand_out(scope, node, _moments(scope, function) if function is not None else (_statement(node),))
    for match in _UNCALLED.finditer(scope.file.source.utf8):
        node = scope.node.descendant_for_byte_range(*match.span())
        if node is not None and node.type == "identifier" and _is_function_handed_on(scope, node):
            function = _around(node, _FUNCTIONS)
            _hand_out(scope, node, [_statement(node) if function is None else function, scope.node])
    scope.stars.sort(key=lambda star: star.at)


def _hand_out(scope: Scope, node: Node, places: Iterable[Node]) -> None:
    """Any of the module's names may be set after each of the places, by what ``node`` is given to."""
    for place in places:
        path = scope.path_at(place.start_byte)
        scope.stars.append(Binding("handed", "*", node, node, place.end_byte, path))


def _is_function_handed_on(scope: Scope, node: Node) -> bool:
    """Whether a word is Python's own function, given to a name, a call or a list; not what else may be called so."""
    parent = node.parent
    if parent is None:
        return False
    if parent.type == "dotted_name":
        statement = _around(node, frozenset({"import_from_statement", "import_statement"}))
        return statement is not None and text_of(statement).startswith("from builtins ")
    if parent.type == "attribute":
        owner = parent.child_by_field_name("object")
        return owner is not None and owner != node and text_of(owner) in ("builtins", "__builtins__")
    own = parent.child_by_field_name("name") == node or parent.child_by_field_name("left") == node
    return "globals" not in scope.bindings and not own and parent.type not in ("parameters", "global_statement")


def _own(root: Node, match: re.Match[bytes]) -> Node | None:
    """The expression that is the namespace, where it is code."""
    start, end = match.span(1) if match[1] else match.span(2)
    node = root.descendant_for_byte_range(start, end)
    kind = "call" if match[1] else "subscript"
    while node is not None and node.type in ("identifier", "attribute", "["):
        node = node.parent
    return node if node is not None and node.type == kind else None


def _around(node: Node, kinds: frozenset[str]) -> Node | None:
    """The innermost node of one of the kinds around a node."""
    inner = node.parent
    while inner is not None and inner.type not in kinds:
        inner = inner.parent
    return inner


def _statement(node: Node) -> Node:
    """The simple statement that a node stands in; of a compound one the node itself."""
    inner = node
    while inner.parent is not None and inner.parent.type not in ("block", "module"):
        inner = inner.parent
    return node if inner.child_by_field_name("body") is not None or inner.type == "if_statement" else inner


def _is_read(scope: Scope, node: Node, *, is_module: bool) -> bool:
    """Whether what stands around the namespace looks names up, and no more. ``is_module``: it is the module itself."""
    parent = node.parent
    while parent is not None and parent.type == "parenthesized_expression":
        node, parent = parent, parent.parent
    if parent is None:
        return True
    kind = parent.type
    if kind == "attribute":
        name = parent.child_by_field_name("attribute")
        if name is not None and text_of(name) == "__dict__":
            return _is_read(scope, parent, is_module=False)
        if is_module:  # a name of it
            return not _is_target(parent) and (name is None or text_of(name) not in _WAYS_IN)
        return name is not None and text_of(name) in _LOOKS
    if kind == "subscript":
        return parent.child_by_field_name("value") != node or not _is_target(parent)
    if kind == "for_statement":
        return parent.child_by_field_name("right") == node
    if kind in ("argument_list", "keyword_argument"):
        call = parent.parent if kind == "argument_list" else parent.parent.parent if parent.parent is not None else None
        return call is not None and _takes_to_read(scope, call)
    if kind == "assignment":
        left = parent.child_by_field_name("left")
        return left == node or (
            left is not None and left.type == "identifier" and _is_only_read(scope, left, node, is_module=is_module)
        )
    return kind in _READS


def _takes_to_read(scope: Scope, call: Node) -> bool:
    """Whether the function that is called with the namespace only looks names up."""
    function = call.child_by_field_name("function")
    name = text_of(function) if function is not None else ""
    if name == "vars":
        return _is_read(scope, call, is_module=False)
    return name in _READERS or name in namespaces.HARMLESS or name.rpartition(".")[2] in ("include", "format")


def _is_only_read(scope: Scope, name: Node, given: Node, *, is_module: bool) -> bool:
    """Whether every use of a name for the namespace looks names up."""
    uses = list(re.finditer(rb"(?<![\w.])" + re.escape(name.text or b"") + rb"\b", scope.file.source.utf8))
    if len(uses) > MOST_USES:
        return False
    for match in uses:
        node = scope.node.descendant_for_byte_range(*match.span())
        is_use = node is not None and node.type == "identifier" and node.start_byte > given.end_byte
        if is_use and node is not None and not _reads_through(scope, node, is_module=is_module):
            return False
    return True


def _reads_through(scope: Scope, node: Node, *, is_module: bool) -> bool:
    """Whether a use of another name for the namespace looks names up; that of an assignment would be a third name."""
    parent = node.parent
    if parent is None or parent.type in ("assignment", "return_statement"):
        return parent is not None and parent.child_by_field_name("left") == node
    if parent.type == "keyword_argument" and parent.child_by_field_name("name") == node:
        return True
    return _is_read(scope, node, is_module=is_module)


def _is_target(node: Node) -> bool:
    """Whether something is assigned to a node, or it is deleted."""
    child, parent = node, node.parent
    while parent is not None and parent.type in _PATTERNS:
        child, parent = parent, parent.parent
    if parent is None or parent.type == "delete_statement":
        return True
    return parent.type in _TARGETS and parent.child_by_field_name("left") == child


def _is_followed(scope: Scope, node: Node) -> bool:
    """Whether the statement is one that is read for what it sets."""
    if any(star.node.start_byte <= node.start_byte < star.node.end_byte for star in scope.stars if star.kind != "star"):
        return True
    if any(blur.node.start_byte <= node.start_byte < blur.node.end_byte for blur in scope.blurs):
        return True
    parent = node.parent
    holder = parent.parent if parent is not None else None
    return (
        text_of(node) in namespaces.OWN
        and parent is not None
        and parent.type == "subscript"
        and holder is not None
        and holder.type == "assignment"
    )


def _moments(scope: Scope, function: Node) -> Iterator[Node]:
    """After what a function may have run: where it is called, else its definition; the module for who knows when."""
    outer: Node | None = function
    while outer is not None:
        function, outer = outer, _around(outer, _FUNCTIONS | {"class_definition"})
    yield function
    name = function.child_by_field_name("name")
    if name is None:
        return
    for match in re.finditer(rb"\b" + re.escape(name.text or b"") + rb"\b", scope.file.source.utf8):
        node = scope.node.descendant_for_byte_range(*match.span()) if match.start() > function.end_byte else None
        if node is not None and node.type == "identifier":
            yield _statement(node) if _around(node, _FUNCTIONS) is None else scope.node

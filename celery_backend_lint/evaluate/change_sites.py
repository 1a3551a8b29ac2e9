"""Which objects a statement changes: those that its target may be, by the names and calls that lead to it."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.bound_values import bound_value
from celery_backend_lint.evaluate.changed_elsewhere import (
    MOST_SITES,
    MOST_VALUES,
    Site,
    identity,
    is_changeable,
    route_of,
)
from celery_backend_lint.evaluate.targets import MUTATING_METHODS
from celery_backend_lint.evaluate.values import (
    LEAVES,
    Choice,
    Class,
    Instance,
    Mapping,
    Module,
    Sequence,
    Unknown,
    parts_of,
)
from celery_backend_lint.syntax.python import children_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.project_modules import ModuleFile
    from celery_backend_lint.evaluate.scopes import Binding, Scope
    from celery_backend_lint.evaluate.values import Change, Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.syntax.python import Node

    Target: TypeAlias = tuple[Node, Node, bool]

_LASTING = ("", 0)
"""A change that no value says to have the effect of."""


def sites(ev: Evaluator, file: ModuleFile, match: re.Match[bytes]) -> Iterator[tuple[Location, Site]]:
    """The objects that a statement may change, known by what its text looks like (``changed_elsewhere._pattern``)."""
    kind = str(match.lastgroup)
    node = file.scope.node.descendant_for_byte_range(match.start(kind), match.end(kind))
    for owner, changing, followed in _TARGETS[kind](node) if node is not None else ():
        scope = ev.scope_at(changing, file.scope)
        base = _base(owner)
        route = route_of(scope, text_of(base)) if base is not None and followed else None
        yield from _objects(ev, owner, base, scope, Site((file.path, changing.end_byte), route))


def _of_method(name: Node) -> Iterator[Target]:
    attribute = name.parent
    if name.type != "identifier" or attribute is None or attribute.type != "attribute":
        return
    owner = attribute.child_by_field_name("object")
    call = attribute.parent
    if owner is None or attribute.child_by_field_name("attribute") != name or call is None:
        return
    if call.type != "call" or call.child_by_field_name("function") != attribute:
        yield owner, attribute, False  # the method is kept and may be called later
        return
    outer = call
    while outer.parent is not None and outer.parent.type == "attribute":
        above = outer.parent.parent
        method = outer.parent.child_by_field_name("attribute")
        if above is None or above.type != "call" or method is None or text_of(method) not in MUTATING_METHODS:
            break
        outer = above
    holder = outer.parent
    stands = holder is not None and (
        holder.type == "expression_statement"
        or (holder.type == "assignment" and text_of(name) == "pop" and holder.child_by_field_name("right") == call)
    )
    yield owner, call, stands


def _of_item(bracket: Node) -> Iterator[Target]:
    subscript = bracket.parent if bracket.type == "]" else None
    if subscript is not None and subscript.type == "subscript":
        owner, holder = subscript.child_by_field_name("value"), subscript.parent
        if owner is not None and holder is not None and holder.type in (
            "assignment", "augmented_assignment", "pattern_list", "tuple_pattern", "list_pattern",
        ):  # fmt: skip
            yield owner, subscript, True


def _of_augment(node: Node) -> Iterator[Target]:
    holder = node.parent
    if holder is not None and holder.type == "attribute":
        node, holder = holder, holder.parent
    if holder is not None and holder.type == "augmented_assignment" and holder.child_by_field_name("left") == node:
        yield node, holder, True


def _of_delete(word: Node) -> Iterator[Target]:
    statement = word.parent
    for child in statement.named_children if statement is not None and statement.type == "delete_statement" else ():
        for one in child.named_children if child.type == "expression_list" else (child,):
            owner = one.child_by_field_name("value") if one.type == "subscript" else None
            if owner is not None:
                yield owner, one, True


def _of_call(name: Node) -> Iterator[Target]:
    call = name.parent
    while call is not None and call.type != "call":
        call = call.parent
    arguments = call.child_by_field_name("arguments") if call is not None else None
    if arguments is not None and (given := children_of(arguments)):
        yield given[0], arguments, False


_TARGETS = {"method": _of_method, "item": _of_item, "augment": _of_augment, "delete": _of_delete, "call": _of_call}
"""By the kind of the match: the object that is changed, the node that changes it, whether a name follows the change."""


def _base(node: Node) -> Node | None:
    """The name at the start of a chain of items and calls; None with an attribute in it."""
    while True:
        if node.type == "subscript":
            inner = node.child_by_field_name("value")
        elif node.type == "call":
            function = node.child_by_field_name("function")
            method = function.child_by_field_name("attribute") if function is not None else None
            known = method is not None and text_of(method) in ("setdefault", "get")
            inner = function.child_by_field_name("object") if known and function is not None else None
        elif node.type == "parenthesized_expression" and (inside := children_of(node)):
            inner = inside[0]
        else:
            return node if node.type == "identifier" else None
        if inner is None:
            return None
        node = inner


def _objects(
    ev: Evaluator, owner: Node, base: Node | None, scope: Scope, site: Site
) -> Iterator[tuple[Location, Site]]:
    """The identities of the objects that ``owner`` may be, each with ``site``; without its route where that does not
    follow the change.
    """
    alone = Site(site.change, None)
    if base is None:
        if owner.type == "attribute":
            holder_node = owner.child_by_field_name("object")
            holder = ev.value(holder_node, scope) if holder_node is not None else None
            known = isinstance(holder, (Class, Module)) or (
                isinstance(holder, Instance) and isinstance(holder.type, Class)
            )
            if not known:
                return
        for value in _containers(ev.value(owner, scope), everything=owner.type == "call"):
            yield identity(value), alone
        return
    exact = owner.type == "identifier"
    name = text_of(base)
    home: Scope | None = scope
    while home is not None:
        bindings = [b for b in home.bindings.get(name, ()) if b.kind not in ("item", "method", "remove")]
        if (bindings or name in home.parameters) and not (home.kind == "class" and home is not scope):
            break
        if home.stars and home.parent is None:
            break
        home = home.parent
    if home is None:
        return
    if name in home.parameters:
        yield from ((place, Site(made, None)) for place, made in _passed(ev, home, name, site.change))
    if home is scope:
        bindings = [b for b in bindings if b.at <= base.start_byte] or bindings
        for position in range(len(bindings) - 1, 0, -1):
            if bindings[position].kind == "assign" and not bindings[position].path:
                bindings = bindings[position:]
                break
    if not bindings:
        found = ev.read(home, name, None)
        for value in _containers(found, everything=not exact) if found is not None else ():
            yield identity(value), site
    for binding in bindings:
        yield from ((place, site) for place in _bound(ev, binding, home, everything=not exact))


def _bound(ev: Evaluator, binding: Binding, scope: Scope, *, everything: bool) -> Iterator[Location]:
    """The identities of the objects that a binding may give a name."""
    if binding.kind in ("annotate", "delete", "def", "class", "augment"):
        return
    value = None if binding.kind in ("opaque", "called") else bound_value(ev, binding, None, scope)
    if value is None or isinstance(value, Unknown):
        # Whatever the text names may be it: ``for d in (A, B)``, ``x = chosen(A)``.
        for node in _names(binding.node):
            found = ev.value(node, scope)
            yield from (identity(one) for one in _containers(found, everything=True))
        return
    yield from (identity(one) for one in _containers(value, everything=everything))


def _names(node: Node) -> Iterator[Node]:
    if node.type in ("for_statement", "with_statement"):
        right = node.child_by_field_name("right")
        left = [right] if right is not None else [c for c in node.named_children if c.type == "with_clause"]
    else:
        left = [node]
    for _ in range(200):
        if not left:
            return
        one = left.pop()
        if one.type in ("identifier", "attribute"):
            yield one
        if one.type != "identifier":
            left.extend(one.named_children)


def _passed(ev: Evaluator, scope: Scope, name: str, change: Change) -> Iterator[tuple[Location, Change]]:
    """The identities of what may be passed to a parameter: its default, and what the file's calls pass."""
    from celery_backend_lint.evaluate.functions import parameter_names

    definition = scope.node
    outer = scope.parent
    if outer is None:
        return
    for parameter, _, default in parameter_names(definition):
        if parameter == name and default is not None:
            # It is one object for all calls: what it holds depends on how many there were.
            for one in _containers(ev.value(default, outer), everything=True):
                yield identity(one), _LASTING
    name_node = definition.child_by_field_name("name")
    if name_node is None:
        return
    text = scope.file.source.utf8
    pattern = re.compile(rb"(?<!\w)" + re.escape(name_node.text or b"") + rb"(?!\w)")
    for count, match in enumerate(pattern.finditer(text)):
        if count > MOST_SITES:
            return
        if match.start() == name_node.start_byte:
            continue
        node = scope.file.scope.node.descendant_for_byte_range(match.start(), match.end())
        call = node.parent if node is not None else None
        while call is not None and call.type == "attribute":
            call = call.parent
        arguments = call.child_by_field_name("arguments") if call is not None and call.type == "call" else None
        if arguments is None:
            continue
        where = ev.scope_at(arguments, scope.file.scope)
        for argument in _names(arguments):
            for one in _containers(ev.value(argument, where), everything=True):
                yield identity(one), change


def _containers(value: Value | None, *, everything: bool) -> Iterator[Mapping | Sequence]:
    """The objects that a value is, or (``everything``) holds."""
    left = [value]
    for _ in range(MOST_VALUES):
        if not left:
            return
        one = left.pop()
        if one is None or isinstance(one, LEAVES):
            continue
        if isinstance(one, (Mapping, Sequence)) and is_changeable(one):
            yield one
            if not everything:
                continue
        if isinstance(one, Choice) and not everything:
            left.extend(alternative.value for alternative in one.alternatives)
        elif everything or isinstance(one, Choice):
            left.extend(parts_of(one))

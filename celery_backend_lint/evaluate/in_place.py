"""What an object holds after a statement changed it in place: ``d[k] = v``, ``l.append(v)``, ``del d[k]``, ``l += m``.

The value that comes out is still the same object: it keeps its origin, and says which statement changed it, so that
its other names are known to be out of date (`celery_backend_lint.evaluate.changed_elsewhere`).
"""

from __future__ import annotations

import re

from celery_backend_lint.evaluate import access, calls
from celery_backend_lint.evaluate.alternatives import distribute
from celery_backend_lint.evaluate.computation import operate
from celery_backend_lint.evaluate.dict_outcomes import overlaid
from celery_backend_lint.evaluate.environment.mappings import is_layered
from celery_backend_lint.evaluate.flask.config import app_of
from celery_backend_lint.evaluate.iteration import items_of
from celery_backend_lint.evaluate.values import (
    Choice,
    Class,
    Entry,
    External,
    Instance,
    Literal,
    Mapping,
    Module,
    Sequence,
    Unknown,
)
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Binding, Scope
    from celery_backend_lint.evaluate.values import Change, Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.syntax.python import Node

_WHY = "it is changed in place"
_SET_BY_CODE = re.compile(r"environ\.setdefault\(\s*[\"']\w+[\"']")


def after_change(ev: Evaluator, binding: Binding, before: Value | None, scope: Scope) -> Value:
    """What a name holds after a binding of kind ``augment``, ``item``, ``method`` or ``remove``."""
    origin = ev.location(binding.target, scope)
    if before is None:
        return Unknown(_WHY, origin)
    node = binding.node
    if binding.kind == "method":
        if isinstance(before, External) and before.name == "os.environ" and _SET_BY_CODE.match(text_of(node)):
            return before  # it is looked for where the variable is read (``environment.set_by_code``)
        function = node.child_by_field_name("function")
        owner = function.child_by_field_name("object") if function is not None else None
        return _changed(ev, before, owner, scope, origin, _by_method(ev, node, scope))
    if binding.kind == "augment":
        return _augmented(ev, node, before, scope)
    target = binding.target if binding.kind == "item" else node
    owner, keys = target.child_by_field_name("value"), target.children_by_field_name("subscript")
    if owner is None or len(keys) != 1 or keys[0].type == "slice":
        return _lost(before, (scope.file.path, target.end_byte), origin)
    key = keys[0]
    change = (scope.file.path, target.end_byte)
    if binding.kind == "remove":
        return _changed(
            ev, before, owner, scope, origin, lambda old: _without(old, ev.value(key, scope), change, origin)
        )

    def put(old: Value) -> Value:
        at = ev.value(key, scope)
        if node.type == "augmented_assignment":
            new = _augmented(ev, node, access.item(ev, old, at, origin), scope)
        else:
            new = ev.value(node, scope)
            for position in binding.index:
                new = access.item(ev, new, Literal(position, origin), origin)
        return _with_item(old, Entry(at, new, ev.location(key, scope)), change, origin)

    return _changed(ev, before, owner, scope, origin, put)


def _changed(
    ev: Evaluator, before: Value, owner: Node | None, scope: Scope, origin: Location, change: Callable[[Value], Value]
) -> Value:
    """``before`` after ``change`` of the object that ``owner`` leads to: the name itself, or ``name[a][b]``."""
    if isinstance(before, Choice):
        return distribute(before, origin, lambda one: _changed(ev, one, owner, scope, origin, change))
    if app_of(before) is not None:
        return before  # ``app.config`` by another name: its entries are read where they are asked for
    if owner is None or owner.type == "identifier":
        return change(before)
    if owner.type == "call":  # ``name.setdefault(key, default).append(…)``
        function = owner.child_by_field_name("function")
        method = function.child_by_field_name("attribute") if function is not None else None
        inner = function.child_by_field_name("object") if function is not None else None
        arguments, keywords = calls.read_arguments(ev, owner, scope)
        if method is None or not arguments or keywords or text_of(method) not in ("setdefault", "get"):
            return _lost(before, (scope.file.path, owner.end_byte), origin)
        key = arguments[0]
        default = arguments[1] if len(arguments) > 1 else Literal(None, origin)

        def through(old: Value) -> Value:
            if text_of(method) == "setdefault":
                old = _defaulted(old, key, default, (scope.file.path, owner.end_byte), origin)
            return _nested(ev, old, key, change, origin)

        return _changed(ev, before, inner, scope, origin, through)
    inner, keys = owner.child_by_field_name("value"), owner.children_by_field_name("subscript")
    if owner.type != "subscript" or len(keys) != 1 or keys[0].type == "slice":
        return _lost(before, (scope.file.path, owner.end_byte), origin)
    key_node = keys[0]
    return _changed(
        ev, before, inner, scope, origin, lambda old: _nested(ev, old, ev.value(key_node, scope), change, origin)
    )


def _nested(ev: Evaluator, old: Value, key: Value, change: Callable[[Value], Value], origin: Location) -> Value:
    """``old`` whose item ``key`` was changed: the same object, nothing of it replaced."""
    if isinstance(old, Choice):
        return distribute(old, origin, lambda one: _nested(ev, one, key, change, origin))
    if isinstance(old, Mapping) and isinstance(key, Literal):
        found = access.item(ev, old, key, origin)
        new = Unknown(_WHY, origin) if isinstance(found, Unknown) else change(found)
        place = next((e.origin for e in reversed(old.entries) if _is(e.key, key)), origin)
        return Mapping((*old.entries, Entry(key, new, place)), old.origin, old.complete, old.changed, old.made_at)
    if isinstance(old, Sequence) and isinstance(key, Literal) and isinstance(key.value, int) and old.complete:
        at = key.value + len(old.items) if key.value < 0 else key.value
        if old.kind in ("list", "tuple") and 0 <= at < len(old.items):
            items = (*old.items[:at], change(old.items[at]), *old.items[at + 1 :])
            return Sequence(old.kind, items, old.origin, True, old.changed, old.made_at)
    if isinstance(old, Mapping):
        return Mapping(
            tuple(Entry(e.key, Unknown(_WHY, origin), e.origin) for e in old.entries), old.origin, complete=False
        )
    return Unknown(_WHY, origin)


def _lost(before: Value, change: Change, origin: Location) -> Value:
    """``before`` changed in a way that is not followed."""
    if isinstance(before, Mapping):
        entries = tuple(Entry(entry.key, Unknown(_WHY, origin), entry.origin) for entry in before.entries)
        return Mapping(entries, before.origin, False, (*before.changed, change), before.made_at)
    if isinstance(before, Sequence) and before.kind in ("list", "set"):
        return Sequence(before.kind, (), before.origin, False, (*before.changed, change), before.made_at)
    return Unknown(_WHY, origin)


def _mapping(old: Mapping, entries: tuple[Entry, ...], change: Change, *, complete: bool = True) -> Mapping:
    return Mapping(entries, old.origin, old.complete and complete, (*old.changed, change), old.made_at)


def _list(old: Sequence, items: tuple[Value, ...], change: Change, *, complete: bool = True) -> Sequence:
    return Sequence(old.kind, items, old.origin, old.complete and complete, (*old.changed, change), old.made_at)


def _is(key: Value, other: Literal) -> bool:
    return isinstance(key, Literal) and key.value == other.value


def _with_item(old: Value, entry: Entry, change: Change, origin: Location) -> Value:
    if isinstance(old, Choice):
        return distribute(old, origin, lambda one: _with_item(one, entry, change, origin))
    if isinstance(old, Mapping):
        return _mapping(old, (*old.entries, entry), change, complete=isinstance(entry.key, Literal))
    if isinstance(old, Sequence) and old.kind == "list" and old.complete:
        at = entry.key.value if isinstance(entry.key, Literal) else None
        if isinstance(at, int) and -len(old.items) <= at < len(old.items):
            items = list(old.items)
            items[at] = entry.value
            return _list(old, tuple(items), change)
    return _lost(old, change, origin)


def _without(old: Value, key: Value, change: Change, origin: Location) -> Value:
    if isinstance(old, Choice):
        return distribute(old, origin, lambda one: _without(one, key, change, origin))
    if isinstance(old, Mapping) and isinstance(key, Literal):
        if all(isinstance(entry.key, Literal) for entry in old.entries):
            return _mapping(old, tuple(entry for entry in old.entries if not _is(entry.key, key)), change)
    elif isinstance(old, Sequence) and old.kind == "list" and old.complete:
        at = key.value if isinstance(key, Literal) else None
        if isinstance(at, int) and -len(old.items) <= at < len(old.items):
            items = list(old.items)
            del items[at]
            return _list(old, tuple(items), change)
    return _lost(old, change, origin)


def _augmented(ev: Evaluator, node: Node, before: Value, scope: Scope) -> Value:
    """``before`` after ``+=`` and the like: lists, sets and dicts are changed, all else is replaced."""
    origin = ev.location(node, scope)
    right, operator_node = node.child_by_field_name("right"), node.child_by_field_name("operator")
    if right is None or operator_node is None:
        return Unknown(_WHY, origin)
    operator, change = text_of(operator_node)[:-1], (scope.file.path, node.end_byte)
    other = ev.value(right, scope)

    def changed(old: Value) -> Value:
        if isinstance(old, Choice):
            return distribute(old, origin, changed)
        if isinstance(old, Sequence) and old.kind == "list":
            items = items_of(other) if operator == "+" else None
            return _lost(old, change, origin) if items is None else _list(old, (*old.items, *items), change)
        if isinstance(old, Sequence) and old.kind == "set":
            return _lost(old, change, origin) if operator != "|" else _added(old, other, change, origin)
        if isinstance(old, Mapping) and operator == "|":
            return _updated(old, [other], [], change, origin)
        return operate(operator, [old, other], origin)

    return changed(before)


def _added(old: Sequence, other: Value, change: Change, origin: Location) -> Value:
    items = items_of(other, ordered=False)
    return _lost(old, change, origin) if items is None else _list(old, (*old.items, *items), change)


def _updated(old: Mapping, arguments: list[Value], keywords: list[Entry], change: Change, origin: Location) -> Mapping:
    entries = list(old.entries)
    for argument in arguments[:1]:
        entries.extend(calls.spread(calls.as_mapping(argument, origin), origin))
    entries.extend(keywords)
    return _mapping(
        old, overlaid(tuple(entries)), change, complete=all(isinstance(entry.key, Literal) for entry in entries)
    )


def _defaulted(old: Value, key: Value, default: Value, change: Change, origin: Location) -> Value:
    if isinstance(old, Choice):
        return distribute(old, origin, lambda one: _defaulted(one, key, default, change, origin))
    if not isinstance(old, Mapping) or not isinstance(key, Literal):
        return _lost(old, change, origin)
    if any(_is(entry.key, key) for entry in old.entries):
        return _mapping(old, old.entries, change)
    if not old.complete:
        default = Unknown("a default for a key that may be there", origin)
    return _mapping(old, (*old.entries, Entry(key, default, key.origin)), change)


def _by_method(ev: Evaluator, node: Node, scope: Scope) -> Callable[[Value], Value]:
    """What the method call ``node`` does to its object."""
    origin = ev.location(node, scope)
    function = node.child_by_field_name("function")
    name_node = function.child_by_field_name("attribute") if function is not None else None
    name = text_of(name_node) if name_node is not None else ""
    change = (scope.file.path, node.end_byte)

    def apply(old: Value) -> Value:
        if isinstance(old, Choice):
            return distribute(old, origin, apply)
        if isinstance(old, (Instance, Class, Module, External, Literal)) and not is_layered(old):
            return old
        arguments, keywords = calls.read_arguments(ev, node, scope)
        if isinstance(old, Mapping):
            return _mapping_method(old, name, arguments, keywords, change, origin)
        if isinstance(old, Sequence) and not keywords:
            if old.kind == "list":
                return _list_method(old, name, arguments, change, origin)
            if old.kind == "set":
                return _set_method(old, name, arguments, change, origin)
        return _lost(old, change, origin)

    return apply


def _mapping_method(
    old: Mapping, name: str, arguments: list[Value], keywords: list[Entry], change: Change, origin: Location
) -> Value:
    if name == "update":
        return _updated(old, arguments, keywords, change, origin)
    if name == "setdefault" and arguments and not keywords:
        default = arguments[1] if len(arguments) > 1 else Literal(None, origin)
        return _defaulted(old, arguments[0], default, change, origin)
    if name == "__setitem__" and len(arguments) == 2:
        return _with_item(old, Entry(arguments[0], arguments[1], arguments[0].origin), change, origin)
    if name in ("pop", "__delitem__") and arguments:
        return _without(old, arguments[0], change, origin)
    if name == "clear":
        return Mapping((), old.origin, True, (*old.changed, change), old.made_at)
    return _lost(old, change, origin)


def _list_method(old: Sequence, name: str, arguments: list[Value], change: Change, origin: Location) -> Value:
    first = arguments[0] if arguments else None
    if name == "append" and first is not None:
        return _list(old, (*old.items, first), change)
    if name == "extend" and first is not None:
        items = items_of(first)
        return (
            _list(old, old.items, change, complete=False) if items is None else _list(old, (*old.items, *items), change)
        )
    if name == "clear":
        return Sequence(old.kind, (), old.origin, True, (*old.changed, change), old.made_at)
    if not old.complete:
        return _lost(old, change, origin)
    number = first.value if isinstance(first, Literal) and isinstance(first.value, int) else None
    kept = list(old.items)
    if name == "insert" and number is not None and len(arguments) == 2:
        kept.insert(number, arguments[1])
    elif name == "reverse":
        kept.reverse()
    elif name == "pop" and kept and (first is None or (number is not None and -len(kept) <= number < len(kept))):
        kept.pop(-1 if number is None else number)
    elif name == "remove" and isinstance(first, Literal) and all(isinstance(item, Literal) for item in kept):
        at = next((at for at, item in enumerate(kept) if _is(item, first)), None)
        if at is None:
            return _lost(old, change, origin)
        del kept[at]
    elif name == "sort" and not arguments:
        found = operate("sorted", [old], origin)
        if not isinstance(found, Sequence):
            return _lost(old, change, origin)
        kept = list(found.items)
    else:
        return _lost(old, change, origin)
    return _list(old, tuple(kept), change)


def _set_method(old: Sequence, name: str, arguments: list[Value], change: Change, origin: Location) -> Value:
    if name == "add" and len(arguments) == 1:
        return _list(old, (*old.items, arguments[0]), change)
    if name == "update" and len(arguments) == 1:
        return _added(old, arguments[0], change, origin)
    if name in ("discard", "remove") and arguments and all(isinstance(i, Literal) for i in (*old.items, arguments[0])):
        first = arguments[0]
        kept = tuple(item for item in old.items if not (isinstance(first, Literal) and _is(item, first)))
        return _list(old, kept, change)
    return _lost(old, change, origin)

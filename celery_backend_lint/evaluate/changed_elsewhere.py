"""Which statements change an object under another name than the one it is read by.

A name's own statements are followed where the name is read (``in_place``). The same object may be changed through
another name, through the function it was passed to, or by a function that knows the module's name. A list or dict
that misses such a change is unknown: this says for each file which of its statements change which objects. An object
is known by the place of the text that makes it (``identity``), and a value says which statements' effect it has
(``Mapping.changed``).
"""

from __future__ import annotations

import re
from functools import cache

from celery_backend_lint.evaluate import stars
from celery_backend_lint.evaluate.targets import MUTATING_METHODS
from celery_backend_lint.evaluate.values import (
    LEAVES,
    Alternative,
    Choice,
    Class,
    Entry,
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

    Route: TypeAlias = tuple[str, int, str]
    """How a statement reaches what it changes: a name of a scope (its file and where it starts)."""

MOST_SITES = 600
"""How many statements of one file that change objects are looked at."""

MOST_MODULES = 20
"""Of how many modules that a file calls functions of the changes are looked at."""

MOST_VALUES = 5_000
"""How many parts of a value are searched for objects."""

_WHY = "it is changed through another name"
_TOO_MANY = "too many statements change objects here"
_LASTING = ("", 0)
"""A change that no value says to have the effect of."""


class Site:
    """One statement that changes an object. ``route`` is None where the change is not followed by any name."""

    __slots__ = ("change", "route")

    def __init__(self, change: Change, route: Route | None) -> None:
        self.change = change
        self.route = route


class FileChanges:
    """The statements of one file that change objects, by the identity of the object."""

    __slots__ = ("by_object", "too_many")

    def __init__(self) -> None:
        self.by_object: dict[Location, list[Site]] = {}
        self.too_many = False


def identity(value: Mapping | Sequence) -> Location:
    """What tells the object from others: the place that made it."""
    return value.origin if value.made_at is None else value.made_at


def is_same_object(value: Value | None, before: Value | None) -> bool:
    """Whether ``before`` is the object that ``value`` is, after more changes."""
    if not isinstance(value, (Mapping, Sequence)) or not isinstance(before, (Mapping, Sequence)):
        return False
    return bool(before.changed) and identity(value) == identity(before) and not value.changed


def is_changeable(value: Value) -> bool:
    """Whether a value is an object that statements can change."""
    return isinstance(value, Mapping) or (isinstance(value, Sequence) and value.kind in ("list", "set"))


def route_of(scope: Scope, name: str) -> Route:
    """The route of a name of a scope; the rounds of a loop belong to the scope around it."""
    while scope.kind == "round" and scope.parent is not None:
        scope = scope.parent
    return (scope.file.path, scope.node.start_byte if scope.kind != "module" else -1, name)


def up_to_date(ev: Evaluator, value: Value, reader: ModuleFile, route: Route | None) -> Value:
    """``value`` with Unknown for each object in it that ``reader``, or the file that made it, changes by another
    ``route``.
    """
    if isinstance(value, LEAVES) or not isinstance(value, (Mapping, Sequence, Choice)):
        return value
    tables: dict[str, FileChanges] = {}

    def missed(one: Mapping | Sequence) -> str:
        place = identity(one)
        paths = dict.fromkeys((reader.path, place.path, one.origin.path))
        for path in (*paths, *(called for one_path in paths for called in _called_modules(ev, one_path))):
            table = tables.get(path)
            if table is None:
                file = ev.modules.file(path)
                if file is None:
                    continue
                table = tables[path] = changes_in(ev, file)
            if table.too_many:
                return _TOO_MANY
            for site in table.by_object.get(place, ()):
                if site.change not in one.changed and (site.route is None or site.route != route):
                    return _WHY
        return ""

    left = MOST_VALUES
    seen: dict[int, Value] = {}

    def fresh(one: Value) -> Value:
        nonlocal left
        left -= 1
        if isinstance(one, LEAVES) or not isinstance(one, (Choice, Mapping, Sequence)) or left < 0:
            return one
        if id(one) not in seen:  # values share parts
            seen[id(one)] = freshened(one)
        return seen[id(one)]

    def freshened(one: Choice | Mapping | Sequence) -> Value:
        if isinstance(one, Choice):
            alternatives = [Alternative(fresh(a.value), a.condition) for a in one.alternatives]
            same = all(new.value is old.value for new, old in zip(alternatives, one.alternatives, strict=True))
            return one if same else Choice(tuple(alternatives), one.origin)
        if is_changeable(one) and (why := missed(one)):
            return Unknown(why, one.origin)
        if isinstance(one, Mapping):
            values = [fresh(entry.value) for entry in one.entries]
            if all(new is entry.value for new, entry in zip(values, one.entries, strict=True)):
                return one
            entries = tuple(Entry(e.key, new, e.origin) for e, new in zip(one.entries, values, strict=True))
            return Mapping(entries, one.origin, one.complete, one.changed, one.made_at)
        items = tuple(fresh(item) for item in one.items)
        if all(new is item for new, item in zip(items, one.items, strict=True)):
            return one
        return Sequence(one.kind, items, one.origin, one.complete, one.changed, one.made_at)

    return fresh(value)


def _called_modules(ev: Evaluator, path: str) -> tuple[str, ...]:
    """The files of the project whose functions a file imports and gives something: they may change what they get."""
    known = ev.called_modules.get(path)
    if known is not None:
        return known
    file = ev.modules.file(path)
    found: dict[str, None] = {}
    text = file.source.utf8 if file is not None else b""
    for name, bindings in file.scope.bindings.items() if file is not None else ():
        for binding in bindings:
            if binding.kind not in ("from", "import") or len(found) >= MOST_MODULES:
                continue
            if not re.search(rb"(?<![\w.])" + re.escape(name.encode()) + rb"(?:\.\w+)*\(\s*[^\s)]", text):
                continue
            other = _module_of(ev, binding, file.scope) if file is not None else None
            if other is not None and other.endswith(".py"):
                found[other] = None
    ev.called_modules[path] = tuple(found)
    return ev.called_modules[path]


def _module_of(ev: Evaluator, binding: Binding, scope: Scope) -> str | None:
    """The path of the module that an import binds, or binds a name of."""
    statement = binding.node.parent
    module = statement.child_by_field_name("module_name") if statement is not None else None
    if binding.kind == "from":
        return stars.module_path(ev, module, scope) if module is not None else None
    name = binding.node.child_by_field_name("name") or binding.node
    return ev.modules.find(text_of(name), scope.file.path)


_MUTATING = frozenset(name.encode() for name in MUTATING_METHODS)


@cache
def _pattern() -> re.Pattern[bytes]:
    """What a statement that changes an object looks like; compiled where it is needed."""
    return re.compile(
        rb"\.\s*(?=(?P<method>[a-z_]+)\b)"  # which one is looked up: a pattern of all of them takes long to compile
        rb"|(?P<item>\])\s*(?:(?:[-+*/%|&^@]|//|\*\*|<<|>>)?=(?!=)|:[^\n=]*=)"
        rb"|(?P<augment>\w)\s*(?:[+|&^-]|\*)=|(?P<delete>\bdel\b)"
        rb"|\b(?P<call>shuffle|heapify|heappush|setitem|delitem|insort)\s*\("
    )


def changes_in(ev: Evaluator, file: ModuleFile) -> FileChanges:
    """What the statements of a file change, found once."""
    known = ev.changes.get(file.path)
    if known is not None:
        return known
    found = FileChanges()
    ev.changes[file.path] = found  # while it is being made: reading then doubts nothing, and nothing is kept
    text = file.source.utf8
    matches = []
    for match in _pattern().finditer(text):
        if match.lastgroup == "method" and match["method"] not in _MUTATING:
            continue
        matches.append(match)
        if len(matches) > MOST_SITES:
            found.too_many = True
            return found
    if matches:

        def look() -> None:
            for match in matches:
                for place, site in _sites(ev, file, match):
                    found.by_object.setdefault(place, []).append(site)

        ev.without_memory(look)
    return found


def _sites(ev: Evaluator, file: ModuleFile, match: re.Match[bytes]) -> Iterator[tuple[Location, Site]]:
    kind = str(match.lastgroup)
    root = file.scope.node
    node = root.descendant_for_byte_range(match.start(kind), match.end(kind))
    if node is None:
        return
    targets: list[tuple[Node, Node, bool]] = []  # the object, the node that changes it, whether a name follows it
    if kind == "method":
        attribute = node.parent
        if node.type != "identifier" or attribute is None or attribute.type != "attribute":
            return
        owner = attribute.child_by_field_name("object")
        call = attribute.parent
        if owner is None or attribute.child_by_field_name("attribute") != node or call is None:
            return
        if call.type != "call" or call.child_by_field_name("function") != attribute:
            targets.append((owner, attribute, False))  # the method is kept and may be called later
        else:
            outer = call
            while outer.parent is not None and outer.parent.type == "attribute":
                above = outer.parent.parent
                name = outer.parent.child_by_field_name("attribute")
                if above is None or above.type != "call" or name is None or text_of(name) not in MUTATING_METHODS:
                    break
                outer = above
            holder = outer.parent
            stands = holder is not None and (
                holder.type == "expression_statement"
                or (
                    holder.type == "assignment"
                    and text_of(node) == "pop"
                    and holder.child_by_field_name("right") == call
                )
            )
            if stands and outer != call and text_of(node) == "setdefault":
                stands = True
            targets.append((owner, call, stands))
    elif kind == "item":
        subscript = node.parent if node.type == "]" else None
        if subscript is not None and subscript.type == "subscript":
            owner, holder = subscript.child_by_field_name("value"), subscript.parent
            if owner is not None and holder is not None and holder.type in (
                "assignment", "augmented_assignment", "pattern_list", "tuple_pattern", "list_pattern",
            ):  # fmt: skip
                targets.append((owner, subscript, True))
    elif kind == "augment":
        holder = node.parent
        if holder is not None and holder.type == "attribute":
            node, holder = holder, holder.parent
        if holder is not None and holder.type == "augmented_assignment" and holder.child_by_field_name("left") == node:
            targets.append((node, holder, True))
    elif kind == "delete":
        statement = node.parent
        for child in statement.named_children if statement is not None and statement.type == "delete_statement" else ():
            for one in child.named_children if child.type == "expression_list" else (child,):
                owner = one.child_by_field_name("value") if one.type == "subscript" else None
                if owner is not None:
                    targets.append((owner, one, True))
    else:
        call_node = node.parent
        while call_node is not None and call_node.type != "call":
            call_node = call_node.parent
        arguments = call_node.child_by_field_name("arguments") if call_node is not None else None
        if arguments is not None and (given := children_of(arguments)):
            targets.append((given[0], arguments, False))
    for owner, changing, followed in targets:
        scope = ev.scope_at(changing, file.scope)
        base = _base(owner)
        route = route_of(scope, text_of(base)) if base is not None and followed else None
        yield from _objects(ev, owner, base, scope, Site((file.path, changing.end_byte), route))


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
    from celery_backend_lint.evaluate.bound_values import bound_value

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

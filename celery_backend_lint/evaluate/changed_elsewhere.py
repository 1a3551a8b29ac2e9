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
    Entry,
    Mapping,
    Sequence,
    Unknown,
)
from celery_backend_lint.syntax.python import module_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.project_modules import ModuleFile
    from celery_backend_lint.evaluate.scopes import Binding, Scope
    from celery_backend_lint.evaluate.values import Change, Value
    from celery_backend_lint.location import Location

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
    return ev.modules.find(module_name(name), scope.file.path)


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
        from celery_backend_lint.evaluate.change_sites import sites

        def look() -> None:
            for match in matches:
                for place, site in sites(ev, file, match):
                    found.by_object.setdefault(place, []).append(site)

        ev.without_memory(look)
    return found

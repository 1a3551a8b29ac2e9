"""What a project does to its apps, in the order in which importing the app's module would run it.

The places that do something are found by their bytes; what leads to them (imports, calls of functions, loops over
literals, constructors of subclasses) is followed the way Python would, a few calls deep.
"""

from __future__ import annotations

import re

from celery_backend_lint.evaluate import classes, stars
from celery_backend_lint.evaluate.calls import read_arguments
from celery_backend_lint.evaluate.functions import call_scope
from celery_backend_lint.evaluate.scopes import Scope
from celery_backend_lint.evaluate.values import (
    Choice,
    Class,
    Entry,
    External,
    Function,
    Instance,
    Literal,
    Mapping,
    Method,
    Sequence,
    Unknown,
)
from celery_backend_lint.model.creations import NEEDLES, is_celery_class, is_test_path
from celery_backend_lint.model.reached import condition_at, conjunction
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import arguments_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.project_modules import ModuleFile
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model.creations import Creation
    from celery_backend_lint.syntax.python import Node

WRITES_CONF = (b"config_from_object", b".conf.", b".conf[")
"""Bytes of files that may change an app and need not name Celery."""

_TOUCHED = re.compile(
    rb"\.\s*(?:(conf)\s*(?:[.\[),;:\]}#\r\n]|\|?=[^=]|$)"
    rb"|(config_from_object|config_from_envvar|config_from_cmdline|add_defaults|add_periodic_task)\s*\("
    rb"|(namespace)\s*=[^=]|(on_configure|on_after_configure)\s*\.\s*connect\b)"
)
_PERHAPS_AN_APP = re.compile(rb"(?<!django)\.conf\s*(?:\.\s*\w+\s*(?:=[^=]|\()|\[)|config_from_object\s*\(")
_ALIAS = re.compile(rb"(?<![\w.])(\w+)[ \t]*(?::[^=\n]+)?:?=[ \t]*[\w.()]+\.conf[ \t]*(?:[#;\r\n)]|$)")
_IMPORT = re.compile(rb"(?m)^[ \t]*((?:from|import)[ \t])")
_IMPORTED = re.compile(rb"(?m)^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import|import[ \t]+([\w.]+(?:[ \t]*,[ \t]*[\w.]+)*))")
_CURRENT = frozenset(
    {"celery.current_app", "celery.app.current_app", "celery._state.current_app", "celery.app.default_app"}
)
_OR_DEFAULT = frozenset({"celery.app.app_or_default", "celery._state.get_current_app", "celery.app_or_default"})

CONF = "celery.app.utils.Settings"
"""The type of what ``app.conf`` is where it is handed to a function."""

DEEPEST_CALLS = 4
"""How many calls deep the functions that are given an app are followed."""

MOST_STEPS = 2_000
"""How many places are looked at from one module."""

MOST_ROUNDS = 50
"""How many rounds of a loop over literals are followed."""

MOST_CALLS = 60
"""Calls of a name that stands before a parenthesis more often than this are not looked at."""

MOST_IMPORTS = 300
"""How many modules are looked through for imports of another."""


@record
class Step:
    """Something done to an app. ``node`` is the attribute node (``app.conf``), or the name that stands for it.

    ``attribute`` is its name, ``made`` for the call that creates the app (then ``arguments`` and ``keywords`` are what
    reaches ``Celery.__init__``), ``given`` where ``conf`` goes somewhere that is not followed. ``condition`` is when it
    happens, None for always. ``certain`` is False where nothing that runs with the app's module is seen to lead there,
    ``why`` says what. ``inner`` is what a signal's handler does.
    """

    node: Node
    attribute: str
    scope: Scope
    condition: Value | None
    certain: bool
    owner: Value
    why: str = ""
    arguments: tuple[Value, ...] = ()
    keywords: tuple[Entry, ...] = ()
    inner: tuple[Step, ...] = ()


@record
class _Point:
    """A place in a file that is looked at when it is reached. ``kind``: touch, alias, call, import, made, super."""

    offset: int
    kind: str
    node: Node
    name: str
    within: int

    def __hash__(self) -> int:
        return hash((self.offset, self.kind))


def definition_around(node: Node) -> Node | None:
    """The function or lambda whose body holds a node; None at the level of the module."""
    child, parent = node, node.parent
    while parent is not None:
        if parent.type in ("function_definition", "lambda"):
            body = parent.child_by_field_name("body")
            if body is not None and body.start_byte <= child.start_byte and child.end_byte <= body.end_byte:
                return parent
        child, parent = parent, parent.parent
    return None


class Places:
    """Every place of the project that may do something to an app, or lead to one that does, by file."""

    def __init__(self, ev: Evaluator, creations: list[Creation]) -> None:
        self.ev = ev
        self.creations = {creation.location: creation for creation in creations}
        self.files: dict[str, ModuleFile] = {}
        self.points: dict[str, list[_Point]] = {}
        self.touches: list[tuple[ModuleFile, _Point]] = []
        for path in self._paths():
            file = ev.modules.file(path)
            if file is not None:
                self.files[path] = file
                self.points[path] = []
        for path, file in self.files.items():
            for point in self._touches(file):
                self.points[path].append(point)
                self.touches.append((file, point))
        self.held: dict[tuple[str, str], Value] = {}
        for creation in creations:
            self._add(creation.file, "made", creation.node, "")
            holder = creation.node.parent
            left = holder.child_by_field_name("left") if holder is not None and holder.type == "assignment" else None
            if left is not None and left.type == "attribute":  # ``flask_app.celery = Celery()``
                self.held[creation.file.path, text_of(left)] = ev.ask(creation.node, creation.scope)
        self._lead_there()
        for path, file in self.files.items():
            for match in _IMPORT.finditer(file.source.utf8):
                node = _around(file.scope.node.descendant_for_byte_range(*match.span(1)), "import_")
                if node is not None:
                    self._add(file, "import", node, "")
            self.points[path].sort(key=lambda point: point.offset)

    def _paths(self) -> Iterator[str]:
        modules = self.ev.modules
        found = dict.fromkeys(modules.project.python_files_mentioning(NEEDLES))
        if self.creations:
            for path in modules.project.python_files_mentioning(WRITES_CONF):
                source = modules.project.source(path)
                if path not in found and source is not None and _PERHAPS_AN_APP.search(source.data):
                    found[path] = None
        for path in list(found):
            for above in packages_above(self.ev, path):
                found[above] = None
        yield from sorted(found)

    def _add(self, file: ModuleFile, kind: str, node: Node, name: str) -> None:
        around = definition_around(node)
        within = around.start_byte if around is not None else -1
        self.points.setdefault(file.path, []).append(_Point(node.end_byte, kind, node, name, within))

    def _touches(self, file: ModuleFile) -> Iterator[_Point]:
        text = file.source.utf8
        aliases = {match[1] for match in _ALIAS.finditer(text)}
        for match in _TOUCHED.finditer(text):
            node = file.scope.node.descendant_for_byte_range(*match.span(match.lastindex or 1))
            attribute = node.parent if node is not None and node.type == "identifier" else None
            if node is None or attribute is None or attribute.type != "attribute":
                continue
            if attribute.child_by_field_name("attribute") == node:
                yield self._point("touch", attribute, text_of(node))
        for name in aliases:
            for node in uses_of(file.scope.node, name):
                yield self._point("alias", node, text_of(node))

    def _point(self, kind: str, node: Node, name: str) -> _Point:
        around = definition_around(node)
        return _Point(node.end_byte, kind, node, name, around.start_byte if around is not None else -1)

    def _lead_there(self) -> None:
        """Add the calls of functions with such places in them, those of functions with such calls, and so on."""
        seen: set[str] = set()
        new: set[str] = set()
        for path, points in self.points.items():
            for point in points:
                new |= _callable_names(definition_around(point.node), self.files.get(path))
        for _ in range(DEEPEST_CALLS):
            new -= seen
            if not new:
                return
            seen |= new
            pattern = re.compile(
                rb"(?<!\w)(" + b"|".join(re.escape(name.encode()) for name in sorted(new)) + rb")\s*\("
            )
            new = set()
            found: dict[bytes, list[tuple[ModuleFile, Node]]] = {}
            for file in self.files.values():
                for match in pattern.finditer(file.source.utf8):
                    call = _call_of(file.scope.node, match.start(1))
                    if call is not None:
                        found.setdefault(match[1], []).append((file, call))
            for calls in found.values():
                for file, call in calls if len(calls) <= MOST_CALLS else ():
                    self._add(file, "call", call, "")
                    new |= _callable_names(definition_around(call), file)

    def within(self, path: str, definition: Node | None) -> list[_Point]:
        """The places of a file directly inside a function, or at its top level."""
        start = definition.start_byte if definition is not None else -1
        return [point for point in self.points.get(path, ()) if point.within == start]


def packages_above(ev: Evaluator, path: str) -> list[str]:
    """The ``__init__.py`` of the packages that importing a module imports first, outermost first."""
    found: list[str] = []
    folder = path.rpartition("/")[0]
    while folder and ev.modules.at(folder) == f"{folder}/__init__.py":
        found.insert(0, f"{folder}/__init__.py")
        folder = folder.rpartition("/")[0]
    return found


def uses_of(root: Node, name: bytes) -> Iterator[Node]:
    """The places below a node where something is done to what a name holds: ``name.x``, ``name[x]``, ``name |= x``."""
    text = root.text or b""
    for match in re.finditer(rb"(?<![\w.])(" + re.escape(name) + rb")\s*(?:[.\[]|\|=)", text):
        start = root.start_byte + match.start(1)
        node = root.descendant_for_byte_range(start, start + len(name))
        if node is not None and node.type == "identifier":
            yield node


def _around(node: Node | None, start: str) -> Node | None:
    while node is not None and not node.type.startswith(start):
        node = node.parent
    return node


def _call_of(root: Node, offset: int) -> Node | None:
    """The call whose function ends with the name at a byte offset; None for a definition or something else."""
    node = root.descendant_for_byte_range(offset, offset + 1)
    if node is None or node.type != "identifier":
        return None
    parent = node.parent
    if parent is not None and parent.type == "attribute" and parent.child_by_field_name("attribute") == node:
        node, parent = parent, parent.parent
    called = parent is not None and parent.type == "call" and parent.child_by_field_name("function") == node
    return parent if called else None


def _callable_names(definition: Node | None, file: ModuleFile | None) -> set[str]:
    """The names by which a function is called: its own, its class's where it is a constructor."""
    name = definition.child_by_field_name("name") if definition is not None else None
    if definition is None or name is None or file is None:
        return set()
    if text_of(name) not in ("__init__", "__new__"):
        return {text_of(name)}
    holder = _around(definition.parent, "class_definition")
    name = holder.child_by_field_name("name") if holder is not None else None
    if name is None:
        return set()
    heirs = re.findall(r"(?m)^class\s+(\w+)\s*\([^)]*\b" + re.escape(text_of(name)) + r"\b", file.source.text)
    return {text_of(name), *heirs}


class Walk:
    """Follows the project from one module: ``steps`` is what happens to the apps, in order."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.ev = places.ev
        self.steps: list[Step] = []
        self.seen: set[tuple[str, int]] = set()
        self.started: set[str] = set()
        self.made: set[Location] = set()
        self.current: Value | None = None
        self._entered: set[int] = set()
        self._calls: list[tuple[Scope, int]] = []
        self._ways: dict[Location, tuple[tuple[Scope, int], ...]] = {}
        self._depth = 0
        self._count = 0

    def module(self, path: str, condition: Value | None = None) -> None:
        """What importing the module at a path does, once."""
        for one in (*packages_above(self.ev, path), path):
            if one not in self.started:
                self.started.add(one)
                file = self.places.files.get(one)
                if file is not None:
                    self._run(file, self.places.within(one, None), file.scope, condition)

    def create(self, creation: Creation) -> None:
        """What happens where an app is made, in a place that nothing is seen to lead to."""
        around = definition_around(creation.node)
        if creation.location not in self.made:
            scope = creation.scope
            while scope.kind == "class" and scope.parent is not None:
                scope = scope.parent
            self._run(creation.file, self.places.within(creation.file.path, around), scope, None)

    def _run(self, file: ModuleFile, points: Iterable[_Point], scope: Scope, condition: Value | None) -> None:
        left = list(points)
        while left:
            point = left.pop(0)
            loop = _loop_around(point.node, scope)
            if loop is None:
                self._at(file, point, scope, condition)
                continue
            inside = [point, *(one for one in left if one.offset <= loop.end_byte)]
            left = left[len(inside) - 1 :]
            self._loop(file, loop, inside, scope, condition)

    def _loop(self, file: ModuleFile, loop: Node, points: list[_Point], scope: Scope, outer: Value | None) -> None:
        rounds = self._rounds(loop, scope)
        if rounds is None:
            self._perhaps(file, loop, points, scope, outer)
            return
        for bound in rounds:
            self._run(file, points, Scope("loop", loop, file, scope, bound), self._both(outer, loop, scope))

    def _perhaps(self, file: ModuleFile, loop: Node, points: list[_Point], scope: Scope, outer: Value | None) -> None:
        right = loop.child_by_field_name("right")
        over = " ".join(text_of(right).split())[:60] if right is not None else ""
        unknown = Unknown(f"a loop over {over}" if over else "a loop", self.ev.location(loop, scope))
        names = _targets(loop.child_by_field_name("left"))
        inside = Scope("loop", loop, file, scope, dict.fromkeys(names, unknown))
        self._run(file, points, inside, conjunction([one for one in (outer, unknown) if one is not None]))

    def _rounds(self, loop: Node, scope: Scope) -> list[dict[str, Value]] | None:
        """What the names of a ``for`` over literals are in each round; None where that is not known."""
        left, right = loop.child_by_field_name("left"), loop.child_by_field_name("right")
        if left is None or right is None or b"break" in (loop.text or b"") or b"continue" in (loop.text or b""):
            return None
        items = self._items(right, scope)
        names = _targets(left)
        if items is None or len(items) > MOST_ROUNDS or not names:
            return None
        rounds: list[dict[str, Value]] = []
        for item in items:
            if left.type == "identifier":
                rounds.append({names[0]: item})
            elif isinstance(item, Sequence) and item.complete and len(item.items) == len(names):
                rounds.append(dict(zip(names, item.items, strict=True)))
            else:
                return None
        return rounds

    def _items(self, node: Node, scope: Scope) -> list[Value] | None:
        value: Value = self.ev.value(node, scope)
        if isinstance(value, Sequence) and value.complete and value.kind in ("list", "tuple"):
            return list(value.items)
        method = "keys"
        if node.type == "call":
            function = node.child_by_field_name("function")
            owner = function.child_by_field_name("object") if function is not None else None
            name = function.child_by_field_name("attribute") if function is not None else None
            if owner is None or name is None:
                return None
            value, method = self.ev.value(owner, scope), text_of(name)
        if not isinstance(value, Mapping) or not value.complete or method not in ("items", "keys", "values"):
            return None
        last = {entry.key.value: entry for entry in value.entries if isinstance(entry.key, Literal)}
        if len(last) != len({id(entry) for entry in last.values()}) or any(
            not isinstance(entry.key, Literal) for entry in value.entries
        ):
            return None
        entries = list(last.values())
        if method == "items":
            return [Sequence("tuple", (entry.key, entry.value), entry.origin) for entry in entries]
        return [entry.key if method == "keys" else entry.value for entry in entries]

    def _both(self, outer: Value | None, node: Node, scope: Scope, given: Location | None = None) -> Value | None:
        """``outer`` and the condition under which a node is reached; an app's own place is known to be reached."""
        way = self._ways.get(given, ()) if given is not None else ()
        known = next((scope.path_at(offset) for other, offset in way if other.node == scope.node), ())
        inner = condition_at(self.ev, node, scope, known)
        if inner is None or outer is None:
            return inner or outer
        return conjunction([outer, inner])

    def _at(self, file: ModuleFile, point: _Point, scope: Scope, condition: Value | None) -> None:
        self._count += 1
        if self._count > MOST_STEPS:
            return
        inner = self._class_body(point.node, scope)
        if point.kind in ("touch", "alias"):
            self.seen.add((file.path, point.offset))
            self._touch(point, inner, condition)
            return
        where = self._both(condition, point.node, inner)
        if isinstance(where, Literal):
            return
        if point.kind == "import":
            for path in imported(self.ev, point.node, inner):
                self.module(path, where)
        elif point.kind == "made":
            self._make(point.node, inner)
        elif point.kind == "call":
            self._call(point.node, inner, where)

    def _class_body(self, node: Node, scope: Scope) -> Scope:
        """The scope of the class body that a node stands in, below ``scope``."""
        around: list[Node] = []
        parent = node.parent
        while parent is not None and parent != scope.node:
            if parent.type == "class_definition":
                body = parent.child_by_field_name("body")
                if body is not None and body.start_byte <= node.start_byte:
                    around.append(parent)
            parent = parent.parent
        for definition in reversed(around):
            name = definition.child_by_field_name("name")
            where = self.ev.location(definition, scope)
            scope = self.ev.scope_of(Class(text_of(name) if name is not None else "", definition, scope, where))
        return scope

    # What is done to an app ------------------------------------------------------------------------------------------

    def _touch(self, point: _Point, scope: Scope, outer: Value | None) -> None:
        owner = self.owner(point, scope)
        if not self._may_be_app(owner):
            return
        given = owner.origin if isinstance(owner, Instance) else None
        condition = self._both(outer, point.node, scope, given)
        if isinstance(condition, Literal):
            return
        if point.name.startswith("on_"):
            self._handler(point, scope, condition, owner)
            return
        step = Step(point.node, point.name if point.kind == "touch" else "conf", scope, condition, True, owner)
        parent = point.node.parent
        if step.attribute == "conf" and parent is not None:
            if parent.type in ("assignment", "named_expression") and self._is_followed_alias(parent, point.node, scope):
                return
            call = _call_with(parent)
            if call is not None:
                self._conf_given(call, step, scope, condition)
                return
        self.steps.append(step)

    def owner(self, point: _Point, scope: Scope) -> Value:
        """The app that a place does something to, as far as it is known."""
        if point.kind == "alias":
            return self._conf_owner(point.node, scope)
        owner = point.node.child_by_field_name("object")
        if owner is None:
            return self.ev.unknown("an incomplete expression", point.node, scope)
        value = self.ev.ask(owner, scope)
        if owner.type == "attribute" and not self._may_be_app(value):
            value = self.places.held.get((scope.file.path, text_of(owner)), value)
        if isinstance(value, External) and value.name in _CURRENT:
            return self.current or value
        if owner.type == "call" and not self._may_be_app(value):
            function = owner.child_by_field_name("function")
            target = self.ev.value(function, scope) if function is not None else value
            if isinstance(target, External):
                if target.name in _OR_DEFAULT:
                    given = [self.ev.value(node, scope) for _, node in arguments_of(owner)]
                    return given[0] if given and self._may_be_app(given[0]) else self.current or value
                if target.name.rpartition(".")[0] in _CURRENT:  # current_app._get_current_object()
                    return self.current or value
        return value

    def _conf_owner(self, node: Node, scope: Scope) -> Value:
        """The app whose conf a name holds: a parameter that was given it, or a name that is bound to it once."""
        name = text_of(node)
        inner: Scope | None = scope
        while inner is not None:
            given = inner.parameters.get(name)
            if isinstance(given, Instance) and isinstance(given.type, External) and given.type.name == CONF:
                return Instance(External("celery.Celery", given.origin), (), (), given.origin)
            bindings = inner.bindings.get(name, ())
            if bindings:
                source = bindings[0].node
                if len(bindings) == 1 and bindings[0].kind == "assign" and source.type == "attribute":
                    holder, attribute = source.child_by_field_name("object"), source.child_by_field_name("attribute")
                    if holder is not None and attribute is not None and text_of(attribute) == "conf":
                        return self.ev.ask(holder, inner)
                break
            inner = inner.parent
        return Unknown("a name for something else", self.ev.location(node, scope))

    def _is_followed_alias(self, statement: Node, node: Node, scope: Scope) -> bool:
        """Whether ``name = app.conf`` gives a name that is followed: it is bound once, and no attribute."""
        left = statement.child_by_field_name("left") or statement.child_by_field_name("name")
        if left is None or left == node or left.type != "identifier":
            return False
        return isinstance(self._conf_owner(left, scope), Instance)

    def _conf_given(self, call: Node, step: Step, scope: Scope, condition: Value | None) -> None:
        """``f(app.conf)``: followed into a function of the project, a read or a write of builtins, else unknown."""
        function = call.child_by_field_name("function")
        target = self.ev.ask(function, scope) if function is not None else None
        if isinstance(target, (Function, Method)):
            self._call(call, scope, condition, conf=True)
        elif not isinstance(target, External):
            self.steps.append(_changed(step, "given"))
        else:
            self.steps.append(step)

    def _handler(self, point: _Point, scope: Scope, condition: Value | None, owner: Value) -> None:
        """``@app.on_after_configure.connect``: what the handler does, kept until the signal is sent."""
        function = _connected(self.ev, point.node, scope)
        outer, self.steps = self.steps, []
        if function is not None:
            sender = Literal("sender", self.ev.location(point.node, scope))
            inside = call_scope(self.ev, function, [], [Entry(sender, owner, sender.origin)])
            self._inside(function, inside, condition)
        inner, self.steps = tuple(self.steps), outer
        step = Step(point.node, point.name, scope, condition, function is not None, owner)
        self.steps.append(_changed(step, point.name, inner=inner))

    def _may_be_app(self, value: Value | None) -> bool:
        if isinstance(value, Choice):
            return any(self._may_be_app(one.value) for one in value.alternatives)
        return isinstance(value, Instance) and is_celery_class(self.ev, value.type)

    # What leads there ------------------------------------------------------------------------------------------------

    def _call(self, call: Node, scope: Scope, condition: Value | None, *, conf: bool = False) -> None:
        function = call.child_by_field_name("function")
        target = self.ev.ask(function, scope) if function is not None else None
        if not isinstance(target, (Function, Method, Class)) or self._depth >= DEEPEST_CALLS:
            return
        has_conf = any(self._conf_argument(node, scope) is not None for _, node in arguments_of(call))
        if has_conf and not conf and not isinstance(target, Class):
            return  # followed where ``app.conf`` stands
        self._calls.append((scope, call.start_byte))
        self._follow_call(target, call, scope, condition)
        self._calls.pop()

    def _follow_call(
        self, target: Function | Method | Class, call: Node, scope: Scope, condition: Value | None
    ) -> None:
        arguments, keywords = self._arguments(call, scope)
        if isinstance(target, Class):
            if not is_celery_class(self.ev, target):
                made = Instance(target, tuple(arguments), tuple(keywords), self.ev.location(call, scope))
                init = self._method(target, "__init__")
                if init is not None:
                    self._enter(init, [made, *arguments], keywords, condition)
            return
        if isinstance(target, Method):
            arguments, target = [target.bound, *arguments], target.function
        self._enter(target, arguments, keywords, condition)

    def _arguments(self, call: Node, scope: Scope) -> tuple[list[Value], list[Entry]]:
        """The arguments of a call, ``app.conf`` among them as an instance of its type that has the app's place."""
        arguments, keywords = read_arguments(self.ev, call, scope)
        given = {}
        for _, node in arguments_of(call):
            conf = self._conf_argument(node, scope)
            if conf is not None:
                given[self.ev.location(node, scope)] = conf
        if not given:
            return arguments, keywords
        arguments = [given.get(value.origin, value) for value in arguments]
        return arguments, [Entry(one.key, given.get(one.value.origin, one.value), one.origin) for one in keywords]

    def _conf_argument(self, node: Node, scope: Scope) -> Instance | None:
        owner: Value | None = None
        if node.type == "attribute":
            attribute, holder = node.child_by_field_name("attribute"), node.child_by_field_name("object")
            if attribute is not None and holder is not None and text_of(attribute) == "conf":
                owner = self.ev.ask(holder, scope)
        elif node.type == "identifier":
            owner = self._conf_owner(node, scope)
        if isinstance(owner, Instance) and self._may_be_app(owner):
            return Instance(External(CONF, owner.origin), (), (), owner.origin)
        return None

    def _enter(
        self, function: Function, arguments: list[Value], keywords: list[Entry], condition: Value | None
    ) -> None:
        """Run a function of the project. One that makes an app is run once, with what all its callers give it."""
        makes = any(
            creation.file is function.scope.file and definition_around(creation.node) == function.node
            for creation in self.places.creations.values()
        )
        if makes:
            if function.node.start_byte in self._entered:
                return
            self._entered.add(function.node.start_byte)
            condition = None  # where it is not called there is no app
            if function.scope.kind != "class":
                self._inside(function, self.ev.function_scope(function.node, function.scope), condition)
                return
        self._inside(function, call_scope(self.ev, function, arguments, keywords), condition)

    def _inside(self, function: Function, scope: Scope, condition: Value | None) -> None:
        file = function.scope.file
        points = self.places.within(file.path, function.node)
        points += [
            _Point(node.end_byte, "alias", node, name, function.node.start_byte)
            for name, value in scope.parameters.items()
            if isinstance(value, Instance) and isinstance(value.type, External) and value.type.name == CONF
            for node in uses_of(function.node, name.encode())
            if definition_around(node) == function.node
        ]
        if self._depth < DEEPEST_CALLS:
            self._depth += 1
            self._run(file, sorted(points, key=lambda point: point.offset), scope, condition)
            self._depth -= 1

    # An app is made --------------------------------------------------------------------------------------------------

    def _make(self, call: Node, scope: Scope) -> None:
        creation = self.places.creations.get(self.ev.location(call, scope))
        if creation is None or creation.location in self.made:
            return
        self.made.add(creation.location)
        self._ways[creation.location] = (*self._calls, (scope, call.start_byte))
        cls = creation.cls
        arguments, keywords = list(creation.arguments), list(creation.keywords)
        if not isinstance(cls, (Class, External)):
            return
        made = Instance(cls, creation.arguments, creation.keywords, creation.location)
        bases: list[Class | External | Unknown] = classes.lineage(self.ev, cls) if isinstance(cls, Class) else [cls]
        self._construct(bases, made, arguments, keywords, call, scope)
        name = _value_of_keyword(keywords, "set_as_current")
        if not (isinstance(name, Literal) and name.value is False):
            self.current = made

    def _construct(
        self,
        bases: list[Class | External | Unknown],
        made: Instance,
        arguments: list[Value],
        keywords: list[Entry],
        call: Node,
        scope: Scope,
    ) -> None:
        """Run the constructors of a class and its bases, down to Celery's own."""
        for position, base in enumerate(bases):
            if not isinstance(base, Class):
                continue
            init = self.ev.read(self.ev.scope_of(base), "__init__", None)
            if not isinstance(init, Function):
                continue
            inside = call_scope(self.ev, init, [made, *arguments], keywords)
            above = _call_of_base(self.ev, init, inside)
            points = self.places.within(init.scope.file.path, init.node)
            file = init.scope.file
            if above is None:
                break
            before = [point for point in points if point.offset <= above.start_byte]
            self._run(file, before, inside, None)
            given, named = read_arguments(self.ev, above, inside)
            function = above.child_by_field_name("function")
            if function is not None and not text_of(function).startswith("super"):
                given = given[1:]
            condition = condition_at(self.ev, above, inside)
            if condition is not None:
                named = [*named, Entry(Unknown("whether it is given", condition.origin), condition, condition.origin)]
            self._construct(bases[position + 1 :], made, given, named, call, scope)
            self._run(file, [point for point in points if point.offset > above.end_byte], inside, None)
            return
        else:
            above = call
        if above is None:
            why = Unknown("the arguments that a subclass gives to Celery", made.origin)
            keywords = [Entry(why, why, made.origin)]
        self.steps.append(
            Step(call, "made", scope, None, True, made, arguments=tuple(arguments), keywords=tuple(keywords))
        )
        hook = self._method(made.type, "on_init") if isinstance(made.type, Class) else None
        if hook is not None:
            self._enter(hook, [made], [], None)

    def _method(self, cls: Class, name: str) -> Function | None:
        for base in classes.lineage(self.ev, cls):
            found = self.ev.read(self.ev.scope_of(base), name, None) if isinstance(base, Class) else None
            if isinstance(found, Function):
                return found
        return None

    # The rest --------------------------------------------------------------------------------------------------------

    def reaches(self, path: str) -> bool:
        """Whether the modules that were run import the one at ``path``, by way of others that do nothing to apps."""
        looked = set(self.started)
        left = list(self.started)
        while left and len(looked) <= MOST_IMPORTS:
            importer = left.pop()
            for found in _named_imports(self.ev, importer):
                if found == path:
                    return True
                if found not in looked:
                    looked.add(found)
                    left.append(found)
        return False


def _changed(step: Step, attribute: str, *, inner: tuple[Step, ...] = ()) -> Step:
    return Step(
        step.node, attribute, step.scope, step.condition, step.certain, step.owner, step.why, step.arguments,
        step.keywords, inner,
    )  # fmt: skip


def uncertain(step: Step, why: str) -> Step:
    """The same step, of which it is not known whether it happens."""
    return Step(
        step.node, step.attribute, step.scope, step.condition, False, step.owner, why, step.arguments, step.keywords,
        step.inner,
    )  # fmt: skip


def steps_of(places: Places, walk: Walk, creation: Creation) -> list[Step]:
    """What happens to one app: what the walk through its module came to, then what else may be done to it."""
    if creation.location not in walk.made:
        outer, walk.steps = walk.steps, []
        walk.create(creation)
        walk.steps = [*walk.steps, *outer]
    steps = [step for step in walk.steps if is_of(places.ev, step.owner, creation)]
    steps += [step for step in left_over(places, walk, creation) if is_of(places.ev, step.owner, creation)]
    return steps


def is_of(ev: Evaluator, owner: Value, creation: Creation) -> bool:
    """Whether an expression may be the app that is made at a place."""
    if isinstance(owner, Choice):
        return any(is_of(ev, one.value, creation) for one in owner.alternatives)
    return isinstance(owner, Instance) and owner.origin == creation.location and is_celery_class(ev, owner.type)


def left_over(places: Places, walk: Walk, creation: Creation) -> Iterator[Step]:
    """What is done to apps in places that the walk did not come to: by path and line, none of it certain.

    What tests do to the project's app holds in tests only.
    """
    in_tests = is_test_path(creation.file.path)
    for file, point in sorted(places.touches, key=lambda one: one[0] is not creation.file):
        if (file.path, point.offset) in walk.seen or (is_test_path(file.path) and not in_tests):
            continue
        scope = places.ev.scope_at(point.node, file.scope)
        owner = walk.owner(point, scope)
        condition = condition_at(places.ev, point.node, scope)
        if isinstance(condition, Literal) or point.name.startswith("on_"):
            continue
        step = Step(point.node, point.name if point.kind == "touch" else "conf", scope, condition, True, owner)
        if scope.kind == "function" or definition_around(point.node) is not None:
            yield uncertain(step, "a function that nothing is seen to call has a say")
        elif walk.reaches(file.path):
            yield step
        else:
            yield uncertain(step, f"whether {file.path} is imported")


def _targets(node: Node | None) -> list[str]:
    if node is None:
        return []
    if node.type == "identifier":
        return [text_of(node)]
    names = node.named_children
    return [text_of(name) for name in names] if all(name.type == "identifier" for name in names) else []


def _loop_around(node: Node, scope: Scope) -> Node | None:
    """The outermost loop between a scope's own node and a node in its body."""
    found = None
    child, parent = node, node.parent
    while parent is not None and parent != scope.node:
        if parent.type in ("for_statement", "while_statement"):
            body = parent.child_by_field_name("body")
            if body is not None and body.start_byte <= child.start_byte < body.end_byte:
                found = parent
        child, parent = parent, parent.parent
    return found


def _call_with(parent: Node) -> Node | None:
    """The call among whose arguments a node stands, given its parent."""
    if parent.type == "keyword_argument" and parent.parent is not None:
        parent = parent.parent
    return parent.parent if parent.type == "argument_list" else None


def _connected(ev: Evaluator, node: Node, scope: Scope) -> Function | None:
    """The function that ``app.signal.connect`` connects: the one that it decorates, or its first argument."""
    connect = node.parent
    holder = connect.parent if connect is not None else None
    if holder is not None and holder.type == "call":
        given = [value for _, value in arguments_of(holder)]
        if given:
            value = ev.ask(given[0], scope)
            return value if isinstance(value, Function) else None
        holder = holder.parent
    if holder is None or holder.type != "decorator" or holder.parent is None:
        return None
    definition = holder.parent.child_by_field_name("definition")
    name = definition.child_by_field_name("name") if definition is not None else None
    if definition is None or name is None or definition.type != "function_definition":
        return None
    return Function(text_of(name), definition, scope, ev.location(name, scope))


def _call_of_base(ev: Evaluator, init: Function, scope: Scope) -> Node | None:
    """The call of a base's constructor in a constructor; None where there is not exactly one."""
    found = []
    body = init.node.child_by_field_name("body")
    for match in re.finditer(rb"__init__\s*\(", (body.text or b"") if body is not None else b""):
        call = _call_of(init.node, (body.start_byte if body is not None else 0) + match.start())
        function = call.child_by_field_name("function") if call is not None else None
        owner = function.child_by_field_name("object") if function is not None else None
        if call is None or owner is None or definition_around(call) != init.node:
            continue
        if text_of(owner).startswith("super") or is_celery_class(ev, ev.value(owner, scope)):
            found.append(call)
    return found[0] if len(found) == 1 else None


def _value_of_keyword(keywords: list[Entry], name: str) -> Value | None:
    return next((one.value for one in keywords if isinstance(one.key, Literal) and one.key.value == name), None)


def imported(ev: Evaluator, statement: Node, scope: Scope) -> Iterator[str]:
    """The modules of the project that an import statement imports, in order."""
    importer = scope.file.path
    if statement.type == "import_from_statement":
        module = statement.child_by_field_name("module_name")
        path = stars.module_path(ev, module, scope) if module is not None else None
        if path is None:
            return
        if path.endswith(".py"):
            yield path
        if path.endswith(("/", "__init__.py")):
            stem = path.removesuffix("__init__.py")
            for child in statement.children_by_field_name("name"):
                name = child.child_by_field_name("name") if child.type == "aliased_import" else child
                inner = ev.modules.at(stem + text_of(name)) if name is not None else None
                if inner is not None and inner.endswith(".py"):
                    yield inner
        return
    for child in statement.named_children:
        name = child.child_by_field_name("name") if child.type == "aliased_import" else child
        path = ev.modules.find(text_of(name), importer) if name is not None else None
        if path is not None and path.endswith(".py"):
            yield path


def _named_imports(ev: Evaluator, importer: str) -> Iterator[str]:
    """The modules that a file seems to import, by its lines alone: nothing is parsed."""
    source = ev.modules.project.source(importer)
    for match in _IMPORTED.finditer(source.data if source is not None else b""):
        for dotted in (match[1] or match[2]).decode("ascii", "replace").split(","):
            name = dotted.strip()
            level = len(name) - len(name.lstrip("."))
            path = ev.modules.find_relative(level, name[level:], importer) if level else ev.modules.find(name, importer)
            if path is not None:
                yield from (one for one in (*packages_above(ev, path), path) if one.endswith(".py"))

"""The places of a project that may do something to an app, or lead to one that does. They are found by their bytes."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.imported_modules import packages_above
from celery_backend_lint.model.apps.creations import NEEDLES
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.project_modules import ModuleFile
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model.apps.creations import Creation
    from celery_backend_lint.syntax.python import Node

WRITES_CONF = (b"config_from_object", b".conf.", b".conf[")
"""Bytes of files that may change an app and need not name Celery."""

CONF = b".conf"
"""What two of them have in common, to be looked for first."""

_TOUCHED = re.compile(
    rb"\.\s*(?:(conf)\s*(?:[.\[),;:\]}#\r\n]|\|?=[^=]|$)"
    rb"|(config_from_object|config_from_envvar|config_from_cmdline|add_defaults|add_periodic_task)\s*\("
    rb"|(namespace)\s*=[^=]|(on_configure|on_after_configure)\s*\.\s*connect\b)"
)
_IN_TOUCHED = (b"conf", b"add_", b"namespace")
"""One of them stands in whatever `_TOUCHED` fits."""

_PERHAPS_AN_APP = rb"(?<!django)\.conf\s*(?:\.\s*\w+\s*(?:=[^=]|\()|\[)|config_from_object\s*\("
_ALIAS = rb"(?<![\w.])(\w+)[ \t]*(?::[^=\n]+)?:?=[ \t]*[\w.()\[\]'\",=]+\.conf[ \t]*(?:[#;\r\n)]|$)"
_ENDS_ALIAS = (b".conf\n", b".conf\r", b".conf ", b".conf\t", b".conf#", b".conf;", b".conf)")
"""One of them stands in what `_ALIAS` fits, but at the end of the file."""

_IMPORT = rb"(?m)^[ \t]*((?:from|import)[ \t.])"

DEEPEST_CALLS = 4
"""How many calls deep the functions that are given an app are followed."""

MOST_CALLS = 60
"""Calls of a name that stands before a parenthesis more often than this are not looked at."""


@record
class Point:
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


def _lines_with(word: bytes, text: bytes) -> Iterator[bytes]:
    """The lines of a text that a word stands in, with their ends."""
    at = text.find(word)
    while at >= 0:
        end = text.find(b"\n", at) + 1 or len(text)
        yield text[text.rfind(b"\n", 0, at) + 1 : end]
        at = text.find(word, end)


class Places:
    """Every place of the project that may do something to an app, or lead to one that does, by file."""

    def __init__(self, ev: Evaluator, creations: list[Creation], more: tuple[str, ...] = ()) -> None:
        """``more`` are files to look through that need not speak of Celery."""
        self.ev = ev
        self.leading: set[str] = set()
        self.creations = {creation.location: creation for creation in creations}
        self.files: dict[str, ModuleFile] = {}
        self.points: dict[str, list[Point]] = {}
        self.touches: list[tuple[ModuleFile, Point]] = []
        for path in sorted({*self._paths(), *more}):
            file = ev.modules.file(path)
            if file is not None:
                self.files[path] = file
                self.points[path] = []
        for path, file in self.files.items():
            for point in self._touches(file):
                self.points[path].append(point)
                self.touches.append((file, point))
        self.held: dict[tuple[str, str], Value] = {}
        self.held_at: dict[Location, Value] = {}
        self.only: dict[Location, Value] = {}  # by the name of the class whose only instance it is
        for creation in creations:
            self._add(creation.file, "made", creation.node, "")
            holder = creation.node.parent
            left = holder.child_by_field_name("left") if holder is not None and holder.type == "assignment" else None
            if left is not None and left.type == "attribute":  # ``flask_app.celery = Celery()``
                made = ev.ask(creation.node, creation.scope)
                self.held[creation.file.path, text_of(left)] = made
                self.held_at[ev.location(left, creation.scope)] = made
                cls = _class_of_only(creation.node, text_of(left))
                if cls is not None:
                    self.only[ev.location(cls, creation.scope)] = made
        self._lead_there()
        self._complete: set[str] = set()

    def _paths(self) -> Iterator[str]:
        modules = self.ev.modules
        found = dict.fromkeys(modules.project.python_files_mentioning(NEEDLES))
        if self.creations:
            for path in modules.project.python_files_mentioning(WRITES_CONF):
                source = modules.project.source(path)
                if path not in found and source is not None and re.search(_PERHAPS_AN_APP, source.data):
                    found[path] = None
        for path in list(found):
            for above in packages_above(self.ev, path):
                found[above] = None
        yield from found

    def _add(self, file: ModuleFile, kind: str, node: Node, name: str) -> None:
        around = definition_around(node)
        within = around.start_byte if around is not None else -1
        self.points.setdefault(file.path, []).append(Point(node.end_byte, kind, node, name, within))

    def _touches(self, file: ModuleFile) -> Iterator[Point]:
        text = file.source.utf8
        may_alias = any(end in text for end in _ENDS_ALIAS) or text.endswith(b".conf")
        lines = _lines_with(CONF, text) if may_alias else ()
        aliases = {match[1] for line in lines for match in re.finditer(_ALIAS, line)}
        for match in _TOUCHED.finditer(text) if any(word in text for word in _IN_TOUCHED) else ():
            node = file.scope.node.descendant_for_byte_range(*match.span(match.lastindex or 1))
            attribute = node.parent if node is not None and node.type == "identifier" else None
            if node is None or attribute is None or attribute.type != "attribute":
                continue
            if attribute.child_by_field_name("attribute") == node:
                yield self._point("touch", attribute, text_of(node))
        for name in aliases:
            for node in uses_of(file.scope.node, name):
                yield self._point("alias", node, text_of(node))

    def _point(self, kind: str, node: Node, name: str) -> Point:
        around = definition_around(node)
        return Point(node.end_byte, kind, node, name, around.start_byte if around is not None else -1)

    def _lead_there(self) -> None:
        """Add the calls of functions with such places in them, those of functions with such calls, and so on."""
        seen = self.leading
        new: set[str] = set()
        for path, points in self.points.items():
            for point in points:
                new |= callable_names(definition_around(point.node), self.files.get(path))
        for _ in range(DEEPEST_CALLS):
            new -= seen
            if not new:
                return
            seen |= new
            names = [name.encode() for name in sorted(new)]
            new = set()
            found: dict[bytes, list[tuple[ModuleFile, Node]]] = {}
            for file in self.files.values():
                for start, name in _calls(file.source.utf8, names):
                    call = call_of(file.scope.node, start)
                    if call is not None:
                        found.setdefault(name, []).append((file, call))
            for calls in found.values():
                for file, call in calls if len(calls) <= MOST_CALLS else ():
                    self._add(file, "call", call, "")
                    new |= callable_names(definition_around(call), file)

    def within(self, path: str, definition: Node | None) -> list[Point]:
        """The places of a file directly inside a function, or at its top level."""
        if path not in self._complete:
            self._complete.add(path)
            self._add_imports(path)
        start = definition.start_byte if definition is not None else -1
        return [point for point in self.points.get(path, ()) if point.within == start]

    def _add_imports(self, path: str) -> None:
        """Add a file's imports, only when it is reached: most files of a project never are, and are not parsed."""
        file = self.files.get(path)
        if file is None:
            return
        for match in re.finditer(_IMPORT, file.source.utf8):
            node = around(file.scope.node.descendant_for_byte_range(*match.span(1)), "import_")
            if node is not None:
                self._add(file, "import", node, "")
        self.points[path].sort(key=lambda point: point.offset)


def _calls(text: bytes, names: list[bytes]) -> list[tuple[int, bytes]]:
    """Where one of the names stands before a parenthesis, in order.

    Each name is looked for on its own: one pattern of all of them stops at every byte of every file.
    """
    found = []
    for name in names:
        if name in text:
            for match in re.finditer(re.escape(name) + rb"\s*\(", text):
                before = text[match.start() - 1 : match.start()]
                if not before.isalnum() and before != b"_":
                    found.append((match.start(), name))
    found.sort()
    return found


def uses_of(root: Node, name: bytes) -> Iterator[Node]:
    """The places below a node where something is done to what a name holds: ``name.x``, ``name[x]``, ``name |= x``."""
    text = root.text or b""
    for match in re.finditer(rb"(?<![\w.])(" + re.escape(name) + rb")\s*(?:[.\[]|\|=)", text):
        start = root.start_byte + match.start(1)
        node = root.descendant_for_byte_range(start, start + len(name))
        if node is not None and node.type == "identifier":
            yield node


def around(node: Node | None, start: str) -> Node | None:
    """The node itself or the nearest one around it whose type begins so."""
    while node is not None and not node.type.startswith(start):
        node = node.parent
    return node


def call_of(root: Node, offset: int) -> Node | None:
    """The call whose function ends with the name at a byte offset; None for a definition or something else."""
    node = root.descendant_for_byte_range(offset, offset + 1)
    if node is None or node.type != "identifier":
        return None
    parent = node.parent
    if parent is not None and parent.type == "attribute" and parent.child_by_field_name("attribute") == node:
        node, parent = parent, parent.parent
    called = parent is not None and parent.type == "call" and parent.child_by_field_name("function") == node
    return parent if called else None


def _class_of_only(creation: Node, attribute: str) -> Node | None:
    """The name of the class whose ``__new__`` makes an app, keeps it as ``attribute`` and returns nothing else."""
    definition = definition_around(creation)
    name = definition.child_by_field_name("name") if definition is not None else None
    holder = around(definition, "class_definition") if definition is not None else None
    if definition is None or name is None or holder is None or text_of(name) != "__new__":
        return None
    returned = re.findall(r"(?m)^[ \t]*return\b[ \t]*([^\n#]*)", text_of(definition))
    return holder.child_by_field_name("name") if {one.strip() for one in returned} == {attribute} else None


def callable_names(definition: Node | None, file: ModuleFile | None) -> set[str]:
    """The names by which a function is called: its own, its class's where it is a constructor."""
    name = definition.child_by_field_name("name") if definition is not None else None
    if definition is None or name is None or file is None:
        return set()
    if text_of(name) not in ("__init__", "__new__"):
        return {text_of(name)}
    holder = around(definition.parent, "class_definition")
    name = holder.child_by_field_name("name") if holder is not None else None
    if name is None:
        return set()
    heirs = re.findall(r"(?m)^class\s+(\w+)\s*\([^)]*\b" + re.escape(text_of(name)) + r"\b", file.source.text)
    return {text_of(name), *heirs}

"""Where an app is configured: the modules, classes, dicts, calls and runs of lines that its settings are written in."""

from __future__ import annotations

from celery_backend_lint.evaluate.alternatives import may_be_missing
from celery_backend_lint.evaluate.values import Class
from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.python.nodes import BRANCHES, place_of, statement_of
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App, Assignment
    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.python import Node

MODULE, CLASS, DICT, CALL, CONSTRUCTOR, LINES = "module", "class", "dict", "call", "constructor", "lines"
"""Names of a module · attributes of a class · ``{"x": 1}`` · keywords of ``update()`` or ``dict()`` · keywords of
``Celery()`` · ``app.conf.x = 1`` and ``app.conf["x"] = 1``."""


NOT_CELERYS = frozenset({"TIME_ZONE", "USE_TZ"})
"""Django's own settings, which Celery looks at as well: what is Celery's does not go beside them."""


@record
class Member:
    """A setting in a container. ``entry`` is the statement, keyword or pair that writes it."""

    setting: str
    written: str
    place: str
    entry: Node
    name: Node


@record
class Container:
    """A place that holds settings of an app, in the order of the text.

    ``node`` is the block, dict or argument list. ``shared`` says that other apps have settings from it as well.
    """

    kind: str
    source: SourceFile
    node: Node
    members: tuple[Member, ...]
    shared: bool

    @property
    def key(self) -> tuple[str, str, int, str]:
        """What tells one from another."""
        return _key(self.source.path, self.kind, self.node, self.members[0].entry if self.members else None)


def containers_of(model: Model, app: App) -> list[Container]:
    """The containers of an app whose settings are in force whatever happens, those of test code left out.

    Left out as well: what stands under a branch, and files that do not parse.
    """
    others = {
        found[0]
        for other in model.checked_apps
        if other.location != app.location
        for found in _found(model, other)
    }  # fmt: skip
    firm: set[tuple[str, str, int, str]] = set()
    grouped: dict[tuple[str, str, int, str], list[Member]] = {}
    about: dict[tuple[str, str, int, str], tuple[SourceFile, Node]] = {}
    for key, source, node, member in _found(model, app):
        grouped.setdefault(key, []).append(member)
        about[key] = (source, node)
        setting = app.settings[member.setting]
        if len(setting.assignments) == 1 and not may_be_missing(setting.value):
            firm.add(key)
    found = []
    for key, members in grouped.items():
        if key not in firm:
            continue  # one of several that may be loaded
        source, node = about[key]
        ordered = sorted({one.entry.start_byte: one for one in members}.values(), key=lambda one: one.entry.start_byte)
        found.append(Container(key[1], source, node, tuple(ordered), key in others))
    return found


def _found(model: Model, app: App) -> Iterator[tuple[tuple[str, str, int, str], SourceFile, Node, Member]]:
    for setting in app.settings.values():
        for assignment in setting.assignments:
            if not assignment.certain or not setting.certain or is_test_path(assignment.location.path):
                continue
            if assignment.written in NOT_CELERYS:
                continue
            try:
                place = place_of(model, assignment.location)
            except CannotFixError:
                continue
            found = _entry(assignment, place.node)
            if found is None:
                continue
            kind, entry, node = found
            if not is_conditional(entry):
                member = Member(setting.name, assignment.written, assignment.place, entry, place.node)
                yield _key(place.source.path, kind, node, entry), place.source, node, member


def _key(path: str, kind: str, node: Node, entry: Node | None) -> tuple[str, str, int, str]:
    return path, kind, node.start_byte, _target(entry) if kind == LINES and entry is not None else ""


def _target(statement: Node) -> str:
    """``app.conf`` of ``app.conf.x = 1`` and of ``app.conf["x"] = 1``."""
    left = statement.named_children[0].child_by_field_name("left") if statement.named_children else None
    owner = left.child_by_field_name("object") or left.child_by_field_name("value") if left is not None else None
    return text_of(owner) if owner is not None else ""


def _entry(assignment: Assignment, name: Node) -> tuple[str, Node, Node] | None:
    """The kind of container that a name stands in, the entry that it names, and the container's node."""
    parent = name.parent
    if parent is None or parent.parent is None:
        return None
    if parent.type == "keyword_argument":
        return (CONSTRUCTOR if assignment.place == "constructor" else CALL), parent, parent.parent
    if parent.type == "pair":
        return DICT, parent, parent.parent
    if parent.type == "assignment":
        statement = parent.parent
        block = statement.parent
        if statement.type != "expression_statement" or block is None:
            return None
        if block.type == "module":
            return MODULE, statement, block
        is_class = block.parent is not None and block.parent.type == "class_definition"
        return (CLASS, statement, block) if is_class else None
    holder = parent.parent
    if parent.type in ("attribute", "subscript") and holder.type == "assignment" and holder.parent is not None:
        statement, block = holder.parent, holder.parent.parent
        if statement.type == "expression_statement" and block is not None and _target(statement):
            return LINES, statement, block
    return None


_CHOOSES = frozenset(
    {"conditional_expression", "boolean_operator", "lambda", "list_comprehension", "dictionary_comprehension"}
)


def is_conditional(entry: Node) -> bool:
    """Whether something around an entry may keep it from being reached: a branch, a loop, ``a or b``, ``a if b``."""
    node = entry.parent
    while node is not None:
        if node.type in BRANCHES or node.type in _CHOOSES:
            return True
        node = node.parent
    return False


def class_scope(model: Model, container: Container) -> tuple[Class, Scope] | None:
    """The class whose body a container is."""
    ev = model.evaluator
    file, definition = ev.modules.file(container.source.path), container.node.parent
    if file is None or definition is None or container.kind != CLASS:
        return None
    scope = ev.scope_at(definition, file.scope)
    name = definition.child_by_field_name("name")
    made = Class(text_of(name) if name is not None else "", definition, scope, ev.location(definition, scope))
    return made, scope


def creation_statement(model: Model, app: App) -> tuple[SourceFile, Node, str] | None:
    """The statement that creates an app and gives it a name, and that name; None for what does not look like that."""
    try:
        place = place_of(model, app.location)
    except CannotFixError:
        return None
    statement = statement_of(place.node)
    assignment = statement.named_children[0] if statement.type == "expression_statement" else None
    if assignment is None or assignment.type != "assignment" or assignment.child_by_field_name("right") != place.node:
        return None
    left = assignment.child_by_field_name("left")
    if left is None or left.type not in ("identifier", "attribute"):
        return None
    return place.source, statement, text_of(left)

"""Finding the places that create a Celery app, and what the project does to each app afterwards."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate import classes
from celery_backend_lint.evaluate.calls import read_arguments
from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, truth
from celery_backend_lint.evaluate.values import Choice, Class, External, Instance, Literal, Unknown
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.project_modules import ModuleFile
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Entry, Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.syntax.python import Node

NEEDLES = (b"elery",)
"""Bytes that a file must hold to create or change an app: both ``celery`` and ``Celery``."""

CELERY_CLASSES = frozenset({"celery.Celery", "celery.app.Celery", "celery.app.base.Celery", "celery.celery.Celery"})
_CREATED = re.compile(rb"(Celery\w*)\s*\(")
_SUBCLASS = re.compile(rb"^class\s+(\w+)\s*\([^)]*Celery", re.MULTILINE)
_ALIASED = re.compile(rb"Celery\s+as\s+(\w+)")
_TOUCHED = re.compile(
    rb"\.\s*(?:(conf)\s*(?:[.\[),;#\r\n]|\|?=[^=]|$)|(config_from_object|config_from_envvar|add_defaults)\s*\(|(namespace)\s*=[^=])"
)
_TEST_PATH = re.compile(r"(^|/)(tests?|testing|test_[^/]*|conftest\.py|[^/]*_tests?\.py)(/|$)|^t/[^/]+/")
"""Paths of test code, in lower case; ``t/unit``, ``t/proj`` is how Celery's own projects call theirs."""


@record
class Creation:
    """A call that makes an app: where, in which scope, with which arguments."""

    location: Location
    node: Node
    scope: Scope
    file: ModuleFile
    arguments: tuple[Value, ...]
    keywords: tuple[Entry, ...]

    def argument(self, name: str, position: int | None = None) -> Value | None:
        """The value of the keyword of that name, else of the positional argument at ``position``, else None."""
        for entry in self.keywords:
            if isinstance(entry.key, Literal) and entry.key.value == name:
                return entry.value
        if position is not None and position < len(self.arguments):
            return self.arguments[position]
        return None


@record
class Touch:
    """A place where something is done to an app: ``node`` is the attribute node (``app.conf`` or ``app.namespace``).

    ``attribute`` is its name. ``condition`` is when it happens, None for always; ``certain`` is False inside a
    function that nothing is seen to call.
    """

    node: Node
    attribute: str
    scope: Scope
    file: ModuleFile
    condition: Value | None
    certain: bool


def is_test_path(path: str) -> bool:
    """Whether a file is test code by its path."""
    return _TEST_PATH.search(path.lower()) is not None


def candidates(ev: Evaluator) -> Iterator[ModuleFile]:
    """The Python files that may create or change an app."""
    for path in ev.modules.project.python_files_mentioning(NEEDLES):
        file = ev.modules.file(path)
        if file is not None:
            yield file


def find_creations(ev: Evaluator) -> list[Creation]:
    """Every call in the project that makes an app, by path and line."""
    found: list[Creation] = []
    files = list(candidates(ev))
    subclasses = {match[1] for file in files for match in _SUBCLASS.finditer(file.source.utf8)}
    others = {name for name in subclasses if b"Celery" not in name}
    for file in files:
        text = file.source.utf8
        places = [match.span(1) for match in _CREATED.finditer(text)] if b"Celery" in text else []
        names = others | {match[1] for match in _ALIASED.finditer(text)}
        for alias in sorted(name for name in names if name in text):
            places += [match.span(1) for match in re.finditer(rb"\b(" + re.escape(alias) + rb")\s*\(", text)]
        for _, end in sorted(places):
            creation = _creation(ev, file, end - 1, end)
            if creation is not None:
                found.append(creation)
    return found


def _creation(ev: Evaluator, file: ModuleFile, start: int, end: int) -> Creation | None:
    node = file.scope.node.descendant_for_byte_range(start, end)
    if node is None or node.type != "identifier":
        return None
    function = node
    if function.parent is not None and function.parent.type == "attribute":
        function = function.parent
    call = function.parent
    if call is None or call.type != "call" or call.child_by_field_name("function") != function:
        return None
    scope = ev.scope_at(call, file.scope)
    target = ev.ask(function, scope)
    if not is_celery_class(ev, target):
        return None
    arguments, keywords = read_arguments(ev, call, scope)
    location = ev.location(call, scope)
    return Creation(location, call, scope, file, tuple(arguments), tuple(keywords))


def is_celery_class(ev: Evaluator, value: Value) -> bool:
    """Whether a value is Celery's app class or a class of the project that descends from it."""
    if isinstance(value, External):
        return value.name in CELERY_CLASSES
    if isinstance(value, Class):
        return any(isinstance(base, External) and base.name in CELERY_CLASSES for base in classes.lineage(ev, value))
    return False


def app_name(ev: Evaluator, creation: Creation) -> str:
    """The app's ``main``, ``""`` when it has none or it is not known; ``__name__`` is the module's dotted name."""
    value = creation.argument("main", 0)
    if isinstance(value, Literal):
        return value.value if isinstance(value.value, str) else ""
    if isinstance(value, External) and value.name == "__name__":
        return dotted_name(ev, creation.file.path)
    return ""


def dotted_name(ev: Evaluator, path: str) -> str:
    """The name a module is imported by: the packages around it, as far as they have ``__init__.py``, and its own."""
    stem = path.removesuffix(".py").removesuffix("/__init__")
    folder, _, last = stem.rpartition("/")
    parts = [last]
    while folder and ev.modules.file(f"{folder}/__init__.py") is not None:
        folder, _, last = folder.rpartition("/")
        parts.insert(0, last)
    return ".".join(parts)


def touches(ev: Evaluator) -> Iterator[tuple[Touch, Value]]:
    """Every place that does something to an app, with what the app expression comes to there, by path and line."""
    for file in candidates(ev):
        text = file.source.utf8
        for match in _TOUCHED.finditer(text):
            group = match.lastindex or 1
            node = file.scope.node.descendant_for_byte_range(*match.span(group))
            if node is None or node.type != "identifier" or node.parent is None or node.parent.type != "attribute":
                continue
            attribute = node.parent
            owner = attribute.child_by_field_name("object")
            if owner is None or attribute.child_by_field_name("attribute") != node:
                continue
            scope = ev.scope_at(attribute, file.scope)
            value = ev.ask(owner, scope)
            if may_be_app(ev, value):
                condition = condition_at(ev, attribute, scope)
                certain = scope.kind == "module" or is_called(scope)
                yield Touch(attribute, text_of(node), scope, file, condition, certain), value


def may_be_app(ev: Evaluator, value: Value) -> bool:
    """Whether an outcome of a value is an app."""
    if isinstance(value, Choice):
        return any(may_be_app(ev, one.value) for one in value.alternatives)
    return isinstance(value, Instance) and is_celery_class(ev, value.type)


def is_called(scope: Scope) -> bool:
    """Whether the function of a scope is seen to be called where its module runs: ``create_app()`` at the top level."""
    if scope.kind != "function" or scope.parent is None or scope.parent.kind != "module":
        return False
    name = scope.node.child_by_field_name("name")
    if name is None:
        return False
    called = re.compile(rb"^(?![\s#]).*(?<![\w.])" + re.escape(text_of(name).encode()) + rb"\s*\(", re.MULTILINE)
    for match in called.finditer(scope.file.source.utf8):
        if not match[0].lstrip().startswith((b"def ", b"async ", b"class ", b"@", b"if ", b"elif ", b"while ")):
            return True
    return False


def condition_at(ev: Evaluator, node: Node, scope: Scope) -> Value | None:
    """When a statement is reached in its scope: None for always, ``Literal(False)`` for never, else the condition
    (Unknown: nobody can say).
    """
    from celery_backend_lint.evaluate.values import Operation

    held: list[Value] = []
    for branch, number in scope.path_at(node.start_byte):
        origin = ev.location(branch.node, scope)
        if branch.kind == "loop":
            held.append(Unknown("a loop", origin))
            continue
        if branch.kind == "try":
            if number > 0:
                held.append(Unknown("an exception is raised", origin))
            continue
        for earlier in range(number):
            condition = ev.condition(branch, earlier, None, scope)
            if condition is not None:
                held.append(Operation("not", (condition,), origin))
        condition = ev.condition(branch, number, None, scope)
        if condition is not None:
            held.append(condition)
    left: list[Value] = []
    for condition in held:
        try:
            if not truth(condition, None):
                return Literal(False, condition.origin)
        except (UndeterminedError, WouldRaiseError):
            left.append(condition)
    if not left:
        return None
    return left[0] if len(left) == 1 else Operation("and", tuple(left), left[0].origin)

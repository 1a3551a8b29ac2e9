"""Finding the places that create a Celery app."""

from __future__ import annotations

import re
from itertools import islice

from celery_backend_lint.evaluate.alternatives import MOST_OUTCOMES
from celery_backend_lint.evaluate.calls import read_arguments
from celery_backend_lint.evaluate.objects import classes
from celery_backend_lint.evaluate.values import Class, External, Instance, Literal, leaves
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.record import record

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

CELERY_CLASSES = frozenset(
    {
        "celery.Celery", "celery.app.Celery", "celery.app.base.Celery", "celery.celery.Celery",
        "tenant_schemas_celery.app.CeleryApp",
    }
)  # fmt: skip
"""Celery's app class by the names it is imported under, and a package's subclass that hands all arguments on to it
(tenant-schemas-celery 1.0 to 5.0)."""
_CREATED = rb"(Celery\w*)\s*\("
_SUBCLASS = rb"(?m)^class\s+(\w+)\s*\([^)]*Celery"
_ALIASED = rb"Celery\w*\s+as\s+(\w+)"
_MAKES_PARTIAL = rb"partial\(\s*[\w.]*Celery\b"
"""What stands in `_PARTIAL`, which begins with a word and so is tried at every one of them."""
_PARTIAL = rb"(\w+)\s*=\s*(?:\w+\.)?partial\(\s*[\w.]*Celery\b"


@record
class Creation:
    """A call that makes an app: where, of which class, in which scope, with which arguments.

    ``node`` of the default app is no call, but the use of ``current_app`` that makes it.
    """

    location: Location
    cls: Value
    node: Node
    scope: Scope
    file: ModuleFile
    arguments: tuple[Value, ...]
    keywords: tuple[Entry, ...]

    def argument(self, name: str, position: int | None = None) -> Value | None:
        """The value of the keyword of that name, else of the positional argument at ``position``, else None."""
        for entry in reversed(self.keywords):
            if isinstance(entry.key, Literal) and entry.key.value == name:
                return entry.value
        if position is not None and position < len(self.arguments):
            return self.arguments[position]
        return None


def candidates(ev: Evaluator) -> Iterator[ModuleFile]:
    """The Python files that may create or change an app."""
    for path in ev.modules.project.python_files_mentioning(NEEDLES):
        file = ev.modules.file(path)
        if file is not None:
            yield file


def find_creations(ev: Evaluator) -> list[Creation]:
    """Every call in the project that makes an app, by path and line; else what makes the default app."""
    found: list[Creation] = []
    files = list(candidates(ev))
    texts = [file.source.utf8 for file in files]
    # Most projects have none of these: what is not in the bytes needs no pattern.
    deriving = [text for text in texts if b"Celery" in text and b"class" in text]
    subclasses = {match[1] for text in deriving for match in re.finditer(_SUBCLASS, text)}
    others = {name for name in subclasses if b"Celery" not in name}
    for file in files:
        text = file.source.utf8
        places = [match.span(1) for match in re.finditer(_CREATED, text)] if b"Celery" in text else []
        names = set(others)
        if b" as" in text or b"\tas" in text:
            names |= {match[1] for match in re.finditer(_ALIASED, text)}
        if b"partial(" in text and re.search(_MAKES_PARTIAL, text) is not None:
            names |= {match[1] for match in re.finditer(_PARTIAL, text)}
        for alias in sorted(name for name in names if name in text):
            places += [match.span(1) for match in re.finditer(rb"\b(" + re.escape(alias) + rb")\s*\(", text)]
        for _, end in sorted(places):
            creation = _creation(ev, file, end - 1, end)
            if creation is not None:
                found.append(creation)
    if any(b"current_app" in text and b"conf" in text for text in texts) and all(
        is_test_path(one.file.path) for one in found
    ):
        from celery_backend_lint.model.apps.current_app import default_app

        made = default_app(ev, files)
        found += [made] if made is not None else []
    return found


def may_make_others(ev: Evaluator) -> bool:
    """Whether code that is no test calls something by the name of Celery's class, be it a creation that is seen or one
    of which it is not known what it calls: where ``globals()[name] = …`` may have replaced the module.
    """
    return any(
        b"Celery" in file.source.utf8
        and not is_test_path(file.path)
        and re.search(rb"(?m)^[^#\n]*\bCelery\s*\(", file.source.utf8) is not None
        for file in candidates(ev)
    )


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
    arguments: list[Value] = []
    keywords: list[Entry] = []
    if isinstance(target, Instance) and isinstance(target.type, External) and target.type.name == "functools.partial":
        keywords = list(target.keywords)
        target, *arguments = target.arguments
    outcomes = islice(leaves(target), MOST_OUTCOMES)  # one inside of another: `except ImportError`, then `globals()`
    cls = next((one for one in outcomes if is_celery_class(ev, one)), None)
    if cls is None:
        return None
    given, named = read_arguments(ev, call, scope)
    location = ev.location(call, scope)
    return Creation(location, cls, call, scope, file, (*arguments, *given), (*keywords, *named))


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

"""The expression that reads a variable, in the idiom that is used where it is put."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.environment.reads import READERS
from celery_backend_lint.evaluate.name_lookup import meaning
from celery_backend_lint.evaluate.values import External, Instance, Literal
from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.python.imports import add_import
from celery_backend_lint.fixes.python.nodes import module_of
from celery_backend_lint.fixes.python.style import quote_of, string_code
from celery_backend_lint.model.source_nodes import node_at
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.python import Node

DECOUPLE = "from decouple import config"


@record
class Reader:
    """A way to read variables that a module has, or gets by ``statement`` (an import, ``""`` where it has it).

    ``kind``: ``os``, ``environ`` (django-environ), ``environs``, ``decouple``, ``starlette``. ``name`` is what it is
    called there: ``os.environ``, ``environ``, ``env``, ``env.str``, ``config``; ``getter`` is what reads an optional
    variable: ``os.environ.get``, ``os.getenv``, else as ``name``. ``value`` is the object, None for ``os``.
    """

    kind: str
    name: str
    getter: str
    statement: str
    quote: str
    value: Instance | None = None

    def required(self, variable: str) -> str:
        """The code that reads a variable, and raises where it is not set."""
        text = string_code(variable, self.quote)
        return f"{self.name}[{text}]" if self.kind == "os" else f"{self.name}({text})"

    def optional(self, variable: str, default: str) -> str:
        """The code that reads a variable, and gives ``default``, which is code, where it is not set."""
        text = string_code(variable, self.quote)
        return f"{self.getter}({text}, {default})" if self.kind == "os" else f"{self.name}({text}, default={default})"


def reader_at(model: Model, location: Location, *, plain: bool = False) -> Reader:
    """The reader to use at a place: the one that its module uses most there, else the one that the project uses.

    With ``plain`` only ``os.environ`` is looked for. Raises CannotFixError where the module cannot be changed.
    """
    module = module_of(model, location.path)
    quote = quote_of(module.node)
    node = node_at(model.evaluator, location) or module.node
    found = [] if plain else list(_readers(model, module.source, node, quote))
    if found:
        return max(found, key=lambda one: _uses(module.source, one))
    own = _os(model, module.source, node, quote)
    if own is None and not plain and _decouple_prevails(model, location.path):
        own = Reader("decouple", "config", "config", DECOUPLE, quote)
    own = own or Reader("os", "os.environ", "os.environ.get", "import os", quote)
    name = own.name.partition(".")[0]
    if own.statement and _is_hidden(model, location.path, name, node):
        raise CannotFixError(f"`{name}` means something else in `{location.path}` line {location.line}")
    return own


def _is_hidden(model: Model, path: str, name: str, node: Node) -> bool:
    """Whether an import at the head of the module would not be what a name means at a node."""
    file = model.evaluator.modules.file(path)
    if file is None:
        return False
    scope = model.evaluator.scope_at(node, file.scope)
    while scope.parent is not None:
        if name in scope.bindings or name in scope.parameters:
            return True
        scope = scope.parent
    return name in scope.bindings


def import_of(model: Model, path: str, reader: Reader, *, optional: bool = False) -> list[Edit]:
    """The edits that give a module what ``reader`` needs. Raises CannotFixError where the name means something else.

    An ``optional`` read needs nothing where ``getenv`` is imported.
    """
    has_it = optional and reader.kind == "os" and not reader.getter.startswith(reader.name)
    return add_import(model, path, reader.statement) if reader.statement and not has_it else []


def _readers(model: Model, source: SourceFile, node: Node, quote: str) -> Iterator[Reader]:
    """The readers that the module has at a node and uses somewhere."""
    file = model.evaluator.modules.file(source.path)
    own = _os(model, source, node, quote)
    if own is not None and _uses(source, own):
        yield own
    for name in file.scope.bindings if file is not None else ():
        value = _value_of(model, source.path, name, node)
        kind = _kind(value)
        if not kind or not _is_usable(value, source, name, node):
            continue
        called = name
        if kind == "environs" and _count(source, rf"{name}\.str\(") >= _count(source, rf"{name}\("):
            called = f"{name}.str"
        yield Reader(kind, called, called, "", quote, value if isinstance(value, Instance) else None)


def _os(model: Model, source: SourceFile, node: Node, quote: str) -> Reader | None:
    """``os.environ`` by the names that the module has for it at a node, None where it has none."""
    file = model.evaluator.modules.file(source.path)
    names: dict[str, str] = {}
    for name in file.scope.bindings if file is not None else ():
        value = _value_of(model, source.path, name, node)
        if isinstance(value, External) and value.name in ("os", "os.environ", "os.getenv"):
            names.setdefault(value.name, name)
    environ = names.get("os.environ") or (f"{names['os']}.environ" if "os" in names else "")
    getenv = names.get("os.getenv") or (f"{names['os']}.getenv" if "os" in names else "")
    if not environ and getenv:
        beside = not _is_hidden(model, source.path, "environ", node)  # else that is django-environ, or anything
        kin = ("environ", "from os import environ") if beside else ("os.environ", "import os")
        return Reader("os", kin[0], getenv, kin[1], quote)
    if not environ:
        return None
    uses_getenv = bool(getenv) and _count(source, rf"{re.escape(getenv)}\(") > _count(
        source, rf"{re.escape(environ)}\.get\("
    )
    return Reader("os", environ, getenv if uses_getenv else f"{environ}.get", "", quote)


def _value_of(model: Model, path: str, name: str, node: Node) -> Value | None:
    """What a name of the module means at a node; None where it is bound later, or another one hides it."""
    file = model.evaluator.modules.file(path)
    if file is None or not any(binding.at <= node.start_byte for binding in file.scope.bindings.get(name, ())):
        return None
    scope = model.evaluator.scope_at(node, file.scope)
    return meaning(model.evaluator, name, node, scope)


def _kind(value: Value | None) -> str:
    if isinstance(value, External) and value.name == "decouple.config":
        return "decouple"
    if isinstance(value, Instance) and isinstance(value.type, External):
        return READERS.get(value.type.name, "")
    return ""


def _is_usable(value: Value | None, source: SourceFile, name: str, node: Node) -> bool:
    """Whether a reader reads a variable by its own name, as it stands, when it is called."""
    if isinstance(value, Instance):
        options = {str(entry.key.value) for entry in value.keywords if isinstance(entry.key, Literal)}
        if options & {"prefix", "env_prefix", "eager", "expand_vars"}:
            return False
    parent = node.parent
    while parent is not None:
        if parent.type == "with_statement" and b".prefixed(" in (parent.text or b""):
            return False
        parent = parent.parent
    return not _count(source, rf"{name}\.prefix\b")


def _uses(source: SourceFile, reader: Reader) -> int:
    if reader.kind == "os":
        root = reader.name.rpartition(".")[0]
        getter = reader.getter if reader.getter.endswith("getenv") else f"{root}.getenv" if root else "getenv"
        return _count(source, re.escape(reader.name)) + _count(source, rf"{re.escape(getter)}\(")
    name = reader.name.removesuffix(".str")
    return 2 * _count(source, rf"{name}(?:\.\w+)?\([\"']") + 1  # of two that are used alike, the one made for it


def _count(source: SourceFile, pattern: str) -> int:
    return len(re.findall(rf"(?<![\w.]){pattern}", source.text))


def _decouple_prevails(model: Model, path: str) -> bool:
    """Whether more modules around ``path`` read variables with decouple than with ``os``."""
    project = model.project
    near = [
        one
        for one in project.python_files_mentioning((b"decouple", b"os.environ", b"getenv"))
        if not is_test_path(one) and not model.env_files.is_foreign(one, path)
    ]
    with_decouple = sum(project.mentions(one, (DECOUPLE.encode(),)) for one in near)
    with_os = sum(project.mentions(one, (b"environ[", b"environ.get(", b"getenv(")) for one in near if one != path)
    return with_decouple > with_os

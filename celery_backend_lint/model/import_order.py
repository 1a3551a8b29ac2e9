"""In which order importing a module reads variables and loads env files.

Only what importing runs counts: the top level, class bodies, what is imported on the way, the packages above first.
"""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.imported_modules import imported, packages_above
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from celery_backend_lint.model import Model
    from celery_backend_lint.syntax.python import Node

LOADS = rb"(?<![\w])(load_dotenv|(?<=\.)read_env)\s*\("
"""A call that puts an env file into the environment: python-dotenv's, django-environ's, environs'."""

MOST_MODULES = 200

_DEFERRED = ("function_definition", "lambda", "comment")
_COMPOUND = (
    "if_statement", "try_statement", "with_statement", "for_statement", "while_statement", "class_definition", "block",
    "else_clause", "elif_clause", "except_clause", "finally_clause", "decorated_definition", "match_statement",
)  # fmt: skip


@record
class Event:
    """Something that importing does, at a byte offset of the file at ``path``.

    ``what`` is ``"load"``, ``"read"``, or ``"may load"``: a call of something that loads an env file in its body.
    """

    what: str
    path: str
    at: int


def events(model: Model, path: str, reads: Mapping[str, frozenset[int]]) -> tuple[tuple[Event, ...], frozenset[str]]:
    """What importing the module at ``path`` does, in order, and which modules it imports, itself included.

    ``reads`` are the byte offsets of reads of the environment that are of interest, by path.
    """
    run = _Run(model, reads, _loaders(model))
    run.module(path)
    return tuple(run.events), frozenset(run.done)


def _loaders(model: Model) -> tuple[bytes, ...]:
    """The names of the functions of the project that load an env file, and of the classes whose methods do."""
    found: set[bytes] = set()
    for path in model.project.python_files_mentioning((b"load_dotenv", b"read_env")):
        file = model.evaluator.modules.file(path)
        for match in re.finditer(LOADS, file.source.utf8) if file is not None else ():
            outer = file.scope.node.descendant_for_byte_range(*match.span(1)) if file is not None else None
            inside = False
            while outer is not None:
                inside |= outer.type == "function_definition"
                name = (
                    outer.child_by_field_name("name")
                    if outer.type in ("function_definition", "class_definition")
                    else None
                )
                if inside and name is not None and name.text:
                    found.add(name.text)
                outer = outer.parent
    return tuple(sorted(found))


class _Run:
    """One import, followed."""

    __slots__ = ("_loaders", "_model", "_reads", "done", "events")

    def __init__(self, model: Model, reads: Mapping[str, frozenset[int]], loaders: tuple[bytes, ...]) -> None:
        self._model = model
        self._reads = reads
        self._loaders = loaders
        self.done: set[str] = set()
        self.events: list[Event] = []

    def module(self, path: str) -> None:
        evaluator = self._model.evaluator
        if path in self.done or len(self.done) >= MOST_MODULES:
            return
        self.done.add(path)
        for package in packages_above(evaluator, path):
            self.module(package)
        file = evaluator.modules.file(path)
        if file is not None:
            for node in file.scope.node.named_children:
                self._statement(path, node)

    def _statement(self, path: str, node: Node) -> None:
        if node.type in _DEFERRED:
            return
        if node.type in ("import_statement", "import_from_statement"):
            file = self._model.evaluator.modules.file(path)
            for found in imported(self._model.evaluator, node, file.scope) if file is not None else ():
                self.module(found)
        elif node.type in _COMPOUND:
            condition = node.child_by_field_name("condition") if node.type == "if_statement" else None
            if condition is not None and re.search(r"TYPE_CHECKING|__name__", text_of(condition)):
                return
            for child in node.named_children:
                self._statement(path, child)
        else:
            self.events.extend(sorted(self._inside(path, node), key=lambda event: event.at))

    def _inside(self, path: str, node: Node) -> Iterator[Event]:
        for at in self._reads.get(path, ()):
            if node.start_byte <= at < node.end_byte:
                yield Event("read", path, at)
        text = node.text or b""
        if b"load_dotenv" in text or b"read_env" in text:
            for found in re.finditer(LOADS, text):
                yield Event("load", path, node.start_byte + found.start())
        for name in self._loaders:
            at = text.find(name + b"(")
            if at >= 0:
                yield Event("may load", path, node.start_byte + at)

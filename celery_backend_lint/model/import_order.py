"""In which order importing a module reads variables and loads env files.

Only what importing runs counts: the top level, class bodies, what is imported on the way, the packages above first.
"""

from __future__ import annotations

import re

from celery_backend_lint.model.apps.imports import imported, packages_above
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
    """Something that importing does: ``what`` is ``"load"`` or ``"read"``, at a byte offset of the file at ``path``."""

    what: str
    path: str
    at: int


def events(model: Model, path: str, reads: Mapping[str, frozenset[int]]) -> tuple[tuple[Event, ...], frozenset[str]]:
    """What importing the module at ``path`` does, in order, and which modules it imports, itself included.

    ``reads`` are the byte offsets of reads of the environment that are of interest, by path.
    """
    run = _Run(model, reads)
    run.module(path)
    return tuple(run.events), frozenset(run.done)


class _Run:
    """One import, followed."""

    __slots__ = ("_model", "_reads", "done", "events")

    def __init__(self, model: Model, reads: Mapping[str, frozenset[int]]) -> None:
        self._model = model
        self._reads = reads
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

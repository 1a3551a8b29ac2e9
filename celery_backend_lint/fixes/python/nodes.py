"""From a location to the syntax that stands there, and the statement or list that it is part of."""

from __future__ import annotations

from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.text_edits import readable
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import children_of, first_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.python import Node


@record
class Place:
    """A node with the file that it stands in."""

    source: SourceFile
    node: Node

    @property
    def where(self) -> str:
        """File and line, for messages."""
        return f"`{self.source.path}` line {self.node.start_point[0] + 1}"


BLOCKS = ("block", "module")
"""What statements stand in directly."""


def module_of(model: Model, path: str) -> Place:
    """The module node of a Python file that is to be changed.

    Raises CannotFixError where the file is not there, cannot be read, or does not parse.
    """
    source = readable(model.project, path)
    file = model.evaluator.modules.file(path)
    if file is None:
        raise CannotFixError(f"`{path}` is not Python")
    node = file.scope.node
    source = readable(model.project, path)  # parsing may have given up
    error = first_error(node)
    if error is not None:
        raise CannotFixError(f"`{path}` does not parse (line {error.start_point[0] + 1})")
    return Place(source, node)


def place_of(model: Model, location: Location) -> Place:
    """The outermost node that has exactly the range of a location: an expression, a name, a key.

    Raises CannotFixError where the file cannot be changed, or where no node has that range.
    """
    module = module_of(model, location.path)
    source, span = module.source, location.span
    start, end = source.offset(span.line, span.column), source.offset(span.end_line, span.end_column)
    node = module.node.descendant_for_byte_range(start, end)
    if node is None or (node.start_byte, node.end_byte) != (start, end):
        raise CannotFixError(f"what stands in `{location.path}` line {span.line} is no expression of its own")
    while (
        node.parent is not None and node.parent.type in ("string", "concatenated_string") and _same(node.parent, node)
    ):
        node = node.parent
    return Place(source, node)


def _same(one: Node, other: Node) -> bool:
    return (one.start_byte, one.end_byte) == (other.start_byte, other.end_byte)


def statement_of(node: Node) -> Node:
    """The statement that a node is part of: the innermost one that stands directly in a block or module."""
    while node.parent is not None and node.parent.type not in BLOCKS:
        node = node.parent
    return node


def statements(block: Node) -> list[Node]:
    """The statements of a block, comments left out."""
    return children_of(block)


def is_under_branch(node: Node) -> bool:
    """Whether something around a node's statement may keep it from being run: ``if``, ``try``, a loop, ``match``."""
    around = statement_of(node).parent
    while around is not None:
        if around.type in BRANCHES:
            return True
        around = around.parent
    return False


BRANCHES = frozenset(
    {"if_statement", "try_statement", "for_statement", "while_statement", "match_statement", "with_statement"}
)

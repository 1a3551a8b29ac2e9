"""Back from a location to the syntax that stands there."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.location import Location
    from celery_backend_lint.syntax.python import Node


def node_at(ev: Evaluator, location: Location) -> Node | None:
    """The smallest node that holds the whole range of a location; None outside of Python files."""
    file = ev.modules.file(location.path)
    if file is None:
        return None
    span, source = location.span, file.source

    def point(line: int, column: int) -> tuple[int, int]:
        return line - 1, len(source.line(line)[: column - 1].encode())

    return file.scope.node.descendant_for_point_range(
        point(span.line, span.column), point(span.end_line, span.end_column)
    )

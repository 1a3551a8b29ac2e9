"""Where something stands: a file and a range of it, as people and editors count."""

from __future__ import annotations

from celery_backend_lint.record import record


@record
class Span:
    """A range in a text: lines and columns from 1, columns in characters, the end column exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


START = Span(1, 1, 1, 1)


@record
class Location:
    """A range in a file; ``path`` is relative to the project's root, with ``/``."""

    path: str
    span: Span = START

    @property
    def line(self) -> int:
        """The first line, from 1."""
        return self.span.line

    @property
    def order(self) -> tuple[str, int, int]:
        """The key by which findings and apps are sorted: path, line, column."""
        return (self.path, self.span.line, self.span.column)

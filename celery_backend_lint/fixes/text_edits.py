"""Edits of a file's text: a range replaced, lines put at its end or before another line."""

from __future__ import annotations

from celery_backend_lint.findings.fix import CannotFixError, Edit
from celery_backend_lint.location import START, Location, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.project.discovery import Project
    from celery_backend_lint.project.source import SourceFile


def readable(project: Project, path: str) -> SourceFile:
    """The file at a path, to be changed. Raises CannotFixError where it is not there or cannot be read."""
    source = project.source(path)
    if source is None:
        raise CannotFixError(f"`{path}` is no file of the project")
    if source.problem is not None:
        raise CannotFixError(f"`{path}` {source.problem.reason}")
    return source


def replace(source: SourceFile, start: int, end: int, content: str, subject: str = "") -> Edit:
    """Replace the bytes from ``start`` to ``end`` of ``source.utf8`` by a text."""
    return Edit(Location(source.path, source.span(start, end)), content, subject)


def append_lines(project: Project, path: str, lines: str, subject: str = "", *, private: bool = False) -> Edit:
    """Put whole lines at a file's end, on lines of their own; the file is created where there is none.

    ``lines`` end with a line ending. Raises CannotFixError where the file cannot be read.
    """
    source = project.source(path)
    if source is None:
        return Edit(Location(path, START), lines, subject, private)
    data = readable(project, path).utf8
    end = len(data)
    if data and not data.endswith((b"\n", b"\r")):  # the file has no line ending at its end, and keeps that
        lines = "\n" + lines.removesuffix("\n")
    return replace(source, end, end, lines, subject)


def insert_lines(source: SourceFile, line: int, lines: str, subject: str = "") -> Edit:
    """Put whole lines (with their line endings) before a line, counted from 1, of a file that has that line."""
    return Edit(Location(source.path, Span(line, 1, line, 1)), lines, subject)

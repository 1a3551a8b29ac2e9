"""The lines of a ``.gitignore`` that mean a file and, as git reads them, do not reach it."""

from __future__ import annotations

import re

from celery_backend_lint.location import Location, Span
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model


@record
class IdleLine:
    """A line that was meant for a file and does nothing for it: ``why`` is a clause (git 2.39, gitignore(5))."""

    location: Location
    why: str


def idle_lines(model: Model, gitignore: str, name: str, *, negated: bool = False) -> Iterator[IdleLine]:
    """Find the lines of ``gitignore`` that were meant to ignore ``name`` (a file's name) and do not.

    With ``negated`` those that were meant to keep it in git (``!name``). Whether another line does it is not asked.
    """
    source = model.project.source(gitignore)
    for number, line in enumerate((source.text if source is not None else "").splitlines(), 1):
        meant = re.match(r"\s*(!?)(?:[^\s#]*/)?([^\s/#]+)(/?)(\s*)(#?)", line)
        if meant is None or bool(meant[1]) is not negated or not _matches(name.lower(), meant[2].lower()):
            continue
        why = ""
        if meant[5]:
            why = "the comment behind it belongs to the pattern: gitignore knows comments only on lines of their own"
        elif line[:1].isspace():
            why = "the blank before it belongs to the pattern"
        elif meant[3]:
            why = "with a slash at its end it means a folder"
        elif not _matches(name, meant[2]):
            why = "git tells capitals from small letters"
        if why:
            yield IdleLine(line_of(gitignore, number, line), why)


def _matches(name: str, pattern: str) -> bool:
    from fnmatch import fnmatchcase

    return name == pattern or ("env" in pattern.lower() and fnmatchcase(name, pattern))


def line_of(path: str, number: int, text: str) -> Location:
    """Return the place of a whole line whose text is ``text``."""
    first = len(text) - len(text.lstrip()) + 1
    return Location(path, Span(number, first, number, max(first, len(text.rstrip()) + 1)))

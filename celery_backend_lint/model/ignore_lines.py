"""The lines of a ``.gitignore`` that mean a file and, as git reads them, do not reach it."""

from __future__ import annotations

import re

from celery_backend_lint.location import Location, Span
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.project.discovery import Project


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


def is_utf16(project: Project, gitignore: str) -> bool:
    """Whether ``gitignore`` is UTF-16, as PowerShell's ``>`` writes it: git (2.39) finds no pattern in that."""
    source = project.source(gitignore)
    return source is not None and source.data.startswith((b"\xff\xfe", b"\xfe\xff"))


def pattern_for(project: Project, gitignore: str, path: str) -> str:
    """The pattern by which ``gitignore`` ignores the env file at ``path``, and no other file of the project.

    That is ``.env``, or its like, for wherever it lies; else where it lies. Where a folder has the name, that pattern
    would ignore what lies in it, and git takes no example back out of an ignored folder.
    """
    name = path.rpartition("/")[2]
    if any(f"/{name}/" in f"/{one}" for one in (path, *project.paths())):
        return anchored(path.removeprefix(gitignore.removesuffix(".gitignore")))
    others = [one for one in project.paths() if one != path and one.endswith(f"/{name}")]
    if name == ".env" or (name.startswith(".env") and not others):
        return escaped(name)
    return anchored(path.removeprefix(gitignore.removesuffix(".gitignore")))


def anchored(path: str) -> str:
    """The pattern of a path (relative to the list) that fits nowhere else: one with a slash before its end."""
    return escaped(path) if "/" in path else f"/{escaped(path)}"


def escaped(path: str) -> str:
    """A path as a pattern that means nothing but it."""
    made = re.sub(r"([\\*?\[])", r"\\\1", path)
    return re.sub(r" $", r"\\ ", re.sub(r"^[#!]", r"\\\g<0>", made))


def _matches(name: str, pattern: str) -> bool:
    from fnmatch import fnmatchcase

    return name == pattern or ("env" in pattern.lower() and fnmatchcase(name, pattern))


def line_of(path: str, number: int, text: str) -> Location:
    """Return the place of a whole line whose text is ``text``."""
    first = len(text) - len(text.lstrip()) + 1
    return Location(path, Span(number, first, number, max(first, len(text.rstrip()) + 1)))

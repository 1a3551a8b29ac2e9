"""A suppression comment taken away, or some of its codes."""

from __future__ import annotations

import re

from celery_backend_lint.findings.finding import Applicability
from celery_backend_lint.findings.fix import CannotFixError, Fix
from celery_backend_lint.fixes.text_edits import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.location import Location
    from celery_backend_lint.project.source import SourceFile

CODES = rb"(?i)(?P<before>#\s*(?:cbl:\s*ignore(?:-file)?\s*\[|noqa\s*:\s*))"
CODE = rb"[A-Z]+[0-9]+"


def remove(source: SourceFile, location: Location, kind: str, names: Collection[str]) -> Fix:
    """Take ``names`` out of the comment at a place (``kind`` as in ``Suppression``), the comment where none is left.

    What the comment says besides, a reason, goes with it; another comment behind it stays. Raises CannotFixError for
    a comment that cannot be understood.
    """
    if kind == "malformed":
        where = f"`{source.path}` line {location.line}"
        raise CannotFixError(f"what the comment in {where} is meant to silence cannot be told from it")
    span = location.span
    start, end = source.offset(span.line, span.column), source.offset(span.end_line, span.end_column)
    found = re.compile(CODES).match(source.utf8, start, end)
    if found is None:
        raise CannotFixError(f"the comment in `{source.path}` line {location.line} has no list of codes")
    last = source.utf8.index(b"]", found.end(), end) if kind != "noqa" else _end_of_codes(source.utf8, found.end(), end)
    written = source.utf8[found.end() : last].decode()
    separator = r"\s*,\s*" if kind != "noqa" else r"[\s,]+"
    every = [name for name in re.split(separator, written.strip()) if name]
    kept = [name for name in every if name not in names]
    if kept:
        between = re.search(r"\w([\s,]+)\w", written)
        text = (between[1] if between is not None else ", ").join(kept)
        gone = " and ".join(dict.fromkeys(name for name in every if name in names))
        return Fix(f"Remove {gone} from the comment", Applicability.SAFE, (replace(source, found.end(), last, text),))
    return Fix("Remove the comment", Applicability.SAFE, (_whole(source, start, end),))


def _end_of_codes(text: bytes, start: int, end: int) -> int:
    at = start
    for code in re.compile(rb"[\s,]*(" + CODE + rb")(?![^\s,])").finditer(text, start, end):
        if code.start() != at:
            break
        at = code.end()
    return at


def _whole(source: SourceFile, start: int, end: int) -> Edit:
    """Delete a comment: with its line where it is alone there, else with the blanks before it."""
    text = source.utf8
    first = text.rfind(b"\n", 0, start) + 1
    line_end = text.find(b"\n", end)
    line_end = len(text) if line_end < 0 else line_end
    after = text[end:line_end].strip()
    before = text[first:start]
    if after:  # another comment
        return replace(source, start, line_end - len(text[end:line_end].lstrip()), "")
    if not before.strip():
        return replace(source, first, min(line_end + 1, len(text)), "")
    stop = line_end - (text[line_end - 1 : line_end] == b"\r")
    return replace(source, first + len(before.rstrip()), stop, "")

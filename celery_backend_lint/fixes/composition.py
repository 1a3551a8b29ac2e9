"""Edits put together: which fixes can be applied at once, and the bytes that a file has then.

Everything outside of an edit's range stays byte for byte: encoding, byte order mark, line endings, final newline. What
is put in has the line ending of the line it is put in.
"""

from __future__ import annotations

import codecs

from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.project.source import declared_encoding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from celery_backend_lint.findings.fix import Edit, Fix
    from celery_backend_lint.project.discovery import Project
    from celery_backend_lint.project.source import SourceFile

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks and the encodings they stand for."""


def compatible(fixes: Iterable[Fix]) -> tuple[list[Fix], list[Fix]]:
    """Split fixes, in order, into those that can be applied at once and those that wait for the next pass.

    One waits where its ranges overlap with those of an earlier one, or where both put something at the same place: the
    same thing (``Edit.subject``), or anything that does not say what it is.
    """
    taken: list[Fix] = []
    waiting: list[Fix] = []
    edits: list[Edit] = []
    for fix in fixes:
        if all(_fits(edit, other) for edit in fix.edits for other in edits):
            taken.append(fix)
            edits.extend(fix.edits)
        else:
            waiting.append(fix)
    return taken, waiting


def _fits(edit: Edit, other: Edit) -> bool:
    if edit.location.path != other.location.path:
        return True
    if edit == other:
        return is_insertion(edit) and bool(edit.subject)  # both need the same import: it is put there once
    if edit.subject and edit.subject == other.subject:
        return False
    start, end = _range(edit)
    first, last = _range(other)
    if start == end == first == last:
        return bool(edit.subject and other.subject)
    return end <= first or last <= start


def _range(edit: Edit) -> tuple[tuple[int, int], tuple[int, int]]:
    span = edit.location.span
    return (span.line, span.column), (span.end_line, span.end_column)


def is_insertion(edit: Edit) -> bool:
    """Whether an edit takes nothing away."""
    start, end = _range(edit)
    return start == end


def compose(project: Project, fixes: Iterable[Fix]) -> dict[str, bytes]:
    """The new content of every file that ``fixes``, which must be compatible, change or create, by path.

    Raises CannotFixError where a file cannot be read, or where its text does not become the bytes that it came from.
    """
    by_path: dict[str, dict[Edit, None]] = {}
    for fix in fixes:
        for edit in fix.edits:
            by_path.setdefault(edit.location.path, {})[edit] = None
    return {path: _composed(project, path, list(edits)) for path, edits in by_path.items()}


def _composed(project: Project, path: str, edits: list[Edit]) -> bytes:
    source = project.source(path)
    if source is None:
        return "".join(edit.content for edit in edits).encode()
    if source.problem is not None:
        raise CannotFixError(f"`{path}` {source.problem.reason}")
    mark, encoding = encoding_of(source)
    text = source.utf8
    if mark + text.decode().encode(encoding) != source.data:
        raise CannotFixError(f"`{path}` would not stay the same elsewhere: its bytes are not what {encoding} writes")
    parts: list[bytes] = []
    at = 0
    ordered = sorted(edits, key=_range)  # stable: what is put at one place stays in the order of the fixes
    for edit in ordered:
        span = edit.location.span
        start, end = source.offset(span.line, span.column), source.offset(span.end_line, span.end_column)
        parts += [text[at:start], edit.content.replace("\n", line_ending(text, start)).encode()]
        at = end
    parts.append(text[at:])
    try:
        return mark + b"".join(parts).decode().encode(encoding)
    except UnicodeEncodeError:
        raise CannotFixError(f"`{path}` is in {encoding}, which cannot write what is put there") from None


def encoding_of(source: SourceFile) -> tuple[bytes, str]:
    """The byte order mark (or ``b""``) and the encoding that a readable file is written in."""
    data = source.data
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return mark, encoding
    if data == source.utf8:
        return b"", "utf-8"
    return b"", declared_encoding(data) or "utf-8"


def line_ending(text: bytes, offset: int) -> str:
    """The line ending of the line at ``offset``, else of the line before, else a line feed."""
    end = text.find(b"\n", offset)
    if end < 0:
        end = text.rfind(b"\n", 0, offset)
    return "\r\n" if end > 0 and text[end - 1 : end] == b"\r" else "\n"

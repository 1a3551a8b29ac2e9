"""Requirements files: a line of its own for a new requirement."""

from __future__ import annotations

import re

from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.manifests.pep508 import written_like
from celery_backend_lint.fixes.manifests.slots import SUBJECT, put_line
from celery_backend_lint.fixes.text_edits import append_lines
from celery_backend_lint.model.versions import exact
from celery_backend_lint.record import record
from celery_backend_lint.syntax.requirements import leading_name, read_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.model.manifests.declared import Manifest, Requirement
    from celery_backend_lint.project.discovery import Project
    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.requirements import RequirementText


@record
class _Entry:
    """A requirement's byte range, to the end of the last line that it goes on in, and its name."""

    name: str
    text: str
    start: int
    end: int


def refuse_generated(source: SourceFile, manifest: Manifest) -> None:
    """Raise CannotFixError for a file that a tool wrote, or whose hashes a tool must compute."""
    if manifest.format == "conda-export":
        raise CannotFixError(f"`{source.path}` is what `conda list --export` wrote, so it is not changed by hand")
    if re.search(rb"(?:^|\s)--hash=", source.utf8):
        raise CannotFixError(f"`{source.path}` pins its packages by hash, which only the tool that wrote it can add")


def all_pinned(manifest: Manifest) -> bool:
    """Whether people (or ``pip freeze``) pin every requirement of a file."""
    own = [one for one in manifest.requirements if not one.url]
    return bool(own) and all(exact(one.specifier) for one in own)


def add(source: SourceFile, anchor: Requirement, new: RequirementText) -> Edit:
    """Put a requirement on a line of its own, in the block of lines that ``anchor`` stands in."""
    entries = _entries(source)
    start = source.offset(anchor.location.line, anchor.location.span.column)
    at = next((index for index, one in enumerate(entries) if one.start <= start < one.end), None)
    if at is None:
        raise CannotFixError(f"line {anchor.location.line} of `{source.path}` is written in a way that is not changed")
    starts = [
        not index or not _is_comment(source.utf8[entries[index - 1].end : one.start])
        for index, one in enumerate(entries)
    ]
    ranges = [(one.start, one.end) for one in entries]
    names = [one.name for one in entries]
    return put_line(source, ranges, names, starts, at, new.name, written_like(new, entries[at].text))


def append(project: Project, path: str, new: RequirementText) -> Edit:
    """Put a requirement at the end of a file that declares nothing it could stand beside."""
    return append_lines(project, path, f"{written_like(new, '')}\n", SUBJECT)


def _entries(source: SourceFile) -> list[_Entry]:
    found = []
    for line in read_lines(source.utf8):
        if line.kind not in ("requirement", "editable", "invalid"):
            continue
        last = source.span(line.start, line.end).end_line
        while source.line(last).endswith("\\"):
            last += 1
        text = source.utf8[line.start : line.end].decode("utf-8", "replace")
        named = leading_name(text)
        end = source.offset(last, len(source.line(last)) + 1)
        found.append(_Entry(named.name if named is not None else text, text, line.start, end))
    return found


def _is_comment(between: bytes) -> bool:
    """Whether nothing but comments stands between two entries: no empty line, no option."""
    lines = between.splitlines()[1:]
    return all(line.lstrip().startswith(b"#") for line in (lines if between.endswith(b"\n") else lines[:-1]))

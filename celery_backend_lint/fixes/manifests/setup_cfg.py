"""setup.cfg: a line more in ``install_requires`` or in an extra's list."""

from __future__ import annotations

import re

from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.manifests.pep508 import written_like
from celery_backend_lint.fixes.manifests.slots import SUBJECT, block_starts, put_line
from celery_backend_lint.fixes.text_edits import replace
from celery_backend_lint.syntax.ini import parse
from celery_backend_lint.syntax.requirements import leading_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.model.manifests.declared import Requirement
    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.ini import IniLine, IniValue
    from celery_backend_lint.syntax.requirements import RequirementText


def add(source: SourceFile, anchor: Requirement, new: RequirementText) -> Edit:
    """Put a requirement into the list of ``anchor``. Raises CannotFixError where the list is not found again."""
    value, at = _value_of(source, anchor)
    lines, data = value.lines, source.utf8
    names = [_name(line) for line in lines]
    if b"\n" not in data[value.key_end : lines[at].start]:
        return _beside_the_key(source, lines, at, new)
    ranges = [(line.start, line.end) for line in lines]
    comma = "," if lines[at].text.endswith(",") else ""
    text = written_like(new, lines[at].text.rstrip(",")) + comma
    inset = data[data.rfind(b"\n", 0, lines[at].start) + 1 : lines[at].start].decode()
    return put_line(source, ranges, names, block_starts(source, ranges), at, new.name, f"{inset}{text}")


def _beside_the_key(source: SourceFile, lines: tuple[IniLine, ...], at: int, new: RequirementText) -> Edit:
    """``install_requires = celery``: setuptools splits one line at semicolons, several at line ends."""
    data = source.utf8
    if len(lines) > 1:
        inset = data[data.rfind(b"\n", 0, lines[1].start) + 1 : lines[1].start].decode()
        end = data.find(b"\n", lines[0].end) + 1
        return replace(source, end, end, f"{inset}{written_like(new, lines[at].text)}\n", SUBJECT)
    if re.search(r"[#,\[]", lines[at].text) or re.search(
        r";\s*(?:python|platform|sys|os|impl|extra|\()", lines[at].text
    ):
        raise CannotFixError(f"the requirements in `{source.path}` stand on one line with a marker or a comment")
    return replace(source, lines[at].end, lines[at].end, f"; {written_like(new, '')}", SUBJECT)


def _value_of(source: SourceFile, anchor: Requirement) -> tuple[IniValue, int]:
    span = anchor.location.span
    start = source.offset(span.line, span.column)
    for section in parse(source.utf8).sections.values():
        for value in section.values():
            for index, line in enumerate(value.lines):
                if line.start <= start < line.end:
                    return value, index
    raise CannotFixError(f"line {span.line} of `{source.path}` is written in a way that is not changed")


def _name(line: IniLine) -> str:
    named = leading_name(line.text)
    return named.name if named is not None else line.text

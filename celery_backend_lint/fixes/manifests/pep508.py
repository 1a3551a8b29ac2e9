"""Edits inside of a requirement as PEP 508 writes it, wherever it stands: an extra more, another version."""

from __future__ import annotations

import re

from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.manifests.slots import same
from celery_backend_lint.fixes.text_edits import replace
from celery_backend_lint.model.manifests.declared import normalized
from celery_backend_lint.record import record
from celery_backend_lint.syntax.requirements import parse_requirement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.model.manifests.declared import Requirement
    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.requirements import RequirementText

_PARTS = re.compile(
    r"[ \t]*[A-Za-z0-9][A-Za-z0-9._-]*(?P<gap>[ \t]*)(?:(?P<open>\[)(?P<extras>[^\]]*)\])?"
    r"(?P<space>[ \t]*)(?P<specifier>[^;#@]*?)(?P<end>[ \t]*)(?=;|$)",
    re.ASCII,
)

_COMMENT = re.compile(rb"[^\n#]*?(?P<blanks>  +)#")

EXTRAS = "extras of celery"
"""The subject of an edit that adds one: two such edits at one place do not go together."""


@record
class _Written:
    """A requirement's text in the file: where it starts (bytes), and its parts."""

    start: int
    text: str
    parts: re.Match[str]

    def offset(self, index: int) -> int:
        return self.start + len(self.text[:index].encode())


def _written(source: SourceFile, requirement: Requirement) -> _Written:
    """Find a requirement's text. Raises CannotFixError where what stands there is not what it was read as."""
    span = requirement.location.span
    start, end = source.offset(span.line, span.column), source.offset(span.end_line, span.end_column)
    text = source.utf8[start:end].decode()
    parts = _PARTS.match(text)
    as_read = same(parse_requirement(text), requirement.name, requirement.extras, requirement.specifier)
    if parts is None or not as_read or requirement.url:
        where = f"line {span.line} of `{source.path}`"
        raise CannotFixError(
            f"the requirement of {requirement.name} in {where} is written in a way that is not changed"
        )
    return _Written(start, text, parts)


def add_extra(source: SourceFile, requirement: Requirement, extra: str) -> Edit | None:
    """Ask for an extra more; None where it is asked for. Raises CannotFixError where the text is of no plain form."""
    if extra in requirement.extras:
        return None
    written = _written(source, requirement)
    parts = written.parts
    if parts["open"] is None:
        at = written.offset(parts.start("gap"))
        return _inserted(source, at, f"[{extra}]")
    names = [name.strip() for name in parts["extras"].split(",") if name.strip()]
    if not names:
        at = written.offset(parts.start("extras"))
        return _inserted(source, at, extra)
    comma = ", " if ", " in parts["extras"] else ","
    later = next((name for name in names if normalized(name) > extra), None)
    if later is not None and names == sorted(names, key=normalized):
        found = re.search(rf"(?<![\w.-]){re.escape(later)}(?![\w.-])", parts["extras"])
        if found is not None:
            at = written.offset(parts.start("extras") + found.start())
            return _inserted(source, at, f"{extra}{comma}")
    at = written.offset(parts.start("extras") + len(parts["extras"].rstrip()))
    return _inserted(source, at, f"{comma}{extra}")


def _inserted(source: SourceFile, at: int, text: str) -> Edit:
    """Text put into a requirement; a comment behind it that is lined up with others stays in its column."""
    rest = _COMMENT.match(source.utf8, at)
    if rest is None or len(rest["blanks"]) < len(text) + 2:
        return replace(source, at, at, text, EXTRAS)
    start = rest.end("blanks") - len(text)
    return replace(source, at, rest.end("blanks"), text + source.utf8[at:start].decode(), EXTRAS)


def change_specifier(source: SourceFile, requirement: Requirement, specifier: str) -> Edit:
    """Ask for other versions; marker, extras and the spaces between stay. Raises CannotFixError as ``add_extra``."""
    written = _written(source, requirement)
    parts = written.parts
    text = _spaced(specifier, parts["specifier"])
    start, end = written.offset(parts.start("specifier")), written.offset(parts.end("specifier"))
    return replace(source, start, end, text, requirement.name)


def written_like(new: RequirementText, like: str) -> str:
    """A requirement as text, written as another one of the same list is. It has neither marker nor URL."""
    extras = f"[{','.join(new.extras)}]" if new.extras else ""
    parts = _PARTS.match(like)
    if parts is None or not new.specifier or not parts["specifier"]:
        return f"{new.name}{extras}{new.specifier}"
    space = parts["space"] or (parts["gap"] if parts["open"] is None else "")
    return f"{new.name}{extras}{space and ' '}{_spaced(new.specifier, parts['specifier'])}"


def _spaced(specifier: str, like: str) -> str:
    """A specifier in parentheses, and with spaces behind operators and commas, where ``like`` has them."""
    if re.match(r"\(?[<>=!~]=?=?[ \t]", like):
        specifier = re.sub(r"([<>=!~]=?=?)(?=[0-9])", r"\1 ", specifier).replace(",", ", ")
    elif ", " in like:
        specifier = specifier.replace(",", ", ")
    return f"({specifier})" if like.startswith("(") else specifier

"""Lock files: which exact version of a package they hold. Looked up by name, for some are a megabyte long.

Read by patterns on the bytes rather than parsed: they are written by tools, always in the same shape.
"""

from __future__ import annotations

import posixpath
import re
from itertools import pairwise

from celery_backend_lint.location import Location
from celery_backend_lint.model.manifests.declared import Problem, Requirement, is_development, normalized

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.project.source import SourceFile

FORMATS = {
    "uv.lock": "uv.lock",
    "poetry.lock": "poetry.lock",
    "pdm.lock": "pdm.lock",
    "pylock.toml": "pylock.toml",
    "Pipfile.lock": "pipfile.lock",
    "conda-lock.yml": "conda-lock",
}
"""The format of each lock file's name."""

_BLOCK = re.compile(rb"^\[\[packages?\]\]", re.MULTILINE)
_NAME = re.compile(rb'^name = "([^"\r\n]+)"', re.MULTILINE)
_VERSION = re.compile(rb'^version = "([^"\r\n]+)"', re.MULTILINE)
_TABLE = re.compile(rb"^\[", re.MULTILINE)
_FOREIGN = re.compile(
    rb'^(?:source = \{[^}\n]*\b(git|url|path|directory|editable|virtual) = "([^"\n]*)"'
    rb'|type = "(git|directory|file|url)"|(git|path|url|ref) = "[^"\n]*")',
    re.MULTILINE,
)
_CATEGORY = re.compile(rb'^(?:category = "([^"]+)"|groups = \[([^\]]*)\])', re.MULTILINE)
_CONFLICT = re.compile(rb"^(?:<{7}|>{7}) ", re.MULTILINE)
_SECTION = re.compile(rb'^    "([A-Za-z0-9_.-]+)": \{', re.MULTILINE)
_PACKAGE = re.compile(rb'^        "([A-Za-z0-9_.-]+)": \{', re.MULTILINE)
_CONDA = re.compile(rb"^- name: (\S+)\r?\n[ ]+version: ['\"]?([^\s'\"]+)", re.MULTILINE)


class LockFile:
    """One lock file. ``named`` finds a package; nothing is read before that."""

    __slots__ = ("_index", "format", "source")

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self.format = FORMATS[posixpath.basename(source.path)]
        self._index: dict[str, list[tuple[int, int]]] | None = None

    @property
    def path(self) -> str:
        """The file's path from the root."""
        return self.source.path

    def problems(self) -> tuple[Problem, ...]:
        """Why the file cannot be relied on: undecodable, an unresolved merge, cut off."""
        utf8 = self.source.utf8
        unreadable = self.source.problem
        if unreadable is not None:
            return () if unreadable.skipped else (_problem(self.source, unreadable.reason, 0, line=unreadable.line),)
        conflict = _CONFLICT.search(utf8)
        if conflict:
            return (_problem(self.source, "holds the marks of an unresolved merge", conflict.start()),)
        if self.format == "pipfile.lock" and utf8.strip() and not utf8.rstrip().endswith(b"}"):
            return (_problem(self.source, "not valid JSON: it ends before its last brace", len(utf8)),)
        if self.format in ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml") and utf8.strip() and not self.index():
            from celery_backend_lint.syntax.toml import first_problem

            broken = first_problem(utf8)
            if broken is not None:
                return (_problem(self.source, broken.message, 0, line=broken.line),)
        return ()

    def named(self, name: str) -> tuple[Requirement, ...]:
        """The entries of a package (its normalised name), of kind ``lock``; several where the lock forks by marker."""
        found = []
        for start, end in self.index().get(name, ()):
            block = self.source.utf8[start:end]
            version, foreign, group = self._facts(block)
            if version:
                line = self.source.utf8.count(b"\n", 0, start)
                found.append(
                    Requirement(name, (), f"=={version}", "", "lock", group, _line(self.source, line + 1), foreign)
                )
        return tuple(found)

    def index(self) -> dict[str, list[tuple[int, int]]]:
        """The byte ranges of each package's entries, by normalised name."""
        if self._index is None:
            self._index = {}
            for name, start, end in _entries(self.format, self.source.utf8):
                self._index.setdefault(normalized(name.decode("utf-8", "replace")), []).append((start, end))
        return self._index

    def _facts(self, block: bytes) -> tuple[str, str, str]:
        """The version, where else than an index it comes from, and the group of one entry."""
        if self.format == "conda-lock":
            found = _CONDA.match(block)
            return (found[2].decode("utf-8", "replace") if found else "", "", "")
        if self.format == "pipfile.lock":
            version = re.search(rb'"version": "===?([^"]+)"', block)
            foreign = re.search(rb'"(git|path|file|url)": "', block)
            return (
                version[1].decode("utf-8", "replace") if version else "",
                foreign[1].decode() if foreign else "",
                "",
            )
        table = _TABLE.search(block)
        head = block[: table.start()] if table else block
        version = _VERSION.search(head)
        foreign = _FOREIGN.search(block)
        category = _CATEGORY.search(head)
        group = ""
        if category:
            names = re.findall(r"[A-Za-z0-9_.-]+", (category[1] or category[2] or b"").decode("utf-8", "replace"))
            if names and not {"main", "default"} & set(names):
                group = names[0] if all(is_development(name) for name in names) else ""
        kind = next((part for part in foreign.groups() if part), b"").decode() if foreign else ""
        return (version[1].decode("utf-8", "replace") if version else "", kind, group)


def _entries(format: str, utf8: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The name and the byte range of each package's entry."""
    if format == "conda-lock":
        for found in _CONDA.finditer(utf8):
            yield found[1], found.start(), found.end()
    elif format == "pipfile.lock":
        sections = [(found.start(), found[1]) for found in _SECTION.finditer(utf8)]
        packages = [(found.start(), found[1]) for found in _PACKAGE.finditer(utf8)]
        at = 0
        for (start, name), (end, _) in zip(packages, [*packages[1:], (len(utf8), b"")], strict=True):
            while at + 1 < len(sections) and sections[at + 1][0] < start:
                at += 1
            if sections and sections[at][1] != b"_meta":
                yield name, start, end
    else:
        starts = [found.end() for found in _BLOCK.finditer(utf8)]
        for start, end in pairwise([*starts, len(utf8)]):
            found_name = _NAME.search(utf8, start, end)
            if found_name is not None:
                yield found_name[1], start, end


def _line(source: SourceFile, number: int) -> Location:
    from celery_backend_lint.location import Span

    text = source.line(number)
    first = len(text) - len(text.lstrip()) + 1
    return Location(source.path, Span(number, first, number, max(first, len(text) + 1)))


def _problem(source: SourceFile, message: str, offset: int, *, line: int = 0) -> Problem:
    return Problem(_line(source, line or source.utf8.count(b"\n", 0, offset) + 1), message, whole_file=True)

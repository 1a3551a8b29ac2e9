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

_NAME = re.compile(rb'^name = "([^"\r\n]+)"', re.MULTILINE)
_FOREIGN = (
    rb'^(?:source = \{[^}\n]*\b(git|url|path|directory|editable|virtual) = "([^"\n]*)"'
    rb'|type = "(git|directory|file|url)"|(git|path|url|ref) = "[^"\n]*")'
)
_CATEGORY = rb'^(?:category = "([^"]+)"|groups = \[([^\]]*)\])'
_CONDA = rb"^- name: (\S+)\r?\n[ ]+version: ['\"]?([^\s'\"]+)"


class LockFile:
    """One lock file. ``named`` finds a package; nothing is read before that."""

    __slots__ = ("_index", "format", "source")

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self.format = FORMATS[posixpath.basename(source.path)]
        self._index: dict[str, list[tuple[int, int, int, str]]] | None = None

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
        conflict = utf8.find(b"\n<<<<<<< ")
        if conflict >= 0:
            return (_problem(self.source, "holds the marks of an unresolved merge", conflict + 1),)
        if self.format == "pipfile.lock" and utf8.strip() and not utf8.rstrip().endswith(b"}"):
            return (_problem(self.source, "not valid JSON: it ends before its last brace", len(utf8)),)
        if self.format in ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml") and not self.index():
            if not utf8.strip() or b"[metadata]" in utf8 or b"version = " in utf8:
                return ()
            from celery_backend_lint.syntax.toml import first_problem

            broken = first_problem(utf8)
            if broken is not None:
                return (_problem(self.source, broken.message, 0, line=broken.line),)
        return ()

    def named(self, name: str) -> tuple[Requirement, ...]:
        """The entries of a package (its normalised name), of kind ``lock``; several where the lock forks by marker."""
        found = []
        for at, start, end, section in self.index().get(name, ()):
            block = self.source.utf8[start:end]
            version, foreign, group = self._facts(block)
            if version:
                line = self.source.utf8.count(b"\n", 0, at)
                found.append(
                    Requirement(
                        name, (), f"=={version}", "", "lock", group or section, _line(self.source, line + 1), foreign
                    )
                )
        return tuple(found)

    def index(self) -> dict[str, list[tuple[int, int, int, str]]]:
        """Where each package's entries are, by normalised name: the name, the whole; and the section (``dev``)."""
        if self._index is None:
            self._index = {}
            for name, at, start, end, group in _entries(self.format, self.source.utf8):
                self._index.setdefault(normalized(name.decode("utf-8", "replace")), []).append((at, start, end, group))
        return self._index

    def _facts(self, block: bytes) -> tuple[str, str, str]:
        """The version, where else than an index it comes from, and the group of one entry."""
        if self.format == "conda-lock":
            found = re.match(_CONDA, block)
            return (found[2].decode("utf-8", "replace") if found else "", "", "")
        if self.format == "pipfile.lock":
            version = re.search(rb'"version": "===?([^"]+)"', block)
            foreign = re.search(rb'"(git|path|file|url)": "', block)
            return (
                version[1].decode("utf-8", "replace") if version else "",
                foreign[1].decode() if foreign else "",
                "",
            )
        head = block.split(b"\n[", 1)[0]
        version = re.search(rb'^version = "([^"\r\n]+)"', head, re.MULTILINE)
        foreign = re.search(_FOREIGN, block, re.MULTILINE)
        category = re.search(_CATEGORY, head, re.MULTILINE)
        group = ""
        if category:
            names = re.findall(r"[A-Za-z0-9_.-]+", (category[1] or category[2] or b"").decode("utf-8", "replace"))
            if names and not {"main", "default"} & set(names):
                group = names[0] if all(is_development(name) for name in names) else ""
        kind = next((part for part in foreign.groups() if part), b"").decode() if foreign else ""
        return (version[1].decode("utf-8", "replace") if version else "", kind, group)


def _entries(format: str, utf8: bytes) -> Iterator[tuple[bytes, int, int, int, str]]:
    """Each package's entry: the name, where that stands, the range of the whole, the section."""
    if format == "conda-lock":
        for found in re.finditer(_CONDA, utf8, re.MULTILINE):
            yield found[1], found.start(), *found.span(), ""
    elif format == "pipfile.lock":
        sections = [(found.start(), found[1]) for found in re.finditer(rb'\n    "([A-Za-z0-9_.-]+)": \{', utf8)]
        packages = [(found.start() + 1, found[1]) for found in re.finditer(rb'\n        "([A-Za-z0-9_.-]+)": \{', utf8)]
        at = 0
        for (start, name), (end, _) in pairwise([*packages, (len(utf8), b"")]):
            while at + 1 < len(sections) and sections[at + 1][0] < start:
                at += 1
            if sections and sections[at][1] != b"_meta":
                yield name, start, start, end, "dev" if sections[at][1] == b"develop" else ""
    else:
        head = b"[[packages]]" if format == "pylock.toml" else b"[[package]]"
        starts = []
        at = utf8.find(head)  # bytes.find is ten times as fast as a pattern with ^, and these files are large
        while at >= 0:
            if not at or utf8[at - 1] == 10:
                starts.append(at + len(head))
            at = utf8.find(head, at + 1)
        for start, end in pairwise([*starts, len(utf8)]):
            found_name = _NAME.search(utf8, start, end)
            if found_name is not None:
                yield found_name[1], found_name.start(), start, end, ""


def _line(source: SourceFile, number: int) -> Location:
    from celery_backend_lint.location import Span

    text = source.line(number)
    first = len(text) - len(text.lstrip()) + 1
    return Location(source.path, Span(number, first, number, max(first, len(text) + 1)))


def _problem(source: SourceFile, message: str, offset: int, *, line: int = 0) -> Problem:
    return Problem(_line(source, line or source.utf8.count(b"\n", 0, offset) + 1), message, whole_file=True)

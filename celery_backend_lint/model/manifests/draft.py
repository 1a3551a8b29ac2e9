"""A manifest while it is being read."""

from __future__ import annotations

import posixpath
import re

from celery_backend_lint.location import Location
from celery_backend_lint.model.manifests.declared import Include, Manifest, Problem, Requirement, normalized
from celery_backend_lint.syntax.requirements import leading_name, parse_requirement, without_user

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model.manifests.declared import Kind
    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.requirements import RequirementText

_UNSETTLED = r"[{}]|\$\(|%\(|%s|@@"
_NAMED_ARCHIVE = (
    r"(?:^|/)([A-Za-z0-9][A-Za-z0-9_.-]*?)-([0-9][A-Za-z0-9_.]*?)(?:-[A-Za-z][A-Za-z0-9_.-]*)?"
    r"\.(?:tar\.gz|tgz|zip|tar\.bz2)$"
)
"""``celery-4.4.0.zip``, and ``celery-4.4.0-patched.zip`` as people call what they changed."""

_ARCHIVE_OF_A_TAG = r"/([A-Za-z0-9_.-]+)/archive/(?:refs/tags/)?v?([0-9]+\.[0-9][A-Za-z0-9_.]*?)\.(?:tar\.gz|zip)$"
"""``github.com/celery/celery/archive/refs/tags/v5.3.0.zip``."""

_ARCHIVE = r"(?i)\.(?:whl|zip|tar\.gz|tgz|tar\.bz2|tar\.xz|tar|egg)$"
_DIRECT = ("git+", "hg+", "svn+", "bzr+", "file:", "./", "../", "/", "~/", ".[", "..[", ".\\", "..\\")


class Draft:
    """Takes requirements and problems in, places them, and gives the finished :class:`Manifest`."""

    __slots__ = ("format", "includes", "locals", "problems", "provides", "requirements", "source", "sources")

    def __init__(self, source: SourceFile, format: str) -> None:
        self.source = source
        self.format = format
        self.requirements: list[Requirement] = []
        self.problems: list[Problem] = []
        self.includes: list[Include] = []
        self.locals: list[str] = []
        self.provides = ""
        self.sources: dict[str, str] = {}

    @property
    def folder(self) -> str:
        """The manifest's folder, relative to the root; empty for the root."""
        return posixpath.dirname(self.source.path)

    def at(self, start: int, end: int) -> Location:
        """The location of a byte range of the file."""
        return Location(self.source.path, self.source.span(start, end))

    def problem(self, message: str, start: int, end: int, *, whole_file: bool = False) -> None:
        """Note what cannot be read at a byte range."""
        self.problems.append(Problem(self.at(start, end), message, whole_file))

    def add(
        self,
        read: RequirementText,
        start: int,
        end: int,
        kind: Kind,
        group: str,
        *,
        unclear: str = "",
    ) -> None:
        """Take in a requirement that has been read."""
        name = normalized(read.name)
        self.requirements.append(
            Requirement(
                name,
                tuple(normalized(extra) for extra in read.extras),
                read.specifier,
                read.marker,
                kind,
                group,
                self.at(start, end),
                read.url or self.sources.get(name, ""),
                unclear,
            )
        )

    def requirement(self, text: str, start: int, end: int, kind: Kind, group: str) -> None:
        """Read one requirement as PEP 508 or pip has it and take it in; what is neither becomes a problem.

        A line whose version hangs on a variable or a template keeps its name and counts as unclear.
        """
        text = text.strip()
        read = None if _is_direct(text) else parse_requirement(text)
        if read is not None:
            self.add(read, start, end, kind, group)
            return
        if re.search(_UNSETTLED, text):
            named = leading_name(text)
            if named is not None and not _is_direct(text):
                self.add(named, start, end, kind, group, unclear="its version comes from a variable or a template")
            return
        bare = re.split(r"\s;\s", text, maxsplit=1)[0].strip()
        if _is_direct(bare) or re.search(_ARCHIVE, bare):
            self.direct(bare, start, end, kind, group)
            return
        self.problem(_why_not(text), start, end)
        named = leading_name(text)
        if named is not None:
            self.add(named, start, end, kind, group, unclear="pip refuses the line")

    def direct(self, text: str, start: int, end: int, kind: Kind, group: str) -> None:
        """Take in a URL, a path or an archive, as pip accepts them without a name."""
        url, _, fragment = text.partition("#")
        egg = re.search(r"(?:^|&)egg=([^&]+)", fragment)
        named = leading_name(egg[1]) if egg else None
        location = re.sub(r"\[[^\]]*\]$", "", url)
        if "://" not in location and "+" not in location.split("/", 1)[0] and not re.search(_ARCHIVE, location):
            self.local(location.removeprefix("file:"))
            if named is None:
                return
        wheel = re.search(r"(?:^|/)([A-Za-z0-9_.]+)-([0-9][A-Za-z0-9_.!+]*)(?:-[^/]*)?\.whl$", location)
        archive = re.search(_NAMED_ARCHIVE, location) or re.search(_ARCHIVE_OF_A_TAG, location)
        version = ""
        release = wheel or (archive if "+" not in url.split(":", 1)[0] else None)
        if release is not None:
            named, version = named or leading_name(release[1]), release[2]
        elif named is None:
            # pip reads the name from the package's metadata; the repository's own name is nearly always the same.
            of_a_branch = re.search(r"/([A-Za-z0-9_.-]+)/archive/", location)  # called for a branch
            last = re.sub(r"(?:\.git)?(?:@[^/]*)?$", "", without_user(location).rstrip("/")).rsplit("/", 1)[-1]
            named = leading_name(of_a_branch[1] if of_a_branch is not None else last)
        if named is None:
            return
        extras = named.extras
        if not extras and (bracket := re.search(r"\[([^\]]*)\]$", url)):
            extras = tuple(part.strip() for part in bracket[1].split(",") if part.strip())
        from celery_backend_lint.syntax.requirements import RequirementText

        specifier = f"=={version}" if version else ""
        self.add(RequirementText(named.name, extras, specifier, "", without_user(url)), start, end, kind, group)

    def local(self, path: str) -> None:
        """Note that the manifest installs the package in a folder of the tree."""
        joined = posixpath.normpath(posixpath.join(self.folder, path.strip().replace("\\", "/")))
        if not joined.startswith(("..", "/")):
            self.locals.append("" if joined == "." else joined)

    def include(
        self,
        target: str,
        start: int,
        end: int,
        kind: Kind,
        group: str,
        *,
        constraint: bool = False,
        required: bool = True,
    ) -> None:
        """Take in another file by its path from this one's folder; URLs, variables and what is outside are left."""
        if "://" in target or re.search(_UNSETTLED, target) or not target.strip() or "\0" in target:
            return
        path = posixpath.normpath(posixpath.join(self.folder, target.strip().replace("\\", "/")))
        if not path.startswith(("..", "/")) and path != ".":
            self.includes.append(Include(path, self.at(start, end), constraint, required, kind, group))

    def manifest(self) -> Manifest:
        """The finished manifest."""
        return Manifest(
            self.source.path,
            self.format,
            tuple(self.requirements),
            tuple(self.problems),
            tuple(self.includes),
            tuple(dict.fromkeys(self.locals)),
            self.provides,
        )


def _is_direct(text: str) -> bool:
    """Whether pip takes a line as a URL or a path before it looks for a name."""
    head = text.split(None, 1)[0] if text else ""
    if head.startswith(_DIRECT) or head in (".", ".."):
        return True
    scheme, found, _ = head.partition("://")
    return bool(found and scheme.replace("+", "").replace("-", "").isalnum()) or head[1:3] == ":\\"


_COMMANDS = frozenset({"apt", "apt-get", "conda", "pip", "pip3", "pipenv", "poetry", "python", "python3", "sudo", "uv"})
"""What begins a command by which people install packages."""


def _why_not(text: str) -> str:
    """Why pip refuses a line, in a sentence that repeats nothing of it but a name."""
    named = leading_name(text)
    if named is None:
        return "this line is no requirement that pip can read"
    rest = text.strip()[len(named.name) :].lstrip()
    if named.name.lower() in _COMMANDS and rest[:1].isalpha():
        return "this line is a command of the shell, which pip cannot read"
    if rest.startswith("=") and not rest.startswith("=="):
        return f"pip cannot read this requirement of {named.name}: a version is compared with == and not with ="
    if rest[:1].isdigit():
        return f"pip cannot read this requirement of {named.name}: an operator such as == is missing before the version"
    if rest.startswith(("==", "!=", "<", ">", "~=")):
        return f"pip (from 24.1 on) cannot read the version in this requirement of {named.name}"
    return f"pip cannot read this requirement of {named.name}"

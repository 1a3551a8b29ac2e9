"""Finds the project's manifests by name and by inclusion, and reads them."""

from __future__ import annotations

import os
import re

from celery_backend_lint.location import Location, Span
from celery_backend_lint.model.manifests.declared import Manifest, Problem
from celery_backend_lint.model.manifests.selection import Manifests

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model.manifests.declared import Include, Kind
    from celery_backend_lint.model.manifests.locks import LockFile
    from celery_backend_lint.project.discovery import Project
    from celery_backend_lint.project.source import SourceFile

_ENDINGS = (".txt", ".in", ".pip", ".toml", ".lock", ".cfg", "setup.py", "Pipfile", ".yml", ".yaml")
_REQUIREMENTS = (
    r"(?:[\w.-]*[-_.])?(?:requirements?|reqs)(?:[-_.\d][\w.-]*)?\.(?:txt|in|pip)|requirements[\w.-]*\.(?:txt|in|pip)"
    r"|(?:[\w.-]*[-_.])?constraints?(?:[-_.][\w.-]*)?\.(?:txt|in)"
)
_MISSPELT = r"(?i)(?:[\w.-]*[-_.])?req(?:[a-z]{2,6}m[a-z]{3,5})?(?:[-_.\d][\w.-]*)?\.(?:txt|in|pip)"
"""What is meant for one of those, and often seen: ``requirments.txt``, ``requierments.txt``, ``req.txt``."""

_FOLDER = r"(?:[\w.-]*[-_.])?(?:requirements?|reqs)"
_ENVIRONMENT = (
    r"(?:[\w-]+[-_.])?environment[\w.-]*\.ya?ml|conda(?:[-_.](?:env|dev)[\w.-]*)?\.ya?ml|(?:conda_)?env\.ya?ml"
)
MAXIMUM_SIZE = 256 * 1024
"""Bytes of a manifest that people write and a grammar reads: the parsers need seconds for a hostile one of 2 MiB."""

_OTHER_TEXTS = ("MANIFEST.in", "README.txt", "LICENSE.txt")
_FIXED = {
    "pyproject.toml": "pyproject",
    "setup.cfg": "setup.cfg",
    "setup.py": "setup.py",
    "Pipfile": "pipfile",
    "uv.lock": "lock",
    "poetry.lock": "lock",
    "pdm.lock": "lock",
    "pylock.toml": "lock",
    "Pipfile.lock": "lock",
    "conda-lock.yml": "lock",
}


def manifest_format(path: str) -> str | None:
    """The format that a manifest's name tells: ``requirements``, ``pyproject``, ``lock`` …; None for other files."""
    if not path.endswith(_ENDINGS):
        return None
    folder, _, name = path.rpartition("/")
    fixed = _FIXED.get(name)
    if fixed is not None:
        return fixed
    if name.endswith((".txt", ".in", ".pip")):
        lower = path.lower()
        if ("req" not in lower and "constraint" not in lower) or name in _OTHER_TEXTS:
            return None
        above, _, parent = folder.rpartition("/")
        if name == "requirements.txt" or re.fullmatch(_REQUIREMENTS, name, re.IGNORECASE):
            return "requirements"
        folders = (parent, above.rpartition("/")[2])
        return "requirements" if any(re.fullmatch(_FOLDER, one, re.IGNORECASE) for one in folders) else None
    if name.endswith((".yml", ".yaml")) and ("env" in name or "conda" in name):
        return "conda" if re.fullmatch(_ENVIRONMENT, name) else None
    return None


def read_manifests(project: Project) -> Manifests:
    """Read every manifest of a project, and the files that they include whatever these are called.

    Nothing is raised: what cannot be read is a :class:`Problem` of its manifest.
    """
    reader = _Collector(project)
    later: list[str] = []
    misspelt: list[str] = []
    for path in project.paths():
        if not path.endswith(_ENDINGS):
            continue
        found = manifest_format(path)
        if found == "lock":
            reader.lock(path)
        elif found == "requirements" and _is_constraint(path):
            later.append(path)
        elif found is not None:
            reader.read(path, found)
        elif "req" in path.lower() and re.fullmatch(_MISSPELT, path.rpartition("/")[2]):
            misspelt.append(path)
    reader.follow()
    for path in misspelt:
        if not reader.has_requirements(path.rpartition("/")[0]):  # beside the right name it is a leftover
            reader.read(path, "requirements")
    reader.follow()
    for path in later:
        reader.read(path, "requirements")
    reader.follow()
    reader.cycles()
    return Manifests(dict(sorted(reader.manifests.items())), reader.locks)


def _is_requirements(path: str) -> bool:
    return manifest_format(path) == "requirements"


def _is_constraint(path: str) -> bool:
    from celery_backend_lint.model.manifests.requirements import purpose

    return purpose(path)[0] == "constraint"


class _Collector:
    """The manifests read so far, and the files they ask for that are still to be read."""

    __slots__ = ("locks", "manifests", "project", "waiting")

    def __init__(self, project: Project) -> None:
        self.project = project
        self.manifests: dict[str, Manifest] = {}
        self.locks: dict[str, LockFile] = {}
        self.waiting: list[tuple[str, Include]] = []

    def lock(self, path: str) -> None:
        from celery_backend_lint.model.manifests.locks import LockFile

        source = self.project.source(path)
        if source is not None:
            self.locks[path] = LockFile(source)

    def read(self, path: str, format: str, kind: Kind | None = None, group: str = "") -> bool:
        """Read one manifest, unless that is done; whether there is such a file in the project."""
        if path in self.manifests:
            return True
        source = self.project.source(path)
        if source is None:
            return False
        manifest = read_manifest(source, format, kind, group)
        self.manifests[path] = manifest
        self.waiting.extend((path, include) for include in manifest.includes)
        return True

    def has_requirements(self, folder: str) -> bool:
        """Whether a requirements file of a folder has been read that is called as such."""
        return any(path.rpartition("/")[0] == folder and _is_requirements(path) for path in self.manifests)

    def follow(self) -> None:
        """Read what the manifests include; constraints last, as being required says more."""
        while self.waiting:
            self.waiting.sort(key=lambda pair: pair[1].constraint)
            owner, include = self.waiting.pop(0)
            found = manifest_format(include.path) or "requirements"
            if found == "lock":
                continue
            kind, group = include.kind, include.group
            if manifest_format(include.path) and not include.constraint:
                named, purpose_group = _purpose(include.path)
                if named == "development":
                    kind, group = named, purpose_group
            if self.read(include.path, found, kind, group):
                continue
            if include.required:
                self.missing(owner, include)

    def missing(self, owner: str, include: Include) -> None:
        """Note an included file that is not there; one that git ignores is, and is left alone."""
        absolute = os.path.join(self.project.root, include.path)
        if os.path.isdir(absolute):
            message = f"{include.path} is a folder, not a requirements file"
        elif os.path.lexists(absolute):
            return
        else:
            message = f"{include.path} is not there, so pip stops at this line"
        self.note(owner, Problem(include.location, message, whole_file=False))

    def note(self, path: str, problem: Problem) -> None:
        old = self.manifests[path]
        problems = tuple(sorted({*old.problems, problem}, key=lambda one: (one.location.order, one.message)))
        self.manifests[path] = Manifest(
            old.path, old.format, old.requirements, problems, old.includes, old.locals, old.provides
        )

    def cycles(self) -> None:
        """Note the line that closes a circle of ``-r``: pip refuses it from 24.2, and ran for ever before."""
        done: set[str] = set()
        for start in list(self.manifests):
            trail: dict[str, int] = {}
            stack: list[tuple[str, int]] = [(start, 0)] if start not in done else []
            while stack:
                path, index = stack.pop()
                includes = self.manifests[path].includes
                trail[path] = index
                if index >= len(includes):
                    trail.pop(path)
                    done.add(path)
                    continue
                stack.append((path, index + 1))
                include = includes[index]
                if include.path in trail:
                    if include.required:
                        message = f"{include.path} includes itself by way of this line, which pip refuses"
                        self.note(path, Problem(include.location, message, whole_file=False))
                elif include.path in self.manifests and include.path not in done:
                    stack.append((include.path, 0))


def _purpose(path: str) -> tuple[Kind, str]:
    from celery_backend_lint.model.manifests.requirements import purpose

    return purpose(path)


def read_manifest(source: SourceFile, format: str, kind: Kind | None = None, group: str = "") -> Manifest:
    """Read a file in a format (see ``manifest_format``); what makes its text unreadable is its only problem.

    ``kind`` and ``group`` are those of what a requirements file holds, where its name does not tell.
    """
    unreadable = source.problem
    if unreadable is not None:
        location = Location(source.path, Span(unreadable.line, 1, unreadable.line, 1))
        problems = () if unreadable.skipped else (Problem(location, unreadable.reason, whole_file=True),)
        return Manifest(source.path, format, problems=problems)
    if format != "requirements" and len(source.utf8) > MAXIMUM_SIZE:
        large = Problem(
            Location(source.path), "is larger than 256 KiB, so it is not read as a manifest", whole_file=True
        )
        return Manifest(source.path, format, problems=(large,))
    if format == "requirements":
        from celery_backend_lint.model.manifests import requirements

        if kind is None:
            kind, group = requirements.purpose(source.path)
        return requirements.read(source, kind, group)
    if format == "pyproject":
        from celery_backend_lint.model.manifests import pyproject

        return pyproject.read(source)
    if format == "setup.cfg":
        from celery_backend_lint.model.manifests import setup_cfg

        return setup_cfg.read(source)
    if format == "setup.py":
        from celery_backend_lint.model.manifests import setup_py

        return setup_py.read(source)
    if format == "pipfile":
        from celery_backend_lint.model.manifests import pipfile

        return pipfile.read(source)
    from celery_backend_lint.model.manifests import conda

    return conda.read(source)

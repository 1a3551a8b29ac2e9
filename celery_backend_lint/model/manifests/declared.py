"""What manifests declare: the records that every format is read into."""

from __future__ import annotations

import re

from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from celery_backend_lint.location import Location

    Kind = Literal["runtime", "development", "optional", "constraint", "lock"]


@record
class Requirement:
    """One package that a manifest asks for.

    ``name`` is normalised (PEP 503), ``specifier`` is PEP 440 (Poetry's ``^`` and ``~`` are translated; ``||`` stands
    between alternatives), ``marker`` the text after ``;``, ``group`` the extra, group or file purpose it belongs to
    (empty for the project's own). ``url`` is set for anything that does not come from an index, without credentials.
    ``unclear`` says why the version that it asks for cannot be told (a variable, a template, a line pip refuses).
    """

    name: str
    extras: tuple[str, ...]
    specifier: str
    marker: str
    kind: Kind
    group: str
    location: Location
    url: str = ""
    unclear: str = ""


@record
class Problem:
    """What could not be read: ``whole_file`` when nothing of the file can be relied on, else that one place."""

    location: Location
    message: str
    whole_file: bool


@record
class Include:
    """A file that a manifest takes in: ``path`` relative to the root, ``constraint`` for pip's ``-c``.

    ``required`` where it must be there; a guess (setup.py reads a file by some helper) need not be. ``kind`` and
    ``group`` are those of what it holds.
    """

    path: str
    location: Location
    constraint: bool
    required: bool
    kind: Kind
    group: str


@record
class Manifest:
    """One manifest read. ``provides`` is the name of the project's own package, ``locals`` the folders of packages
    that it installs from the tree (``-e ../lib``, path dependencies).
    """

    path: str
    format: str
    requirements: tuple[Requirement, ...] = ()
    problems: tuple[Problem, ...] = ()
    includes: tuple[Include, ...] = ()
    locals: tuple[str, ...] = ()
    provides: str = ""


def normalized(name: str) -> str:
    """A package's name as PEP 503 compares it: lower case, runs of ``-``, ``_`` and ``.`` as one dash."""
    if name.isalnum():
        return name.lower()
    return re.sub(r"[-_.]+", "-", name).lower()


_DEVELOPMENT = frozenset(
    {
        "dev", "devel", "develop", "developer", "development", "test", "tests", "testing", "unittest", "unittests",
        "doc", "docs", "documentation", "lint", "linter", "linters", "linting", "ci", "qa", "types", "typing", "mypy",
        "flake", "style", "format", "formatting", "local", "debug", "build", "tox", "nox", "precommit", "coverage",
        "cov", "quality", "bench", "benchmark", "benchmarks", "static", "check", "checks", "checking", "e2e",
        "integration", "pkgutils", "release", "tooling", "notebook", "notebooks",
    }
)  # fmt: skip


def is_development(name: str) -> bool:
    """Whether a group, extra or file of this name is for development, testing or documentation."""
    lower = name.lower()
    words = lower.replace("_", "-").replace(".", "-").split("-")
    return (
        any(word in _DEVELOPMENT or word.rstrip("0123456789") in _DEVELOPMENT for word in words)
        or "pre-commit" in lower
    )

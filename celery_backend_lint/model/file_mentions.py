"""What a project's other files name: its env files, its modules, and in its documentation the variables."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from celery_backend_lint.project.discovery import Project

NAME_NO_FILES = (
    ".html",
    ".css",
    ".svg",
    ".png",
    ".jpg",
    ".ico",
    ".woff2",
    ".map",
    ".po",
    ".csv",
    ".lock",
    ".ipynb",
    ".pyc",
)
"""Endings of files that may be large and name no other file on purpose."""

DOCUMENTATION = (
    ".md",
    ".mdx",
    ".markdown",
    ".rst",
    ".adoc",
    ".txt",
    ".org",
    "readme",
    "install",
    "hacking",
    "contributing",
)
"""How the paths of documentation end, in lower case: with its formats, or with a name that needs none."""

HISTORY = ("change", "history", "news", "release", "requirement", "constraint")
"""How the names of files begin that end like documentation and explain nothing."""


def is_file_named(project: Project, path: str, besides: tuple[str, ...] = ()) -> bool:
    """Whether anything names the env file at ``path`` itself, files whose paths end with one of ``besides`` left out.

    ``.env.prod.example`` does not name ``.env.prod``, nor does ``${STAGE}.env.prod``.
    """
    return _is_named(project, path.rpartition("/")[2], besides)


def is_path_named(project: Project, path: str) -> bool:
    """Whether anything names the file at ``path`` together with the folder that it lies in."""
    return _is_named(project, "/".join(path.split("/")[-2:]))


def _is_named(project: Project, name: str, besides: tuple[str, ...] = ()) -> bool:
    pattern = rf"(?<![\w.}})-]){re.escape(name)}(?![\w.-]*[\w-])".encode()
    return any(
        re.search(pattern, data) is not None
        for path, data in holding(project, (name,))
        if not path.lower().endswith(besides)
    )


def is_word_elsewhere(project: Project, word: str, path: str) -> bool:
    """Whether a file besides the one at ``path`` holds a word, of whatever kind the file is."""
    pattern = rf"(?<![A-Za-z0-9_]){re.escape(word)}(?![A-Za-z0-9_])".encode()
    return any(re.search(pattern, data) is not None for other, data in holding(project, (word,)) if other != path)


def is_copy_that_nothing_names(project: Project, path: str) -> bool:
    """Whether a Python file cannot be imported by a statement, for its name holds a blank or a bracket, as those of
    copies do (``settings copy.py``, ``settings (1).py``, ``settings - Copy.py``), and no other file names it.
    """
    stem = path.rpartition("/")[2].removesuffix(".py")
    return re.search(r"[\s()]", stem) is not None and not is_word_elsewhere(project, stem, path)


def is_run_from_above(project: Project, path: str) -> bool:
    """Whether anything runs the compose file at ``path`` from another folder's: ``--project-directory``, or after
    another file (``-f compose.yml -f deploy/compose.yml``), whose folder all paths then begin from.
    """
    name = re.escape(path.rpartition("/")[2])
    option = r"(?:-f|--file)[ =]"
    pattern = (
        rf"--project-directory[^\n]*{name}|{name}[^\n]*--project-directory"
        rf"|{option}[^\n]*{option}[^\n]*/{name}|COMPOSE_FILE\s*[=:][^\n]*[:;][^\n]*/{name}"
    ).encode()
    return any(
        re.search(pattern, data.replace(b"\\\n", b" ")) is not None
        for _, data in holding(project, (path.rpartition("/")[2],))
    )


def documented(project: Project, variables: Iterable[str]) -> dict[str, list[str]]:
    """Which of ``variables`` the documentation names (README, ``docs/``), and in which files."""
    wanted = list(dict.fromkeys(variables))
    found: dict[str, list[str]] = {}
    for path in project.paths():
        if not path.lower().endswith(DOCUMENTATION) or path.rpartition("/")[2].lower().startswith(HISTORY):
            continue
        for data in _holding(project, path, wanted):
            for variable in wanted:
                if re.search(rb"(?<![A-Za-z0-9_])" + re.escape(variable).encode() + rb"(?![A-Za-z0-9_])", data):
                    found.setdefault(variable, []).append(path)
    return found


def holding(project: Project, words: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """The paths and the bytes of the files that hold one of ``words``, those left out that name no others."""
    for path in project.paths():
        if not path.endswith(NAME_NO_FILES):
            yield from ((path, data) for data in _holding(project, path, words))


def _holding(project: Project, path: str, names: Iterable[str]) -> Iterator[bytes]:
    """The bytes of a file that holds one of ``names``."""
    if project.mentions(path, [name.encode() for name in names]):
        source = project.source(path)
        if source is not None:
            yield source.data

"""Copies of a folder that somebody keeps beside it, and that nothing runs: ``backend_backup_20250815/``, ``old/``.

A copy is known by its name, by its twin, which has most of its Python files in the same places, and by nobody
mentioning it. Whatever is in doubt belongs to the project.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_left

from celery_backend_lint.project.listing import folders_of
from celery_backend_lint.project.source import Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_WORD = r"(?:backup|bak|old|copy|orig)"
_DATE = r"(?:[ _.-]*\d[\d _.-]*)?"
NAMES = (
    rf"(?i)(?P<stem>.+?)[ _.-]+(?:\(?{_WORD}\)?{_DATE}|20\d{{6}}(?:[_.T-]?\d{{4,6}})?)",
    rf"(?i){_WORD}(?:[ _.-]of)?[ _.-]+(?P<stem>[A-Za-z]\w*)",
    rf"(?i){_WORD}s?{_DATE}",
)
"""The names of copies: of the folder called as what is before or after the word, or, for the word alone, of the one
around it."""

FEWEST = 2
"""Python files besides ``__init__.py`` by which a copy is known whose name has no date."""

MENTIONING = (".py", ".toml", ".cfg", ".ini", ".yml", ".yaml", ".sh", ".json", ".conf", ".service", ".txt")
MENTIONING_NAMES = ("Dockerfile", "Makefile", "Procfile", "justfile", "Justfile", "Jenkinsfile", "Containerfile")
"""Where what runs is said. What ignores a copy, or tells of it (``.gitignore``, ``*.md``), does not run it."""

LONGEST = 1_000_000
"""Bytes of a file that is looked at."""


def copies(paths: Iterable[str]) -> dict[str, str]:
    """Find the folders among ``paths`` that are copies by name and content: each, ending in ``/``, with its twin."""
    modules = sorted(path for path in paths if path.endswith(".py"))
    listed = set(modules)
    found: dict[str, str] = {}
    for folder in sorted(folders_of(modules)):
        parent, _, name = folder.rpartition("/")
        above = f"{parent}/" if parent else ""
        if folder.startswith(tuple(found)):
            continue
        for pattern in NAMES:
            match = re.fullmatch(pattern, name)
            if match is None:
                continue
            stem = match.groupdict().get("stem")
            twin = f"{above}{stem}/" if stem else above
            if _is_copy(modules, listed, f"{folder}/", twin, 1 if re.search(r"20\d{2}", name) else FEWEST):
                found[f"{folder}/"] = twin
                break
    return found


def leave_out(paths: list[str], root: str, named: Iterable[str]) -> tuple[list[str], dict[str, str], list[Unreadable]]:
    """Return ``paths`` without those of copies that no other file mentions, those with the path that each has in the
    twin, and a note for each copy.

    ``named`` are the files and folders (relative to ``root``) that the user asked for: they are looked at.
    """
    found = {
        folder: twin for folder, twin in copies(paths).items() if not any(f"{one}/".startswith(folder) for one in named)
    }
    if not found:
        return paths, {}, []
    prefixes = tuple(found)
    others = [path for path in paths if not path.startswith(prefixes)]
    mentioned = _mentioned({folder.rstrip("/").rpartition("/")[2] for folder in found}, others, root)
    left = {folder: twin for folder, twin in found.items() if folder.rstrip("/").rpartition("/")[2] not in mentioned}
    prefixes = tuple(left)
    if not prefixes:
        return paths, {}, []
    counts = {folder: sum(path.startswith(folder) for path in paths) for folder in left}
    notes = [
        Unreadable(
            folder.rstrip("/"),
            f"is left out: a copy of {f'`{twin}`' if twin else 'what is beside it'}, {counts[folder]} files",
            skipped=True,
        )
        for folder, twin in sorted(left.items())
    ]
    copied = {
        path: twin + path[len(folder) :] for folder, twin in left.items() for path in paths if path.startswith(folder)
    }
    return [path for path in paths if path not in copied], copied, notes


def _is_copy(modules: list[str], listed: set[str], folder: str, twin: str, fewest: int) -> bool:
    """Whether most Python files of a folder lie in the same places of its twin."""
    first, end = bisect_left(modules, folder), bisect_left(modules, f"{folder[:-1]}0")  # "0" follows "/"
    own = [path[len(folder) :] for path in modules[first:end] if not path.endswith("/__init__.py")]
    same = sum(twin + path in listed for path in own)
    return same >= fewest and 2 * same > len(own)


def _mentioned(names: set[str], paths: list[str], root: str) -> set[str]:
    """Those of ``names`` of folders that a file gives as part of a path or of a module's name."""
    found: set[str] = set()
    for path in paths:
        name = path[path.rfind("/") + 1 :]
        if not path.endswith(MENTIONING) and not name.startswith(MENTIONING_NAMES):
            continue
        try:
            with open(os.path.join(root, path), "rb") as file:
                data = file.read(LONGEST)
        except OSError:
            continue
        for one in names - found:
            word = one.encode()
            if word in data and re.search(_mention(word), data):
                found.add(one)
        if found == names:
            break
    return found


def _mention(name: bytes) -> bytes:
    """How a folder is mentioned: by its name, or where that is a word, as part of a path or of a module's name."""
    bare = re.escape(name)
    if re.fullmatch(rb"[A-Za-z]+", name) is None:
        return rb"(?<![\w-])" + bare + rb"(?![\w-])"
    before = rb"(?:[/.\"']|\b(?:from|import|cd|WORKDIR|COPY|ADD)[ \t][^\n#]*|\b(?:build|context|dir|path)\w*[:=][ \t]*)"
    return rb"(?:" + before + bare + rb"(?![\w-])|(?<![\w-])" + bare + rb"[/.])"

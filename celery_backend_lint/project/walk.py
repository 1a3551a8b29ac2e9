"""The list of a folder's files where git cannot give it: a walk that honours .gitignore and follows no links."""

from __future__ import annotations

import os

from celery_backend_lint.project.source import Unreadable, unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

SKIPPED = frozenset(
    {
        ".git", ".hg", ".svn", ".tox", ".nox", ".eggs", ".mypy_cache", ".ruff_cache", ".pytest_cache", "__pycache__",
        "__pypackages__", "node_modules", "site-packages", "dist-packages",
    }
)  # fmt: skip
"""Folders that hold nothing of the project."""


def walk(root: str) -> tuple[list[str], list[str], list[Unreadable]]:
    """List the files below ``root`` (absolute). Returns regular files, symbolic links (relative, with ``/``), notes."""
    files: list[str] = []
    links: list[str] = []
    notes: list[Unreadable] = []
    waiting: list[tuple[str, tuple[tuple[str, GitIgnoreSpec], ...]]] = [("", ())]
    while waiting:
        prefix, rules = waiting.pop()
        try:
            with os.scandir(os.path.join(root, prefix)) as entries:
                found = list(entries)
        except OSError as error:
            notes.append(unreadable(prefix.rstrip("/") or ".", error))
            continue
        names = {entry.name for entry in found}
        if "pyvenv.cfg" in names and prefix:
            notes.append(Unreadable(prefix.rstrip("/"), "is left out: a virtual environment", skipped=True))
            continue
        if ".gitignore" in names:
            rules = _with_rules_of(root, prefix, rules)
        for entry in found:
            path = prefix + entry.name
            try:
                link, folder = entry.is_symlink(), entry.is_dir(follow_symlinks=False)
                regular = not link and not folder and entry.is_file(follow_symlinks=False)
            except OSError as error:
                notes.append(unreadable(path, error))
                continue
            if (folder and entry.name in SKIPPED) or entry.name == ".git":
                continue
            if rules and _ignored(path + "/" if folder else path, rules):
                continue
            if folder:
                waiting.append((path + "/", rules))
            elif link:
                links.append(path)
            elif regular:
                files.append(path)
    return files, links, notes


def _with_rules_of(
    root: str, prefix: str, rules: tuple[tuple[str, GitIgnoreSpec], ...]
) -> tuple[tuple[str, GitIgnoreSpec], ...]:
    from pathspec import GitIgnoreSpec

    from celery_backend_lint.project.source import SourceFile

    lines = SourceFile(root, prefix + ".gitignore").text.splitlines()
    return (*rules, (prefix, GitIgnoreSpec.from_lines(line for line in lines if _is_accepted(line))))


def _is_accepted(line: str) -> bool:
    """Whether pathspec takes a pattern (1.1 makes regular expressions of them); git passes over what is none."""
    import re
    import warnings

    from pathspec import GitIgnoreSpec

    with warnings.catch_warnings():
        warnings.simplefilter("error", FutureWarning)
        try:
            GitIgnoreSpec.from_lines([line])
        except (ValueError, re.error, FutureWarning):
            return False
    return True


def _ignored(path: str, rules: tuple[tuple[str, GitIgnoreSpec], ...]) -> bool:
    for prefix, spec in reversed(rules):
        include = spec.check_file(path[len(prefix) :]).include
        if include is not None:
            return include
    return False

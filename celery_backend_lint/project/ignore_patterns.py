"""The rules by which git ignores the paths of a project, each asked for once."""

from __future__ import annotations

import os

from celery_backend_lint.project import git
from celery_backend_lint.project.source import Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from celery_backend_lint.project.listing import Listing


class IgnorePatterns:
    """What git answered. ``put`` are ignore lists that :meth:`Project.put` holds, by path."""

    __slots__ = ("_known", "_listing", "_paths", "_put_ignores", "_root")

    def __init__(self, root: str, listing: Listing, paths: Iterable[str], put: Mapping[str, bytes]) -> None:
        self._root = root
        self._paths = paths
        self._listing = listing
        self._put_ignores = put
        self._known: dict[str, git.IgnorePattern | None] = {}

    def of(self, wanted: Iterable[str], asked_later: Iterable[str]) -> dict[str, git.IgnorePattern]:
        """As :meth:`Project.ignore_patterns`; ``asked_later`` are paths to ask for in the same call of git."""
        by_folder: dict[str, list[str]] = {}
        for path in (*wanted, *asked_later):
            if path not in self._known:
                self._known[path] = None
                folder = self._listing.git_folder(path)
                if folder is not None and not path.startswith(self._listing.submodules):
                    by_folder.setdefault(folder, []).append(path)
        for folder, asked in by_folder.items():
            absolute = os.path.join(self._root, folder)
            start = len(folder) + 1 if folder else 0
            try:
                answers = self._ask_git(absolute, [path[start:] for path in asked])
            except git.GitError as error:
                self._listing.notes.append(
                    Unreadable(folder or ".", f"git did not say what is ignored: {error}", skipped=True)
                )
                continue
            top = git.top_of(absolute) or absolute
            for path, answer in answers.items():
                file = os.path.relpath(os.path.join(top, answer.file), self._root).replace(os.sep, "/")
                self._known[path if not start else f"{folder}/{path}"] = git.IgnorePattern(
                    file if not file.startswith("../") else os.path.join(top, answer.file), answer.line, answer.pattern
                )
        return {path: pattern for path in wanted if (pattern := self._known[path]) is not None}

    def _ask_git(self, folder: str, paths: list[str]) -> dict[str, git.IgnorePattern]:
        """Ask git in a folder (absolute), with the ignore lists that were put. Raises git.GitError."""
        if not self._put_ignores:
            return git.ignore_patterns(folder, paths)
        from celery_backend_lint.project.ignore_overlay import ignore_patterns

        there = [path for path in self._paths if path.rpartition("/")[2] == ".gitignore"]
        lists = {os.path.join(self._root, path): self._put_ignores.get(path) for path in there}
        return ignore_patterns(folder, paths, lists)

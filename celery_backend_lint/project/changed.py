"""A project with other contents of some files, for who changes it over and over: the rest is listed and read once."""

from __future__ import annotations

from copy import copy

from celery_backend_lint.project.discovery import Project
from celery_backend_lint.project.search import Search

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from celery_backend_lint.project import git
    from celery_backend_lint.project.source import SourceFile


class ChangedProject(Project):
    """What ``base`` is, but for the contents that are put into it; ``base`` itself stays as it is.

    Files that did not change are the same objects in both, as they were when one of the two first read them.
    """

    __slots__ = ("_base", "_put")

    def __init__(self, base: Project, changes: Mapping[str, bytes]) -> None:
        """Take the project and the contents by path; files that it has not got are new."""
        paths = base.paths()
        for name in Project.__slots__:
            setattr(self, name, getattr(base, name))
        self._base = base
        self._put: set[str] = set()
        self._paths, self._listed = paths, set(paths)
        self._sources, self._questions, self._ignores, self._put_ignores = {}, (), None, {}
        self._listing = copy(self._listing)
        self._listing.untracked = set(self._listing.untracked)
        self._search = _ChangedSearch(base, self._sources, self._put)
        for path, data in changes.items():
            self.put(path, data)

    def put(self, path: str, data: bytes) -> SourceFile:
        """Hold ``data`` as the content of ``path``."""
        self._put.add(path)
        return super().put(path, data)

    def source(self, path: str) -> SourceFile | None:
        """The file at ``path``; that of ``base`` where it did not change."""
        return self._sources[path] if path in self._put else self._base.source(path)

    def ignore_patterns(self, paths: Iterable[str]) -> dict[str, git.IgnorePattern]:
        """What git ignores; asked for ``base`` where no ignore list has changed."""
        if self._put_ignores:
            return super().ignore_patterns(paths)
        self._base.ask_later(self._questions)
        self._questions = ()
        return self._base.ignore_patterns(paths)


class _ChangedSearch(Search):
    """The search of ``base``, but for the files that are put."""

    __slots__ = ("_base", "_put")

    def __init__(self, base: Project, sources: dict[str, SourceFile | None], put: set[str]) -> None:
        super().__init__(sources, [])
        self._base = base
        self._put = put

    def _look_for(self, project: Project, needles: list[bytes]) -> None:
        self._base.python_files_mentioning(needles)
        changed = [path for path in self._put if path.endswith(".py")]
        for needle in needles:
            found = set(self._base.python_files_mentioning([needle])).difference(changed)
            found.update(path for path in changed if project.mentions(path, (needle,)))
            self._found[needle] = tuple(sorted(found))

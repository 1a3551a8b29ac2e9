"""One run's project: its root, the list of its files, and their bytes, each read once."""

from __future__ import annotations

import os
from bisect import bisect_left
from stat import S_ISREG

from celery_backend_lint.project import git
from celery_backend_lint.project.listing import Listing, below
from celery_backend_lint.project.search import Search
from celery_backend_lint.project.source import SourceFile, Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from celery_backend_lint.project.ignore_patterns import IgnorePatterns

ROOT_SIGNS = (
    "manage.py",
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "requirements.txt",
    "Pipfile",
    "environment.yml",
    "celery-backend-lint.toml",
)
"""Files that show the root of a project outside git."""


class BadPathError(Exception):
    """A path of the command line that cannot be checked; the message names it and says why."""


class Project:
    """The files below one root. Paths are relative to the root, with ``/``, and never lead out of it."""

    __slots__ = (
        "_excluded",
        "_extra",
        "_ignores",
        "_listed",
        "_listing",
        "_never_run",
        "_paths",
        "_put_ignores",
        "_questions",
        "_reported",
        "_search",
        "_shadowed",
        "_sources",
        "root",
    )

    def __init__(
        self,
        root: str,
        folders: tuple[str, ...] = ("",),
        reported: tuple[str, ...] | None = None,
        extra: tuple[str, ...] = (),
    ) -> None:
        """Take the root, absolute and real.

        ``folders`` (relative) are what is listed of it, ``extra`` are files to list besides (named by the user);
        findings are shown for ``reported`` (files and folders, relative), or for all.

        Starts git where a folder lies in a work tree; nothing is waited for here.
        """
        self.root = root
        self._reported = reported
        self._extra = extra
        self._excluded: Callable[[str], bool] | None = None
        self._paths: tuple[str, ...] | None = None
        self._listed: set[str] = set()
        self._sources: dict[str, SourceFile | None] = {}
        self._ignores: IgnorePatterns | None = None
        self._questions: tuple[str, ...] = ()
        self._never_run: dict[str, bool] = {}
        self._shadowed: set[str] | None = None
        self._put_ignores: dict[str, bytes] = {}
        self._listing = Listing(root, folders)
        self._search = Search(self._sources, self._listing.notes)

    def exclude(self, excluded: Callable[[str], bool]) -> None:
        """Leave out of the list every path that ``excluded`` is true of; to be said before the list is asked for."""
        self._excluded = excluded

    # what is there

    def paths(self) -> tuple[str, ...]:
        """Return the project's files, sorted: git's own list (tracked and there, or new and not ignored), else a walk.

        Left out: what dependencies put there (virtual environments, installed packages), copies of folders that lie
        beside them, links that lead out of the root or nowhere, submodules. ``notes`` says what was.
        """
        if self._paths is None:
            self._paths = tuple(self._listing.finish(self._excluded, self._extra))
            self._listed = set(self._paths)
        return self._paths

    def exists(self, path: str) -> bool:
        """Whether ``path`` is a file of the list."""
        if self._paths is None:
            self.paths()
        return path in self._listed

    def is_folder(self, path: str) -> bool:
        """Whether a file of the list lies below ``path`` (the root itself is ``""``)."""
        paths = self.paths()
        if not path:
            return bool(paths)
        at = bisect_left(paths, path + "/")
        return at < len(paths) and paths[at].startswith(path + "/")

    def folder(self, path: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return what lies directly in a folder (the root is ``""``): its folders' names, its files' names, sorted."""
        paths = self.paths()
        prefix = path + "/" if path else ""
        folders, files = [], []
        at = bisect_left(paths, prefix)
        while at < len(paths) and paths[at].startswith(prefix):
            name, slash, _ = paths[at][len(prefix) :].partition("/")
            if slash:
                folders.append(name)
                at = bisect_left(paths, f"{prefix}{name}0", at)  # "0" follows "/"
            else:
                files.append(name)
                at += 1
        return tuple(sorted(folders)), tuple(files)

    def on_disk(self, path: str) -> bool:
        """Whether ``path`` is a file below the root, whether of the list or not (an ignored ``.env``)."""
        return self.exists(path) or self._absolute(path) is not None

    def source(self, path: str) -> SourceFile | None:
        """Return the file at ``path``, of the list or not; None when there is none or it leads out of the root.

        The same object each time. A file that is there but cannot be read has a ``problem``.
        """
        try:
            return self._sources[path]
        except KeyError:
            data = self._search.kept.pop(path, None)
            if data is not None:
                made: SourceFile | None = SourceFile(self.root, path, data)
            else:
                absolute = self._absolute(path)
                made = None if absolute is None else SourceFile(self.root, path, absolute=absolute)
            self._sources[path] = made
            return made

    def put(self, path: str, data: bytes) -> SourceFile:
        """Hold ``data`` as the content of ``path`` instead of what the disk has (``--stdin-filename``, an editor)."""
        made = self._sources[path] = SourceFile(self.root, path, data)
        self._search.forget(path)
        self._never_run.clear()
        self._shadowed = None
        if path.rpartition("/")[2] == ".gitignore":
            self._put_ignores[path] = data
            self._ignores = None
        if not self.exists(path):
            self._listed.add(path)
            self._listing.untracked.add(path)
            self._paths = tuple(sorted(self._listed))
        return made

    def reports(self, path: str) -> bool:
        """Whether findings in ``path`` are to be shown: all, unless the user named files."""
        if self._reported is None:
            return True
        return any(not given or path == given or path.startswith(given + "/") for given in self._reported)

    @property
    def reported(self) -> tuple[str, ...] | None:
        """The files and folders that the user named, where files were among them; else None (everything)."""
        return self._reported

    @property
    def notes(self) -> tuple[Unreadable, ...]:
        """What was skipped up to now, and why; for ``-v`` (those not ``skipped`` by choice are problems)."""
        self.paths()
        return tuple(self._listing.notes)

    # what it says

    def python_files_mentioning(self, needles: Sequence[bytes]) -> tuple[str, ...]:
        """Find the ``.py`` files whose bytes hold at least one of ``needles``, sorted; their bytes are kept.

        Modules that nothing imports nor runs, for a package has their name, are left out (:attr:`never_run`). Reads
        every Python file; what was asked before, and all of a project that is not large, comes from memory.
        """
        return self._that_run(self._search.files(self, needles))

    def python_files_mentioning_all(self, needles: Sequence[bytes]) -> tuple[str, ...]:
        """Find the ``.py`` files whose bytes hold each of ``needles``, sorted.

        Leaves out the same as :meth:`python_files_mentioning`. Reads every Python file only where nothing is known of
        any of them.
        """
        return self._that_run(self._search.files_with_all(self, needles))

    @property
    def never_run(self) -> tuple[str, ...]:
        """The modules that were left out of what was found so far, sorted: for each Python imports a package."""
        return tuple(sorted(path for path, never in self._never_run.items() if never))

    def _that_run(self, found: tuple[str, ...]) -> tuple[str, ...]:
        if self._shadowed is None:
            packages = [path[:-12] + ".py" for path in self.paths() if path.endswith("/__init__.py")]
            self._shadowed = self._listed.intersection(packages)
        if not self._shadowed:
            return found
        return tuple(path for path in found if path not in self._shadowed or not self._is_never_run(path))

    def _is_never_run(self, path: str) -> bool:
        if path not in self._never_run:
            from celery_backend_lint.project.shadowed import is_never_run

            self._never_run[path] = is_never_run(self, path)
            if self._never_run[path]:
                why = f"is never imported, for the package `{path[:-3]}/` has its name"
                self._listing.notes.append(Unreadable(path, why, skipped=True))
        return self._never_run[path]

    def expect(self, needles: Iterable[bytes]) -> None:
        """Have :meth:`python_files_mentioning` look for these too when it next reads every file."""
        self._search.expected = (*self._search.expected, *needles)

    def mentions(self, path: str, needles: Iterable[bytes]) -> bool:
        """Whether the bytes of the file at ``path`` hold one of ``needles``."""
        source = self.source(path)
        return source is not None and any(needle in source.data for needle in needles)

    # what git says

    @property
    def is_git(self) -> bool:
        """Whether git gave the list."""
        self.paths()
        return bool(self._listing.git_folders)

    def tracked(self, path: str) -> bool:
        """Whether git tracks ``path``, be it there or gone."""
        if self._paths is None:
            self.paths()
        if path in self._listing.absent:
            return True
        is_there = path in self._listed or path in self._listing.copied
        return is_there and path not in self._listing.untracked and self._listing.git_folder(path) is not None

    @property
    def copied(self) -> dict[str, str]:
        """The files of copies of a folder, which are left out of the list, each with the path in the original."""
        self.paths()
        return self._listing.copied

    def installed(self, name: str) -> frozenset[str]:
        """The versions of a package (normalised name) in the environments that git tracks; empty without any."""
        self.paths()
        return self._listing.installed.get(name.replace("-", "_"), frozenset())

    def ignore_patterns(self, paths: Iterable[str]) -> dict[str, git.IgnorePattern]:
        """Find the ignore rule of git that decides about each of ``paths``, tracked or not, existing or not.

        A pattern's ``file`` is relative to the root where it lies below it. Paths without a rule are left out, all of
        them outside git. One call of git for all paths that were not asked before, those of :meth:`ask_later` included.
        """
        wanted = tuple(dict.fromkeys(paths))
        if not wanted:
            return {}
        if self._ignores is None:
            from celery_backend_lint.project.ignore_patterns import IgnorePatterns

            self._ignores = IgnorePatterns(self.root, self._listing, self.paths(), self._put_ignores)
        asked_later, self._questions = self._questions, ()
        return self._ignores.of(wanted, asked_later)

    def ask_later(self, paths: Iterable[str]) -> None:
        """Have :meth:`ignore_patterns` find these too when it next asks git: a call takes 5 ms, for one path or all."""
        self._questions = (*self._questions, *paths)

    def ignored(self, paths: Iterable[str]) -> frozenset[str]:
        """Return those of ``paths`` that git's own rules ignore, tracked or not, existing or not."""
        return frozenset(path for path, pattern in self.ignore_patterns(paths).items() if pattern.ignores)

    # how

    def _absolute(self, path: str) -> str | None:
        """Where to read ``path`` from: its real place, below the root; None when it is no file there."""
        if "\0" in path or not path or os.path.isabs(path) or ".." in path.split("/"):
            return None
        absolute = os.path.join(self.root, path)
        try:
            if path in self._listed and S_ISREG(os.lstat(absolute).st_mode):
                return absolute  # no folder of the list is a link; realpath would ask about each: 40 µs
            real = os.path.realpath(absolute, strict=True)
        except OSError:
            return None
        return real if below(real, self.root) and os.path.isfile(real) else None


def open_project(paths: Sequence[str], cwd: str) -> Project:
    """Open the project that a command line's PATHs mean, relative to ``cwd`` (absolute); none mean ``cwd`` itself.

    A folder is the root. Of several, the common parent is the root, and only what lies below them is listed. With
    files among them, their whole project is read (the top of their git work tree, else the nearest folder upwards
    with a manifest, else their folder) and findings are shown for what was named. Raises BadPathError.
    """
    folders: list[str] = []
    files: list[str] = []
    for path in paths or (".",):
        absolute = os.path.join(cwd, path)
        try:
            real = os.path.realpath(absolute, strict=True)
        except OSError as error:
            raise BadPathError(f"{path}: {error.strerror}") from None
        except ValueError as error:
            raise BadPathError(f"{path!r}: {error}") from None
        if os.path.isdir(real):
            folders.append(real)
        elif os.path.isfile(real):
            files.append(real)
        else:
            raise BadPathError(f"{path}: is neither a file nor a folder")
    named = folders + files
    if files:
        folders = [_root_above(path if path in folders else os.path.dirname(path)) for path in named]
    folders = _outermost(folders)
    root = os.path.commonpath(folders)
    relative = tuple(_relative(folder, root) for folder in folders)
    if not files:
        return Project(root, relative)
    return Project(
        root,
        relative,
        reported=tuple(_relative(path, root) for path in named),
        extra=tuple(_relative(path, root) for path in files),
    )


def _outermost(folders: list[str]) -> list[str]:
    """``folders`` without those that lie below another one."""
    kept: list[str] = []
    for folder in sorted(set(folders)):
        if not any(below(folder, other) for other in kept):
            kept.append(folder)
    return kept


def _relative(path: str, root: str) -> str:
    return "" if path == root else os.path.relpath(path, root).replace(os.sep, "/")


def _root_above(folder: str) -> str:
    top = git.top_of(folder)
    if top is not None:
        return top
    above = folder
    while True:
        if any(os.path.lexists(os.path.join(above, sign)) for sign in ROOT_SIGNS):
            return above
        parent = os.path.dirname(above)
        if parent == above:
            return folder
        above = parent

"""One run's project: its root, the list of its files, and their bytes, each read once."""

from __future__ import annotations

import os
from bisect import bisect_left
from stat import S_ISREG

from celery_backend_lint.project import git
from celery_backend_lint.project.listing import Listing, below
from celery_backend_lint.project.search import MANY, MANY_NEEDLES, Helper, may_share, nested
from celery_backend_lint.project.source import OPEN_FLAGS, SourceFile, Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

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

CELERY = (b"elery", b"ELERY")
"""Needles of :meth:`Project.python_files_mentioning` that find ``celery``, ``Celery`` and ``CELERY`` in two passes."""


MOST_KEPT = 32 * 1024 * 1024
"""Bytes: while the Python files that no one has asked for are no larger, they stay in memory and are not read again.

Of larger projects what was found stays, up to as much.
"""


BUFFER = 256 * 1024
"""Bytes that are read at once; a file with more is one in many, and read like any that is not plain."""


class BadPathError(Exception):
    """A path of the command line that cannot be checked; the message names it and says why."""


class Project:
    """The files below one root. Paths are relative to the root, with ``/``, and never lead out of it."""

    __slots__ = (
        "_excluded",
        "_expected",
        "_extra",
        "_found",
        "_ignored",
        "_is_large",
        "_kept",
        "_listed",
        "_listing",
        "_paths",
        "_put_ignores",
        "_questions",
        "_reported",
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
        self._found: dict[bytes, tuple[str, ...]] = {}
        self._expected: tuple[bytes, ...] = ()
        self._ignored: dict[str, git.IgnorePattern | None] = {}
        self._questions: tuple[str, ...] = ()
        self._kept: dict[str, bytes] = {}
        self._is_large = False
        self._put_ignores: dict[str, bytes] = {}
        self._listing = Listing(root, folders)

    def exclude(self, excluded: Callable[[str], bool]) -> None:
        """Leave out of the list every path that ``excluded`` is true of; to be said before the list is asked for."""
        self._excluded = excluded

    # what is there

    def paths(self) -> tuple[str, ...]:
        """Return the project's files, sorted: git's own list (tracked and there, or new and not ignored), else a walk.

        Left out: what dependencies put there (virtual environments, installed packages), links that lead out of the
        root or nowhere, submodules. ``notes`` says what was.
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
            data = self._kept.pop(path, None)
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
        self._kept.pop(path, None)
        if path.rpartition("/")[2] == ".gitignore":
            self._put_ignores[path] = data
            self._ignored.clear()
        if not self.exists(path):
            self._listed.add(path)
            self._listing.untracked.add(path)
            self._paths = tuple(sorted(self._listed))
        self._found.clear()
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

        Reads every Python file; what was asked before, and all of a project that is not large, comes from memory.
        """
        missing = [needle for needle in needles if needle not in self._found and not self._narrow(needle)]
        if missing:
            expected, self._expected = self._expected, ()
            self._search(list(dict.fromkeys((*missing, *(one for one in expected if one not in self._found)))))
        hits = {path for needle in needles for path in self._found[needle]}
        return tuple(sorted(hits))

    def python_files_mentioning_all(self, needles: Sequence[bytes]) -> tuple[str, ...]:
        """Find the ``.py`` files whose bytes hold each of ``needles``, sorted.

        Reads every Python file only where nothing is known of any of them.
        """
        known = [needle for needle in needles if needle in self._found or self._narrow(needle)] or needles[:1]
        fewest = min((self.python_files_mentioning([needle]) for needle in known), key=len)
        return tuple(path for path in fewest if all(self.mentions(path, (needle,)) for needle in needles))

    def expect(self, needles: Iterable[bytes]) -> None:
        """Have :meth:`python_files_mentioning` look for these too when it next reads every file."""
        self._expected = (*self._expected, *needles)

    def _narrow(self, needle: bytes) -> bool:
        """Answer from what was found for a shorter needle: what mentions ``FlaskCeleryExt`` mentions ``elery``."""
        among = min((paths for one, paths in self._found.items() if one in needle), key=len, default=None)
        if among is not None:
            self._found[needle] = tuple(path for path in among if self.mentions(path, (needle,)))
        return among is not None

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
        return path in self._listed and path not in self._listing.untracked and self._git_folder(path) is not None

    def ignore_patterns(self, paths: Iterable[str]) -> dict[str, git.IgnorePattern]:
        """Find the ignore rule of git that decides about each of ``paths``, tracked or not, existing or not.

        A pattern's ``file`` is relative to the root where it lies below it. Paths without a rule are left out, all of
        them outside git. One call of git for all paths that were not asked before, those of :meth:`ask_later` included.
        """
        self.paths()
        wanted = tuple(dict.fromkeys(paths))
        if not wanted:
            return {}
        by_folder: dict[str, list[str]] = {}
        asked_later, self._questions = self._questions, ()
        for path in (*wanted, *asked_later):
            if path not in self._ignored:
                self._ignored[path] = None
                folder = self._git_folder(path)
                if folder is not None and not path.startswith(self._listing.submodules):
                    by_folder.setdefault(folder, []).append(path)
        for folder, asked in by_folder.items():
            absolute = os.path.join(self.root, folder)
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
                file = os.path.relpath(os.path.join(top, answer.file), self.root).replace(os.sep, "/")
                self._ignored[path if not start else f"{folder}/{path}"] = git.IgnorePattern(
                    file if not file.startswith("../") else os.path.join(top, answer.file), answer.line, answer.pattern
                )
        return {path: pattern for path in wanted if (pattern := self._ignored[path]) is not None}

    def _ask_git(self, folder: str, paths: list[str]) -> dict[str, git.IgnorePattern]:
        """Ask git in a folder (absolute), with the ignore lists that :meth:`put` holds. Raises git.GitError."""
        if not self._put_ignores:
            return git.ignore_patterns(folder, paths)
        from celery_backend_lint.project.ignore_overlay import ignore_patterns

        there = [path for path in self.paths() if path.rpartition("/")[2] == ".gitignore"]
        lists = {os.path.join(self.root, path): self._put_ignores.get(path) for path in there}
        return ignore_patterns(folder, paths, lists)

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

    def _git_folder(self, path: str) -> str | None:
        for folder in self._listing.git_folders:
            if not folder or path.startswith(folder + "/"):
                return folder
        return None

    def _search(self, needles: list[bytes]) -> None:
        paths = [path for path in self.paths() if path.endswith(".py")]
        much = len(paths) >= MANY and (not self._found or len(needles) >= MANY_NEEDLES)
        half = len(paths) // 2 if much and may_share() else len(paths)
        try:
            helper = Helper(lambda: self._look(paths[half:], needles, [])) if half < len(paths) else None
        except OSError:
            helper, half = None, len(paths)
        hits, _ = self._look(paths[:half], needles, None)
        if helper is not None:
            answer: tuple[dict[bytes, list[str]], list[str]] | None = helper.finish()
            more, left = answer if answer is not None else ({}, paths[half:])
            rest, _ = self._look(left, needles, None)
            hits = {needle: found + more.get(needle, []) + rest[needle] for needle, found in hits.items()}
        self._found.update((needle, tuple(sorted(found))) for needle, found in hits.items())

    def _look(
        self, paths: Sequence[str], needles: list[bytes], left: list[str] | None
    ) -> tuple[dict[bytes, list[str]], list[str] | None]:
        """Find which of ``paths`` hold each needle.

        Where ``left`` is a list, nothing is kept or noted: files that are not plain are put there, and it is returned.
        """
        hits: dict[bytes, list[str]] = {needle: [] for needle in needles}
        tree = nested(needles)
        held = sum(map(len, self._kept.values()))
        for path, content, size in self._contents(paths, left):
            hit = False
            for needle, longer in tree:
                if content.find(needle, 0, size) >= 0:
                    hits[needle].append(path)
                    hit = True
                    for one in longer:
                        if content.find(one, 0, size) >= 0:
                            hits[one].append(path)
            if not size or left is not None or path in self._kept or path in self._sources:
                continue
            if held + size > MOST_KEPT and not self._is_large:
                self._is_large = True
                found = {path for paths in hits.values() for path in paths}
                self._kept = {path: data for path, data in self._kept.items() if path in found}
                held = sum(map(len, self._kept.values()))
            if held + size <= MOST_KEPT and (hit or not self._is_large):
                self._kept[path] = bytes(content[:size])
                held += size
        return hits, left

    def _contents(self, paths: Iterable[str], left: list[str] | None) -> Iterator[tuple[str, bytes | bytearray, int]]:
        """Each file's bytes, in one buffer that is used again: (path, buffer, size). ``left`` as in :meth:`_look`."""
        buffer = bytearray()
        root = self.root + os.sep
        for path in paths:
            source = self._sources.get(path)
            data = self._kept.get(path) if source is None else source.data
            if data:
                yield path, data, len(data)
                continue
            whole = False
            if source is None and hasattr(os, "readv"):
                buffer = buffer or bytearray(BUFFER)
                try:
                    descriptor = os.open(root + path, OPEN_FLAGS)
                    try:
                        size = os.readv(descriptor, [buffer])
                        whole = not os.read(descriptor, 1)
                    finally:
                        os.close(descriptor)
                except OSError:
                    whole = False
            if whole:
                yield path, buffer, size
            elif left is None:
                yield from self._other_contents(path)
            else:
                left.append(path)

    def _other_contents(self, path: str) -> Iterator[tuple[str, bytes, int]]:
        """Give the same for one file that is not plain: a link, large, unreadable, gone."""
        source = self.source(path)
        data = source.data if source is not None else b""
        problem = source.problem if source is not None and not data else None
        if source is None:
            problem = Unreadable(path, "is no file any more", skipped=True)
        if problem is not None and problem not in self._listing.notes:
            self._listing.notes.append(problem)
        yield path, data, len(data)


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

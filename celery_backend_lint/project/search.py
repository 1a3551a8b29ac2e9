"""The search of all Python files for some bytes, and what makes it quick: fewer needles, a second process for half of
the files.
"""

from __future__ import annotations

import marshal
import os
import sys

from celery_backend_lint.project.source import OPEN_FLAGS, Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from celery_backend_lint.project.discovery import Project
    from celery_backend_lint.project.source import SourceFile

MANY = 1_000
"""Files from which on a second process is worth its start: 2 ms on Linux, where a thousand files take 30 ms."""

MANY_NEEDLES = 8
"""Needles from which on that is so for a later search: for fewer, reading the files once more is what takes time."""


MOST_KEPT = 32 * 1024 * 1024
"""Bytes: while the Python files that no one has asked for are no larger, they stay in memory and are not read again.

Of larger projects what was found stays, up to as much.
"""


BUFFER = 256 * 1024
"""Bytes that are read at once; a file with more is one in many, and read like any that is not plain."""


def nested(needles: Iterable[bytes]) -> list[tuple[bytes, list[bytes]]]:
    """The needles that no other one is a part of, each with the longer ones: those are in no other files."""
    tree: list[tuple[bytes, list[bytes]]] = []
    for needle in sorted(needles, key=len):
        longer = next((longer for part, longer in tree if part in needle), None)
        if longer is None:
            tree.append((needle, []))
        else:
            longer.append(needle)
    return tree


def may_share() -> bool:
    """Whether a second process may do a part of the work: on Linux, with a processor to spare.

    A process that has threads must not be forked: what they hold locked stays locked in the copy.
    """
    if sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2:
        return False
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False


class Helper:
    """A copy of this process that does one piece of work and ends; it reads files and writes to its pipe only."""

    __slots__ = ("_pid", "_pipe")

    def __init__(self, work: Callable[[], Any]) -> None:
        """Start it. Raises OSError where there is no room for another process."""
        self._pipe, writer = os.pipe()
        try:
            self._pid = os.fork()
        except OSError:
            os.close(self._pipe)
            os.close(writer)
            raise
        if self._pid:
            os.close(writer)
            return
        try:
            os.close(self._pipe)
            answer = marshal.dumps(work())
            while answer:
                answer = answer[os.write(writer, answer) :]
        finally:
            os._exit(0)  # without this process's exit: what it would write is the other's to write

    def finish(self) -> Any:
        """Wait for it. Returns what the work returned, None where it failed."""
        parts = []
        while part := os.read(self._pipe, 1 << 20):
            parts.append(part)
        os.close(self._pipe)
        try:
            os.waitpid(self._pid, 0)
        except ChildProcessError:  # SIGCHLD is ignored here
            pass
        try:
            return marshal.loads(b"".join(parts))  # noqa: S302 - from a copy of this process
        except (EOFError, ValueError, TypeError):
            return None


class Search:
    """Which Python files of a project hold some bytes, as far as it was asked.

    ``kept`` are the bytes of files that no one has asked for yet, ``expected`` needles to look for when every file is
    read the next time.
    """

    __slots__ = ("_found", "_is_large", "_listed", "_notes", "_python", "_sources", "expected", "kept")

    def __init__(self, sources: dict[str, SourceFile | None], notes: list[Unreadable]) -> None:
        """Take the project's files that were asked for, and its notes to add to; who asks gives the project."""
        self._sources = sources
        self._notes = notes
        self._found: dict[bytes, tuple[str, ...]] = {}
        self._is_large = False
        self._listed: tuple[str, ...] = ()
        self._python: list[str] = []
        self.expected: tuple[bytes, ...] = ()
        self.kept: dict[str, bytes] = {}

    def forget(self, path: str) -> None:
        """Forget what was found, for a file holds something else now."""
        self.kept.pop(path, None)
        self._found.clear()

    def files(self, project: Project, needles: Sequence[bytes]) -> tuple[str, ...]:
        """The files whose bytes hold at least one of ``needles``, sorted."""
        missing = [needle for needle in needles if needle not in self._found and not self._narrow(project, needle)]
        if missing:
            expected, self.expected = self.expected, ()
            self._look_for(
                project, list(dict.fromkeys((*missing, *(one for one in expected if one not in self._found))))
            )
        hits = {path for needle in needles for path in self._found[needle]}
        return tuple(sorted(hits))

    def files_with_all(self, project: Project, needles: Sequence[bytes]) -> tuple[str, ...]:
        """The files whose bytes hold each of ``needles``, sorted."""
        known = [needle for needle in needles if needle in self._found or self._narrow(project, needle)] or needles[:1]
        fewest = min((self.files(project, [needle]) for needle in known), key=len)
        return tuple(path for path in fewest if all(project.mentions(path, (needle,)) for needle in needles))

    def _narrow(self, project: Project, needle: bytes) -> bool:
        """Answer from what was found for a shorter needle: what mentions ``FlaskCeleryExt`` mentions ``elery``."""
        among = min((paths for one, paths in self._found.items() if one in needle), key=len, default=None)
        if among is not None:
            self._found[needle] = tuple(path for path in among if project.mentions(path, (needle,)))
        return among is not None

    def _python_files(self, paths: tuple[str, ...]) -> list[str]:
        """Those of ``paths`` that are Python's, listed once for each list."""
        if self._listed is not paths:
            self._listed, self._python = paths, [path for path in paths if path.endswith(".py")]
        return self._python

    def _look_for(self, project: Project, needles: list[bytes]) -> None:
        paths = self._python_files(project.paths())
        much = len(paths) >= MANY and (not self._found or len(needles) >= MANY_NEEDLES)
        half = len(paths) // 2 if much and may_share() else len(paths)
        try:
            helper = Helper(lambda: self._look(project, paths[half:], needles, [])) if half < len(paths) else None
        except OSError:
            helper, half = None, len(paths)
        hits, _ = self._look(project, paths[:half], needles, None)
        if helper is not None:
            answer: tuple[dict[bytes, list[str]], list[str]] | None = helper.finish()
            more, left = answer if answer is not None else ({}, paths[half:])
            rest, _ = self._look(project, left, needles, None)
            hits = {needle: found + more.get(needle, []) + rest[needle] for needle, found in hits.items()}
        self._found.update((needle, tuple(sorted(found))) for needle, found in hits.items())

    def _look(
        self, project: Project, paths: Sequence[str], needles: list[bytes], left: list[str] | None
    ) -> tuple[dict[bytes, list[str]], list[str] | None]:
        """Find which of ``paths`` hold each needle.

        Where ``left`` is a list, nothing is kept or noted: files that are not plain are put there, and it is returned.
        """
        hits: dict[bytes, list[str]] = {needle: [] for needle in needles}
        tree = nested(needles)
        held = sum(map(len, self.kept.values()))
        for path, content, size in self._contents(project, paths, left):
            hit = False
            for needle, longer in tree:
                if content.find(needle, 0, size) >= 0:
                    hits[needle].append(path)
                    hit = True
                    for one in longer:
                        if content.find(one, 0, size) >= 0:
                            hits[one].append(path)
            if not size or left is not None or path in self.kept or path in self._sources:
                continue
            if held + size > MOST_KEPT and not self._is_large:
                self._is_large = True
                found = {path for paths in hits.values() for path in paths}
                self.kept = {path: data for path, data in self.kept.items() if path in found}
                held = sum(map(len, self.kept.values()))
            if held + size <= MOST_KEPT and (hit or not self._is_large):
                self.kept[path] = bytes(content[:size])
                held += size
        return hits, left

    def _contents(
        self, project: Project, paths: Iterable[str], left: list[str] | None
    ) -> Iterator[tuple[str, bytes | bytearray, int]]:
        """Each file's bytes, in one buffer that is used again: (path, buffer, size). ``left`` as in :meth:`_look`."""
        buffer = bytearray()
        root = project.root + os.sep
        for path in paths:
            source = self._sources.get(path)
            data = self.kept.get(path) if source is None else source.data
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
                yield from self._other_contents(project, path)
            else:
                left.append(path)

    def _other_contents(self, project: Project, path: str) -> Iterator[tuple[str, bytes, int]]:
        """Give the same for one file that is not plain: a link, large, unreadable, gone."""
        source = project.source(path)
        data = source.data if source is not None else b""
        problem = source.problem if source is not None and not data else None
        if source is None:
            problem = Unreadable(path, "is no file any more", skipped=True)
        if problem is not None and problem not in self._notes:
            self._notes.append(problem)
        yield path, data, len(data)

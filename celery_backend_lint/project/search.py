"""What makes the search of many files quick: fewer needles, and a second process for half of the files."""

from __future__ import annotations

import marshal
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

MANY = 1_000
"""Files from which on a second process is worth its start: 2 ms on Linux, where a thousand files take 30 ms."""

MANY_NEEDLES = 8
"""Needles from which on that is so for a later search: for fewer, reading the files once more is what takes time."""


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

"""A process on a terminal of its own, to be talked to."""

from __future__ import annotations

import os
import pty
import select
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Self

PATIENCE = 60.0
"""Seconds to wait for what is to come."""


def readable(descriptor: int, seconds: float) -> bool:
    """Whether something can be read within some seconds; ``select()`` knows no descriptor above 1023."""
    poller = select.poll()
    poller.register(descriptor, select.POLLIN)
    return bool(poller.poll(seconds * 1000))


class Terminal:
    """The command on a terminal. What it writes is in ``seen``."""

    def __init__(self, root: Path, *arguments: str) -> None:
        environment = {**os.environ, "NO_COLOR": "1", "PYTHONUTF8": "1"}
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:  # pragma: no cover - the child becomes another program
            os.chdir(root)
            command = [sys.executable, "-m", "celery_backend_lint", *arguments]
            os.execve(sys.executable, command, environment)
        self.seen = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *unused: object) -> None:
        os.close(self._terminal)

    def expect(self, text: str) -> None:
        """Wait until a text was written behind what was waited for last."""
        end = time.monotonic() + PATIENCE
        start = self._at = getattr(self, "_at", 0)
        while text not in self.seen[start:]:
            assert time.monotonic() < end, f"{text!r} did not come, but: {self.seen}"
            assert self._read(), f"it ended before {text!r}, with: {self.seen}"
        self._at = self.seen.index(text, start) + len(text)

    def type(self, text: str) -> None:
        """Type text, control characters too."""
        os.write(self._terminal, text.encode())

    def status(self) -> int:
        """Wait for the end. Returns the exit code."""
        end = time.monotonic() + PATIENCE
        while self._read():
            assert time.monotonic() < end, self.seen
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def _read(self) -> bool:
        if not readable(self._terminal, 1.0):
            return True
        try:
            data = os.read(self._terminal, 65536)
        except OSError:  # Linux says so when the other side is closed
            return False
        self.seen += data.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(data)

"""The client of the fork servers: one Python process that answers requests about real Celery."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Self


STARTS_COVERAGE = ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")


class CeleryProcess:
    """A running ``script --serve``. Start it with ``with``, or call `close`.

    Coverage is measured in it only if it is ``traced``: every fork would save what it traced, which takes several times
    as long as its answer, and of this package it runs the probe alone.
    """

    def __init__(self, python: Path, script: Path, *, traced: bool = False) -> None:
        self.python = python
        self.script = script
        self.traced = traced
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send one request and wait for its reply. Raises `RuntimeError` when the process cannot start or dies."""
        if self._process is None:
            self._process = subprocess.Popen(
                [str(self.python), "-W", "ignore", str(self.script), "--serve"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                env={name: value for name, value in os.environ.items() if self.traced or name not in STARTS_COVERAGE},
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            self.close()
            raise RuntimeError(f"{self.script.name} under {self.python} ended without an answer; its message is above")
        reply: dict[str, Any] = json.loads(line)
        return reply

    def close(self) -> None:
        """End the process; the next `ask` starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.stdout.close()
        process.kill()  # it holds nothing; leaving the interpreter in good order takes seconds
        process.wait()

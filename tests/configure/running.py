"""Real processes of a project that was configured: a worker, beat, and one that sends tasks and reads results.

Each is in a group of its own, and whatever happens the group is ended: by `contextlib.closing(Processes(...))`.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from tests.configure.terminal import readable
from tests.oracle.environments import environment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

CALLER = Path(__file__).with_name("caller.py")
DAY = 86_400
PAUSE = 0.02
PATIENCE = 60
"""Seconds to wait for what takes one on a machine with nothing else to do."""


def until(is_so: Callable[[], bool], what: str, problem: Callable[[], str] = str, pause: float = PAUSE) -> None:
    """Wait until something is so. ``problem`` tells why it cannot get so any more, ``""`` while it can."""
    assert happens(is_so, PATIENCE, problem, pause), f"not within {PATIENCE} s: {what}"


def happens(is_so: Callable[[], bool], seconds: float, problem: Callable[[], str] = str, pause: float = PAUSE) -> bool:
    """Whether something gets so within some seconds."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert not problem(), problem()
        if time.monotonic() >= deadline:
            return False
        time.sleep(pause)
    return True


def zone_where_soon(hour: int, lead: int, file: Path) -> None:
    """Write a time zone (RFC 8536) where an hour of the day begins some seconds from now.

    Its clocks go forward to whole minutes then: Celery does not read times of zones with odd seconds.
    """
    begins = int(time.time()) + lead
    offset = (hour * 3600 - begins + DAY // 2) % DAY - DAY // 2
    file.parent.mkdir(parents=True, exist_ok=True)
    counts = struct.pack(">6l", 0, 0, 0, 1, 2, 5)
    zones = b"".join(struct.pack(">lBB", seconds, 0, 0) for seconds in (offset, -(-offset // 60) * 60))
    file.write_bytes(b"TZif" + bytes(16) + counts + struct.pack(">lB", begins, 1) + zones + b"HERE\0")


def installed(requirements: Sequence[str]) -> Path:
    """The folder of programs of a virtual environment that holds just these; equal ones share it."""
    digest = hashlib.sha256("\n".join(requirements).encode()).hexdigest()[:12]
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return environment(*requirements, name=f"configured-{digest}-py{python}").parent


def clean_environment(programs: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """The environment of a shell in which that virtual environment is active, with these variables set."""
    names = ("CELERY_", "DJANGO_", "FLASK_", "COV", "GIT_", "PYTEST", "PYTHON", "VIRTUAL_ENV", "BROKER_", "CBL_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(names)}
    path = os.pathsep.join((str(programs), kept.get("PATH", os.defpath)))
    return {**kept, "PATH": path, "PYTHONUNBUFFERED": "1", **variables}


class Running:
    """A process and what it says."""

    def __init__(
        self, command: Sequence[str], root: Path, variables: Mapping[str, str], log: Path, *, asks: bool = False
    ) -> None:
        self.command = command
        self.log = log
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                command,
                cwd=root,
                env=variables,
                stdin=subprocess.PIPE if asks else subprocess.DEVNULL,
                stdout=subprocess.PIPE if asks else file,
                stderr=file,
                start_new_session=True,
                text=True,
            )

    def problem(self) -> str:
        """Why the process is no longer there, with what it said; ``""`` while it runs."""
        code = self.process.poll()
        return "" if code is None else f"{' '.join(self.command)}: exit code {code}\n{self.said}"

    @property
    def said(self) -> str:
        """What is in its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def says(self, text: str, seconds: float) -> bool:
        """Whether it says that within some seconds."""
        return happens(lambda: text in self.said, seconds, self.problem)

    def stop(self) -> None:
        """Ask it to end, wait for that, and see that it ended well and left no process of its own."""
        self.process.terminate()
        code = self.process.wait(PATIENCE)
        assert code in (0, -signal.SIGTERM), f"{' '.join(self.command)}: exit code {code}\n{self.said}"
        until(lambda: not self.alive, f"the end of what {self.command[0]} started")

    @property
    def alive(self) -> bool:
        """Whether a process of the group is there."""
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def kill(self) -> None:
        """End the whole group at once, whatever state it is in."""
        if self.alive:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


class Caller:
    """The process that sends tasks: see caller.py. No answer is awaited from a worker that has ended."""

    def __init__(self, running: Running, worker: Running) -> None:
        self.running = running
        self.worker = worker

    def start(self, command: str) -> None:
        """Give a command without waiting for the answer."""
        self._pipe("stdin").write(f"{command}\n")
        self._pipe("stdin").flush()

    def answer(self) -> dict[str, Any]:
        """What the process answers to the command that was given first."""
        pipe = self._pipe("stdout")
        until(lambda: readable(pipe, 0), "an answer", self.worker.problem)
        line = pipe.readline()
        if not line:
            self.running.process.wait(PATIENCE)
        assert line, self.running.problem()
        answer: dict[str, Any] = json.loads(line)
        return answer

    def ask(self, command: str) -> dict[str, Any]:
        """Give a command and wait for its answer."""
        self.start(command)
        return self.answer()

    def end(self) -> None:
        """Let the process end by itself."""
        self._pipe("stdin").close()
        code = self.running.process.wait(PATIENCE)
        assert code == 0, self.running.problem()

    def _pipe(self, name: str) -> IO[str]:
        pipe = getattr(self.running.process, name)
        assert pipe is not None
        found: IO[str] = pipe
        return found


class Processes:
    """The processes of one project, in its folder and environment."""

    def __init__(self, root: Path, logs: Path, programs: Path, variables: Mapping[str, str]) -> None:
        self.root = root
        self.logs = logs
        self.programs = programs
        self.variables = clean_environment(programs, variables)
        self.started: list[Running] = []

    def close(self) -> None:
        """Kill what still runs."""
        for running in reversed(self.started):
            running.kill()

    def start(self, *command: str, asks: bool = False, installed: bool = True, **variables: str) -> Running:
        """Start a program, of the virtual environment unless ``installed`` is False, with more variables."""
        name, *arguments = command
        log = self.logs / f"{len(self.started)}-{name}.log"
        started = [str(self.programs / name) if installed else name, *arguments]
        running = Running(started, self.root, {**self.variables, **variables}, log, asks=asks)
        self.started.append(running)
        return running

    def caller(self, worker: Running, app: str, task: str, queue: str) -> Caller:
        """Start the process that sends tasks to a worker."""
        return Caller(self.start("python", str(CALLER), app, task, queue, asks=True), worker)


def free_port() -> int:
    """A port of this machine that nothing listens at."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port

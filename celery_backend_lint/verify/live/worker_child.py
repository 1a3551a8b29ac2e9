"""The worker as a second process.

It loads the project as this one did, and belongs to this process's group, so that whoever ends that ends both; what it
does there is in `worker_process`.
"""

import json
import os
import select
import signal
import sys
import tempfile
import time
from typing import Any, List, Optional

from .protocol import Facts, Failure, Live

KIND = "worker"

# Taken before the project is imported, which may replace or change them (gevent, eventlet, load_dotenv).
new_poll = select.poll
spawn: Any = getattr(os, "posix_spawn", None)  # since Python 3.8
wait = os.waitpid
sleep = time.sleep
environment = dict(os.environ)

GRACE = 2.0
"""Seconds for a process to end that has said its last."""
PROBE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "probe.py")


class Worker:
    """A worker, and what it tells."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.process = 0
        self.code: Optional[int] = None
        self.output: Any = None
        self.reading = -1
        self.rest = b""
        self.events: List[Facts] = []

    def start(self, order: Facts) -> None:
        """Start it, and wait until it takes tasks."""
        if spawn is None:
            raise Failure("worker-old-python")
        request = tempfile.TemporaryFile()  # noqa: SIM115 - both as long as this process lives
        self.output = tempfile.TemporaryFile()  # noqa: SIM115
        request.write(json.dumps(dict(self.live.load, serve=order)).encode())
        request.seek(0)
        self.reading, writing = os.pipe()
        os.set_inheritable(writing, True)
        places = ((request.fileno(), 0), (self.output.fileno(), 1), (self.output.fileno(), 2))
        try:
            # Not by subprocess, whose parts gevent takes away.
            self.process = spawn(
                sys.executable,
                [sys.executable, PROBE, str(writing)],
                environment,
                file_actions=[(os.POSIX_SPAWN_DUP2, *place) for place in places],
            )
        finally:
            os.close(writing)
        while self.event("ready") is None:
            if not self.listen(1.0):
                raise self.ended()

    def listen(self, seconds: float) -> bool:
        """Take all that the worker has said, waiting so long for it. Returns whether it still runs."""
        poller = new_poll()
        poller.register(self.reading, select.POLLIN)
        while poller.poll(seconds * 1000):
            seconds = 0.0
            chunk = os.read(self.reading, 1 << 16)
            if not chunk:
                return False
            *lines, self.rest = (self.rest + chunk).split(b"\n")
            self.events += [json.loads(line) for line in lines]
        return True

    def event(self, name: str) -> Optional[Facts]:
        """The last event of a name, None before it came."""
        return next((one for one in reversed(self.events) if one.get("event") == name), None)

    def text_of(self, name: str) -> str:
        """The text of the last event of a name, masked."""
        event = self.event(name)
        return self.live.text_of(event["text"]) if event else ""

    def ended(self) -> Failure:
        """Why it ended by itself."""
        failed = self.event("failed")
        if failed is not None:
            text = self.live.text_of(failed["type"] + ": " + failed["text"])
            place = failed["place"]
            if place is None or os.path.dirname(place["path"]) == os.path.dirname(os.path.abspath(__file__)):
                where = "in no file of the project"
            else:
                where = os.path.basename(place["path"]) + ":" + str(place["line"])
            if failed["stage"] == "modules":
                return Failure("worker-modules", text=text, place=where)
            return Failure("worker-refused", text=text, place=where)
        if self.event("lost") is not None:
            return Failure("worker-lost-broker", text=self.text_of("lost"))
        self.end(GRACE)
        text = self.text_of("log") or self.live.text_of(self.last_line())
        return Failure("worker-ended", code=self.code, text=text)

    def last_line(self) -> str:
        """The last line that it printed."""
        self.output.seek(0, os.SEEK_END)
        self.output.seek(max(0, self.output.tell() - 4000))
        lines = self.output.read().decode("utf-8", "replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "it printed nothing")

    def running(self) -> bool:
        """Whether the process is still there."""
        if self.process and self.code is None:
            try:
                process, status = wait(self.process, os.WNOHANG)
            except ChildProcessError:  # something of the project's waits for every process
                process, status = self.process, 0
            if process:
                self.code = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        return bool(self.process) and self.code is None

    def end(self, patience: float) -> bool:
        """End it as its host does, by SIGTERM, and kill it where that takes too long. Returns whether it ended."""
        if self.running():
            os.kill(self.process, signal.SIGTERM)
        deadline = time.monotonic() + patience
        while self.running() and time.monotonic() < deadline:
            sleep(0.02)
        softly = not self.running()
        if not softly:
            os.kill(self.process, signal.SIGKILL)
            while self.running():
                sleep(0.02)
        return softly

"""The worker as a second process.

It loads the project as this one did, and belongs to this process's group, so that whoever ends that ends both; what it
does there is in `worker_process`.
"""

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from typing import Any, List, Optional

from .protocol import Facts, Failure, Live

KIND = "worker"

# Taken before the project is imported, which may replace or change them (gevent, eventlet, load_dotenv).
new_poll = select.poll
popen = subprocess.Popen
sleep = time.sleep
environment = dict(os.environ)

PROBE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "probe.py")


class Worker:
    """A worker, and what it tells."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.process: Any = None
        self.output: Any = None
        self.reading = -1
        self.rest = b""
        self.events: List[Facts] = []

    def start(self, order: Facts) -> None:
        """Start it, and wait until it takes tasks."""
        request = json.dumps(dict(self.live.load, serve=order)).encode()
        self.output = tempfile.TemporaryFile()  # noqa: SIM115 - as long as this process lives
        self.reading, writing = os.pipe()
        try:
            self.process = popen(
                [sys.executable, PROBE, str(writing)],
                stdin=subprocess.PIPE,
                stdout=self.output,
                stderr=subprocess.STDOUT,
                pass_fds=(writing,),
                env=environment,
                cwd=self.live.load["root"],
            )
        finally:
            os.close(writing)
        try:
            self.process.stdin.write(request)
            self.process.stdin.close()
        except BrokenPipeError:
            pass  # it ended already, which is seen below
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
        code = self.process.wait()
        text = self.text_of("log") or self.live.text_of(self.last_line())
        return Failure("worker-ended", code=code, text=text)

    def last_line(self) -> str:
        """The last line that it printed."""
        self.output.seek(0, os.SEEK_END)
        self.output.seek(max(0, self.output.tell() - 4000))
        lines = self.output.read().decode("utf-8", "replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "it printed nothing")

    def end(self, patience: float) -> bool:
        """End it as its host does, by SIGTERM, and kill it where that takes too long. Returns whether it ended."""
        if self.process is None:
            return True
        if self.process.poll() is None:
            self.process.terminate()
        deadline = time.monotonic() + patience
        while self.process.poll() is None and time.monotonic() < deadline:
            sleep(0.02)
        softly = self.process.poll() is not None
        if not softly:
            self.process.kill()
            self.process.wait()
        return softly

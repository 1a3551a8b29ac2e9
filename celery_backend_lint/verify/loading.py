"""Runs the probe in another Python, whatever the project does there, and leaves no process behind."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import tempfile
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any

PROBE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "probe.py")
MOST_OUTPUT = 20_000
"""Bytes of what the project printed that are kept, from its end."""
BETWEEN_LOOKS = 0.1
LARGEST_REPLY = 64 << 20


GRACE = 3.0
"""Seconds that a probe which tries a backend has to clean up before it is killed."""
SLACK = 1.0
"""Seconds beyond a step's limit after which it is taken for one that its own alarm cannot end."""


class ProbeError(Exception):
    """The probe gave no answer; the text says why, ``output`` is the end of what the project printed."""

    def __init__(self, reason: str, output: str) -> None:
        super().__init__(reason)
        self.output = output


class ProbeInterrupted(KeyboardInterrupt):
    """This process was asked to end while a probe tried a backend; ``events`` are those until the probe ended."""

    def __init__(self, events: list[dict[str, Any]]) -> None:
        super().__init__()
        self.events = events


def ask(python: str, request: dict[str, Any], timeout: float) -> dict[str, Any]:
    """The probe's reply to one request (see ``probe``), with ``output``, the end of what the project printed.

    Where the request has ``live``, ``events`` are those of the steps, each with ``at``, when it came, and ``ended``
    is when none was waited for any more: a step that had begun and had no end hung. The probe leads a process group of
    its own, which is killed when the answer is there, ``timeout`` seconds have passed before the reply, or a step does
    not end. Raises ProbeError when there is no reply, ProbeInterrupted in place of KeyboardInterrupt once the probe
    has cleaned up.
    """
    live = request.get("live")
    with tempfile.TemporaryFile() as output:
        reading, writing = os.pipe()
        try:
            process = subprocess.Popen(
                [python, PROBE, str(writing)],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(writing,),
                start_new_session=True,
            )
        except OSError as error:
            os.close(reading)
            raise ProbeError(f"{python} cannot be started: {error.strerror}", "") from None
        finally:
            os.close(writing)
        lines = _Lines(reading, process)
        try:
            _hand_over(process, json.dumps(request).encode())
            late = lines.read(timeout, live["limit"] if live else timeout)
            ended = time.monotonic()
            if late and lines.events:
                _ask_to_end(process, lines)
        except KeyboardInterrupt:
            if live and lines.events:
                _ask_to_end(process, lines)
                raise ProbeInterrupted(lines.events[1:]) from None
            raise
        finally:
            _end(process)
            os.close(reading)
        if not lines.events:
            reason = f"no answer within {timeout:g} seconds" if late else "the process ended without an answer"
            raise ProbeError(reason, _end_of(output)) from None
        reply, *events = lines.events
        return {**reply, "events": events, "ended": ended, "output": _end_of(output)}


def _hand_over(process: subprocess.Popen[bytes], request: bytes) -> None:
    if process.stdin is not None:
        try:
            process.stdin.write(request)
            process.stdin.close()
        except BrokenPipeError:
            pass  # it ended already, which the missing answer tells


class _Lines:
    """The lines of JSON that come through a pipe from a process: the reply, then events."""

    def __init__(self, reading: int, process: subprocess.Popen[bytes]) -> None:
        self.events: list[dict[str, Any]] = []
        self._reading = reading
        self._process = process
        self._rest = b""
        self._size = 0
        # poll: select() knows no descriptor above 1023, and whoever calls this may have as many open.
        self._poller = select.poll()
        self._poller.register(reading, select.POLLIN)

    def read(self, patience: float, limit: float) -> bool:
        """Read until the process ends. Returns whether it took too long: ``patience`` seconds for the first line, then
        those that an event asks for (``limit`` where it asks for none) and some slack.

        A process that the project forked may hold the pipe open: the end of the process counts, not that of the pipe.
        """
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and self._size < LARGEST_REPLY:
            ended = self._process.poll() is not None
            if not self._poller.poll(0 if ended else BETWEEN_LOOKS * 1000):
                if ended:
                    return False
                continue
            chunk = os.read(self._reading, 1 << 16)
            if not chunk:
                return False
            self._size += len(chunk)
            *lines, self._rest = (self._rest + chunk).split(b"\n")
            for line in lines:
                event = json.loads(line)
                self.events.append({**event, "at": time.monotonic()})
                asked = event.get("limit")
                # What happens within a step does not shorten the time that the step asked for.
                earliest = 0.0 if asked else deadline
                deadline = max(earliest, time.monotonic() + (asked or limit) + SLACK)
        return True


def _ask_to_end(process: subprocess.Popen[bytes], lines: _Lines) -> None:
    """Let a probe that tries a backend clean up, for a short time."""
    process.terminate()
    lines.read(GRACE, GRACE)


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    process.wait()


def _end_of(output: IO[bytes]) -> str:
    output.seek(0, os.SEEK_END)
    output.seek(max(0, output.tell() - MOST_OUTPUT))
    return output.read().decode("utf-8", "replace")

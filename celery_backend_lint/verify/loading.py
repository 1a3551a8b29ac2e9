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


class ProbeError(Exception):
    """The probe gave no answer; the text says why, ``output`` is the end of what the project printed."""

    def __init__(self, reason: str, output: str) -> None:
        super().__init__(reason)
        self.output = output


def ask(python: str, request: dict[str, Any], timeout: float) -> dict[str, Any]:
    """The probe's reply to one request (see ``probe``), with ``output``, the end of what the project printed.

    The probe leads a process group of its own, which is killed when the answer is there or ``timeout`` seconds have
    passed. Raises ProbeError when there is no answer.
    """
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
        try:
            _hand_over(process, json.dumps(request).encode())
            data = _read(reading, process, time.monotonic() + timeout)
        finally:
            _end(process)
            os.close(reading)
        try:
            reply: dict[str, Any] = json.loads(data or b"")
        except ValueError:
            late = data is None
            reason = f"no answer within {timeout:g} seconds" if late else "the process ended without an answer"
            raise ProbeError(reason, _end_of(output)) from None
        return {**reply, "output": _end_of(output)}


def _hand_over(process: subprocess.Popen[bytes], request: bytes) -> None:
    if process.stdin is not None:
        try:
            process.stdin.write(request)
            process.stdin.close()
        except BrokenPipeError:
            pass  # it ended already, which the missing answer tells


def _read(reading: int, process: subprocess.Popen[bytes], deadline: float) -> bytes | None:
    """What comes through the pipe until the process ends; None when that takes too long.

    A process that the project forked may hold the pipe open: the end of the process counts, not that of the pipe.
    """
    data = bytearray()
    # poll: select() knows no descriptor above 1023, and whoever calls this may have as many open.
    poller = select.poll()
    poller.register(reading, select.POLLIN)
    while time.monotonic() < deadline and len(data) < LARGEST_REPLY:
        ended = process.poll() is not None
        ready = poller.poll(0 if ended else BETWEEN_LOOKS * 1000)
        if ready:
            chunk = os.read(reading, 1 << 16)
            if not chunk:
                return bytes(data)
            data += chunk
        elif ended:
            return bytes(data)
    return None


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

"""One process that has imported Celery answers many requests, each in a fork of its own.

Starting Celery costs 300 ms, forking costs 2 ms. A script in this folder hands its ``answer`` function to `main`:

- ``python script.py < request.json`` answers one request;
- ``python script.py --serve`` reads one JSON request a line and writes one JSON reply a line.

What the project under test prints never reaches the reply: the reply goes through a pipe that it cannot see. The
request's ``environment`` replaces the process's own; only what a Python needs to start stays. A request may give
``timeout`` in seconds (default 30); a child that takes longer is killed with all it started.

Runs in every Python that has a Celery to test, so it uses the standard library only.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
import time

VERIFY = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "celery_backend_lint", "verify")
sys.path.insert(0, VERIFY)

import probe  # noqa: E402 - it stands alone and is found by its folder, for Celery's Python has no celery_backend_lint

sys.path.remove(VERIFY)

KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "LD_LIBRARY_PATH", "COVERAGE_PROCESS_START")
DEFAULT_TIMEOUT = 30.0


def main(answer):
    """Answer the requests of standard input with ``answer(request) -> JSON-able``."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    gc.collect()
    gc.freeze()  # else the first collection in a child copies every page of Celery
    if "--serve" in sys.argv[1:]:
        for line in sys.stdin:
            if line.strip():
                out.write(json.dumps(answer_in_fork(answer, json.loads(line))) + "\n")
                out.flush()
    else:
        json.dump(answer_in_fork(answer, json.load(sys.stdin)), out, indent=1)
        out.write("\n")
    out.close()


def answer_in_fork(answer, request):
    """Run ``answer(request)`` in a fork; a crash, an exit and a time-out become an ``error`` reply."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        answer_and_exit(answer, request, writing)
    os.close(writing)
    deadline = time.monotonic() + float(request.get("timeout", DEFAULT_TIMEOUT))
    chunks = []
    timed_out = False
    while True:
        ready, _, _ = select.select([reading], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            timed_out = True
            break
        chunk = os.read(reading, 1 << 16)
        if not chunk:
            break
        chunks.append(chunk)
    os.close(reading)
    kill_group(child)
    os.waitpid(child, 0)
    try:
        reply = json.loads(b"".join(chunks).decode())
    except ValueError:
        text = "took too long" if timed_out else "the process ended without an answer"
        reply = {"error": {"stage": "process", "type": "TimeoutError" if timed_out else "SystemExit", "text": text}}
    if "id" in request:
        reply["id"] = request["id"]
    return reply


def kill_group(child):
    """End what the child left running; it leads a process group of its own."""
    try:
        os.killpg(child, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def answer_and_exit(answer, request, writing):
    """The child: a clean environment, silent output, one answer, no clean-up handlers of the parent."""
    try:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        os.environ.clear()
        os.environ.update(kept)
        os.environ.update(request.get("environment") or {})
        try:
            reply = answer(request)
        except BaseException as error:
            reply = {"error": probe.describe(error, "answer")}
        data = json.dumps(reply).encode()
    except BaseException as error:
        data = json.dumps({"error": probe.describe(error, "reply")}).encode()
    while data:
        data = data[os.write(writing, data) :]
    os._exit(0)

"""A project with a health check, a way to run it, and servers that fail in the ways that servers do."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.fixes.health_check import health_check_module
from celery_backend_lint.record import record
from tests.oracle.environments import environment
from tests.services import unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Serve = Callable[..., "Server"]

PASSWORD = "hunter2-Tr0ub4dor"
"""No part of it may be seen anywhere."""

APP = """\
    import os

    from celery import Celery

    app = Celery("proj", backend=os.environ.get("BACKEND"), broker=os.environ.get("BROKER", "memory://"))
"""

STARTING = 25.0
"""Seconds that Python and Celery may need to start on a busy machine, beside a check's own limit."""

RELEASES = {
    "5.2.7": ("celery==5.2.7", "kombu==5.2.4", "redis==4.3.6", "sqlalchemy==1.4.54", "psycopg2-binary", "pymysql"),
    "5.3.6": ("celery[redis,sqlalchemy]==5.3.6", "kombu==5.3.7", "psycopg2-binary", "pymysql"),
}
"""Celery with what was installed beside it in its time."""


@record
class Probed:
    """What one run of a health check gave."""

    code: int
    out: str
    err: str
    seconds: float


@record
class Server:
    """A server of a test's own."""

    port: int
    pid: int


def write_project(root: Path, files: dict[str, str] | None = None) -> None:
    """A package ``proj`` with an app that takes its URLs from the environment, and its health check."""
    text = health_check_module("proj.celery", "app", "proj.health")
    for path, content in {
        "proj/__init__.py": "",
        "proj/celery.py": dedent(APP),
        "proj/health.py": text,
        **{path: dedent(content) for path, content in (files or {}).items()},
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content, encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The folder of a project with a health check."""
    root = tmp_path / "project"
    write_project(root)
    return root


def interpreter(release: str) -> str:
    """The Python that has that Celery."""
    return sys.executable if release == "newest" else str(environment(*RELEASES[release]))


def probe(root: Path, *arguments: str, release: str = "newest", **variables: str) -> Probed:
    """Run the health check as a container's probe does, with the variables ``BACKEND`` and ``BROKER``.

    Whatever it gave, no process is left of it and nothing of the password is told.
    """
    command = [interpreter(release), "-m", "proj.health", *arguments]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CELERY_", "DJANGO_", "COV"))}
    begun = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=root,
        env={**kept, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=60)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
            pytest.fail("processes are left behind")
    seconds = time.monotonic() - begun
    told = (out + err).lower()
    for part in ("hunter", "tr0ub", "dor@"):
        assert part not in told
    return Probed(process.returncode, out, err, seconds)


def is_line(text: str, start: str) -> bool:
    """Whether a text is one line that starts so; shows it when not."""
    assert (text.count("\n"), text.endswith("\n"), text.startswith(start)) == (1, True, True), text
    return True


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that accepts and never answers."""
    held = []
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(50)

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    held.append(listener.accept()[0])

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
    for one in held:
        one.close()


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[Serve]:
    """A function that starts a redis-server with some arguments on a port of its own; stopped afterwards."""
    executable = shutil.which("redis-server")
    if executable is None:
        unavailable("This test", "redis-server on the PATH")
    processes = []

    def serve(*arguments: str) -> Server:
        port = free_port()
        given = ["--port", str(port), "--dir", str(tmp_path), "--loglevel", "warning", *arguments]
        process = subprocess.Popen([executable, *given, "--save", ""], stdout=subprocess.DEVNULL)
        processes.append(process)
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return Server(port, process.pid)
            time.sleep(0.05)
        pytest.fail("redis-server does not start")

    yield serve
    for process in processes:
        process.kill()
        process.wait()

"""Redis servers of a test's own: with a password, with TLS, a Sentinel, a node of a cluster.

They listen on a free port of this machine and end with the test. Where there is no ``redis-server`` the test is
skipped, or fails with ``CBL_REQUIRE_SERVICES=1``.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.services import unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = 10.0
"""Seconds that a server has to begin to listen."""


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def redis_server(folder: Path, *options: str, tls: bool = False) -> Iterator[int]:
    """Run ``redis-server`` with more options in a folder, give its port. With ``tls`` it speaks nothing else."""
    port = free_port()
    ports = ["--port", "0", "--tls-port", str(port)] if tls else ["--port", str(port)]
    with _running(folder, port, [*ports, "--save", "", *options]):
        yield port


@contextmanager
def redis_sentinel(folder: Path, name: str, master: int) -> Iterator[int]:
    """Run a Sentinel that watches the server at a port under a name, give its own port."""
    port = free_port()
    configuration = folder / "sentinel.conf"
    configuration.write_text(f"port {port}\nsentinel monitor {name} 127.0.0.1 {master} 1\n", encoding="utf-8")
    with _running(folder, port, [str(configuration), "--sentinel"]):
        yield port


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for ``localhost`` that is signed by itself: the files of certificate and key."""
    if shutil.which("openssl") is None:
        unavailable("This test", "openssl")
    made, key = folder / "certificate.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-nodes", "-days", "2", "-newkey", "ec", "-pkeyopt"]
    command += ["ec_paramgen_curve:prime256v1", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*command, "-out", str(made), "-keyout", str(key)], check=True, capture_output=True)
    return made, key


@contextmanager
def _running(folder: Path, port: int, arguments: list[str]) -> Iterator[None]:
    program = shutil.which("redis-server")
    if program is None:
        unavailable("This test", "redis-server: apt-get install redis-server")
    arguments = [*arguments, "--bind", "127.0.0.1", "--dir", str(folder)]
    server = subprocess.Popen([program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        _wait(server, port)
        yield
    finally:
        server.terminate()
        server.communicate(timeout=PATIENCE)


def _wait(server: subprocess.Popen[str], port: int) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
        except OSError:
            assert server.poll() is None, server.communicate()[0]
            time.sleep(0.01)
        else:
            return
    raise AssertionError(f"redis-server does not listen on port {port}")

"""A redis-server of a test's own, to be stopped, killed and started again; and a way to it that forgets connections."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.services import unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class RedisServer:
    """A redis-server on a free port that nobody else uses. ``url`` is its database 0."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir"]
        try:
            self._process = subprocess.Popen([*command, str(self.folder)], stdout=subprocess.DEVNULL)
        except FileNotFoundError:
            unavailable("This test", "redis-server")
        for _ in range(500):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=2).close()
            except OSError:
                time.sleep(0.01)
            else:
                return
        raise AssertionError("redis-server does not answer")

    def kill(self) -> None:
        """End it at once."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def hang(self) -> None:
        """Stop it: it accepts connections still (the kernel does) and says nothing."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on after ``hang``."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)


class Forgetful:
    """A way to a server that can forget its connections, as a firewall does: no word of the server's gets through, and
    what the client sends is answered by a reset. Connections made later work.
    """

    def __init__(self, to: int) -> None:
        self.to = to
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._forgotten: set[socket.socket] = set()
        self._listening = socket.socket()
        self._listening.bind(("127.0.0.1", 0))
        self._listening.listen(20)
        self.port = int(self._listening.getsockname()[1])
        self.url = f"redis://127.0.0.1:{self.port}/0"
        threading.Thread(target=self._accept, daemon=True).start()

    def forget(self) -> None:
        """Forget every connection that there is."""
        self._forgotten.update(client for client, _ in self._pairs)

    def close(self) -> None:
        """Close everything."""
        self._listening.close()
        for pair in self._pairs:
            for one in pair:
                one.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                return
            self._pairs.append((client, server))
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=self._pass_on, args=(source, target, client), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, client: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                if client not in self._forgotten:
                    target.sendall(data)
                elif source is client:
                    source.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    source.close()
                    return
        except OSError:
            return


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A redis-server of this test's own."""
    server = RedisServer(tmp_path)
    try:
        yield server
    finally:
        server.kill()


@pytest.fixture
def forgetful(redis_server: RedisServer) -> Iterator[Forgetful]:
    """A way to ``redis_server`` that can forget its connections."""
    way = Forgetful(redis_server.port)
    try:
        yield way
    finally:
        way.close()

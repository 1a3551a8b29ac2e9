"""Virtual hosts of a test run's own at RabbitMQ, a user who may do more or less there, and ways to it that fail."""

from __future__ import annotations

import atexit
import functools
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import redis

from tests.services import RABBITMQ, unavailable

SECRET = "hunter2-is-a-secret"
PERMISSIONS = {
    "all": (".*", ".*", ".*"),
    "no-configure": ("^$", ".*", ".*"),
    "no-write": (".*", "^$", ".*"),
    "no-read": (".*", ".*", "^$"),
    "none": None,
}
"""What the user may configure, write and read in each virtual host."""
OPENED = b"\x00\x0a\x00\x29"
"""Class and method of connection.open-ok."""
PUBLISH = b"\x00\x3c\x00\x28"
"""Class and method of basic.publish."""
BLOCKED = b"\x01\x00\x00\x00\x00\x00\x12\x00\x0a\x00\x3c\x0dlow on memory\xce"
"""The frame of connection.blocked that RabbitMQ sends to who publishes while it has an alarm; then it reads no more."""


class RabbitMQ:
    """The server, the user, and the names of the virtual hosts, which begin with the user's."""

    def __init__(self) -> None:
        parts = urlsplit(os.environ.get("CBL_TEST_RABBITMQ", RABBITMQ))
        self.host, self.port = parts.hostname or "127.0.0.1", parts.port or 5672
        self.user = "cbl-" + uuid.uuid4().hex[:12]

    def vhost(self, kind: str) -> str:
        """The name of a virtual host (see `PERMISSIONS`)."""
        return f"{self.user}-{kind}"

    def url(self, kind: str = "all", password: str = SECRET, port: int | None = None, scheme: str = "amqp") -> str:
        """What broker_url is to be."""
        return f"{scheme}://{self.user}:{password}@{self.host}:{port or self.port}/{self.vhost(kind)}"

    def create(self) -> None:
        """Create it all at once."""
        permissions = [
            {"user": self.user, "vhost": self.vhost(kind), "configure": one[0], "write": one[1], "read": one[2]}
            for kind, one in PERMISSIONS.items()
            if one is not None
        ]
        user = {"name": self.user, "password": SECRET, "tags": []}
        vhosts = [{"name": self.vhost(kind)} for kind in PERMISSIONS]
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o755)
            definitions = Path(folder, "definitions.json")
            definitions.write_text(json.dumps({"users": [user], "vhosts": vhosts, "permissions": permissions}))
            rabbitmqctl("import_definitions", str(definitions))

    def remove(self) -> None:
        """Remove it all at once."""
        vhosts = ", ".join(f'<<"{self.vhost(kind)}">>' for kind in PERMISSIONS)
        with suppress(subprocess.CalledProcessError):
            rabbitmqctl(
                "eval",
                f'[rabbit_vhost:delete(V, <<"tests">>) || V <- [{vhosts}]],'
                f' rabbit_auth_backend_internal:delete_user(<<"{self.user}">>, <<"tests">>).',
            )

    def clear(self) -> None:
        """Delete the queues that a broken run has left: they would be there until they expire, for other tests too."""
        for name in self.holds():
            with suppress(subprocess.CalledProcessError):  # an exchange, or one that has just expired
                rabbitmqctl("-p", self.vhost("all"), "delete_queue", name)

    def holds(self, kind: str = "all") -> list[str]:
        """The names of the queues in a virtual host, and of the exchanges that RabbitMQ has not made itself."""
        vhost = f'<<"{self.vhost(kind)}">>'
        exchanges = f"[element(2, E) || E <- rabbit_exchange:list({vhost})]"
        found = rabbitmqctl("eval", f"[element(4, N) || N <- rabbit_amqqueue:list_names({vhost}) ++ {exchanges}].")
        return [name for name in re.findall(r'<<"(.*?)">>', found) if name and not name.startswith("amq.")]


def redis_keys(port: int) -> list[str]:
    """The keys of a Redis in the databases 0 to 2, where tests have tasks and results."""
    found = []
    for database in range(3):
        with redis.Redis(port=port, db=database) as client:
            found += [key.decode() for key in client.scan_iter()]
    return found


def rabbitmqctl(*arguments: str) -> str:
    """What the command prints."""
    done = subprocess.run(["rabbitmqctl", "-q", *arguments], check=True, capture_output=True, text=True, timeout=60)
    return done.stdout


@functools.cache
def rabbitmq() -> RabbitMQ:
    """The server with the virtual hosts, removed when the process ends."""
    made = RabbitMQ()
    if shutil.which("rabbitmqctl") is None:
        unavailable("This test", "rabbitmqctl, and a RabbitMQ that it may administer")
    try:
        made.create()
    except subprocess.CalledProcessError as error:
        unavailable("This test", f"a RabbitMQ that rabbitmqctl may administer ({(error.stderr or '')[:200]})")
    atexit.register(made.remove)
    return made


class Proxy:
    """What stands between a client and a server, each connection a pair of threads.

    ``cut`` is what the server says after which every connection is closed and none is taken any more, ``freeze`` that
    after which nothing is passed on; with ``full`` it does what RabbitMQ does when its memory is; a ``context`` makes
    it speak TLS with clients.
    """

    def __init__(
        self,
        port: int,
        cut: bytes = b"",
        freeze: bytes = b"",
        full: bool = False,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.upstream = port
        self.cut, self.freeze, self.full, self.context = cut, freeze, full, context
        self.open: list[socket.socket] = []
        self.frozen = threading.Event()
        self.listening = socket.socket()
        self.listening.bind(("127.0.0.1", 0))
        self.listening.listen(20)
        self.port: int = self.listening.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        """Take connections until the end."""
        with suppress(OSError):
            while True:
                client, _ = self.listening.accept()
                threading.Thread(target=self.pass_on, args=(client,), daemon=True).start()

    def pass_on(self, client: socket.socket) -> None:
        """Pass on what a client and the server say."""
        self.open.append(client)
        with suppress(OSError):
            if self.context is not None:
                client = self.context.wrap_socket(client, server_side=True, do_handshake_on_connect=False)
                self.open.append(client)
                client.do_handshake()
            server = socket.create_connection(("127.0.0.1", self.upstream))
            self.open.append(server)
            threading.Thread(target=self.pump, args=(client, server, False), daemon=True).start()
            self.pump(server, client, True)

    def pump(self, source: socket.socket, target: socket.socket, of_server: bool) -> None:
        """Pass on one direction."""
        blocked = False
        with suppress(OSError):
            while data := source.recv(1 << 16):
                if not of_server and self.full and PUBLISH in data and not blocked:
                    blocked = True
                    source.sendall(BLOCKED)
                if blocked:
                    continue
                if of_server and self.cut and self.cut in data:
                    time.sleep(0.5)  # whoever sent the message has its answer before the server is gone
                    self.close()
                    return
                if not self.frozen.is_set():
                    target.sendall(data)
                if of_server and self.freeze and self.freeze in data:
                    self.frozen.set()
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close everything."""
        for one in (self.listening, *self.open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


@contextmanager
def proxy(
    port: int, cut: bytes = b"", freeze: bytes = b"", full: bool = False, context: ssl.SSLContext | None = None
) -> Iterator[int]:
    """The port of a proxy before another port of this machine."""
    made = Proxy(port, cut, freeze, full, context)
    try:
        yield made.port
    finally:
        made.close()


@contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """The port of a server that says one thing to each client that has said something, and closes."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(20)

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listening.accept()
                    with client:
                        client.recv(64)
                        client.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]

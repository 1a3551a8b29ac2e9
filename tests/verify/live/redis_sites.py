"""Servers of Redis that have a fault, and projects that use them; most are started in a few milliseconds."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path

import redis

from tests.redis_servers import certificate, free_port, redis_server
from tests.services import unavailable
from tests.verify.live.certificates import Certificate, signed
from tests.verify.live.site import APP, Site, nothing

SECRET = "hunter2-is-a-secret"
OTHER = "an0ther-secret-word"
A_FREE_PORT = "a free port"
"""Stands in a server's options for one that is chosen when it starts."""
OFFLINE = "redis://127.0.0.1:{port}/0"


def keys_of(port: int, password: str | None = None) -> Callable[[], list[str]]:
    """What gives the keys of a server's databases."""

    def left() -> list[str]:
        with redis.Redis(port=port, password=password) as client:
            return [key.decode() for key in client.scan_iter()]

    return left


def server(
    *options: str,
    url: str = OFFLINE,
    password: str | None = None,
    settings: str = "",
    secrets: Sequence[str] = (),
    left: Callable[[], list[str]] | None = None,
) -> Callable[[Path], AbstractContextManager[Site]]:
    """A site with a redis-server that has these options."""

    @contextmanager
    def start(folder: Path) -> Iterator[Site]:
        with redis_server(folder, *(str(free_port()) if one == A_FREE_PORT else one for one in options)) as port:
            files = {"tasks.py": APP.format(backend=url.format(port=port)) + settings}
            yield Site(files, left or keys_of(port, password), tuple(secrets))

    return start


def users(rules: str) -> Callable[[Path], AbstractContextManager[Site]]:
    """A site whose user is only allowed what ACL rules say."""
    url = f"redis://worker:{SECRET}@127.0.0.1:{{port}}/0"
    return server("--user", "worker", "on", f">{SECRET}", *rules.split(), url=url, secrets=[SECRET])


def tls(
    make: Callable[[Path], Certificate],
    query: Callable[[Certificate, Path], str],
    scheme: str = "rediss",
    options: Sequence[str] = (),
    *,
    frozen: bool = False,
) -> Callable[[Path], AbstractContextManager[Site]]:
    """A site with a redis-server that speaks TLS only."""

    @contextmanager
    def start(folder: Path) -> Iterator[Site]:
        made = make(folder / "tls")
        pid = ["--pidfile", str(folder / "redis.pid")]
        with redis_server(folder, *made.options, "--requirepass", SECRET, *pid, *options, tls=True) as port:
            url = f"{scheme}://:{SECRET}@localhost:{port}/0{query(made, folder)}"
            with frozen_at(folder) if frozen else nullcontext():
                yield Site({"tasks.py": APP.format(backend=url)}, nothing, (SECRET,))

    return start


@contextmanager
def frozen_at(folder: Path) -> Iterator[None]:
    """Stop the server that wrote its pid to a folder, for a while."""
    end = time.monotonic() + 10
    file = folder / "redis.pid"
    while not file.is_file() or not file.read_text().strip():  # it listens before it has written that
        assert time.monotonic() < end
    process = int(file.read_text())
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


def trusting(made: Certificate, _: Path) -> str:
    """A query that trusts the CA that signed the certificate."""
    return f"?ssl_cert_reqs=required&ssl_ca_certs={made.authority}"


def trusting_another(_: Certificate, folder: Path) -> str:
    """A query that trusts another CA."""
    return trusting(signed(folder / "other"), folder)


def without_query(_made: Certificate, _folder: Path) -> str:
    """No query."""
    return ""


@contextmanager
def elsewhere(url: str) -> Iterator[Site]:
    """A site whose server is not there."""
    yield Site({"tasks.py": APP.format(backend=url)}, nothing)


@contextmanager
def silent(_: Path) -> Iterator[Site]:
    """A port that takes connections and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(20)
        yield Site({"tasks.py": APP.format(backend=f"redis://127.0.0.1:{listening.getsockname()[1]}")}, nothing)


def frozen_for(settings: str = "") -> Callable[[Path], AbstractContextManager[Site]]:
    """A site with a server that is stopped, as one that swaps or runs a long command."""

    @contextmanager
    def start(folder: Path) -> Iterator[Site]:
        with redis_server(folder) as port:
            with redis.Redis(port=port) as client:
                process = int(client.info("server")["process_id"])
            os.kill(process, signal.SIGSTOP)
            try:
                yield Site({"tasks.py": APP.format(backend=OFFLINE.format(port=port)) + settings}, nothing)
            finally:
                os.kill(process, signal.SIGCONT)

    return start


FREEZING = """\
    from celery import Celery
    from celery.backends.redis import RedisBackend


    class Backend(RedisBackend):
        def set(self, key, value, **options):
            super().set(key, value, **options)
            import os, signal
            os.kill(self.client.info("server")["process_id"], signal.SIGSTOP)


    app = Celery("shop", result_backend="tasks.Backend+{url}", result_expires=60)
"""


@contextmanager
def freezing(folder: Path) -> Iterator[Site]:
    """A server that stops when a result is stored: nobody can remove that."""
    with redis_server(folder) as port:
        with redis.Redis(port=port) as client:
            process = int(client.info("server")["process_id"])

        def left() -> list[str]:
            os.kill(process, signal.SIGCONT)
            return keys_of(port)()

        try:
            yield Site({"tasks.py": FREEZING.format(url=OFFLINE.format(port=port))}, left)
        finally:
            os.kill(process, signal.SIGCONT)


@contextmanager
def crowded(folder: Path) -> Iterator[Site]:
    """A server whose clients are as many as it takes."""
    with redis_server(folder, "--maxclients", "3") as port, ExitStack() as open_ones:
        for _ in range(3):
            client = open_ones.enter_context(redis.Redis(port=port, single_connection_client=True))
            client.ping()
        yield Site({"tasks.py": APP.format(backend=OFFLINE.format(port=port))}, nothing)


@contextmanager
def full(folder: Path) -> Iterator[Site]:
    """A server that has used all its memory and drops nothing."""
    with redis_server(folder, "--maxmemory", "1", "--maxmemory-policy", "noeviction") as port:
        yield Site({"tasks.py": APP.format(backend=OFFLINE.format(port=port))}, keys_of(port))


@contextmanager
def replica(folder: Path) -> Iterator[Site]:
    """A server that follows another."""
    (folder / "master").mkdir()
    with redis_server(folder / "master") as master, redis_server(folder, "--replicaof", f"127.0.0.1 {master}") as port:
        yield Site({"tasks.py": APP.format(backend=OFFLINE.format(port=port))}, keys_of(port))


@contextmanager
def deaf_to_publish(folder: Path) -> Iterator[Site]:
    """A server that keeps PUBLISH from Celery's user under another name: what is stored is told to nobody."""
    with redis_server(folder, "--rename-command", "PUBLISH", "") as port:
        yield Site({"tasks.py": APP.format(backend=OFFLINE.format(port=port))}, keys_of(port))


SUBCLASS = """\
    from celery import Celery
    from celery.backends.redis import RedisBackend


    class Backend(RedisBackend):
        {broken}


    app = Celery("shop", result_backend="tasks.Backend+{url}", result_expires=60)
"""


def subclass(broken: str) -> Callable[[Path], AbstractContextManager[Site]]:
    """A site with a backend that is derived from Celery's."""

    @contextmanager
    def start(folder: Path) -> Iterator[Site]:
        with redis_server(folder) as port:
            text = SUBCLASS.format(url=OFFLINE.format(port=port), broken=broken)
            yield Site({"tasks.py": text}, keys_of(port))

    return start


def hanging_up_on(scheme: str, says: bytes = b"") -> Callable[[Path], AbstractContextManager[Site]]:
    """A site with something that takes a connection, reads, says something and closes it."""

    @contextmanager
    def start(_: Path) -> Iterator[Site]:
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            listening.listen(20)

            def serve() -> None:
                while True:
                    try:
                        one, _ = listening.accept()
                    except OSError:
                        return
                    one.settimeout(0.2)
                    try:
                        one.recv(100)
                        one.sendall(says)
                    except OSError:
                        pass
                    one.close()

            thread = threading.Thread(target=serve, daemon=True)
            thread.start()
            query = "?ssl_cert_reqs=none" if scheme == "rediss" else ""
            url = f"{scheme}://127.0.0.1:{listening.getsockname()[1]}{query}"
            yield Site({"tasks.py": APP.format(backend=url)}, nothing)
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()

    return start


@contextmanager
def deaf(_: Path) -> Iterator[Site]:
    """A port that takes no more connections: what is sent to it is dropped, as a firewall does."""
    with socket.socket() as listening, ExitStack() as waiting:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        address = listening.getsockname()
        for _ in range(2):
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(address)
        yield Site({"tasks.py": APP.format(backend=f"redis://127.0.0.1:{address[1]}")}, nothing)


@contextmanager
def left_socket(folder: Path) -> Iterator[Site]:
    """The socket of a server that is gone."""
    path = folder / "redis.sock"
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))
    yield Site({"tasks.py": APP.format(backend=f"redis+socket://{path}")}, nothing)


@contextmanager
def busy(folder: Path) -> Iterator[Site]:
    """A server that runs a script without end."""
    with redis_server(folder, "--busy-reply-threshold", "10") as port:

        def run() -> None:
            with redis.Redis(port=port) as client:
                try:
                    client.eval("while true do end", 0)
                except redis.RedisError:
                    pass

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield Site({"tasks.py": APP.format(backend=OFFLINE.format(port=port))}, nothing)
        finally:
            with redis.Redis(port=port) as client:
                client.script_kill()
            thread.join()


@contextmanager
def loading(folder: Path) -> Iterator[Site]:
    """A server that is started with data which it takes long to load."""
    with redis_server(folder) as port, redis.Redis(port=port) as client:
        with client.pipeline() as pipe:
            for number in range(1000):
                pipe.set(f"key-{number}", "x" * 2000)
            pipe.execute()
        client.save()
    options = ["--key-load-delay", "10000", "--loading-process-events-interval-bytes", "1024"]
    with redis_server(folder, *options, "--rdbcompression", "no") as port:
        yield Site({"tasks.py": APP.format(backend=OFFLINE.format(port=port))}, nothing)
        with redis.Redis(port=port) as client:
            client.config_set("key-load-delay", 0)  # else it does not end before it is through


@contextmanager
def protected(folder: Path) -> Iterator[Site]:
    """A server without a password that is asked from elsewhere: this machine's other address is that to Redis."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            unavailable("This test", "an address of this machine beside 127.0.0.1")
        address = one.getsockname()[0]
    with redis_server(folder, "--protected-mode", "yes") as port, redis.Redis(port=port) as client:
        client.config_set("bind", f"127.0.0.1 {address}")
        yield Site({"tasks.py": APP.format(backend=f"redis://{address}:{port}/0")}, keys_of(port))


def self_signed(folder: Path) -> Certificate:
    """A certificate that is signed by itself."""
    folder.mkdir()
    made, key = certificate(folder)
    return Certificate(made, key, made)


def trusting_nonsense(_: Certificate, folder: Path) -> str:
    """A query that names a CA file which holds none."""
    (folder / "nonsense.pem").write_text("nonsense")
    return f"?ssl_cert_reqs=required&ssl_ca_certs={folder}/nonsense.pem"

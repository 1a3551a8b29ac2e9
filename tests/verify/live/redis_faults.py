"""Faults of Redis and of the way to it; each server is started for its fault, most of them in a few milliseconds."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import redis

from tests.redis_servers import free_port, redis_server
from tests.verify.live.certificates import EXPIRED, Certificate, signed
from tests.verify.live.site import APP, Fault, Site, nothing

SECRET = "hunter2-is-a-secret"
OTHER = "an0ther-secret-word"
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
) -> Callable[[Path], AbstractContextManager[Site]]:
    """A site with a redis-server that has these options."""

    @contextmanager
    def start(folder: Path) -> Iterator[Site]:
        with redis_server(folder, *options) as port:
            files = {"tasks.py": APP.format(backend=url.format(port=port)) + settings}
            yield Site(files, keys_of(port, password), tuple(secrets))

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
) -> Callable[[Path], AbstractContextManager[Site]]:
    """A site with a redis-server that speaks TLS only."""

    @contextmanager
    def start(folder: Path) -> Iterator[Site]:
        made = make(folder / "tls")
        with redis_server(folder, *made.options, "--requirepass", SECRET, *options, tls=True) as port:
            url = f"{scheme}://:{SECRET}@localhost:{port}/0{query(made, folder)}"
            yield Site({"tasks.py": APP.format(backend=url)}, nothing, (SECRET,))

    return start


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


@contextmanager
def frozen(folder: Path) -> Iterator[Site]:
    """A server that is stopped, as one that swaps or runs a long command."""
    with redis_server(folder) as port:
        with redis.Redis(port=port) as client:
            process = int(client.info("server")["process_id"])
        os.kill(process, signal.SIGSTOP)
        try:
            yield Site({"tasks.py": APP.format(backend=OFFLINE.format(port=port))}, nothing)
        finally:
            os.kill(process, signal.SIGCONT)


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


@contextmanager
def hanging_up(_: Path) -> Iterator[Site]:
    """Something that takes a connection, reads, and closes it."""
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
                except OSError:
                    pass
                one.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield Site({"tasks.py": APP.format(backend=f"redis://127.0.0.1:{listening.getsockname()[1]}")}, nothing)
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


QUICK = ("--step-timeout", "0.5")
FAULTS = [
    Fault(
        "Redis: a host that does not exist",
        lambda _: elsewhere("redis://redis.invalid/0"),
        "dns",
        "host-unknown",
        "there is no host redis.invalid",
    ),
    Fault(
        "Redis: a port where nothing listens",
        lambda _: elsewhere(f"redis://127.0.0.1:{free_port()}/0"),
        "tcp",
        "refused-here",
        "nothing listens on 127.0.0.1:",
    ),
    Fault("Redis: a port that accepts and never answers", silent, "auth", "no-answer", "says nothing", arguments=QUICK),
    Fault("Redis: a frozen server", frozen, "auth", "no-answer", "says nothing within 0.5 seconds", arguments=QUICK),
    Fault(
        "Redis: a server that freezes when a result is stored",
        freezing,
        "read",
        "no-answer",
        "no answer within 0.5 seconds",
        left=1,
        arguments=QUICK,
    ),
    Fault("Redis: a port that hangs up", hanging_up, "auth", "closed-perhaps-tls", "closes the connection"),
    Fault(
        "Redis: a socket that does not exist",
        lambda folder: elsewhere(f"redis+socket://{folder}/redis.sock"),
        "socket",
        "socket-missing",
        "there is no socket",
    ),
    Fault(
        "Redis: a wrong password",
        server(
            "--requirepass", OTHER, url=f"redis://:{SECRET}@127.0.0.1:{{port}}", password=OTHER, secrets=[SECRET, OTHER]
        ),
        "auth",
        "password-wrong",
        "does not take the password of user default",
    ),
    Fault(
        "Redis: no password where one is wanted",
        server("--requirepass", OTHER, password=OTHER, secrets=[OTHER]),
        "auth",
        "password-missing",
        "wants a password, and there is none",
    ),
    Fault(
        "Redis: a password where none is wanted",
        # With RESP3, redis-py's default since 8.0, Redis takes any password of a user that has none.
        server(url=f"redis://:{SECRET}@127.0.0.1:{{port}}/0?protocol=2", secrets=[SECRET]),
        "auth",
        "password-unwanted",
        "a password is given",
    ),
    Fault(
        "Redis: a database that is not there",
        server("--databases", "4", url="redis://127.0.0.1:{port}/4"),
        "database",
        "database-out-of-range",
        "has no database 4",
    ),
    Fault(
        "Redis: a node of a cluster",
        server("--cluster-enabled", "yes", "--cluster-port", str(free_port())),
        "store",
        "cluster",
        "is a node of a cluster",
    ),
    Fault(
        "Redis: an ACL without a command",
        users("+@all -setex ~* &*"),
        "store",
        "acl-command",
        "user worker may not run SETEX",
    ),
    Fault(
        "Redis: an ACL without DEL",
        users("+@all -del ~* &*"),
        "forget",
        "acl-command",
        "user worker may not run DEL",
        left=1,
    ),
    Fault(
        "Redis: an ACL without the keys",
        users("+@all ~other:* &*"),
        "store",
        "acl-keys",
        "user worker may not use the keys of results",
    ),
    Fault(
        "Redis: an ACL without the channels",
        users("+@all ~* resetchannels"),
        "subscribe",
        "acl-channels",
        "user worker may not use the channels of results",
    ),
    Fault("Redis: too many clients", crowded, "auth", "clients-full", "has as many clients as it takes"),
    Fault(
        "Redis: a pool of one connection",
        server(settings="    app.conf.redis_max_connections = 1\n"),
        "store",
        "pool-too-small",
        "the pool of connections is too small",
    ),
    Fault("Redis: memory full, noeviction", full, "store", "memory-full", "takes no results"),
    Fault("Redis: a replica", replica, "role", "replica", "is a replica that takes no writes"),
    Fault("Redis: a server without PUBLISH", deaf_to_publish, "store", "command-unknown", "lacks a command"),
    Fault(
        "Redis: a result that is told to nobody",
        subclass("def set(self, key, value, **_): self.client.setex(key, self.expires, value)"),
        "notify",
        "not-notified",
        "is not told to who waits for it",
    ),
    Fault(
        "Redis: a result without expiry",
        subclass("def _set(self, key, value, *_): self.client.set(key, value); self.client.publish(key, value)"),
        "ttl",
        "ttl-missing",
        "the result has no expiry, though result_expires is 60 seconds",
    ),
    Fault(
        "Redis: a result with another expiry",
        subclass("def _set(self, key, value, *_): self.client.setex(key, 9, value); self.client.publish(key, value)"),
        "ttl",
        "ttl-differs",
        "though result_expires is 60 seconds",
    ),
    Fault(
        "rediss: a wrong CA",
        tls(signed, trusting_another),
        "tls",
        "certificate-untrusted",
        "is signed by nobody that is trusted here",
    ),
    Fault(
        "rediss: an expired certificate",
        tls(lambda folder: signed(folder, period=EXPIRED), trusting),
        "tls",
        "certificate-expired",
        "has expired",
    ),
    Fault(
        "rediss: a certificate of another host",
        tls(lambda folder: signed(folder, names="DNS:elsewhere"), trusting),
        "tls",
        "certificate-other-host",
        "is for another host",
    ),
    Fault(
        "rediss: a CA file that is not there",
        tls(signed, lambda *_: "?ssl_cert_reqs=required&ssl_ca_certs=/no/such/file"),
        "tls",
        "tls-file",
        "cannot be read",
    ),
    Fault(
        "rediss: a server that speaks no TLS",
        server(url="rediss://127.0.0.1:{port}?ssl_cert_reqs=none"),
        "tls",
        "not-tls",
        "does not speak TLS",
        arguments=QUICK,
    ),
    Fault(
        "rediss: a server that wants a client's certificate",
        tls(signed, trusting, options=["--tls-auth-clients", "yes"]),
        "auth",
        "certificate-wanted",
        "wants a certificate of the client",
    ),
    Fault(
        "redis: a server that speaks TLS only",
        tls(signed, without_query, scheme="redis"),
        "auth",
        "closed-perhaps-tls",
        "closes the connection",
    ),
]

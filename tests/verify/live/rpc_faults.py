"""Faults of ``rpc://`` and of its broker: RabbitMQ with virtual hosts of this run's own, ways to it, another broker."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.redis_servers import free_port, redis_server
from tests.verify.live.certificates import EXPIRED, Certificate, signed
from tests.verify.live.rpc_broker import OPENED, SECRET, answering, proxy, rabbitmq, redis_keys
from tests.verify.live.site import Fault, Site, nothing

APP = """\
    from celery import Celery

    app = Celery("shop", broker={broker!r}, backend="rpc://", set_as_current=False)
"""
OTHER = "an0ther-secret-word"
BRIEF = ("--step-timeout", "2")


def rpc(broker: str, left: Callable[[], list[str]] = nothing, settings: str = "") -> Site:
    """A project with its broker."""
    return Site({"tasks.py": APP.format(broker=broker) + settings}, left, (SECRET, OTHER))


def vhost(kind: str, settings: str = "", looks: bool = True) -> Callable[[Path], AbstractContextManager[Site]]:
    """A site with one of the virtual hosts; ``looks``: what is left there is looked up, which takes a second."""

    @contextmanager
    def start(_: Path) -> Iterator[Site]:
        server = rabbitmq()
        yield rpc(server.url(kind), (lambda: server.holds(kind)) if looks else nothing, settings)

    return start


@contextmanager
def wrong_password(_: Path) -> Iterator[Site]:
    """A password that is not the user's."""
    yield rpc(rabbitmq().url(password=OTHER))


@contextmanager
def elsewhere(_: Path) -> Iterator[Site]:
    """A broker that is not there."""
    yield rpc(f"amqp://worker:{SECRET}@127.0.0.1:{free_port()}//")


@contextmanager
def nowhere(_: Path) -> Iterator[Site]:
    """A broker whose name is not known."""
    yield rpc(f"amqp://worker:{SECRET}@no-such-broker.invalid//")


@contextmanager
def silent(_: Path) -> Iterator[Site]:
    """A port that takes connections and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(20)
        yield rpc(f"amqp://worker:{SECRET}@127.0.0.1:{listening.getsockname()[1]}//")


@contextmanager
def web_page(_: Path) -> Iterator[Site]:
    """A port where something else answers."""
    with answering(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n") as port:
        yield rpc(f"amqp://worker:{SECRET}@127.0.0.1:{port}//")


@contextmanager
def frozen(_: Path) -> Iterator[Site]:
    """A broker that answers no more once one is logged in."""
    server = rabbitmq()
    with proxy(server.port, freeze=OPENED) as port:
        yield rpc(server.url(port=port), server.holds)


@contextmanager
def full(_: Path) -> Iterator[Site]:
    """A broker that is short of memory."""
    server = rabbitmq()
    with proxy(server.port, full=True) as port:
        yield rpc(server.url(port=port), server.holds)


@contextmanager
def cut(_: Path) -> Iterator[Site]:
    """A broker that dies when it has delivered the task to the worker."""
    server = rabbitmq()
    with proxy(server.port, cut=b"celery_backend_lint.verify.") as port:
        try:
            yield rpc(server.url(port=port), server.holds)
        finally:
            server.clear()


@contextmanager
def on_redis(folder: Path) -> Iterator[Site]:
    """Redis as broker."""
    with redis_server(folder) as port:
        yield rpc(f"redis://127.0.0.1:{port}/0", lambda: redis_keys(port))


def tls(
    make: Callable[[Path], Certificate], trusted: Callable[[Certificate, Path], Path], host: str = "localhost"
) -> Callable[[Path], AbstractContextManager[Site]]:
    """A site whose broker speaks TLS, with a certificate and a CA that the project trusts."""

    @contextmanager
    def start(folder: Path) -> Iterator[Site]:
        made = make(folder / "tls")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(made.file, made.key)
        options = f'{{"ca_certs": {str(trusted(made, folder))!r}, "cert_reqs": 2, "server_hostname": {host!r}}}'
        with proxy(rabbitmq().port, context=context) as port:
            yield rpc(rabbitmq().url(port=port), nothing, f"    app.conf.broker_use_ssl = {options}\n")

    return start


@contextmanager
def tls_without(_: Path) -> Iterator[Site]:
    """TLS where there is none."""
    server = rabbitmq()
    yield rpc(server.url(), nothing, "    app.conf.broker_use_ssl = True\n")


@contextmanager
def plainly(_: Path) -> Iterator[Site]:
    """No TLS where there is nothing else: RabbitMQ's port 5671 answers AMQP's first words with this alert."""
    with answering(b"\x15\x03\x01\x00\x02\x02\n") as port:
        yield rpc(f"amqp://worker:{SECRET}@127.0.0.1:{port}//")


def its_own(made: Certificate, _: Path) -> Path:
    """The CA that signed it."""
    return made.authority


def another(_: Certificate, folder: Path) -> Path:
    """Another CA."""
    return signed(folder / "other").authority


WORKER = ("--step-timeout", "4", "--worker")

FAULTS = [
    Fault("rpc: a wrong password", wrong_password, "broker-auth", "broker-password", "does not take the user"),
    Fault("rpc: a virtual host that is not there", vhost("typo", looks=False), "vhost", "vhost-unknown", "-typo"),
    Fault(
        "rpc: a virtual host without permissions", vhost("none", looks=False), "vhost", "vhost-refused", "may not use"
    ),
    Fault(
        "rpc: no permission to configure",
        vhost("no-configure"),
        "declare",
        "broker-permission",
        "lacks the permission to configure for the queue ",
    ),
    Fault(
        "rpc: no permission to write",
        vhost("no-write"),
        "publish",
        "broker-permission",
        "lacks the permission to write for the exchange amq.default ",
    ),
    Fault(
        "rpc: no permission to read",
        vhost("no-read"),
        "consume",
        "broker-permission",
        "lacks the permission to read for the queue ",
    ),
    Fault(
        "rpc: an expiry that RabbitMQ refuses",
        vhost("all", "    app.conf.result_expires = -1\n"),
        "declare",
        "queue-refused",
        "x-expires",
    ),
    Fault("rpc: a host that is not known", nowhere, "broker-dns", "broker-host-unknown", "no-such-broker.invalid"),
    Fault("rpc: nothing listens", elsewhere, "broker-tcp", "broker-refused", "nothing listens at 127.0.0.1:"),
    Fault("rpc: a port that never answers", silent, "broker-auth", "broker-silent", "does not answer", arguments=BRIEF),
    Fault("rpc: a port of something else", web_page, "broker-auth", "broker-not-amqp", "does not speak AMQP"),
    Fault(
        "rpc: a broker that freezes",
        frozen,
        "declare",
        "no-answer",
        "no answer within 2 seconds",
        doubtful=1,
        arguments=BRIEF,
    ),
    Fault("rpc: a broker short of memory", full, "publish", "broker-blocked", "short of memory or disk"),
    Fault(
        "rpc: an expired certificate",
        tls(lambda folder: signed(folder, period=EXPIRED), its_own),
        "broker-tls",
        "broker-certificate-expired",
        "has expired",
    ),
    Fault("rpc: a wrong CA", tls(signed, another), "broker-tls", "broker-certificate-untrusted", "signed by nobody"),
    Fault(
        "rpc: the certificate of another host",
        tls(lambda folder: signed(folder, "DNS:elsewhere"), its_own),
        "broker-tls",
        "broker-certificate-other-host",
        "is for another host",
    ),
    Fault("rpc: TLS on a port without it", tls_without, "broker-tls", "broker-not-tls", "does not speak TLS"),
    Fault("rpc: no TLS on a port with it", plainly, "broker-auth", "broker-speaks-tls", "speaks TLS"),
    Fault("rpc: Redis as broker", on_redis, "expires", "expires-not-kept", "stay for ever"),
    Fault(
        "rpc: a broker that dies in mid-task",
        cut,
        "task",
        "worker-lost-broker",
        "the worker lost the connection",
        arguments=WORKER,
        left=1,
        doubtful=1,
    ),
]

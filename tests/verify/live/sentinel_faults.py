"""Faults of Sentinels, and of the master that they name."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import redis

from tests.redis_servers import free_port, redis_sentinel, redis_server
from tests.verify.live.redis_sites import OTHER, SECRET, keys_of
from tests.verify.live.site import Fault, Site, nothing

APP = """\
    from celery import Celery

    app = Celery("shop", backend="sentinel://127.0.0.1:{port}/0")
    app.conf.result_backend_transport_options = {options!r}
"""
MASTER = {"master_name": "mymaster"}


def site(port: int, left: Callable[[], list[str]] = nothing, **options: object) -> Site:
    """A project whose Sentinel is on a port."""
    return Site({"tasks.py": APP.format(port=port, options=options)}, left, (SECRET, OTHER))


def watched(**options: object) -> Callable[[Path], AbstractContextManager[Site]]:
    """A site with a Redis and a Sentinel that calls it ``mymaster``."""

    @contextmanager
    def start(folder: Path) -> Iterator[Site]:
        with redis_server(folder) as master, redis_sentinel(folder, "mymaster", master) as port:
            yield site(port, keys_of(master), **options)

    return start


def protected(**options: object) -> Callable[[Path], AbstractContextManager[Site]]:
    """A site whose Sentinel wants a password."""

    @contextmanager
    def start(folder: Path) -> Iterator[Site]:
        with redis_server(folder) as master, redis_sentinel(folder, "mymaster", master) as port:
            with redis.Redis(port=port) as sentinel:
                sentinel.execute_command("ACL", "SETUSER", "default", "resetpass", f">{OTHER}")
            yield site(port, keys_of(master), **MASTER, **options)

    return start


@contextmanager
def dead(folder: Path) -> Iterator[Site]:
    """A master that has just died, with nothing to replace it."""
    with redis_server(folder) as master, redis_sentinel(folder, "mymaster", master) as port:
        with redis.Redis(port=master) as client:
            client.shutdown(nosave=True)
        yield site(port, **MASTER)


@contextmanager
def known_dead(folder: Path) -> Iterator[Site]:
    """A master that has died some time ago, with nothing to replace it."""
    with redis_server(folder) as master, redis_sentinel(folder, "mymaster", master) as port:
        with redis.Redis(port=port) as sentinel:
            sentinel.sentinel_set("mymaster", "down-after-milliseconds", 100)
            with redis.Redis(port=master) as client:
                client.shutdown(nosave=True)
            while not sentinel.sentinel_masters()["mymaster"]["is_sdown"]:
                pass
        yield site(port, **MASTER)


@contextmanager
def frozen(folder: Path) -> Iterator[Site]:
    """A master that is stopped."""
    with redis_server(folder) as master, redis_sentinel(folder, "mymaster", master) as port:
        with redis.Redis(port=master) as client:
            process = int(client.info("server")["process_id"])
        os.kill(process, signal.SIGSTOP)
        try:
            yield site(port, **MASTER)
        finally:
            os.kill(process, signal.SIGCONT)


@contextmanager
def itself(folder: Path) -> Iterator[Site]:
    """A Redis where a Sentinel should be."""
    with redis_server(folder) as port:
        yield site(port, keys_of(port), **MASTER)


@contextmanager
def silent(_: Path) -> Iterator[Site]:
    """A port that takes connections and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(20)
        yield site(listening.getsockname()[1], **MASTER)


@contextmanager
def nobody(_: Path) -> Iterator[Site]:
    """No Sentinel."""
    yield site(free_port(), **MASTER)


FAULTS = [
    Fault("Sentinel: nobody there", nobody, "sentinels", "sentinels-unreachable", "no Sentinel can be reached"),
    Fault(
        "Sentinel: a port that never answers",
        silent,
        "sentinels",
        "no-answer",
        "no Sentinel says anything within 0.8 seconds",
        arguments=("--step-timeout", "1"),
    ),
    Fault("Sentinel: a Redis in its place", itself, "sentinels", "no-sentinel", "is no Sentinel"),
    Fault("Sentinel: a password is wanted", protected(), "sentinels", "sentinel-password-missing", "want a password"),
    Fault(
        "Sentinel: a wrong password",
        protected(sentinel_kwargs={"password": SECRET}),
        "sentinels",
        "sentinel-password-wrong",
        "do not take the password that sentinel_kwargs gives",
    ),
    Fault("Sentinel: no master is named", watched(), "master", "master-name-missing", "the Sentinels know: mymaster"),
    Fault(
        "Sentinel: a master that it does not know",
        watched(master_name="other"),
        "master",
        "master-unknown",
        "know no master other; they know: mymaster",
    ),
    Fault("Sentinel: a master that has just died", dead, "tcp", "master-unreachable", "no connection can be made"),
    Fault("Sentinel: a master that is known to be dead", known_dead, "master", "master-down", "is down"),
    Fault(
        "Sentinel: a frozen master",
        frozen,
        "auth",
        "no-answer",
        "says nothing within 1 seconds",
        arguments=("--step-timeout", "1"),
    ),
]

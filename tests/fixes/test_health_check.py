"""``python -m proj.health`` against real servers: up, down, frozen, refusing."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.fixes.probing import (
    PASSWORD,
    STARTING,
    free_port,
    is_line,
    probe,
    project,
    redis_server,
    silent_port,
    write_project,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixes.probing import Serve

__all__ = ["project", "redis_server", "silent_port"]

on_releases = pytest.mark.parametrize("release", ["5.2.7", "5.3.6", "newest"])
on_two_releases = pytest.mark.parametrize("release", ["5.3.6", "newest"])


def becomes(state: object, look: Callable[[], object]) -> bool:
    """Whether a look gives that within two seconds: servers notice late that a client is gone."""
    end = time.monotonic() + 2
    found = look()
    while found != state and time.monotonic() < end:
        time.sleep(0.05)
        found = look()
    assert found == state
    return True


@on_releases
def test_working_redis_is_healthy_and_keeps_nothing(project: Path, redis_url: str, release: str) -> None:
    import redis

    with redis.Redis.from_url(redis_url, decode_responses=True) as client:

        def clients() -> list[str]:
            return sorted(one["id"] for one in client.client_list() if one["db"] == urlsplit(redis_url).path[1:])

        before = clients()
        probed = probe(project, BACKEND=redis_url, release=release)
        assert is_line(probed.out, f"healthy: {redis_url} answered in ")
        assert (probed.code, probed.err) == (0, "")
        assert client.keys() == ["celery-backend-lint-tests"]
        assert becomes(before, clients)


@on_releases
@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_working_database_is_healthy_and_gets_no_table(
    project: Path, kind: str, release: str, request: pytest.FixtureRequest
) -> None:
    import sqlalchemy

    url = request.getfixturevalue(f"{kind}_url")
    probed = probe(project, BACKEND=f"db+{url}", release=release)
    assert is_line(probed.out, "healthy: ")
    assert (probed.code, probed.err) == (0, "")
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
    assert sqlalchemy.inspect(engine).get_table_names() == []
    asked = {
        "postgresql": "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()",
        "mariadb": "SELECT count(*) FROM information_schema.processlist WHERE db = database()",
    }[kind]
    with engine.connect() as connection:
        assert becomes(1, lambda: connection.scalar(sqlalchemy.text(asked)))


@on_releases
def test_working_rabbitmq_is_healthy(project: Path, rabbitmq_url: str, release: str) -> None:
    probed = probe(project, BACKEND="rpc://", BROKER=rabbitmq_url, release=release)
    assert is_line(probed.out, "healthy: rpc:// over amqp://")
    assert (probed.code, probed.err) == (0, "")


def test_rpc_leaves_no_queue_in_rabbitmq(project: Path, rabbitmq_url: str) -> None:
    script = """
import uuid
known = uuid.uuid4()
uuid.uuid4 = lambda: known
from proj.celery import app
from proj.health import check_result_backend
from kombu import Queue
import kombu
seen = []
original = kombu.Producer.publish
def publish(self, *arguments, **options):
    seen.append(options["routing_key"])
    return original(self, *arguments, **options)
kombu.Producer.publish = publish
print(check_result_backend().message)
assert seen == [str(known)]
with app.connection() as connection:
    try:
        Queue(str(known), channel=connection.channel(), passive=True).queue_declare(passive=True)
    except connection.channel_errors as error:
        print(error.code)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=project,
        env={**os.environ, "BACKEND": "rpc://", "BROKER": rabbitmq_url},
        capture_output=True,
        text=True,
    )
    assert (done.stdout.splitlines()[1:], done.stderr) == (["404"], "")
    assert done.stdout.startswith("healthy: ")


@on_two_releases
def test_rpc_over_redis_leaves_no_key(project: Path, redis_url: str, release: str) -> None:
    import redis

    probed = probe(project, BACKEND="rpc://", BROKER=redis_url, release=release)
    assert is_line(probed.out, "healthy: rpc:// over redis://")
    with redis.Redis.from_url(redis_url, decode_responses=True) as client:
        assert client.keys() == ["celery-backend-lint-tests"]


def test_second_broker_of_a_list_is_enough(project: Path, rabbitmq_url: str) -> None:
    parts = urlsplit(rabbitmq_url)
    reachable = f"amqp://{parts.username}:{parts.password}@{parts.hostname}:{parts.port or 5672}/{parts.path[1:]}"
    down = f"amqp://guest:guest@127.0.0.1:{free_port()}//"
    probed = probe(project, BACKEND="rpc://", BROKER=f"{down};{reachable}")
    assert (probed.code, probed.err) == (0, "")


@on_two_releases
@pytest.mark.parametrize(
    ("backend", "broker"),
    [
        ("redis://:{password}@127.0.0.1:{port}/0", "memory://"),
        ("rediss://:{password}@127.0.0.1:{port}/0?ssl_cert_reqs=CERT_REQUIRED", "memory://"),
        ("sentinel://:{password}@127.0.0.1:{port}/0", "memory://"),
        ("db+postgresql+psycopg2://u:{password}@127.0.0.1:{port}/db", "memory://"),
        ("db+mysql+pymysql://u:{password}@127.0.0.1:{port}/db", "memory://"),
        ("rpc://", "amqp://u:{password}@127.0.0.1:{port}//"),
        ("rpc://", "redis://u:{password}@127.0.0.1:{port}/0"),
    ],
    ids=["redis", "rediss", "sentinel", "postgresql", "mysql", "rabbitmq", "rpc-over-redis"],
)
@pytest.mark.parametrize("state", ["closed", "silent"])
def test_port_that_is_closed_or_never_answers_is_unhealthy(
    project: Path, backend: str, broker: str, state: str, release: str, silent_port: int
) -> None:
    port = silent_port if state == "silent" else free_port()
    variables = {"BACKEND": backend, "BROKER": broker}
    filled = {name: url.format(password=PASSWORD, port=port) for name, url in variables.items()}
    probed = probe(project, "--timeout", "2", release=release, **filled)
    assert is_line(probed.out, "unhealthy: ")
    assert (probed.code, probed.err) == (1, "")
    assert probed.seconds < 2 + STARTING
    assert f"://127.0.0.1:{port}" in probed.out


@on_two_releases
@pytest.mark.parametrize("given", [PASSWORD, ""], ids=["wrong", "none"])
def test_password_that_redis_refuses_is_unhealthy(project: Path, redis_server: Serve, given: str, release: str) -> None:
    server = redis_server("--requirepass", "another")
    probed = probe(project, BACKEND=f"redis://:{given}@127.0.0.1:{server.port}/0", release=release)
    assert is_line(probed.out, "unhealthy: redis://")
    assert "AuthenticationError" in probed.out
    assert (probed.code, probed.err) == (1, "")


def test_password_that_mariadb_refuses_is_unhealthy(project: Path, mariadb_url: str) -> None:
    parts = urlsplit(mariadb_url)
    place = f"{parts.hostname}:{parts.port}{parts.path}"
    probed = probe(project, BACKEND=f"db+mysql+pymysql://{parts.username}:{PASSWORD}@{place}")
    assert is_line(probed.out, "unhealthy: mysql+pymysql://127.0.0.1")
    assert "1045" in probed.out
    assert (probed.code, probed.err) == (1, "")


def test_password_that_rabbitmq_refuses_is_unhealthy(project: Path, rabbitmq_url: str) -> None:
    parts = urlsplit(rabbitmq_url)
    broker = f"amqp://{parts.username}:{PASSWORD}@{parts.hostname}:{parts.port or 5672}//"
    probed = probe(project, BACKEND="rpc://", BROKER=broker)
    assert is_line(probed.out, "unhealthy: rpc:// over amqp://")
    assert "ACCESS_REFUSED" in probed.out
    assert (probed.code, probed.err) == (1, "")


@on_two_releases
def test_virtual_host_that_is_not_there_is_unhealthy(project: Path, rabbitmq_url: str, release: str) -> None:
    broker = urlsplit(rabbitmq_url)._replace(path="/nowhere").geturl()
    probed = probe(project, BACKEND="rpc://", BROKER=broker, release=release)
    assert is_line(probed.out, "unhealthy: rpc:// over amqp://")
    assert "vhost nowhere not found" in probed.out
    assert probed.code == 1


@on_two_releases
@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_database_that_is_not_there_is_unhealthy(
    project: Path, kind: str, release: str, request: pytest.FixtureRequest
) -> None:
    url = urlsplit(request.getfixturevalue(f"{kind}_url"))._replace(path="/nowhere").geturl()
    probed = probe(project, BACKEND=f"db+{url}", release=release)
    assert is_line(probed.out, "unhealthy: ")
    assert "nowhere" in probed.out
    assert (probed.code, probed.err) == (1, "")


@on_two_releases
def test_frozen_redis_is_unhealthy_and_healthy_when_it_goes_on(
    project: Path, redis_server: Serve, release: str
) -> None:
    server = redis_server()
    url = f"redis://:{PASSWORD}@127.0.0.1:{server.port}/0"
    open_url = f"redis://127.0.0.1:{server.port}/0"
    os.kill(server.pid, signal.SIGSTOP)
    try:
        probed = probe(project, "--timeout", "1", BACKEND=url, release=release)
    finally:
        os.kill(server.pid, signal.SIGCONT)
    assert is_line(probed.out, "unhealthy: redis://")
    assert (probed.code, probed.err) == (1, "")
    assert probed.seconds < 1 + STARTING
    assert probe(project, BACKEND=open_url, release=release).code == 0


def test_full_redis_is_unhealthy(project: Path, redis_server: Serve) -> None:
    server = redis_server("--maxmemory", "1")
    probed = probe(project, BACKEND=f"redis://127.0.0.1:{server.port}/0")
    assert is_line(probed.out, "unhealthy: redis://127.0.0.1")
    assert "maxmemory" in probed.out
    assert probed.code == 1


def test_redis_user_of_celerys_keys_alone_is_healthy(project: Path, redis_server: Serve) -> None:
    server = redis_server("--user", "results", "on", f">{PASSWORD}", "~celery-task-meta-*", "&*", "+@all")
    probed = probe(project, BACKEND=f"redis://results:{PASSWORD}@127.0.0.1:{server.port}/0")
    assert is_line(probed.out, "healthy: redis://")
    assert probed.code == 0


def test_redis_on_a_unix_socket(project: Path, redis_server: Serve, tmp_path: Path) -> None:
    path = tmp_path / "redis.sock"
    redis_server("--unixsocket", str(path))
    assert probe(project, BACKEND=f"redis+socket://{path}").code == 0


def test_sentinel_finds_the_master(project: Path, redis_server: Serve, tmp_path: Path) -> None:
    master = redis_server()
    port = free_port()
    configuration = tmp_path / "sentinel.conf"
    configuration.write_text(f"port {port}\nsentinel monitor mymaster 127.0.0.1 {master.port} 1\n")
    app = (project / "proj/celery.py").read_text()
    options = 'app.conf.result_backend_transport_options = {"master_name": "mymaster"}\n'
    write_project(project, {"proj/celery.py": app + options})
    executable = shutil.which("redis-server")
    assert executable is not None
    with subprocess.Popen([executable, str(configuration), "--sentinel"], stdout=subprocess.DEVNULL) as sentinel:
        try:
            found = [probe(project, BACKEND=f"sentinel://127.0.0.1:{port}/0")]
            while found[-1].code and len(found) < 10:
                time.sleep(0.3)
                found.append(probe(project, BACKEND=f"sentinel://127.0.0.1:{port}/0"))
        finally:
            sentinel.kill()
    assert is_line(found[-1].out, f"healthy: sentinel://127.0.0.1:{port}/0 answered")


@pytest.mark.parametrize("url", ["cache+memory://", "file://{folder}", "db+sqlite:///{folder}/results.sqlite"])
def test_other_backends_store_and_forget(project: Path, tmp_path: Path, url: str) -> None:
    folder = tmp_path / "results"
    folder.mkdir()
    probed = probe(project, BACKEND=url.format(folder=folder))
    assert is_line(probed.out, "healthy: ")
    assert (probed.code, probed.err) == (0, "")
    # Opening it is enough for SQLite to make an empty file of the name.
    assert [(one.name, one.stat().st_size) for one in folder.iterdir()] in ([], [("results.sqlite", 0)])

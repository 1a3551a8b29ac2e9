"""Each setting that ``configure`` writes, tried with real Celery and real servers: it does what it is there for.

Times are shortened, so that a second stands for the minutes of real life.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from celery_backend_lint.cli import main
from celery_backend_lint.fixes.configuration.choices import DIALECTS, Choices
from celery_backend_lint.fixes.configuration.wanted_settings import wanted_settings
from celery_backend_lint.model import facts
from celery_backend_lint.model.connection_facts import REDIS_RETRIES
from tests.oracle.environments import VERSIONS, environment

if TYPE_CHECKING:
    from collections.abc import Callable

PROBE = Path(__file__).with_name("settings_probe.py")
SHORT = {
    "redis_socket_timeout": 1,
    "redis_socket_connect_timeout": 1,
    "redis_backend_health_check_interval": 1,
}


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def python(version: str) -> Path:
    """A Python with ``celery[redis]`` of that version.

    Celery 5.3 admits kombu 5.7, whose Redis transport needs ``packaging`` besides, which only its own extra brings.
    """
    if version == "newest":
        return Path(sys.executable)
    more = ("packaging",) if number(version) < (5, 4) else ()
    return environment(f"celery[redis]=={version}", *more)


def number(version: str) -> tuple[int, ...]:
    return facts.celery_versions()[-1] if version == "newest" else tuple(map(int, version.split(".")))


def settings(version: str, choices: Choices, url: str, **more: object) -> dict[str, Any]:
    """What is written for a release, with short times."""
    found = {one.name: one.value for one in wanted_settings(choices, number(version))}  # type: ignore[arg-type]
    options = found.get("result_backend_transport_options")
    if isinstance(options, dict):
        found["result_backend_transport_options"] = {**options, "retry_policy": {"timeout": 1.0}}
    return {**found, **{name: value for name, value in SHORT.items() if name in found}, "result_backend": url, **more}


def probe(python: Path, given: dict[str, Any], *what: str) -> Any:
    command = [str(python), str(PROBE), json.dumps(given), *what]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_wait_may_be_longer_than_the_socket_timeout_and_the_health_check(
    version: str, python: Path, redis_url: str
) -> None:
    """``redis_socket_timeout`` bounds an answer of the server, not the wait for a result."""
    for told in probe(python, settings(version, Choices("redis"), redis_url), "wait"):
        assert (told["value"], told["error"]) == (42, "")


def test_the_pool_is_large_enough_for_the_concurrency(version: str, python: Path, redis_url: str) -> None:
    assert probe(python, settings(version, Choices("redis"), redis_url), "crowd", "8") == []
    given = settings(version, Choices("redis"), redis_url)
    told = probe(python, given, "exhaust", "20")
    assert told["error"] == "", "as many as are said"
    told = probe(python, given, "exhaust", "21")
    assert told["error"] in ("ConnectionError", "MaxConnectionsError"), "the next one is refused, it does not wait"


def test_a_server_that_is_silent_does_not_hang_a_worker(version: str, python: Path) -> None:
    given = settings(version, Choices("redis"), "redis://127.0.0.1:PORT/0", result_backend_max_retries=1)
    told = probe(python, given, "silent", "30")
    assert told is not None
    assert told["error"] in ("TimeoutError", "BackendStoreError")


def test_a_sentinel_that_is_silent_does_not_hang_a_worker(version: str, python: Path) -> None:
    """Celery gives redis-py ``sentinel_kwargs``, and without them no timeout at all for the sentinels."""
    choices = Choices("redis", availability="sentinel")
    given = settings(version, choices, "sentinel://127.0.0.1:PORT/0", result_backend_max_retries=1)
    options = given["result_backend_transport_options"]
    assert options["sentinel_kwargs"]["socket_timeout"] == 2
    without = {name: value for name, value in options.items() if name != "sentinel_kwargs"}
    short = {**without, "sentinel_kwargs": {"socket_timeout": 0.2, "socket_connect_timeout": 0.2}}
    assert probe(python, {**given, "result_backend_transport_options": without}, "silent", "12") is None
    assert probe(python, {**given, "result_backend_transport_options": short}, "silent", "60") is not None


def test_a_write_is_tried_again_for_as_long_as_the_retry_policy_says(version: str, python: Path) -> None:
    """At once, then a second later, when the time of the policy is over. Without it: twenty times, over as many
    seconds.
    """
    given = settings(version, Choices("redis"), "redis://127.0.0.1:1/0")
    told = probe(python, given, "set")
    assert told["error"] == "ConnectionError"
    assert told["tries"] in (3, 4), "4 where the clock is coarse"
    assert 1 <= told["seconds"] < 10


def test_nothing_is_tried_again_where_kombus_redis_transport_cannot_be_imported() -> None:
    """What ``pip install celery[redis]==5.3.6`` gives: kombu 5.7 without ``packaging``. Celery then takes no error of
    Redis' for one of the connection, whatever the settings say.
    """
    given = settings("5.3.6", Choices("redis"), "redis://127.0.0.1:1/0")
    bare = environment("celery[redis]==5.3.6")
    command = [str(bare), "-c", "import kombu.transport.redis"]
    assert "No module named 'packaging'" in subprocess.run(command, capture_output=True, text=True).stderr
    told = probe(bare, given, "set")
    assert (told["error"], told["tries"]) == ("ConnectionError", 1)


def test_a_result_is_stored_again_where_the_release_can(version: str, python: Path) -> None:
    given = settings(version, Choices("redis"), "redis://127.0.0.1:1/0")
    told = probe(python, given, "store", "90")
    assert ("result_backend_always_retry" in given) == (number(version) >= REDIS_RETRIES)
    if number(version) >= REDIS_RETRIES:
        assert told["error"] == "BackendStoreError"
        assert told["seconds"] > 0.3, "some seconds of an outage are bridged"
    else:
        assert told["error"] == "ConnectionError"


def test_replies_are_durable_from_celery_5_7_whatever_is_said(version: str, python: Path) -> None:
    for persistent in (True, False):
        given = settings(version, Choices("rpc"), "rpc://", result_persistent=persistent)
        told = probe(python, given, "replies")
        assert told["durable"] == (number(version) >= (5, 7, 0))
        assert told["expires"] == 86_400


def test_a_change_of_persistence_does_not_clash_with_the_queue_that_is_there(rabbitmq_url: str) -> None:
    """The queue is declared alike with and without it; each process has a queue of its own name besides."""
    from celery import Celery

    apps = [Celery("replies", broker=rabbitmq_url, set_as_current=False) for _ in range(2)]
    for app, persistent in zip(apps, (True, False), strict=True):
        app.conf.update(result_backend="rpc://", result_persistent=persistent, result_expires=60)
    assert apps[0].backend.oid != apps[1].backend.oid
    name = apps[0].backend.oid
    with apps[0].connection_for_write() as connection:
        channel = connection.default_channel
        for app in apps:
            queue = app.backend.binding
            queue.name = queue.routing_key = name
            queue.bind(channel).declare()
        channel.queue_delete(name)


@pytest.mark.parametrize("server", ["postgresql_url", "mariadb_url"])
def test_the_options_of_the_engine(server: str, request: pytest.FixtureRequest) -> None:
    """They are taken in the process that sends tasks, which pools nothing, and in a worker's child, which does; there a
    connection that the server closed is noticed before it is used.
    """
    import sqlalchemy
    from celery import Celery
    from celery.backends.database.session import SessionManager

    url = request.getfixturevalue(server)
    dialect = "postgresql" if "postgresql" in url else "mysql"
    options = Choices("database", dialect=dialect)
    given = {one.name: one.value for one in wanted_settings(options, facts.celery_versions()[-1])}
    app = Celery("engines", broker="memory://", set_as_current=False)
    app.conf.update(given, result_backend=f"db+{url}")
    app.backend.store_result("one", 42, "SUCCESS")
    assert app.AsyncResult("one").get(timeout=10) == 42
    manager = SessionManager()
    manager.forked = True
    engine = given["database_engine_options"]
    session = manager.session_factory(url, **engine)
    which = "SELECT pg_backend_pid()" if dialect == "postgresql" else "SELECT CONNECTION_ID()"
    pid = session.execute(sqlalchemy.text(which)).scalar_one()
    session.close()
    kill = f"SELECT pg_terminate_backend({pid})" if dialect == "postgresql" else f"KILL {pid}"
    other = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool, isolation_level="AUTOCOMMIT")
    with other.connect() as connection:
        connection.execute(sqlalchemy.text(kill))
    session = manager.session_factory(url, **engine)
    assert session.execute(sqlalchemy.text(which)).scalar_one() != pid, "a new one, and no error"
    session.close()
    assert session.get_bind().pool.size() == 8
    session.get_bind().dispose()


@pytest.mark.parametrize("driver", ["postgresql+psycopg2", "mysql+pymysql"])
def test_a_database_that_is_silent_is_given_up(driver: str) -> None:
    """``connect_timeout`` is what both drivers call it; PyMySQL's does not cover the server's first words."""
    import socket

    import sqlalchemy

    dialect = driver.partition("+")[0]
    options = wanted_settings(Choices("database", dialect=dialect), facts.celery_versions()[-1])
    given = next(one.value for one in options if one.name == "database_engine_options")
    assert isinstance(given, dict)
    arguments = dict.fromkeys(given["connect_args"], 2)
    assert ("read_timeout" in arguments) == (dialect == "mysql")
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(5)
        url = f"{driver}://user@127.0.0.1:{server.getsockname()[1]}/results"
        engine = sqlalchemy.create_engine(url, **{**given, "connect_args": arguments})
        start = time.monotonic()
        with pytest.raises(sqlalchemy.exc.OperationalError):
            engine.connect()
        assert time.monotonic() - start < 20


def test_a_sentinel_is_asked_for_the_master(tmp_path: Path, free_port: Callable[[], int]) -> None:
    """The name of the master, and the database of the URL, with a real sentinel."""
    server_port, port = free_port(), free_port()
    (tmp_path / "sentinel.conf").write_text(
        f"port {port}\nbind 127.0.0.1\nsentinel monitor mymaster 127.0.0.1 {server_port} 1\n"
    )
    start = [
        ["redis-server", "--port", str(server_port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)],
        ["redis-server", str(tmp_path / "sentinel.conf"), "--sentinel"],
    ]
    running = []
    try:
        for command in start:
            try:
                running.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            except FileNotFoundError:
                pytest.skip("redis-server is not installed")
        found = wanted_settings(Choices("redis", availability="sentinel"), facts.celery_versions()[-1])
        given = {one.name: one.value for one in found}
        given["result_backend"] = f"sentinel://127.0.0.1:{port}/1"
        for attempt in range(10):  # until both are up
            told = probe(Path(sys.executable), given, "store", "30")
            if not told["error"]:
                break
            assert attempt < 9, told
            time.sleep(0.5)
        command = ["redis-cli", "-p", str(server_port), "-n", "1", "keys", "celery-task-meta-*"]
        assert "probe" in subprocess.run(command, capture_output=True, text=True, check=True).stdout
    finally:
        for process in running:
            process.kill()
            process.wait()


@pytest.fixture
def free_port() -> Callable[[], int]:
    """A function that gives a port nobody listens on."""
    import socket

    def free() -> int:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            return int(one.getsockname()[1])

    return free


@pytest.mark.parametrize(("release", "written"), [((4, 3, 0), False), ((4, 4, 7), False), ((5, 7, 0), True)])
def test_nothing_is_written_that_the_release_does_not_read(release: tuple[int, int, int], written: bool) -> None:
    """Redis has read ``result_backend_transport_options`` since Celery 4.4 (CBL703), but no ``retry_policy`` in them
    before 5.0 (CBL111); Sentinel always.
    """
    names = {one.name for one in wanted_settings(Choices("redis"), release)}
    assert ("result_backend_transport_options" in names) is written
    sentinel = {one.name for one in wanted_settings(Choices("redis", availability="sentinel"), release)}
    assert "result_backend_transport_options" in sentinel


@pytest.mark.parametrize(("availability", "kind"), [("single", "redis"), ("sentinel", "sentinel")])
def test_no_release_is_given_an_option_that_it_does_not_read(availability: str, kind: str) -> None:
    for release in facts.celery_versions():
        found = {one.name: one.value for one in wanted_settings(Choices("redis", availability=availability), release)}
        options = found.get("result_backend_transport_options", {})
        backend = facts.backend(kind, release)
        assert isinstance(options, dict)
        assert backend is not None
        assert set(options) <= backend.transport_options, release


@pytest.mark.parametrize(
    "choices",
    [
        Choices("redis"),
        Choices("redis", availability="tls"),
        Choices("redis", availability="sentinel"),
        *(Choices("database", dialect=dialect) for dialect in DIALECTS),
        Choices("rpc"),
    ],
    ids=lambda choices: f"{choices.backend}-{choices.availability}-{choices.dialect}",
)
def test_what_is_written_is_what_the_rules_about_connections_accept(
    choices: Choices, version: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """For every release, and every server; without the settings the rules speak, but of RPC and SQLite."""
    release = ".".join(map(str, number(version)))
    found = {one.name: one.value for one in wanted_settings(choices, number(version))}  # type: ignore[arg-type]
    files = {
        "requirements.txt": f"celery=={release}\nredis\nsqlalchemy\n",
        "shop.py": 'from celery import Celery\n\napp = Celery("shop")\napp.config_from_object("celeryconfig")\n',
        "celeryconfig.py": f"result_backend = {choices.url!r}\n",
    }
    monkeypatch.chdir(tmp_path)
    for name, text in files.items():
        Path(name).write_text(text)

    def codes() -> set[str]:
        arguments = ["--isolated", "--select", "CBL60", "--min-severity", "advice", "--output-format", "json", "."]
        assert main(arguments) in (0, 1)
        return {one["code"] for one in json.loads(capsys.readouterr().out)["findings"]}

    bare = codes()
    assert bool(bare) == (choices.backend == "redis" or (choices.backend == "database" and choices.dialect != "sqlite"))
    with Path("celeryconfig.py").open("a") as file:
        file.writelines(f"{name} = {value!r}\n" for name, value in found.items())
    assert codes() == set()

"""Redis that works: every step passes, with TLS, by a socket, through Sentinel; notes; what is left on the server."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.oracle.environments import environment
from tests.redis_servers import redis_sentinel, redis_server
from tests.verify.conftest import Run, Verify
from tests.verify.live.certificates import signed
from tests.verify.live.redis_sites import SECRET
from tests.verify.live.sentinel_faults import APP as SENTINEL_APP
from tests.verify.live.sentinel_faults import MASTER
from tests.verify.live.site import APP

PROMPT = ["--repl-diskless-sync-delay", "0", "--shutdown-timeout", "0"]
"""Of a master that does not wait for more replicas, nor for them when it ends."""
SERVER = ["auth", "database", "ping", "role", "memory", "clients", "persistence"]
RESULT = ["subscribe", "store", "notify", "read", "ttl", "forget"]
WAY = ["backend", "dns", "tcp"]


def files(url: str, more: str = "") -> dict[str, str]:
    return {"tasks.py": APP.format(backend=url) + more}


def steps(run: Run, status: str = "ok") -> list[str]:
    return [step["name"] for step in run.json["apps"][0]["live"]["steps"] if step["status"] == status]


def notes(run: Run) -> list[str]:
    return [note["cause"] for step in run.json["apps"][0]["live"]["steps"] for note in step["notes"]]


def keys(port: int, **options: Any) -> list[bytes]:
    with redis.Redis(port=port, **options) as client:
        return sorted(client.scan_iter())


def test_each_step_passes_and_the_database_is_as_before(connect: Verify, redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.set("celery-task-meta-of-somebody", "{}", ex=300)
        before = sorted(client.scan_iter())
        done = connect(files(redis_url), "--format", "json")
        assert done.code == 0, done.out
        assert steps(done) == [*WAY, *SERVER, *RESULT]
        assert done.json["apps"][0]["live"]["kind"] == "redis"
        assert sorted(client.scan_iter()) == before


def test_the_report_for_people(connect: Verify, redis_url: str) -> None:
    done = connect(files(redis_url))
    assert done.code == 0
    label = done.out.splitlines()[4]
    assert label.startswith("  Redis at ")
    assert f", database {redis_url.rpartition('/')[2]}:" in label
    assert "    ok      ttl " in done.out
    assert "skipped" not in done.out


def test_nothing_is_written_with_no_write(connect: Verify, tmp_path: Path) -> None:
    with redis_server(tmp_path) as port, redis.Redis(port=port) as client:
        client.config_resetstat()
        done = connect(files(f"redis://127.0.0.1:{port}/0"), "--no-write", "--format", "json")
        ran = {name.removeprefix("cmdstat_").partition("|")[0] for name in client.info("commandstats")}
        reading = {name for name, told in client.command().items() if "write" not in told["flags"]}
    assert done.code == 0
    assert ran <= {name.lower() for name in reading}
    assert steps(done) == [*WAY, *SERVER, "subscribe"]
    assert steps(done, "skipped") == ["store", "notify", "read", "ttl", "forget"]


def test_with_tls(connect: Verify, tmp_path: Path) -> None:
    made = signed(tmp_path / "tls")
    with redis_server(tmp_path, *made.options, "--requirepass", SECRET, tls=True) as port:
        url = f"rediss://:{SECRET}@localhost:{port}/2?ssl_cert_reqs=required&ssl_ca_certs={made.authority}"
        done = connect(files(url), "--format", "json")
        assert done.code == 0, done.out
        assert steps(done) == [*WAY, "tls", *SERVER, *RESULT]
        options = {"host": "localhost", "password": SECRET, "ssl": True, "ssl_ca_certs": str(made.authority), "db": 2}
        assert keys(port, **options) == []
    assert done.json["apps"][0]["live"]["label"] == f"Redis with TLS at localhost:{port}, database 2"
    assert SECRET not in done.out


def test_by_a_socket(connect: Verify, tmp_path: Path) -> None:
    with redis_server(tmp_path, "--unixsocket", str(tmp_path / "redis.sock")) as port:
        done = connect(files(f"redis+socket://{tmp_path}/redis.sock?virtual_host=3"), "--format", "json")
        assert done.code == 0, done.out
        assert steps(done) == ["backend", "socket", *SERVER, *RESULT]
        assert keys(port, db=3) == []


def test_a_user_who_may_do_just_what_celery_does(connect: Verify, tmp_path: Path) -> None:
    rules = "~celery-task-meta-* &celery-task-meta-* +get +setex +del +publish +subscribe +unsubscribe +multi +exec"
    with redis_server(tmp_path, "--user", "worker", "on", f">{SECRET}", *rules.split()) as port:
        done = connect(files(f"redis://worker:{SECRET}@127.0.0.1:{port}/0"), "--format", "json")
        assert keys(port) == []
    assert done.code == 0, done.out
    assert set(notes(done)) == {"ping-not-allowed", "info-not-allowed", "ttl-not-allowed"}


@pytest.mark.parametrize(
    ("options", "more", "note"),
    [
        (["--maxmemory", "100mb", "--maxmemory-policy", "volatile-lru"], "", "evicts"),
        (["--maxmemory", "100mb", "--maxmemory-policy", "noeviction"], "", None),
        (["--maxclients", "50"], "    app.conf.redis_max_connections = 60\n", "pool-above-limit"),
        (["--maxclients", "50"], "    app.conf.redis_max_connections = 40\n", None),
        (["--save", "60 1"], "", "persistent"),
        (["--rename-command", "CONFIG", ""], "", "persistent"),  # whether it saves is not known then
        ([], "    app.conf.result_expires = None\n", "never-expires"),
    ],
    ids=["evicts", "noeviction", "pool above", "pool below", "persistent", "managed", "never expires"],
)
def test_what_is_worth_a_note(options: list[str], more: str, note: str | None, connect: Verify, tmp_path: Path) -> None:
    with redis_server(tmp_path, *options) as port:
        done = connect(files(f"redis://127.0.0.1:{port}/0", more), "--format", "json")
        assert keys(port) == []
    assert done.code == 0, done.out
    expected = [] if note == "persistent" else ["not-persistent"]
    assert sorted(notes(done)) == sorted([*expected, *([note] if note not in (None, "persistent") else [])])


def test_a_server_whose_memory_is_nearly_full(connect: Verify, tmp_path: Path) -> None:
    with redis_server(tmp_path) as port, redis.Redis(port=port) as client:
        client.set("x", b"x" * 20_000_000)
        client.config_set("maxmemory", 22_500_000)
        done = connect(files(f"redis://127.0.0.1:{port}/0"), "--format", "json")
    assert done.code == 0, done.out
    assert "memory-nearly-full" in notes(done)


def test_a_replica_that_takes_writes(connect: Verify, tmp_path: Path) -> None:
    (tmp_path / "master").mkdir()
    with (
        redis_server(tmp_path / "master") as master,
        redis_server(tmp_path, "--replicaof", f"127.0.0.1 {master}", "--replica-read-only", "no") as port,
    ):
        done = connect(files(f"redis://127.0.0.1:{port}/0"), "--format", "json")
    assert done.code == 0, done.out
    assert "writable-replica" in notes(done)


def test_a_server_whose_clients_are_nearly_all(connect: Verify, tmp_path: Path) -> None:
    with redis_server(tmp_path, "--maxclients", "12") as port, ExitStack() as others:
        for _ in range(10):
            others.enter_context(redis.Redis(port=port, single_connection_client=True)).ping()
        done = connect(files(f"redis://127.0.0.1:{port}/0"), "--format", "json")
    assert done.code == 0, done.out
    assert "clients-nearly-full" in notes(done)


@pytest.mark.parametrize("stop", ["yes", "no"])
def test_a_server_whose_last_save_failed(stop: str, connect: Verify, tmp_path: Path) -> None:
    in_the_way = tmp_path / "dump.rdb"
    options = ["--save", "3600 1", "--stop-writes-on-bgsave-error", stop]
    with redis_server(tmp_path, *options) as port, redis.Redis(port=port) as client:
        client.ping()  # it has begun, without that file
        in_the_way.mkdir()  # the server cannot rename its file to this
        client.bgsave()
        wait_for(lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err")
        done = connect(files(f"redis://127.0.0.1:{port}/0"), "--format", "json")
        assert keys(port) == []
        in_the_way.rmdir()  # else it does not end
    assert ("save-failed" in notes(done)) is (stop == "no")
    failed = [step for step in done.json["apps"][0]["live"]["steps"] if step["status"] == "failed"]
    assert [(step["name"], step["cause"]) for step in failed] == ([("ping", "cannot-save")] if stop == "yes" else [])


def test_through_sentinel_before_and_after_a_failover(connect: Verify, tmp_path: Path) -> None:
    for name in ("master", "replica", "sentinel"):
        (tmp_path / name).mkdir()
    with (
        redis_server(tmp_path / "master", *PROMPT) as master,
        redis_server(tmp_path / "replica", "--replicaof", f"127.0.0.1 {master}") as replica,
        redis.Redis(port=replica) as client,
        ExitStack() as later,
    ):
        # A Sentinel asks for replicas when it starts, and then every ten seconds.
        wait_for(lambda: client.info("replication")["master_link_status"] == "up")
        port = later.enter_context(redis_sentinel(tmp_path / "sentinel", "mymaster", master))
        sentinel = later.enter_context(redis.Redis(port=port))
        wait_for(lambda: sentinel.sentinel_masters()["mymaster"]["num-slaves"] == 1)
        sentinel.sentinel_set("mymaster", "down-after-milliseconds", 200)
        site = {"tasks.py": SENTINEL_APP.format(port=port, options=MASTER)}
        done = connect(site, "--format", "json")
        assert done.code == 0, done.out
        assert steps(done) == ["backend", "sentinels", "master", "failover", "tcp", *SERVER, *RESULT]
        assert "no-replica" not in notes(done)
        assert keys(master) == []
        with redis.Redis(port=master) as dying:
            dying.shutdown(nosave=True)
        wait_for(lambda: sentinel.sentinel_masters()["mymaster"]["port"] == replica)
        done = connect(site, "--format", "json")
        assert done.code == 0, done.out
        assert keys(replica) == []


def test_a_sentinel_that_is_too_few(connect: Verify, tmp_path: Path) -> None:
    with redis_server(tmp_path) as master, redis_sentinel(tmp_path, "mymaster", master) as port:
        with redis.Redis(port=port) as sentinel:
            sentinel.sentinel_set("mymaster", "quorum", 2)
        done = connect({"tasks.py": SENTINEL_APP.format(port=port, options=MASTER)}, "--format", "json")
    assert done.code == 0, done.out
    assert {"no-quorum", "no-replica"} <= set(notes(done))


def test_one_of_two_sentinels_is_silent(connect: Verify, tmp_path: Path) -> None:
    with redis_server(tmp_path) as master, redis_sentinel(tmp_path, "mymaster", master) as port:
        site = SENTINEL_APP.format(port=port, options=MASTER).replace(
            f":{port}/0", f":{port}/0;sentinel://127.0.0.1:1/0"
        )
        done = connect({"tasks.py": site}, "--format", "json")
    assert done.code == 0, done.out
    assert "sentinels-silent" in notes(done)


@pytest.mark.parametrize(
    "requirements",
    [
        ("celery==5.3.6", "redis==5.0.1", "kombu[redis]"),
        ("celery==5.5.3", "redis==3.5.3"),
        ("celery==5.6.3", "redis==4.6.0"),
    ],
    ids=" ".join,
)
def test_older_releases(requirements: tuple[str, ...], connect: Verify, redis_url: str) -> None:
    done = connect(files(redis_url), "--format", "json", python=str(environment(*requirements)))
    assert done.code == 0, done.out
    assert steps(done) == [*WAY, *SERVER, *RESULT]


@pytest.mark.parametrize(
    ("requirements", "cause"),
    [(("celery==5.7.0",), "package-missing"), (("celery==5.7.0", "redis==3.5.3"), "package-unfit")],
    ids=["not installed", "too old"],
)
def test_a_client_that_cannot_be_used(
    requirements: tuple[str, ...], cause: str, connect: Verify, redis_url: str
) -> None:
    done = connect(files(redis_url), "--format", "json", python=str(environment(*requirements)))
    [step] = done.json["apps"][0]["live"]["steps"]
    assert (done.code, step["name"], step["cause"], step["facts"]["package"]) == (1, "backend", cause, "redis")


def test_a_client_that_does_not_know_what_celery_gives_it(connect: Verify, redis_url: str) -> None:
    """It is imported, and fails when it connects."""
    python = environment("celery==5.7.0", "redis==4.6.0")
    done = connect(files(redis_url), "--format", "json", python=str(python))
    assert done.code == 1
    [step] = [one for one in done.json["apps"][0]["live"]["steps"] if one["status"] == "failed"]
    assert (step["name"], step["cause"], step["facts"]["package"]) == ("auth", "package-unfit", "redis")
    assert "unexpected keyword argument 'lib_name'" in step["message"]


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)

"""What ``configure`` writes runs: its packages installed, real servers, a real worker, a result that is read and goes.

Each test is a project of ``running_projects/`` (see written_projects.py) and leaves nothing behind: see running.py.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import uuid
import zoneinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from celery_backend_lint.record import record
from tests.cases import git
from tests.configure.reply_queues import Broker
from tests.configure.running import (
    DAY,
    Caller,
    Processes,
    Running,
    free_port,
    installed,
    until,
    zone_where_soon,
)
from tests.configure.written_projects import WrittenProject, write_project
from tests.services import CLAIM, unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import sqlalchemy

SHORT = 3
"""Seconds that results are kept where a test sees them go by themselves."""

PROJECTS = [
    f"{framework}_{state}" for framework in ("plain", "django", "flask", "fastapi") for state in ("empty", "lived_in")
]


@record
class Started:
    """A project that was configured and runs: its worker, and a process that sends it tasks."""

    project: WrittenProject
    told: dict[str, Any]
    processes: Processes
    worker: Running
    caller: Caller
    checks: tuple[Running, ...]
    broker: Broker

    def stop(self) -> None:
        """See that the project's own checks pass, and that all its processes end well."""
        for check in self.checks:
            assert check.process.wait(60) == 0, check.problem()
        self.caller.end()
        self.worker.stop()
        assert not [running.command for running in self.processes.started if running.alive]


@contextlib.contextmanager
def started(name: str, folder: Path, backend: str, broker: str, url: str, *options: str) -> Iterator[Started]:
    """A project, configured with the real command, and running as its summary says."""
    queue = f"cbl-{uuid.uuid4().hex[:12]}"
    project = write_project(name, folder / "project", backend, queue=queue)
    told = configured(project.root, backend, *options)
    project.finish()
    variables = dict.fromkeys(project.head.get("environment", ()), broker)
    for variable in told["variables"]:
        scheme = variable["example"].partition("://")[0]
        value = broker if scheme == "amqp" else url
        variables[variable["name"]] = f"{scheme}://{value.partition('://')[2]}"
    assert set(told["packages"]) <= set(project.requirements)
    programs = installed(project.requirements)
    with (
        contextlib.closing(Broker(broker, queue)) as own,
        contextlib.closing(Processes(project.root, folder, programs, variables)) as processes,
    ):
        pool = "--pool=prefork" if name == "plain_lived_in" else "--pool=solo"
        names = (f"--queues={queue}", f"--hostname={queue}@here")
        more = (pool, "--concurrency=1", *names, "--without-gossip", "--without-mingle", "--loglevel=INFO")
        worker = processes.start(*next_step(told, "start a worker"), *more)
        caller = processes.caller(worker, told["app"]["name"], project.head["task"], queue)
        checks = []
        if "web" in project.head:
            checks.append(processes.start("python", "-c", f"import {project.head['web']}"))
        if (project.root / "manage.py").exists():
            checks.append(processes.start("python", "manage.py", "check"))
        yield Started(project, told, processes, worker, caller, tuple(checks), own)
        own.until_gone(f"{queue}@here.celery.pidbox")


def configured(root: Path, backend: str, *options: str) -> dict[str, Any]:
    """Run ``configure`` as a user would; give its summary."""
    command = [sys.executable, "-m", "celery_backend_lint", "configure", backend, "--no-input", "--format=json"]
    done = subprocess.run([*command, *options], cwd=root, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    # Replies through a Redis broker are never removed, which configure says and cannot change.
    assert [one for one in told["not_done"] if backend != "rpc" or "CBL115" not in str(one)] == []
    return told


def next_step(told: dict[str, Any], what: str) -> list[str]:
    """The command that a summary names for a next step."""
    (found,) = [one for one in told["next_steps"] if one.startswith(f"{what}: ")]
    return shlex.split(found.removeprefix(f"{what}: "))


@pytest.mark.parametrize("name", [*PROJECTS, "plain_old"])
def test_redis(name: str, tmp_path: Path, redis_url: str, rabbitmq_url: str) -> None:
    """A result is read, its key has the time to live of ``result_expires``; after that, or forgotten, it is gone."""
    import redis

    is_short = name.endswith("lived_in")
    options = [f"--expires={SHORT}s"] if is_short else []
    with (
        redis.Redis.from_url(redis_url) as client,
        started(name, tmp_path, "redis", rabbitmq_url, redis_url, *options) as run,
    ):
        answer = run.caller.ask("add")
        key = f"celery-task-meta-{answer['id']}"
        left = client.pttl(key)
        assert answer["value"] == 5
        assert answer["expires"] == (SHORT if is_short else run.project.head.get("expires", DAY))
        assert max(answer["expires"] - 60, 0) * 1000 < left <= answer["expires"] * 1000
        if not is_short:
            run.caller.ask(f"forget {answer['id']}")
        until(lambda: not client.exists(key), "the end of the result")
        run.stop()
        # The fixture's claim stays, and what Celery keeps of queues in a Redis that is the broker as well.
        assert [key for key in client.scan_iter() if not key.startswith(b"_kombu.")] == [CLAIM.encode()]


@pytest.mark.parametrize("name", PROJECTS)
def test_database(name: str, tmp_path: Path, postgresql_url: str, rabbitmq_url: str) -> None:
    """Results are rows; the clean-up (real beat sends it for one project) deletes what is expired, nothing else."""
    import sqlalchemy

    engine = sqlalchemy.create_engine(postgresql_url, isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool)
    with engine.connect() as rows, started(name, tmp_path, "database", rabbitmq_url, postgresql_url) as run:
        old, fresh = run.caller.ask("add"), run.caller.ask("add")
        assert (old["value"], fresh["value"]) == (5, 5)
        assert {old["id"], fresh["id"]} <= stored(rows)
        aged = "UPDATE celery_taskmeta SET date_done = date_done - interval '2 days' WHERE task_id = :id"
        rows.execute(sqlalchemy.text(aged), {"id": old["id"]})
        if name == "plain_lived_in":
            beat_at_four(run, tmp_path, lambda: old["id"] not in stored(rows))
        else:
            run.caller.ask("cleanup")
            until(lambda: old["id"] not in stored(rows), "the clean-up", run.worker.problem)
        assert fresh["id"] in stored(rows)
        run.stop()
        until(lambda: others(rows) == 0, "the end of the connections")


def beat_at_four(run: Started, folder: Path, is_clean: Callable[[], bool]) -> None:
    """Run beat until the nightly clean-up is done: where the project is, the time is soon four in the morning."""
    start = [*next_step(run.told, "start beat"), f"--schedule={folder / 'schedule'}", "--pidfile=", "--loglevel=INFO"]
    for lead in (6, 40):  # seconds; a beat that is not up by four waits for the next night
        zone_where_soon(4, lead, folder / "zones" / "Europe" / "Berlin")
        zones = os.pathsep.join((str(folder / "zones"), *zoneinfo.TZPATH))
        beat = run.processes.start(*start, PYTHONTZPATH=zones)
        is_sent = beat.says("Sending due task celery.backend_cleanup", lead + 3)
        if is_sent:
            until(is_clean, "the clean-up", beat.problem)
        beat.stop()
        if is_sent:
            return
    raise AssertionError(beat.said)


def stored(rows: sqlalchemy.Connection) -> set[str]:
    """The tasks that have a row."""
    import sqlalchemy

    return set(rows.scalars(sqlalchemy.text("SELECT task_id FROM celery_taskmeta")))


def others(rows: sqlalchemy.Connection) -> int:
    """How many connections to the database there are beside this one."""
    import sqlalchemy

    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    found: int = rows.scalar(sqlalchemy.text(f"SELECT count(*) {others}"))
    return found


@pytest.mark.parametrize("name", PROJECTS)
def test_rpc(name: str, tmp_path: Path, rabbitmq_url: str) -> None:
    """A result comes as a message; the queue for it expires, and is gone when nobody waits any more."""
    is_short = name.endswith("lived_in")
    options = [f"--expires={SHORT}s"] if is_short else []
    with started(name, tmp_path, "rpc", rabbitmq_url, "rpc://", *options) as run:
        answer = run.caller.ask("send" if is_short else "add")
        queue = answer["reply_queue"]
        assert run.broker.expires(queue) == answer["expires"] * 1000 == (SHORT if is_short else DAY) * 1000
        if is_short:
            until(lambda: "succeeded" in run.worker.said, "the result", run.worker.problem)
        else:
            assert answer["value"] == 5
        run.stop()
        # Nobody has ever read from a short one: it goes when its time is up, not with its last reader.
        run.broker.until_gone(queue, SHORT + 0.5 if is_short else 0.1)


def test_password_that_was_hardcoded(tmp_path: Path) -> None:
    """``--fix`` takes a password out of the source; the project reads it from .env and runs as before."""
    import redis

    password, port = f"p-{uuid.uuid4().hex}", str(free_port())
    project = write_project("plain_password", tmp_path / "project", queue="tasks", password=password, port=port)
    root = project.root
    fix = [sys.executable, "-m", "celery_backend_lint", "--select=CBL301", "--fix", "--unsafe-fixes"]
    fixed = subprocess.run(fix, cwd=root, capture_output=True, text=True)
    assert (fixed.returncode, fixed.stderr) == (0, ""), fixed.stdout
    git(root, "add", "--all")
    committed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True).stdout
    told = [fixed.stdout, *((root / path).read_text(encoding="utf-8") for path in committed.split("\0") if path)]
    assert ".env.example" in committed
    assert not [text for text in told if password in text]
    assert (root / ".env").stat().st_mode & 0o777 == 0o600

    with contextlib.closing(Processes(root, tmp_path, installed(project.requirements), {})) as processes:
        serve_redis(processes, port, password)
        worker = processes.start("celery", "-A", "tasks", "worker", "--pool=solo", "--without-mingle")
        caller = processes.caller(worker, "tasks", project.head["task"], "tasks")
        answer = caller.ask("add")
        assert answer["value"] == 5
        with redis.Redis(port=int(port), db=1, password=password) as client:
            assert client.exists(f"celery-task-meta-{answer['id']}")
        caller.end()
        worker.stop()


def serve_redis(processes: Processes, port: str, password: str) -> None:
    """Start a Redis that asks for a password, and wait until it answers."""
    import redis

    if shutil.which("redis-server") is None:
        unavailable("This test", "the program redis-server")
    options = ["--port", port, "--bind", "127.0.0.1", "--save", "", "--requirepass", password]
    server = processes.start("redis-server", *options, installed=False)

    def answers() -> bool:
        with contextlib.suppress(redis.ConnectionError), redis.Redis(port=int(port), password=password) as client:
            return bool(client.ping())
        return False

    until(answers, "an answer of Redis", server.problem)

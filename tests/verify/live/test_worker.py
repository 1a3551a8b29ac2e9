"""``--worker``: a task through a real worker, which takes no other task, runs nothing else, and leaves nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
import redis

from tests.oracle.environments import COMPANIONS, environment
from tests.redis_servers import redis_server
from tests.verify.conftest import Verify
from tests.verify.live.generic_faults import own_backend
from tests.verify.live.rpc_broker import rabbitmq, redis_keys
from tests.verify.live.test_live import is_alive, wait_for
from tests.verify.live.worker_faults import APP

WORKER = ["broker", "worker", "task", "task-forget", "worker-end"]


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """A Redis of the test's own."""
    with redis_server(tmp_path) as listening:
        yield listening


def project(port: int, more: str = "", backend: str = "redis://127.0.0.1:{port}/1") -> dict[str, str]:
    urls = {"broker": f"redis://127.0.0.1:{port}/0", "backend": backend.format(port=port)}
    return {"tasks.py": APP.format(**urls) + dedent(more)}


@pytest.mark.parametrize(
    "requirements",
    [("celery==5.3.6", "redis==5.0.1", "kombu[redis]"), ("celery[redis]==5.5.3",), ("celery[redis]==5.6.3",), ()],
    ids=lambda one: "-".join(one) or "newest",
)
def test_a_task_comes_back_through_redis(connect: Verify, port: int, requirements: tuple[str, ...]) -> None:
    python = environment(*requirements) if requirements else sys.executable
    done = connect(project(port), "--worker", "--format", "json", python=str(python))
    assert done.code == 0
    live = done.json["apps"][0]["live"]
    assert [step["name"] for step in live["steps"]][-5:] == WORKER
    assert {step["status"] for step in live["steps"]} == {"ok"}
    assert live["left"] == redis_keys(port) == []


@pytest.mark.parametrize(
    ("requirements", "cause", "says"),
    [
        (("celery==5.3.6", *COMPANIONS), "broker-package-missing", "No module named 'packaging'"),
        (("celery[redis]==5.3.6", "packaging"), "broker-package-unfit", "requires redis-py versions"),
    ],
    ids=["missing", "unfit"],
)
def test_a_package_of_the_broker_s(
    connect: Verify, port: int, requirements: tuple[str, ...], cause: str, says: str
) -> None:
    """Kombu's transport of Redis needs packaging and a newer redis, which the backend of Redis does not."""
    python = environment(*requirements)
    done = connect(project(port), "--worker", "--format", "json", python=str(python))
    assert done.code == 1
    [step] = [one for one in done.json["apps"][0]["live"]["steps"] if one["status"] == "failed"]
    assert (step["name"], step["cause"]) == ("broker", cause)
    assert says in step["message"]


def test_any_backend_is_tried_with_a_worker(connect: Verify, tmp_path: Path) -> None:
    """The broker is RabbitMQ, the backend the project's own."""
    server = rabbitmq()
    with own_backend()(tmp_path) as site:
        tasks = dedent(site.files["tasks.py"]) + f"app.conf.broker_url = {server.url()!r}\n"
        done = connect({"tasks.py": tasks}, "--worker", "--format", "json")
        assert done.code == 0
        assert [step["name"] for step in done.json["apps"][0]["live"]["steps"]][-4:] == WORKER[1:]
        assert site.left() == server.holds() == []


def test_gevent_may_have_replaced_everything(connect: Verify, port: int) -> None:
    files = project(port)
    files["tasks.py"] = "from gevent import monkey\n\nmonkey.patch_all()\n" + files["tasks.py"]
    python = environment("celery[redis]==5.5.3", "gevent")
    assert connect(files, "--worker", python=str(python)).code == 0
    assert redis_keys(port) == []


def test_without_the_option_no_worker_is_started(connect: Verify, port: int) -> None:
    done = connect(project(port), "--format", "json")
    assert not {step["name"] for step in done.json["apps"][0]["live"]["steps"]} & set(WORKER)


SHARING = """
import pathlib

from celery import bootsteps, signals

FOLDER = pathlib.Path({folder!r})


def touch(name):
    def handler(**_):
        (FOLDER / name).touch()
    return handler


for name in ("celeryd_init", "celeryd_after_setup", "worker_init", "worker_ready", "worker_shutting_down",
             "worker_shutdown", "task_received", "task_prerun", "task_postrun", "task_success",
             "before_task_publish", "after_task_publish"):
    getattr(signals, name).connect(touch(name), weak=False)


class Liveness(bootsteps.StartStopStep):
    def start(self, worker):
        (FOLDER / "bootstep").touch()

    stop = start


app.steps["worker"].add(Liveness)
app.conf.update(
    worker_state_db=str(FOLDER / "state"),
    worker_direct=True,
    task_send_sent_event=True,
    worker_send_task_events=True,
    task_routes={{"*": {{"exchange": "everything", "routing_key": "everything"}}}},
    task_create_missing_queues=False,
    task_queue_max_priority=5,
)


@app.task
def order():
    (FOLDER / "order").touch()
"""
"""A project that a worker would share much with: files, remote control, events, a queue for everything."""


def test_nothing_of_the_project_s_own_is_run_or_taken(connect: Verify, port: int, tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    with redis.Redis(port=port) as client:
        client.lpush("celery", b"a task of the user's")
        client.zadd("unacked_index", {"tag": 1.0})
        client.hset("unacked", "tag", b'[{"body": "", "headers": {}, "properties": {}}, "", "celery"]')
        before = {key: client.dump(key) for key in client.scan_iter()}
        done = connect(project(port, SHARING.format(folder=str(marks))), "--worker", "--format", "json")
        assert done.code == 0
        assert {key: client.dump(key) for key in client.scan_iter()} == before
    assert list(marks.iterdir()) == []


def test_rabbitmq_keeps_no_exchange(connect: Verify, tmp_path: Path) -> None:
    server = rabbitmq()
    marks = tmp_path / "marks"
    marks.mkdir()
    tasks = APP.format(broker=server.url(), backend="rpc://") + SHARING.format(folder=str(marks))
    assert connect({"tasks.py": tasks}, "--worker").code == 0
    assert server.holds() == []
    assert list(marks.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_an_interrupted_run_leaves_no_worker(number: signal.Signals, port: int, tmp_path: Path) -> None:
    """It is interrupted while the worker stores the result."""
    waiting = """
    from celery.backends.redis import RedisBackend

    class Backend(RedisBackend):
        def store_result(self, *args, **kwargs):
            import os, sys, time
            if "celery.worker.consumer" in sys.modules:
                with open("waits.part", "w") as file:
                    file.write(str(os.getpid()) + " " + str(os.getppid()))
                os.rename("waits.part", "waits")
                super().store_result(*args, **kwargs)
                time.sleep(60)
            return super().store_result(*args, **kwargs)
    """
    files = project(port, waiting, "tasks:Backend?url=x")
    tasks = files["tasks.py"].replace("tasks:Backend?url=x", "tasks.Backend+redis://127.0.0.1:{port}/1")
    root = tmp_path / "project"
    root.mkdir()
    (root / "tasks.py").write_text(tasks.replace("{port}", str(port)))
    command = [sys.executable, "-m", "celery_backend_lint", "verify", "--isolated", "--python", sys.executable]
    run = subprocess.Popen(
        [*command, "--worker", "--step-timeout", "30", str(root)],
        cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        wait_for((root / "waits").exists)
        worker, probe = map(int, (root / "waits").read_text().split())
        assert is_alive(worker)
        wait_for(lambda: redis_keys(port))
        run.send_signal(number)
        run.communicate(timeout=20)
        wait_for(lambda: not is_alive(worker) and not is_alive(probe))
        wait_for(lambda: not redis_keys(port))
    finally:
        run.kill()
        run.communicate()
        for process in (worker, probe):
            if is_alive(process):
                os.kill(process, signal.SIGKILL)


def test_a_worker_that_starts_slowly_has_more_time_than_a_step(connect: Verify, port: int) -> None:
    slow = "\nimport time\n\ntime.sleep(1.5)\n"
    begun = time.monotonic()
    done = connect(project(port, slow), "--worker", "--step-timeout", "1", "--format", "json")
    assert done.code == 0
    assert time.monotonic() - begun > 3

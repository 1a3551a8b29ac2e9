"""``rpc://`` on a real RabbitMQ: every step, with and without a worker, on each release of Celery; what is left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.oracle.environments import VERSIONS
from tests.redis_servers import free_port
from tests.verify.conftest import Verify
from tests.verify.live.rpc_broker import SECRET, Proxy, rabbitmq
from tests.verify.live.rpc_faults import APP

WAY = ["backend", "broker-dns", "broker-tcp", "broker-auth", "vhost"]
QUEUE = ["declare", "expires", "consume", "publish", "store", "read"]


def project(broker: str, settings: str = "") -> dict[str, str]:
    return {"tasks.py": APP.format(broker=broker) + settings}


@pytest.mark.parametrize("version", VERSIONS)
def test_each_step_passes_with_a_worker(connect: Verify, celery_python: Callable[[str], Path], version: str) -> None:
    server = rabbitmq()
    done = connect(project(server.url()), "--worker", "--format", "json", python=str(celery_python(version)))
    live = done.json["apps"][0]["live"]
    steps = {step["name"]: step["status"] for step in live["steps"]}
    assert list(steps) == [*WAY, *QUEUE, "worker", "task", "worker-end", "chords", "remove"]
    assert set(steps.values()) == {"ok"}
    assert [note["cause"] for step in live["steps"] for note in step["notes"]] == ["no-chords"]
    assert (live["kind"], live["label"], live["left"]) == (
        "rpc", f"rpc:// through the broker at {server.host}:{server.port}", [],
    )  # fmt: skip
    assert server.holds() == []
    assert SECRET not in done.out + done.err


def test_without_worker_the_reply_is_this_process_s(connect: Verify) -> None:
    server = rabbitmq()
    done = connect(project(server.url()))
    assert done.code == 0
    for line in (
        "note: this process sent the result itself; with --worker a real worker sends one as well",
        "note: rpc:// refuses chords, and a group that another task follows is one",
    ):
        assert line in done.out
    assert server.holds() == []


def test_nothing_is_declared_with_no_write(connect: Verify) -> None:
    done = connect(project(rabbitmq().url("no-configure")), "--no-write", "--worker", "--format", "json")
    assert done.code == 0
    steps = done.json["apps"][0]["live"]["steps"]
    assert [step["name"] for step in steps if step["status"] == "ok"] == [*WAY, "chords"]
    assert {step["cause"] for step in steps if step["status"] == "skipped"} == {"no-write"}


def test_a_queue_of_replies_that_never_expires_is_a_note(connect: Verify) -> None:
    done = connect(project(rabbitmq().url(), "    app.conf.result_expires = None\n"))
    assert done.code == 0
    assert "note: queues of replies never expire" in done.out


def test_an_address_of_the_backend_s_own_is_ignored(connect: Verify) -> None:
    """Results go by the broker; a password is no part of what is said."""
    files = project(rabbitmq().url())
    files["tasks.py"] = files["tasks.py"].replace('"rpc://"', '"rpc://guest:0ther-secret@results.example/x"')
    done = connect(files)
    assert done.code == 0
    assert "note: result_backend names results.example/x, which rpc:// does not look at" in done.out
    assert "0ther-secret" not in done.out + done.err


def test_a_broker_of_several_that_is_down_is_a_note(connect: Verify) -> None:
    server = rabbitmq()
    down = free_port()
    done = connect(project(f"amqp://guest@127.0.0.1:{down}//;{server.url()}"))
    assert done.code == 0
    assert f"note: 127.0.0.1:{down}, one of the brokers of broker_url, cannot be reached" in done.out
    assert server.holds() == []


def test_the_proxy_of_faults_passes_on_what_it_is_not_told_to_cut(connect: Verify) -> None:
    server = rabbitmq()
    proxy = Proxy(server.port)
    try:
        assert connect(project(server.url(port=proxy.port))).code == 0
    finally:
        proxy.close()

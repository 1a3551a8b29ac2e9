"""Apps that have something in common with the one that is configured are named, with what changes for them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.configure.known_states import build, states

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.configure.conftest import Run

STATES = {case.path.stem: case for case in states()}


def test_one_constant(tmp_path: Path, configure: Callable[..., Run], run: Callable[..., Run]) -> None:
    root = build(STATES["two_apps_one_constant"], tmp_path / "shop")
    shown = run(root, "configure", "rpc", "--no-input", "--isolated", "--dry-run", "--app", "worker.py")
    assert "Changed for other apps too:\n  client (client.py line 5): result_backend\n" in shown.out
    done = configure(root, "rpc", "--app", "worker.py")
    assert done.told["other_apps"] == [
        {"name": "client", "path": "client.py", "line": 5, "settings": ["result_backend"]}
    ]
    assert configure(root, "rpc", "--app", "worker.py").told["other_apps"] == []


def test_one_module(tmp_path: Path, configure: Callable[..., Run]) -> None:
    root = build(STATES["two_apps_one_module"], tmp_path / "shop")
    (other,) = configure(root, "rpc", "--app", "worker.py").told["other_apps"]
    assert (other["name"], other["path"]) == ("client", "client.py")
    assert {"result_backend", "redis_max_connections", "result_persistent"} <= set(other["settings"])
    assert "broker_url" not in other["settings"]


def test_nothing_in_common(tmp_path: Path, configure: Callable[..., Run], run: Callable[..., Run]) -> None:
    root = build(STATES["two_apps"], tmp_path / "shop")
    args = STATES["two_apps"].head["args"]
    assert "other apps" not in run(root, "configure", "redis", "--no-input", "--isolated", "--dry-run", *args).out
    assert configure(root, "redis", *args).told["other_apps"] == []


def test_apps_that_only_move(tmp_path: Path, configure: Callable[..., Run]) -> None:
    (tmp_path / "requirements.txt").write_text("celery==5.6.3\n")
    (tmp_path / "tasks.py").write_text(
        "from celery import Celery\nfrom elsewhere import limit\n\n"
        'one = Celery("one", broker="amqp://localhost//", backend="redis://localhost:6379/1")\n\n'
        'two = Celery("two", broker="amqp://localhost//")\ntwo.conf.result_expires = limit()\n'
    )
    done = configure(tmp_path, "rpc", "--app", "one")
    assert done.status == 0, done.err
    assert "result_persistent" in (tmp_path / "tasks.py").read_text()
    assert done.told["other_apps"] == []


def test_another_app_of_the_same_name(tmp_path: Path, configure: Callable[..., Run]) -> None:
    """Nothing changes for it, and nothing of it is reported: Redis, whose rule about retries speaks of each app."""
    for service in ("billing", "shipping"):
        (tmp_path / service).mkdir()
        (tmp_path / service / "requirements.txt").write_text("celery==5.6.3\nredis==5.2.1\n")
        (tmp_path / service / "tasks.py").write_text(
            'from celery import Celery\n\napp = Celery("tasks")\napp.config_from_object("celeryconfig")\n'
        )
        (tmp_path / service / "celeryconfig.py").write_text(
            'broker_url = "amqp://mq"\nresult_backend = "redis://cache:6379/1"\n'
        )
    before = (tmp_path / "shipping" / "celeryconfig.py").read_text()
    done = configure(tmp_path, "redis", "--app", "billing/tasks.py")
    assert done.status == 0, done.err
    assert "result_backend_always_retry" in (tmp_path / "billing" / "celeryconfig.py").read_text()
    assert (tmp_path / "shipping" / "celeryconfig.py").read_text() == before
    assert done.told["other_apps"] == []
    assert "shipping" not in json.dumps(done.told)

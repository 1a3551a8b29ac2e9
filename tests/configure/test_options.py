"""The options of ``configure``, what is wrong with them, and what is printed."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from tests.configure.known_states import tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.configure.conftest import Run


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project without a result backend."""
    root = tmp_path / "shop"
    root.mkdir()
    (root / "tasks.py").write_text('from celery import Celery\n\napp = Celery("shop", broker="amqp://h//")\n')
    (root / "requirements.txt").write_text("celery==5.6.3\n")
    return root


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["configure", "Redis"], "did you mean redis?"),
        (["configure", "reddis"], "did you mean redis?"),
        (["configure", "datebase"], "did you mean database?"),
        (["configure", "postgres"], "did you mean database?"),
        (["configure", "rabbitmq"], "did you mean rpc?"),
        (["configure", "mongodb"], "choose from redis, database, rpc"),
        (["configure", "redis", "nowhere"], "nowhere"),
        (["configure", "redis", "--expires", "soon"], "expected a time such as 3600, 90m, 12h or 7d, not 'soon'"),
        (["configure", "redis", "--expires", "0"], "expected a time such as"),
        (["configure", "redis", "--concurrency", "0"], "expected a number from 1 to 9999, not '0'"),
        (["configure", "redis", "--availability", "cluster"], "invalid choice: 'cluster'"),
        (["configure", "database", "--dialect", "oracle"], "invalid choice: 'oracle'"),
        (["configure", "redis", "--dialect", "mysql", "--no-input"], "--dialect is for database, not for redis"),
        (["configure", "rpc", "--availability", "tls", "--no-input"], "--availability is for redis, not for rpc"),
        (["configure", "database", "--persistent", "--no-input"], "--persistent is for redis and rpc"),
        (["configure", "redis", "--app", "other", "--no-input"], "no app is called 'other'; there are: shop at tasks"),
        (["configure", "redis", "--target-celery", "new", "--no-input"], "--target-celery"),
        (["configure", "redis", "--unknown"], "unrecognized arguments: --unknown"),
        (["check", "--fix", "--backend", "Redis"], "invalid choice: 'Redis'"),
        (["check", "--backend", "redis"], "give --fix, or --diff"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_wrong_is_told_and_nothing_changes(
    arguments: list[str], told: str, root: Path, run: Callable[..., Run]
) -> None:
    before = tree(root)
    done = run(root, *arguments)
    assert done.status == 2
    assert told in " ".join(done.err.split())
    assert "Traceback" not in done.err
    assert tree(root) == before


@pytest.mark.parametrize("order", [["redis", ".", "--no-input"], ["redis", "--no-input", "."], ["--no-input", "redis"]])
def test_options_stand_anywhere(order: list[str], root: Path, run: Callable[..., Run]) -> None:
    assert run(root, "configure", "--isolated", *order).status == 0
    assert "redis_socket_timeout" in (root / "tasks.py").read_text()


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("how", ["--diff", "--dry-run"])
def test_what_would_be_written_is_shown_only(how: str, form: str, root: Path, run: Callable[..., Run]) -> None:
    before = tree(root)
    done = run(root, "configure", "redis", "--no-input", "--isolated", how, "--format", form)
    assert done.status == 1
    assert tree(root) == before
    assert "requirements.txt" in done.out
    assert ("+celery[redis]==5.6.3" in done.out) == (how == "--diff")
    if form == "json":
        assert done.told["written"] is False
        assert done.told["changed"]
    run(root, "configure", "redis", "--no-input", "--isolated")
    again = run(root, "configure", "redis", "--no-input", "--isolated", how, "--format", form)
    assert again.status == 0, "nothing would change"


def test_the_summary_for_programs(root: Path, configure: Callable[..., Run]) -> None:
    done = configure(root, "redis", "--expires", "2h")
    told = done.told
    assert done.status == 0
    assert told == {
        "version": told["version"],
        "backend": {
            "backend": "redis", "expires": 7200, "concurrency": 8, "availability": "single", "dialect": "postgresql",
            "driver": "", "persistent": False, "health_check": "",
        },
        "app": {"name": "tasks", "path": "tasks.py"},
        "written": True,
        "changed": [".env.example", "requirements.txt", "tasks.py"],
        "fixed": [],
        "other_apps": [],
        "packages": ["celery[redis]==5.6.3"],
        "variables": [
            {"name": "CELERY_RESULT_BACKEND", "example": "redis://:your_redis_password_here@localhost:6379/1"}
        ],
        "not_done": [],
        "reminders": told["reminders"],
        "next_steps": told["next_steps"],
    }  # fmt: skip
    assert all(isinstance(one, str) for one in [*told["reminders"], *told["next_steps"]])
    assert json.dumps(told["next_steps"]).count("celery -A tasks worker") == 1


@pytest.mark.parametrize("backend", ["redis", "database", "rpc"])
def test_check_with_fix_and_a_backend_does_the_same(backend: str, root: Path, run: Callable[..., Run]) -> None:
    before = tree(root)
    shown = run(root, "check", "--diff", "--backend", backend, "--isolated")
    assert shown.status == 1
    assert tree(root) == before
    assert run(root, "check", "--fix", "--backend", backend, "--isolated").status == 0
    fixed = tree(root)
    for path in fixed:
        (root / path).unlink()
    for path, data in before.items():
        (root / path).write_bytes(data)
    assert run(root, "configure", backend, "--no-input", "--isolated").status == 0
    assert tree(root) == fixed
    done = run(root, "check", "--fix", "--backend", backend, "--isolated", "--output-format", "json")
    assert json.loads(done.out)["changed"] == []


def test_all_is_written_or_nothing(root: Path, run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> None:
    before = tree(root)
    real = os.replace

    def failing(source: str, target: str) -> None:
        if target.endswith("requirements.txt") and source.endswith("celery-backend-lint"):
            raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr("celery_backend_lint.fixes.transaction.os.replace", failing)
    told = run(root, "configure", "redis", "--no-input", "--isolated")
    assert told.status == 2
    assert "nothing is changed" in told.err
    assert "No space left on device" in told.err
    assert tree(root) == before


def test_what_rules_fix_on_the_way_is_told(root: Path, configure: Callable[..., Run]) -> None:
    path = root / "tasks.py"
    path.write_text(path.read_text() + "app.conf.result_serializer = 'pickle'\napp.conf.accept_content = ['pickle']\n")
    told = configure(root, "redis").told
    assert any(one.startswith("tasks.py: CBL401: ") for one in told["fixed"])
    assert "pickle" not in path.read_text()


@pytest.mark.parametrize(("broker", "said"), [("redis://localhost/0", True), ("amqp://localhost", False)])
def test_rpc_is_for_rabbitmq(broker: str, said: bool, root: Path, configure: Callable[..., Run]) -> None:
    path = root / "tasks.py"
    path.write_text(path.read_text() + f"app.conf.broker_url = '{broker}'\n")
    reminders = configure(root, "rpc").told["reminders"]
    assert any("RPC's queues of replies expire on RabbitMQ only" in one for one in reminders) is said

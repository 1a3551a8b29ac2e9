"""The health check that ``configure --health-check`` writes: once, for the app that there is, and it runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "tasks.py").write_text("from celery import Celery\n\napp = Celery('shop', broker='amqp://')\n")
    (tmp_path / "requirements.txt").write_text("celery==5.6.3\n")
    return tmp_path


def probe(root: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST", "CELERY_"))}
    command = [sys.executable, "-m", "celery_health", "--load-timeout", "60"]
    return subprocess.run(command, cwd=root, env={**kept, **environment}, capture_output=True, text=True, timeout=120)


def test_it_is_written_beside_the_app_and_runs(root: Path, configure: Callable[..., Any], redis_url: str) -> None:
    done = configure(root, "redis", "--health-check")
    assert done.status == 0
    assert "celery_health.py" in done.told["changed"]
    assert "probe: python -m celery_health" in done.told["next_steps"]
    assert probe(root, CELERY_RESULT_BACKEND=redis_url).returncode == 0
    assert probe(root, CELERY_RESULT_BACKEND="redis://127.0.0.1:1/0").returncode == 1
    assert probe(root).returncode == 2


def test_one_that_people_changed_is_theirs(root: Path, configure: Callable[..., Any]) -> None:
    configure(root, "redis", "--health-check")
    path = root / "celery_health.py"
    path.write_text(path.read_text() + "\n# ours\n")
    again = configure(root, "redis", "--health-check")
    assert (again.status, again.told["changed"]) == (0, [])
    assert path.read_text().endswith("# ours\n")


def test_another_file_of_that_name_is_left_alone(root: Path, configure: Callable[..., Any]) -> None:
    (root / "probe.py").write_text("print('mine')\n")
    done = configure(root, "redis", "--health-check", "probe.py")
    assert done.status == 0
    assert any("`probe.py` is there already" in one for one in done.told["not_done"])
    assert (root / "probe.py").read_text() == "print('mine')\n"


def test_an_app_that_a_function_makes_cannot_be_imported_by_name(root: Path, configure: Callable[..., Any]) -> None:
    (root / "tasks.py").write_text(
        "from celery import Celery\n\n\ndef make():\n    return Celery('shop', broker='amqp://', backend='rpc://')\n"
    )
    done = configure(root, "rpc", "--health-check")
    assert any(one.startswith("the health check: ") for one in done.told["not_done"])
    assert not (root / "celery_health.py").exists()

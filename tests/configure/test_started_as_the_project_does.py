"""How celery is started, in next steps and for beat: as the project itself starts it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.configure.conftest import Run

APP = 'from celery import Celery\n\napp = Celery("shop", broker="amqp://localhost//")\n'


@pytest.mark.parametrize(
    ("init", "started"),
    [
        ("from .celery_app import app as celery_app\n", "celery -A shop"),
        ("from . import celery_app\n", "celery -A backend.shop.celery_app"),
        ("", "celery -A backend.shop.celery_app"),
    ],
    ids=["the package has the app", "the package has the module only", "the package has no app"],
)
def test_a_package_that_has_the_app_is_named(
    tmp_path: Path, configure: Callable[..., Run], init: str, started: str
) -> None:
    folder = tmp_path / "backend" / "shop"
    folder.mkdir(parents=True)
    (tmp_path / "requirements.txt").write_text("celery==5.6.3\n")
    (tmp_path / "backend" / "__init__.py").write_text("")
    (folder / "__init__.py").write_text(init)
    (folder / "celery_app.py").write_text(APP)
    (tmp_path / "run.sh").write_text("cd backend\ncelery -A shop worker --loglevel=info\n")
    done = configure(tmp_path, "database")
    assert done.status == 0, done.err
    assert f"start beat: {started} beat" in done.told["next_steps"]
    assert any(f"start `{started} beat` once" in one for one in done.told["not_done"])


@pytest.mark.parametrize("folder", ["backend", "apps/backend"])
def test_a_module_called_celery_at_the_top_is_not_taken_for_the_library(
    folder: str, tmp_path: Path, configure: Callable[..., Run]
) -> None:
    """``celery --workdir backend -A celery`` starts a worker of Celery's own default app: the command loads ours."""
    place = tmp_path / folder
    place.mkdir(parents=True)
    (tmp_path / "requirements.txt").write_text("celery==5.6.3\n")
    (place / "celery.py").write_text(APP)
    (place / "tasks.py").write_text("from celery import shared_task\n\n\n@shared_task\ndef add():\n    return 1\n")
    done = configure(tmp_path, "rpc")
    assert done.status == 0, done.err
    above = folder.rpartition("/")[0]
    started = next(one for one in done.told["next_steps"] if one.startswith("start a worker: "))
    assert started == f"start a worker: celery{f' --workdir {above}' if above else ''} -A backend worker"
    report = [sys.executable, "-m", *started.partition(": ")[2].split()[:-1], "report"]
    shown = subprocess.run(report, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "results:rpc" in shown.stdout

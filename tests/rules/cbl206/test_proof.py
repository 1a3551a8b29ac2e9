"""CBL206 is true: what the manifest lists brings no celery, and what the help says does."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tests.oracle.environments import environment

if TYPE_CHECKING:
    from pathlib import Path

APP = "from celery import Celery\n\napp = Celery('shop', broker='redis://cache:6379/0')\nprint(app.connection().transport_cls)\n"


def run(python: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "tasks.py").write_text(APP)
    return subprocess.run([python, "tasks.py"], cwd=folder, capture_output=True, text=True)


def test_a_fresh_install_of_the_list_cannot_import_the_app(tmp_path: Path) -> None:
    done = run(environment("redis==6.4.0"), tmp_path)
    assert "ModuleNotFoundError: No module named 'celery'" in done.stderr


def test_with_the_requirement_it_can(tmp_path: Path) -> None:
    done = run(environment("celery[redis]==5.6.3", "redis==5.2.1"), tmp_path)
    assert done.stdout == "redis\n", done.stderr

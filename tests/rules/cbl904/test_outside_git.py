"""Without git nothing is committed: the rule has nothing to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_backend_lint.model import read_model
from celery_backend_lint.project.discovery import open_project
from celery_backend_lint.rules.cbl904_env_file_not_ignored import check_env_file_not_ignored

if TYPE_CHECKING:
    from pathlib import Path


def test_outside_of_git_it_is_silent(tmp_path: Path) -> None:
    (tmp_path / "tasks.py").write_text("from celery import Celery\napp = Celery('shop')\n")
    (tmp_path / ".env").write_text("RESULTS_URL=redis://:Qr7xV2mPz@cache.example.com/0\n")
    model = read_model(open_project([], str(tmp_path)))
    assert model is not None
    assert [file.path for file in model.env_files.in_use] == [".env"]
    assert not list(check_env_file_not_ignored(model))

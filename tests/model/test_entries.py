"""Which module a worker starts with: by the oracle's styles that show it (their settings are proven there)."""

from __future__ import annotations

from pathlib import Path

import pytest

from celery_backend_lint.model import read_model
from celery_backend_lint.project.discovery import open_project
from tests.cases import read_case
from tests.model.build import model_of

STYLES = Path(__file__).parents[1] / "oracle" / "styles"


@pytest.mark.parametrize(
    ("style", "entry", "certain"),
    [
        ("entry_named_by_compose", "worker.py", True),
        ("entry_named_by_script", "backend/tasks/worker.py", True),
        ("entry_only_caller", "start.py", True),
        ("entry_callers_differ", "shop/worker.py", True),
        ("entry_named_in_code", "shop/worker.py", True),
        ("entry_that_makes_the_app", "celery_worker.py", True),
        ("flask_entry_far_callers", "run.py", True),
        ("entry_ambiguous", "", False),
    ],
)
def test_the_only_module_that_a_worker_starts_with(style: str, entry: str, certain: bool, tmp_path: Path) -> None:
    root = str(read_case(STYLES / f"{style}.txt").write(tmp_path))
    model = read_model(open_project([root], root))
    assert model is not None
    [app] = model.apps
    assert app.entry == entry
    assert {setting.certain for setting in app.settings.values()} == {certain}


def test_an_app_that_its_own_module_configures_has_no_entry(tmp_path: Path) -> None:
    files = {
        "app.py": "from celery import Celery\n\napp = Celery('a', backend='rpc://')\n",
        "worker.py": "from app import app\n",
        "Procfile": "worker: celery -A worker.app worker\n",
    }
    assert [app.entry for app in model_of(tmp_path, files).apps] == [""]

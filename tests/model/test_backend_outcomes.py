"""Which backends an app may have, where each is written, and whether it stores anything there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.model.backend_outcomes import backend_outcomes, stores_results
from tests.model.build import model_of

if TYPE_CHECKING:
    from pathlib import Path

    from celery_backend_lint.model import Model


def model_with(root: Path, backend: str, files: dict[str, str] | None = None, more: str = "") -> Model:
    text = f"import os\nfrom celery import Celery\n\napp = Celery('shop', backend={backend}{more})\n"
    return model_of(root, {"tasks.py": text, **(files or {})})


@pytest.mark.parametrize(
    ("backend", "wanted"),
    [
        ("'redis://h'", [("redis", "redis://h")]),
        ("None", []),
        ("''", [("disabled", "")]),
        ("os.environ['X']", [("unknown", "")]),
        ("os.getenv('X', 'rpc://')", [("rpc", "rpc://")]),
        ("f\"redis://{os.environ['H']}/0\"", [("redis", "redis://")]),
        ("'db+' + os.environ['X']", [("database", "db+")]),
        ("os.environ['X'] + '/0'", [("unknown", "")]),
        ("'rpc://' if os.getenv('A') else 'redis://h'", [("rpc", "rpc://"), ("redis", "redis://h")]),
    ],
)
def test_each_outcome_has_its_kind_and_what_is_known_of_its_text(
    tmp_path: Path, backend: str, wanted: list[tuple[str, str]]
) -> None:
    model = model_with(tmp_path, backend)
    assert [(one.kind, one.text) for one in backend_outcomes(model, model.apps[0])] == wanted


def test_env_files_say_what_a_variable_holds(tmp_path: Path) -> None:
    model = model_with(tmp_path, "'db+' + os.environ['X']", {".env.example": "X=postgresql://u:your_password@h/d\n"})
    (outcome,) = backend_outcomes(model, model.apps[0])
    assert outcome.text.startswith("db+postgresql://")
    assert "your_password" not in repr(outcome)


def test_a_default_comes_before_what_an_env_file_says(tmp_path: Path) -> None:
    model = model_with(tmp_path, "os.getenv('X', 'rpc://')", {".env.example": "X=redis://h\n"})
    assert [one.kind for one in backend_outcomes(model, model.apps[0])] == ["rpc", "redis"]


@pytest.mark.parametrize(
    ("backend", "more", "wanted"),
    [
        ("'redis://h'", "", ("redis",)),
        ("os.environ['X']", "", ("unknown",)),
        ("os.environ['X'] if os.getenv('A') else 'rpc://'", "", ("rpc",)),
        ("''", "", ()),
        ("'redis://h'", ", task_ignore_result=True", ()),
        ("'redis://h'", ", task_ignore_result=False", ("redis",)),
    ],
)
def test_what_is_stored_where(tmp_path: Path, backend: str, more: str, wanted: tuple[str, ...]) -> None:
    model = model_with(tmp_path, backend, more=more)
    assert stores_results(model, model.apps[0]) == wanted


def test_a_task_that_asks_for_its_result_stores_one_after_all(tmp_path: Path) -> None:
    files = {"more.py": "@app.task(ignore_result=False)\ndef f(): ...\n"}
    model = model_with(tmp_path, "'redis://h'", files, more=", task_ignore_result=True")
    assert stores_results(model, model.apps[0]) == ("redis",)


def test_an_app_whose_url_follows_a_plus_has_a_kind(tmp_path: Path) -> None:
    model = model_with(tmp_path, "f\"db+{os.environ['DATABASE_URL']}\"")
    assert model.apps[0].result_backend.kind == "database"

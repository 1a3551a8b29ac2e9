"""What ``verify --format json`` prints is what the schema in the package says."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.verify.conftest import Run, Verify
from tests.verify.live.generic_faults import own_backend


def schema() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(
        (files("celery_backend_lint") / "schema" / "verify.schema.json").read_text(encoding="utf-8")
    )
    return read


def strict(part: Any) -> Any:
    """The schema without room for what it does not name: a key that is added must be documented."""
    if isinstance(part, list):
        return [strict(one) for one in part]
    if not isinstance(part, dict):
        return part
    closed = {key: strict(value) for key, value in part.items()}
    return {**closed, "additionalProperties": False} if isinstance(part.get("required"), list) else closed


def check(run: Run) -> dict[str, Any]:
    jsonschema.validate(run.json, strict(schema()), jsonschema.Draft7Validator)
    return run.json


def test_the_schema_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(schema())


def test_steps_that_pass_fail_and_are_skipped(connect: Verify, tmp_path: Path) -> None:
    with own_backend("def set(self, key, value): raise OSError('full')")(tmp_path) as site:
        told = check(connect(site.files, "--format", "json"))
    assert {step["status"] for step in told["apps"][0]["live"]["steps"]} == {"ok", "failed", "skipped"}


def test_notes_and_what_is_left(connect: Verify, tmp_path: Path) -> None:
    with own_backend("def forget(self, task_id): raise NotImplementedError")(tmp_path) as site:
        told = check(connect(site.files, "--format", "json"))
    live = told["apps"][0]["live"]
    assert [note["cause"] for step in live["steps"] for note in step["notes"]] == ["cannot-forget"]
    assert live["left"]


def test_an_app_that_only_running_shows(connect: Verify) -> None:
    hidden = "import celery\napp = getattr(celery, 'Cel' + 'ery')('hidden')\n"
    told = check(connect({"tasks.py": hidden}, "-A", "tasks", "--format", "json"))
    assert told["error"]
    assert told["live"]["kind"] == "disabled"


def test_differences_and_unknown_settings(verify: Verify, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELERY_RESULT_BACKEND", "rpc://")
    monkeypatch.setenv("EXPIRES", "5")
    text = """\
        import os, subprocess
        from celery import Celery

        app = Celery("shop", backend="redis://")
        app.conf.result_expires = int(os.environ["EXPIRES"])
        app.conf.result_serializer = subprocess.getoutput("echo json")
    """
    told = check(verify({"tasks.py": text}, "--format", "json"))
    [app] = told["apps"]
    assert app["differences"]
    assert app["decided_by_environment"]
    assert app["unknown"]
    assert app["live"] is None


def test_a_project_that_cannot_be_imported(connect: Verify) -> None:
    told = check(
        connect({"tasks.py": "from celery import Celery\napp = Celery()\nraise ValueError\n"}, "--format", "json")
    )
    assert told["apps"][0]["error"]

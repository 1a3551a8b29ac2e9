"""Projects to verify, and a way to run the command."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from celery_backend_lint.cli import main
from celery_backend_lint.record import record


@record
class Run:
    """What one run of the command gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.out)
        return read


Verify = Callable[..., Run]


@pytest.fixture(autouse=True)
def quiet_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No environment but what a test gives."""
    for name in list(os.environ):
        if name.startswith(("CELERY_", "DJANGO_")) or name in ("FORCE_COLOR", "VIRTUAL_ENV", "CONDA_PREFIX"):
            monkeypatch.delenv(name)


@pytest.fixture
def connect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Verify:
    """Write files below the working directory, run ``verify`` there, which tries the result backend."""
    root = tmp_path / "project"
    root.mkdir()
    monkeypatch.chdir(root)

    def run(files: dict[str, str], *arguments: str, python: str | None = sys.executable) -> Run:
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(dedent(text), encoding="utf-8")
        named = [] if python is None else ["--python", python]
        code = main(["verify", "--isolated", *named, *arguments])
        out, err = capsys.readouterr()
        return Run(code, out, err)

    return run


@pytest.fixture
def verify(connect: Verify) -> Verify:
    """Write files below the working directory, run ``verify --no-connect`` there."""

    def run(files: dict[str, str], *arguments: str, python: str | None = sys.executable) -> Run:
        return connect(files, "--no-connect", *arguments, python=python)

    return run

"""Running ``configure`` in a project, and loading what it made with real Celery."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from celery_backend_lint.cli import main
from tests.oracle.server import CeleryProcess

if TYPE_CHECKING:
    from collections.abc import Callable


class Run(NamedTuple):
    """One run of the command."""

    status: int
    out: str
    err: str

    @property
    def told(self) -> dict[str, Any]:
        """The summary as JSON."""
        found: dict[str, Any] = json.loads(self.out)
        return found


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Run]:
    """Run the command in a folder."""

    def run(root: Path, *arguments: str) -> Run:
        monkeypatch.chdir(root)
        capsys.readouterr()
        try:
            status = main(list(arguments))
        except SystemExit as error:  # argparse's
            status = int(error.code or 0)
        return Run(status, *capsys.readouterr())

    return run


@pytest.fixture
def configure(run: Callable[..., Run]) -> Callable[..., Run]:
    """Run ``configure`` in a folder without a question; the summary is JSON."""

    def configure(root: Path, backend: str, *arguments: str) -> Run:
        return run(root, "configure", backend, "--no-input", "--isolated", "--format", "json", *arguments)

    return configure


@pytest.fixture(scope="session")
def newest(oracle: Callable[[str], CeleryProcess]) -> CeleryProcess:
    return oracle("newest")

"""A project from texts, edits put together, and what comes of it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from celery_backend_lint.findings.finding import Applicability
from celery_backend_lint.findings.fix import CannotFixError, Edit, Fix
from celery_backend_lint.fixes.composition import compose
from celery_backend_lint.model import read_model
from celery_backend_lint.project.discovery import open_project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import Assignment


def read(root: Path, files: dict[str, str]) -> Model:
    """Write a project below ``root`` and read it."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    model = read_model(open_project([str(root)], str(root)))
    assert model is not None
    return model


def written(root: Path, files: dict[str, str], write: Callable[[Model], list[Edit]]) -> dict[str, str] | str:
    """What the files that change hold afterwards, or the reason why nothing is written."""
    model = read(root, files)
    try:
        edits = write(model)
    except CannotFixError as error:
        return str(error)
    changed = compose(model.project, [Fix("", Applicability.SAFE, tuple(edits))])
    return {path: data.decode() for path, data in changed.items()}


def assignment(model: Model, setting: str) -> Assignment:
    """The assignment of a setting that wins."""
    return model.checked_apps[0].settings[setting].assignments[0]

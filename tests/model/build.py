"""Small projects for the model's tests: files in a dict, read into a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_backend_lint.model import read_model
from celery_backend_lint.project.discovery import open_project

if TYPE_CHECKING:
    from pathlib import Path

    from celery_backend_lint.model import Model


def model_of(root: Path, files: dict[str, str]) -> Model:
    """Write files below a folder and read them as a project with Celery."""
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    model = read_model(open_project([str(root)], str(root)))
    assert model is not None
    return model

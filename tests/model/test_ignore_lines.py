"""Lines of a .gitignore that mean a file and do not reach it, held against git itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from celery_backend_lint.model import Model, read_model
from celery_backend_lint.model.ignore_lines import idle_lines
from celery_backend_lint.project.discovery import open_project
from tests.project.repositories import run_git, write

APP = {"tasks.py": "from celery import Celery\napp = Celery()\n"}


def model_of(root: Path, gitignore: str) -> Model:
    run_git(write(root, {**APP, ".gitignore": gitignore}), "init", "-q")
    model = read_model(open_project([], str(root)))
    assert model is not None
    return model


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (".env  # secrets", "comment"),
        (".env#", "comment"),
        (".env*\t# all of them", "comment"),
        (" .env", "blank"),
        (".env/", "folder"),
        (".ENV", "capitals"),
        ("conf/.env # there", "comment"),
    ],
)
def test_a_line_that_git_reads_otherwise(tmp_path: Path, line: str, why: str) -> None:
    model = model_of(tmp_path, f"*.pyc\n{line}\n")
    assert not model.project.ignored([".env"])
    (found,) = idle_lines(model, ".gitignore", ".env")
    assert found.location.line == 2
    assert why in found.why


@pytest.mark.parametrize("line", [".env", ".env   ", "/.env", "**/.env", ".env*", "# .env", "", "*/", "!.env", "env"])
def test_other_lines_are_as_they_were_meant(tmp_path: Path, line: str) -> None:
    assert not list(idle_lines(model_of(tmp_path, line + "\n"), ".gitignore", ".env"))


def test_negations_are_asked_for_on_their_own(tmp_path: Path) -> None:
    model = model_of(tmp_path, ".env*\n!.env.example  # for everybody\n")
    assert model.project.ignored([".env.example"])
    (found,) = idle_lines(model, ".gitignore", ".env.example", negated=True)
    assert (found.location.line, found.location.span.column) == (2, 1)
    assert not list(idle_lines(model, ".gitignore", ".env.example"))
    assert not list(idle_lines(model, "no/.gitignore", ".env.example"))

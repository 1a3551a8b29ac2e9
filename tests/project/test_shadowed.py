"""Modules that a package of the same name shadows: they are left out where nothing runs them by their path."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.project.discovery import open_project
from tests.project.repositories import write

if TYPE_CHECKING:
    from pathlib import Path

NEEDLES = [b"celery"]
PACKAGE = {"app/__init__.py": "NAME = 'package'\n", "app/tasks.py": "import celery\n"}
MODULE = "import celery\n\nNAME = 'module'\n"


@pytest.mark.parametrize("importer", ["import app", "from app import NAME", "import app.tasks"])
def test_python_imports_the_package(tmp_path: Path, importer: str) -> None:
    write(tmp_path, {**PACKAGE, "app/tasks.py": "", "app.py": "raise SystemExit('run')\n"})
    done = subprocess.run(
        [sys.executable, "-c", f"{importer}; import app; print(app.NAME)"], cwd=tmp_path, text=True, capture_output=True
    )
    assert (done.stdout, done.stderr) == ("package\n", "")


@pytest.mark.parametrize(
    "files",
    [
        {"app.py": MODULE},
        {"app.py": MODULE, "README.md": "- app.py: the application\n"},
        {"app.py": MODULE, "Procfile": "web: python my-app.py\n"},
        {"app.py": MODULE, "run.py": "from app import NAME\n"},
    ],
)
def test_it_is_left_out_where_nothing_runs_it(tmp_path: Path, files: dict[str, str]) -> None:
    project = open_project([str(write(tmp_path, {**PACKAGE, **files}))], str(tmp_path))
    assert project.python_files_mentioning(NEEDLES) == ("app/tasks.py",)
    assert project.python_files_mentioning_all(NEEDLES) == ("app/tasks.py",)
    assert project.never_run == ("app.py",)
    assert {note.path: note.reason for note in project.notes} == {
        "app.py": "is never imported, for the package `app/` has its name"
    }
    assert project.source("app.py") is not None


@pytest.mark.parametrize(
    "files",
    [
        {"app.py": MODULE + "if __name__ == '__main__':\n    print(NAME)\n"},
        {"app.py": "#!/usr/bin/env python\n" + MODULE},
        {"app.py": MODULE, "Procfile": "web: python app.py\n"},
        {"app.py": MODULE, "Dockerfile": "COPY app.py .\n"},
        {"app.py": MODULE, "README.md": "Run `python app.py`.\n"},
        {"app.py": MODULE, "load.py": "exec(open('app.py').read())\n"},
    ],
)
def test_it_stays_where_its_path_may_be_run(tmp_path: Path, files: dict[str, str]) -> None:
    project = open_project([str(write(tmp_path, {**PACKAGE, **files}))], str(tmp_path))
    assert project.python_files_mentioning(NEEDLES) == ("app.py", "app/tasks.py")
    assert project.never_run == ()


def test_a_folder_that_is_no_package_shadows_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"app/tasks.py": "import celery\n", "app.py": MODULE})
    project = open_project([str(tmp_path)], str(tmp_path))
    assert project.python_files_mentioning(NEEDLES) == ("app.py", "app/tasks.py")


def test_what_an_editor_puts_there_is_looked_at_anew(tmp_path: Path) -> None:
    project = open_project([str(write(tmp_path, {**PACKAGE, "app.py": MODULE}))], str(tmp_path))
    assert project.python_files_mentioning(NEEDLES) == ("app/tasks.py",)
    project.put("app.py", MODULE.encode() + b"if __name__ == '__main__':\n    pass\n")
    assert project.python_files_mentioning(NEEDLES) == ("app.py", "app/tasks.py")

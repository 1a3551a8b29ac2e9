"""Which interpreter is taken for the project's."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from celery_backend_lint.verify.interpreter import NoInterpreterError, find_interpreter


def environment(folder: Path) -> str:
    """A folder that looks like a virtual environment; its Python's path."""
    python = folder / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    (folder / "pyvenv.cfg").write_text("home = /usr\n")
    return str(python)


def tool(folder: Path, name: str, answer: str) -> None:
    """A program that prints an answer."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\necho {answer}\n")
    (folder / name).chmod(0o755)


def test_what_is_given_is_taken(tmp_path: Path) -> None:
    python = environment(tmp_path / "mine")
    environment(tmp_path / ".venv")
    for given in (python, str(tmp_path / "mine")):
        found = find_interpreter(given, str(tmp_path), [], {})
        assert (found.path, found.how) == (python, "--python")


@pytest.mark.parametrize("given", ["/no/such/python", "."])
def test_what_is_given_and_not_there_is_refused(given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NoInterpreterError, match="is no Python and no virtual environment"):
        find_interpreter(given, str(tmp_path), [], {"PATH": os.defpath})


def test_the_active_environment_comes_before_the_projects_folder(tmp_path: Path) -> None:
    python = environment(tmp_path / "active")
    environment(tmp_path / "project" / ".venv")
    found = find_interpreter(None, str(tmp_path / "project"), [], {"VIRTUAL_ENV": str(tmp_path / "active")})
    assert (found.path, found.how) == (python, "the active virtual environment")


def test_this_tools_own_environment_is_not_the_projects(tmp_path: Path) -> None:
    python = environment(tmp_path / "venv")
    found = find_interpreter(None, str(tmp_path), [], {"VIRTUAL_ENV": sys.prefix})
    assert (found.path, found.how) == (python, "the folder venv")


def test_the_folder_nearest_to_an_app_is_taken(tmp_path: Path) -> None:
    environment(tmp_path / ".venv")
    python = environment(tmp_path / "services" / "mail" / ".venv")
    found = find_interpreter(None, str(tmp_path), ["services/mail/proj"], {})
    assert (found.path, found.how) == (python, "the folder services/mail/.venv")


def test_a_folder_without_pyvenv_cfg_is_no_environment(tmp_path: Path) -> None:
    (tmp_path / "env").mkdir()
    (tmp_path / ".env").write_text("A=1\n")
    found = find_interpreter(None, str(tmp_path), [], {})
    assert (found.path, found.how) == (sys.executable, "the Python of celery-backend-lint")


@pytest.mark.parametrize(
    ("lock", "program", "how"), [("poetry.lock", "poetry", "Poetry"), ("Pipfile.lock", "pipenv", "Pipenv")]
)
def test_tools_that_keep_the_environment_elsewhere_are_asked(
    lock: str, program: str, how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = environment(tmp_path / "elsewhere")
    root = tmp_path / "project"
    root.mkdir()
    tool(tmp_path / "tools", program, str(tmp_path / "elsewhere"))
    monkeypatch.setenv("PATH", str(tmp_path / "tools"), prepend=os.pathsep)
    assert find_interpreter(None, str(root), [], {}).path == sys.executable
    (root / lock).write_text("")
    found = find_interpreter(None, str(root), [], {})
    assert (found.path, found.how) == (python, how)


def test_pdm_conda_and_uv_leave_their_answer_behind(tmp_path: Path) -> None:
    conda = environment(tmp_path / "conda")
    assert find_interpreter(None, str(tmp_path), [], {"CONDA_PREFIX": str(tmp_path / "conda")}).path == conda
    pdm = environment(tmp_path / "pdm")
    (tmp_path / ".pdm-python").write_text(pdm + "\n")
    assert find_interpreter(None, str(tmp_path), [], {"CONDA_PREFIX": str(tmp_path / "conda")}).path == pdm
    uv = environment(tmp_path / "uv")
    assert find_interpreter(None, str(tmp_path), [], {"UV_PROJECT_ENVIRONMENT": "uv"}).path == uv

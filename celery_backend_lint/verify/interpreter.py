"""Which Python runs a project: the first that the user, the shell or the project's own tools name."""

from __future__ import annotations

import os
import sys

from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

FOLDERS = (".venv", "venv", "env", ".env", "virtualenv")
"""What virtual environments beside a project are called; ``.env`` only counts when it is a folder with a pyvenv.cfg."""

TOOLS = (
    ("poetry.lock", ("poetry", "env", "info", "--path"), "Poetry"),
    ("Pipfile.lock", ("pipenv", "--venv"), "Pipenv"),
)
"""A lock file, and what its tool is asked for the environment that it keeps elsewhere."""

PATIENCE = 10.0
"""Seconds that such a tool may take."""


@record
class Interpreter:
    """A Python, and how it was found."""

    path: str
    how: str


class NoInterpreterError(Exception):
    """The interpreter that was asked for is not there; the text says so."""


def find_interpreter(
    given: str | None, root: str, folders: Sequence[str], environ: Mapping[str, str] = os.environ
) -> Interpreter:
    """The project's interpreter.

    ``given`` (``--python``) is a Python or the folder of a virtual environment; ``folders`` are those of the project's
    apps, relative to ``root``. Raises NoInterpreterError when ``given`` is neither.
    """
    if given is not None:
        path = _python_in(given) if os.path.isdir(given) else _program(given, environ)
        if path is None:
            raise NoInterpreterError(f"--python: {given} is no Python and no virtual environment")
        return Interpreter(path, "--python")
    return next(_candidates(root, folders, environ), Interpreter(sys.executable, "the Python of celery-backend-lint"))


def _candidates(root: str, folders: Sequence[str], environ: Mapping[str, str]) -> Iterator[Interpreter]:
    active = environ.get("VIRTUAL_ENV")
    if active and os.path.realpath(active) != os.path.realpath(sys.prefix):  # pre-commit activates this tool's own
        yield from _found(active, "the active virtual environment")
    near = list(_upwards(root, folders))
    chosen = environ.get("UV_PROJECT_ENVIRONMENT")
    if chosen:
        yield from _found(os.path.join(root, chosen), "UV_PROJECT_ENVIRONMENT")
    for folder in near:
        for name in FOLDERS:
            path = os.path.join(folder, name)
            if os.path.isfile(os.path.join(path, "pyvenv.cfg")):
                yield from _found(path, f"the folder {os.path.relpath(path, root)}")
        try:
            with open(os.path.join(folder, ".pdm-python"), encoding="utf-8") as file:
                named = file.read().strip()
        except (OSError, ValueError):
            named = ""
        if os.access(named, os.X_OK) and os.path.isfile(named):
            yield Interpreter(named, "PDM (.pdm-python)")
    for folder in near:
        for lock, command, tool in TOOLS:
            if os.path.isfile(os.path.join(folder, lock)):
                yield from _found(_answer(command, folder), tool)
    conda = environ.get("CONDA_PREFIX")
    if conda:
        yield from _found(conda, "the active conda environment")


def _upwards(root: str, folders: Sequence[str]) -> Iterator[str]:
    """The folders of the apps, those around them up to the root, and the root; each once."""
    seen = set()
    for folder in (*folders, ""):
        parts = [part for part in folder.split("/") if part]
        for count in range(len(parts), -1, -1):
            path = os.path.join(root, *parts[:count])
            if path not in seen:
                seen.add(path)
                yield path


def _found(environment: str, how: str) -> Iterator[Interpreter]:
    path = _python_in(environment) if environment else None
    if path is not None:
        yield Interpreter(path, how)


def _python_in(environment: str) -> str | None:
    for name in ("python", "python3"):
        path = os.path.join(os.path.abspath(environment), "bin", name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return None


def _program(name: str, environ: Mapping[str, str]) -> str | None:
    import shutil

    found = shutil.which(name, path=environ.get("PATH"))
    return None if found is None else os.path.abspath(found)


def _answer(command: Sequence[str], folder: str) -> str:
    """What a tool prints, ``""`` when it is not there, fails or takes too long."""
    import shutil
    import subprocess

    if shutil.which(command[0]) is None:
        return ""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""

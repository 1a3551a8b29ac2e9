"""Virtual environments with a certain Celery, made once and kept in ``.oracle/`` (or in ``CBL_ORACLE_HOME``).

A folder is made by the first that needs it and reused by all; a file lock keeps pytest's workers apart. Making one
needs a package index. Where none is reachable the test is skipped, or fails with ``CBL_REQUIRE_SERVICES=1``.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.oracle.server import CeleryProcess
from tests.services import unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
LOAD = Path(__file__).with_name("load.py")
#: The releases that proofs and the oracle compare; ``newest`` is the Celery that the tests themselves run with.
VERSIONS = ("5.3.6", "5.5.3", "5.6.3", "newest")
#: What example projects import beside Celery.
COMPANIONS = (
    "attrs",
    "dj-database-url",
    "django",
    "django-celery-results",
    "django-configurations",
    "django-environ",
    "django-split-settings",
    "dynaconf",
    "environs",
    "flask",
    "flask-celeryext",
    "msgpack",
    "pydantic-settings",
    "python-decouple",
    "python-dotenv",
    "pyyaml",
    "redis",
    "sqlalchemy",
    "starlette",
)

#: What most processes import of an environment, if it is there.
OFTEN_IMPORTED = (
    "attr",
    "celery.app.defaults",
    "celery.backends.database",
    "celery.backends.redis",
    "celery.backends.rpc",
    "celery.bin.celery",
    "celery.concurrency.prefork",
    "celery.fixups.django",
    "celery.loaders.default",
    "celery.worker",
    "django.core.checks.urls",
    "django.db.models",
    "django.views.debug",
    "flask",
    "kombu.transport.pyamqp",
    "kombu.transport.redis",
    "pydantic_settings",
    "sqlalchemy.dialects.postgresql",
    "sqlalchemy.dialects.sqlite",
)
IMPORT = """
import importlib, sys

for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except Exception:
        pass
"""


def newest_celery() -> str:
    """The version of Celery beside this Python."""
    return importlib.metadata.version("celery")


def oracle_home() -> Path:
    """The folder that keeps what tests download."""
    return Path(os.environ.get("CBL_ORACLE_HOME") or ROOT / ".oracle")


def environment(*requirements: str, name: str = "") -> Path:
    """The Python of a virtual environment that holds just these requirements, made when it is missing.

    ``name`` is what to call its folder; without it the requirements do, but for `COMPANIONS`.
    """
    home = oracle_home()
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    named = [text for text in requirements if text not in COMPANIONS]
    suffix = "" if set(COMPANIONS) <= set(requirements) else "-bare"
    folder = home / (name or re.sub(r"[^A-Za-z0-9.]+", "-", "-".join(named)) + suffix + "-py" + python)
    interpreter = folder / "bin" / "python"
    stamp = folder / "requirements.txt"
    wanted = "\n".join(requirements) + "\n"
    home.mkdir(parents=True, exist_ok=True)
    with (home / (folder.name + ".lock")).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (stamp.is_file() and stamp.read_text() == wanted and interpreter.exists()):
            build(folder, requirements)
            keep_bytecode(interpreter)
            stamp.write_text(wanted)
    return interpreter


def build(folder: Path, requirements: tuple[str, ...]) -> None:
    """Make the environment from nothing, with uv where it works, else with venv and pip (they are set up apart)."""
    uv = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    interpreter = folder / "bin" / "python"
    ways = [
        [
            [sys.executable, "-m", "venv", str(folder)],
            [str(interpreter), "-m", "pip", "install", "--quiet", *requirements],
        ]
    ]
    if uv:
        ways.insert(
            0,
            [
                [uv, "venv", "--quiet", "--python", sys.executable, str(folder)],
                [uv, "pip", "install", "--quiet", "--python", str(interpreter), *requirements],
            ],
        )
    problem = ""
    for way in ways:
        shutil.rmtree(folder, ignore_errors=True)
        for command in way:
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                problem = f"the command `{' '.join(command)}` says: {done.stderr.strip()[-400:]}"
                break
        else:
            return
    unavailable("A virtual environment with " + " ".join(requirements), f"a package index ({problem})")


def keep_bytecode(interpreter: Path) -> None:
    """Compile what is often imported, which uv leaves to the first import.

    With ``PYTHONDONTWRITEBYTECODE`` every process would do it again: to start the oracle then takes three times as
    long.
    """
    writing = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([str(interpreter), "-c", IMPORT, *OFTEN_IMPORTED], env=writing, capture_output=True)


def celery_environment(version: str) -> Path:
    """The Python with that Celery and `COMPANIONS`; ``newest`` is the one that runs the tests."""
    if version in ("newest", newest_celery()):
        return Path(sys.executable)
    return environment(f"celery=={version}", *COMPANIONS)


@pytest.fixture(scope="session")
def oracle() -> Iterator[Callable[[str], CeleryProcess]]:
    """A function from a version of Celery (see `VERSIONS`) to the oracle that has it: one process for all tests."""
    with contextlib.ExitStack() as stack:

        @functools.cache
        def process_of(version: str) -> CeleryProcess:
            return stack.enter_context(CeleryProcess(celery_environment(version), LOAD))

        yield process_of


@pytest.fixture(scope="session")
def celery_python() -> Callable[[str], Path]:
    """A function from a version of Celery (see `VERSIONS`) to a Python that has it."""
    return celery_environment

"""CBL203 is true: what pip and uv refuse, and what they find instead."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.services import unavailable


def resolve(*requirements: str, python: str = "3.11") -> dict[str, str]:
    """The version of each package that uv would install; empty where it refuses the requirements."""
    command = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "compile",
        "--quiet",
        "--no-annotate",
        "--no-header",
        "--no-python-downloads",
        "-",
    ]
    done = subprocess.run(
        [*command, "--python-version", python], input="\n".join(requirements), capture_output=True, text=True
    )
    if done.returncode and "unsatisfiable" in done.stderr:
        return {}
    if done.returncode:
        unavailable("This test", f"uv and a package index ({done.stderr.strip()[-200:]})")
    return dict(line.split("==") for line in done.stdout.splitlines() if "==" in line)


@pytest.mark.parametrize(
    "requirements",
    [
        ("celery[redis]==5.5.3", "redis==7.1.0"),
        ("celery[redis]==5.7.0", "redis==5.0.8"),
        ("celery[sqlalchemy]==5.5.3", "sqlalchemy>=2.1"),
        ("celery==5.6.3", "kombu==5.3.0"),
    ],
)
def test_these_are_refused(requirements: tuple[str, ...]) -> None:
    assert resolve(*requirements) == {}


def test_pip_refuses_as_well() -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
    done = subprocess.run([*command, "celery==5.6.3", "kombu==5.3.0"], capture_output=True, text=True)
    if "from versions: none" in done.stderr:
        unavailable("This test", "a package index")
    assert "ResolutionImpossible" in done.stderr, done.stderr


@pytest.mark.parametrize(
    ("requirements", "celery", "kombu"),
    [
        (("celery[redis]==5.6.3", "redis==5.2.1"), "5.6.3", "5.6.2"),
        (("celery[redis]>=5.3", "redis==4.6.0"), "5.6.3", "5.6.2"),
        (("celery[redis]==5.5.3", "redis>=4.5.2,<=5.2.1"), "5.5.3", "5.5.4"),
    ],
)
def test_these_go_together(requirements: tuple[str, ...], celery: str, kombu: str) -> None:
    found = resolve(*requirements)
    assert (found["celery"], found["kombu"]) == (celery, kombu)


def test_an_older_python_gets_an_older_kombu() -> None:
    assert resolve("celery==5.3.6", "redis==5.0.1")["kombu"] == "5.7.0"
    assert resolve("kombu>=5.3.4,<6.0", python="3.9")["kombu"] == "5.6.2"

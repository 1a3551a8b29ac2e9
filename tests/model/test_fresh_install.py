"""What a fresh install gets, as uv resolves the same requirements."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.model import facts
from celery_backend_lint.model.fresh_install import candidates, install, kombus
from celery_backend_lint.model.versions import admits
from tests.model.build import model_of
from tests.services import unavailable

if TYPE_CHECKING:
    from pathlib import Path

    from celery_backend_lint.model.fresh_install import FreshInstall

APP = 'from celery import Celery\n\napp = Celery("shop", backend="redis://cache/0")\n'


def read(root: Path, requirements: str, package: str = "redis", minor: int = 11) -> FreshInstall | None:
    model = model_of(root, {"tasks.py": APP, "requirements.txt": requirements})
    found = candidates(model.manifests.for_path("tasks.py"), package, package, (3, minor))
    assert found is not None
    return install(found, package, package)


@pytest.mark.parametrize(
    ("requirements", "package"),
    [
        ("celery[redis]==5.6.3\nredis==5.2.1\n", "redis"),
        ("celery[redis]>=5.3\nredis==4.6.0\n", "redis"),
        ("celery==5.3.6\nredis==5.0.1\n", "redis"),
        ("celery[sqlalchemy]<5.6\n", "sqlalchemy"),
        ("celery[redis]\nkombu<5.6\n", "redis"),
    ],
)
def test_it_is_what_uv_takes(tmp_path: Path, requirements: str, package: str) -> None:
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-header", "--no-annotate", "-"]
    done = subprocess.run([*command, "--python-version", "3.11"], input=requirements, capture_output=True, text=True)
    if done.returncode:
        unavailable("This test", f"uv and a package index ({done.stderr.strip()[-200:]})")
    taken = dict(line.split("==") for line in done.stdout.splitlines())
    found = read(tmp_path, requirements, package)
    assert found is not None
    told = (found.celery, found.kombu, found.package)
    uv = tuple(facts.release_of(taken[name]) for name in ("celery", "kombu", package))
    newer = [name for name in ("celery", "kombu", package) if not admits(f"<={facts.releases(name)[-1]}", taken[name])]
    assert told == uv or newer, "but for releases that are newer than the tables"


def test_nothing_goes_together(tmp_path: Path) -> None:
    assert read(tmp_path, "celery[redis]==5.5.3\nredis==7.1.0\n") is None


def test_an_older_python_gets_an_older_kombu(tmp_path: Path) -> None:
    found = read(tmp_path, "celery==5.6.3\nredis==5.0.1\n", minor=9)
    assert found is not None
    assert found.kombu == (5, 6, 2)


@pytest.mark.parametrize(("version", "known"), [("<2", None), ("==99", ("99",)), (">=6.4,<6.5", ("6.4.0",))])
def test_releases_that_may_be_taken(tmp_path: Path, version: str, known: tuple[str, ...] | None) -> None:
    model = model_of(tmp_path, {"tasks.py": APP, "requirements.txt": f"celery==5.6.3\nredis{version}\n"})
    found = candidates(model.manifests.for_path("tasks.py"), "redis", "redis", (3, 11))
    assert (found.package if found is not None else None) == known


def test_every_python_that_is_named_counts(tmp_path: Path) -> None:
    files = {
        "tasks.py": APP,
        "requirements.txt": "celery==5.6.3\n",
        "Dockerfile": "FROM python:3.9\nFROM python:3.12\n",
    }
    model = model_of(tmp_path, files)
    held = model.manifests.for_path("tasks.py")
    assert kombus(model.project, held, (5, 6, 3)) == ((5, 6, 2), (5, 7, 0))

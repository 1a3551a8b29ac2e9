"""What is written into manifests is what pip makes of Celery's own extras."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.model import facts
from celery_backend_lint.model.manifests.selection import ManifestSet
from celery_backend_lint.model.wanted_requirements import wanted
from tests.services import unavailable

if TYPE_CHECKING:
    from pathlib import Path


def resolve(folder: Path, *requirements: str) -> dict[str, str]:
    """The version of each package that pip would install, by name."""
    if importlib.util.find_spec("pip") is None:
        unavailable("This test", "pip beside the Python that runs it")
    report = folder / "report.json"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--report", report]
    done = subprocess.run([*command, *requirements], capture_output=True, text=True)
    if "No matching distribution found" in done.stderr and "from versions: none" in done.stderr:
        unavailable("This test", "a package index")
    assert done.returncode == 0, done.stderr
    installed = json.loads(report.read_text())["install"]
    return {one["metadata"]["name"].lower(): one["metadata"]["version"] for one in installed}


@pytest.mark.parametrize(
    ("celery", "package", "extra"), [("5.5.3", "redis", "redis"), ("5.7.0", "sqlalchemy", "sqlalchemy")]
)
def test_a_requirement_beside_celery_gives_what_the_extra_gives(
    tmp_path: Path, celery: str, package: str, extra: str
) -> None:
    needed = wanted(ManifestSet([], []), package, extra, facts.release_of(celery))
    assert not needed.whole
    beside = resolve(tmp_path, f"celery=={celery}", needed.requirement)
    assert beside == resolve(tmp_path, f"celery[{extra}]=={celery}")
    assert beside[package]


def test_where_the_extra_is_more_than_its_package_it_is_asked_for(tmp_path: Path) -> None:
    needed = wanted(ManifestSet([], []), "redis", "redis", facts.release_of("5.7.0"))
    assert needed.whole
    more = (
        resolve(tmp_path, "celery[redis]==5.7.0").keys() - resolve(tmp_path, "celery==5.7.0", needed.requirement).keys()
    )
    assert more == {"packaging"}


def test_raised_floors_go_with_the_extra(tmp_path: Path) -> None:
    assert resolve(tmp_path, "celery[redis]==5.7.0", "redis>=6.4.0,<7")["redis"].startswith("6.")
    assert resolve(tmp_path, "celery[sqlalchemy]==5.5.3", "sqlalchemy>=1.4.48,<2")["sqlalchemy"].startswith("1.4.")


def test_a_redis_that_is_too_old_is_raised_to_the_first_that_goes_with_celery(tmp_path: Path) -> None:
    raised = resolve(tmp_path, "celery[redis]>=5.6,<5.7", "redis>=4.5.2,<5")
    assert (raised["celery"], raised["kombu"], raised["redis"]) == ("5.6.3", "5.6.2", "4.6.0")


def test_the_extra_of_kombu_goes_with_celery_5_4(tmp_path: Path) -> None:
    found = resolve(tmp_path, "celery==5.4.0", "kombu[redis]")
    assert facts.release_of(found["kombu"]) >= (5, 7, 0)
    assert facts.release_of(found["redis"]) >= (6, 1, 0)
    assert "packaging" in found

"""The oracle over fixed projects: every case of every rule, and a project for each configuration style."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.model import facts, read_model
from celery_backend_lint.project.discovery import open_project
from tests.cases import Case, read_case, rule_cases
from tests.oracle.compare import compare
from tests.oracle.environments import VERSIONS, newest_celery
from tests.oracle.server import CeleryProcess

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
STYLES = [read_case(path) for path in sorted((HERE / "styles").glob("*.txt"))]


EVERY = os.environ.get("CBL_ORACLE_EVERY") == "1"
"""Load every rule's case with every release, for campaigns: six minutes more on two cores."""

OLDER = tuple(version for version in VERSIONS if version != "newest")


def releases_for(number: int) -> tuple[str, ...]:
    """The releases that a rule's case is loaded with: the newest, and the older ones in turn."""
    return VERSIONS if EVERY else (OLDER[number % len(OLDER)], "newest")


@pytest.fixture(scope="session")
def celery_process(oracle: Callable[[str], CeleryProcess]) -> Callable[[str], tuple[str, CeleryProcess]]:
    return lambda release: (newest_celery() if release == "newest" else release, oracle(release))


def check(case: Case, celery: tuple[str, CeleryProcess], root: Path) -> None:
    version, process = celery
    if version not in case.head.get("celery", [version]):
        return
    paths, entry = tuple(case.head.get("sys_path", [])), case.head.get("entry")
    result = compare(case.write(root), version, process, paths, case.head.get("environments"), entry=entry)
    if case.head.get("load", True):
        assert result.contradictions == []
        assert result.unloadable == []
    else:  # nor can it load a configuration that imports what is missing
        assert [one for one in result.contradictions if "ModuleNotFoundError: No module named" not in one] == []


@pytest.mark.parametrize(
    ("case", "release"),
    [
        # Tracing doubles the time, and what is read of a style differs little between releases.
        pytest.param(
            case, release, id=f"{case.path.stem}-{release}", marks=[] if release == "newest" else pytest.mark.no_cover
        )
        for case in STYLES
        for release in VERSIONS
    ],
)
def test_style(
    case: Case, release: str, celery_process: Callable[[str], tuple[str, CeleryProcess]], tmp_path: Path
) -> None:
    check(case, celery_process(release), tmp_path)


@pytest.mark.parametrize("case", [case for case in STYLES if "apps" in case.head], ids=lambda case: case.path.stem)
def test_apps_of_a_style(case: Case, tmp_path: Path) -> None:
    """``apps = [[name or "*", kind, source]]``: of each app by path and line, as the JSON report has them."""
    model = read_model(open_project([str(case.write(tmp_path))], str(tmp_path)))
    apps = model.apps if model is not None else ()
    told = [[app.name, app.result_backend.kind, app.result_backend.source] for app in apps]
    names = [wanted[0] for wanted in case.head["apps"]]
    if len(names) == len(told):
        told = [["*" if name == "*" else one[0], *one[1:]] for name, one in zip(names, told, strict=True)]
    assert told == case.head["apps"]


@pytest.mark.no_cover  # tests/rules/test_cases.py reads the same projects
@pytest.mark.parametrize(
    ("case", "release"),
    [
        pytest.param(case, release, id=f"{case.path.parent.name}/{case.path.stem}-{release}")
        for number, case in enumerate(rule_cases())
        for release in releases_for(number)
    ],
)
def test_rule_case(
    case: Case, release: str, celery_process: Callable[[str], tuple[str, CeleryProcess]], tmp_path: Path
) -> None:
    check(case, celery_process(release), tmp_path)


def test_tables_know_every_release_that_the_oracle_asks() -> None:
    for version in VERSIONS:
        if version != "newest":
            assert facts.release_of(version) in facts.celery_versions()

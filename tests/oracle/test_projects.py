"""The oracle over fixed projects: every case of every rule, and a project for each configuration style."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.model import facts
from tests.cases import Case, read_case, rule_cases
from tests.oracle.compare import compare
from tests.oracle.environments import VERSIONS, newest_celery
from tests.oracle.server import CeleryProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parent
STYLES = [read_case(path) for path in sorted((HERE / "styles").glob("*.txt"))]


@pytest.fixture(scope="module", params=VERSIONS)
def celery_process(request: pytest.FixtureRequest, celery_python: Callable[[str], Path]) -> Iterator[tuple[str, CeleryProcess]]:
    version = newest_celery() if request.param == "newest" else request.param
    with CeleryProcess(celery_python(request.param), HERE / "load.py") as process:
        yield version, process


def check(case: Case, celery_process: tuple[str, CeleryProcess], root: Path) -> None:
    version, process = celery_process
    if version not in case.head.get("celery", [version]):
        return
    result = compare(case.build(root), version, process, tuple(case.head.get("sys_path", [])))
    assert result.contradictions == []
    if case.head.get("load", True):
        assert result.unloadable == []


@pytest.mark.parametrize("case", STYLES, ids=lambda case: case.path.stem)
def test_style(case: Case, celery_process: tuple[str, CeleryProcess], tmp_path: Path) -> None:
    check(case, celery_process, tmp_path)


@pytest.mark.parametrize("case", rule_cases(), ids=lambda case: f"{case.path.parent.name}/{case.path.stem}")
def test_rule_case(case: Case, celery_process: tuple[str, CeleryProcess], tmp_path: Path) -> None:
    check(case, celery_process, tmp_path)


def test_tables_know_every_release_that_the_oracle_asks() -> None:
    for version in VERSIONS:
        if version != "newest":
            assert facts.release_of(version) in facts.celery_versions()

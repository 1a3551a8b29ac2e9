"""The oracle over projects that hypothesis writes, each loaded by real Celery of several releases.

Every module of ``tests/oracle/generators`` with a function ``make_project`` writes projects in the configuration styles
that it is named for. ``CBL_ORACLE_EXAMPLES`` is the number of projects of each for each release; with it they differ
from run to run.
"""

from __future__ import annotations

import importlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from tests.evaluate.agreement import write
from tests.oracle.compare import compare
from tests.oracle.environments import VERSIONS, newest_celery
from tests.oracle.generators.project import GeneratedProject
from tests.oracle.server import CeleryProcess

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
CAMPAIGN = "CBL_ORACLE_EXAMPLES" in os.environ
EXAMPLES = int(os.environ.get("CBL_ORACLE_EXAMPLES", "40"))
MOST_UNKNOWN = 0.05
"""The part of all compared settings that may stay unknown: more, and the generator writes what is not read."""
STYLES = [
    path.stem for path in sorted((HERE / "generators").glob("*.py")) if b"\ndef make_project(" in path.read_bytes()
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("style", STYLES)
def test_what_is_claimed_of_a_generated_project_is_what_celery_has(
    style: str, version: str, celery_python: Callable[[str], Path]
) -> None:
    make_project = importlib.import_module(f"tests.oracle.generators.{style}").make_project

    @st.composite
    def projects(draw: st.DrawFn) -> GeneratedProject:
        made: GeneratedProject = make_project(lambda low, high: draw(st.integers(low, high)))
        return made

    release = newest_celery() if version == "newest" else version
    confirmed = unknown = 0

    with CeleryProcess(celery_python(version), HERE / "load.py") as process:

        @settings(
            max_examples=EXAMPLES, deadline=None, derandomize=not CAMPAIGN, database=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(projects())
        def agree(project: GeneratedProject) -> None:
            nonlocal confirmed, unknown
            note("\n".join(f"-- {path} --\n{text}" for path, text in project.files.items() if text))
            with tempfile.TemporaryDirectory() as folder:
                root = Path(folder).resolve()
                write(root, project.files)
                found = compare(root, release, process, (), project.environments, project.entry)
            confirmed += found.confirmed
            unknown += found.unknown
            assert found.contradictions == []

        agree()
    assert confirmed
    assert unknown <= MOST_UNKNOWN * (confirmed + unknown)

"""The oracle over projects that hypothesis writes, each loaded by real Celery of several releases.

Every module of ``tests/oracle/generators`` with a function ``make_project`` writes projects in the configuration styles
that it is named for; how much of them may stay unknown it says in ``MOST_UNKNOWN``.

A campaign has ``CBL_ORACLE_EXAMPLES`` projects of each for each release. They differ from run to run; all are written
and every contradiction is told, with its project, instead of the first one made small. With ``CBL_ORACLE_TABLE`` a line
of counts for each style and release is added to that file.
"""

from __future__ import annotations

import importlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from tests.evaluate.agreement import write
from tests.oracle.compare import compare
from tests.oracle.environments import VERSIONS, newest_celery
from tests.oracle.generators.project import MOST_UNKNOWN, GeneratedProject
from tests.oracle.server import CeleryProcess

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
CAMPAIGN = "CBL_ORACLE_EXAMPLES" in os.environ
EXAMPLES = int(os.environ.get("CBL_ORACLE_EXAMPLES", "30"))
TABLE = os.environ.get("CBL_ORACLE_TABLE")
PHASES = (Phase.generate,) if CAMPAIGN else tuple(Phase)
STYLES = [
    path.stem for path in sorted((HERE / "generators").glob("*.py")) if b"\ndef make_project(" in path.read_bytes()
]


@pytest.mark.parametrize(
    "version",
    # Tracing doubles the time, and what is read of a project differs little between releases.
    [pytest.param(version, marks=[] if version == "newest" else pytest.mark.no_cover) for version in VERSIONS],
)
@pytest.mark.parametrize("style", STYLES)
def test_what_is_claimed_of_a_generated_project_is_what_celery_has(
    style: str, version: str, celery_python: Callable[[str], Path]
) -> None:
    generator = importlib.import_module(f"tests.oracle.generators.{style}")

    @st.composite
    def projects(draw: st.DrawFn) -> GeneratedProject:
        made: GeneratedProject = generator.make_project(lambda low, high: draw(st.integers(low, high)))
        return made

    release = newest_celery() if version == "newest" else version
    count = loaded = confirmed = unknown = 0
    contradicted: list[str] = []

    with CeleryProcess(celery_python(version), HERE / "load.py") as process:

        @settings(
            max_examples=EXAMPLES, deadline=None, derandomize=not CAMPAIGN, database=None, phases=PHASES,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(projects())
        def agree(project: GeneratedProject) -> None:
            nonlocal count, loaded, confirmed, unknown
            text = "\n".join(f"-- {path} --\n{text}" for path, text in project.files.items() if text)
            note(text)
            with tempfile.TemporaryDirectory() as folder:
                root = Path(folder).resolve()
                write(root, project.files)
                found = compare(root, release, process, (), project.environments, project.entry)
            count += 1
            loaded += bool(found.confirmed or found.unknown or found.contradictions)
            confirmed += found.confirmed
            unknown += found.unknown
            if CAMPAIGN and found.contradictions:
                contradicted.append("\n".join([*found.contradictions, text]))
            else:
                assert found.contradictions == []

        agree()
    if TABLE:
        with Path(TABLE).open("a", encoding="utf-8") as table:
            table.write(f"{style}\t{release}\t{count}\t{loaded}\t{confirmed}\t{unknown}\t{len(contradicted)}\n")
    assert contradicted == [], "\n\n".join(contradicted)
    assert loaded
    if not CAMPAIGN:  # where hypothesis may dwell on one form: the table tells how much stays unknown
        assert unknown <= getattr(generator, "MOST_UNKNOWN", MOST_UNKNOWN) * (confirmed + unknown)

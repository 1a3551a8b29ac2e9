"""A rule for which there is no evidence would have found nothing, and is not imported."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from celery_backend_lint.model import read_model
from celery_backend_lint.project.discovery import open_project
from celery_backend_lint.rules.catalogue import available, load
from celery_backend_lint.rules.evidence import NEEDS, Evidence
from tests.cases import HERE, Case, read_case

STYLES = [read_case(path) for path in sorted((HERE / "oracle" / "styles").glob("*.txt"))]
RULES = {entry.code: entry for entry in available()}

LOADED = """
import json, sys
from celery_backend_lint.cli import main
main(sys.argv[1:])
print(json.dumps([name.rpartition(".")[2] for name in sys.modules if ".rules.cbl" in name]))
"""


def test_each_condition_is_a_rules() -> None:
    assert set(NEEDS) <= set(RULES)


@pytest.mark.parametrize("case", STYLES, ids=[case.path.stem for case in STYLES])
def test_without_evidence_a_rule_finds_nothing(case: Case, tmp_path: Path) -> None:
    case.write(tmp_path)
    model = read_model(open_project(["."], str(tmp_path)), wants_advice=False)
    assert model is not None
    evidence = Evidence(model)
    idle = [code for code in NEEDS if not evidence.is_for(code)]
    assert "CBL002" in idle
    for code in idle:
        assert list(load(RULES[code]).check(model)) == []


@pytest.mark.parametrize(
    ("text", "arguments", "loaded"),
    [
        ("result_backend = 'redis://h/0'\n", (), {"cbl102_unknown_backend"}),
        ("result_expires = 60\n", (), {"cbl505_results_expire_too_soon", "cbl801_result_without_backend"}),
        ("result_expires = 60\n", ("--min-severity", "advice"), {"cbl101_no_result_backend"}),
    ],
)
def test_a_rule_is_imported_where_there_is_evidence(
    text: str, arguments: tuple[str, ...], loaded: set[str], tmp_path: Path
) -> None:
    (tmp_path / "tasks.py").write_text("from celery import Celery\napp = Celery('a')\napp.config_from_object('c')\n")
    (tmp_path / "c.py").write_text(text)
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments, "."], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    names = set(json.loads(done.stdout.splitlines()[-1]))
    some = {
        "cbl101_no_result_backend",
        "cbl102_unknown_backend",
        "cbl505_results_expire_too_soon",
        "cbl801_result_without_backend",
    }
    assert loaded <= names
    assert "cbl121_django_cache_confusion" not in names
    if not arguments:
        assert names & some == loaded

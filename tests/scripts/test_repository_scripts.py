"""README's generated parts, and the skeleton of a rule."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, ROOT / "scripts" / script, *arguments], capture_output=True, text=True)


def test_readme_says_what_the_tool_says() -> None:
    done = run("generate_readme.py", "--check")
    assert (done.returncode, done.stderr) == (0, "")


def test_the_skeleton_of_a_rule_is_a_rule(tmp_path: Path) -> None:
    done = run("new_rule.py", "CBL799", "made-by-test", "--severity", "advice", "--root", str(tmp_path))
    assert done.returncode == 0, done.stderr
    module, proof = done.stdout.split()
    assert (module, proof) == (
        "celery_backend_lint/rules/cbl799_made_by_test.py",
        "tests/rules/cbl799/test_proof.py",
    )
    names: dict[str, object] = {}
    exec((tmp_path / module).read_text(), names)
    assert getattr(names["RULE"], "code", None) == "CBL799"
    assert callable(names["check_made_by_test"])
    again = run("new_rule.py", "CBL799", "another", "--root", str(tmp_path))
    assert again.returncode == 2
    assert "CBL799 is cbl799_made_by_test.py already" in again.stderr


@pytest.mark.parametrize("arguments", [("CBL79", "name"), ("CBL799", "Name"), ("CBL799", "two words")])
def test_codes_and_names_of_another_shape_are_refused(tmp_path: Path, arguments: tuple[str, str]) -> None:
    done = run("new_rule.py", *arguments, "--root", str(tmp_path))
    assert done.returncode == 2
    assert not list(tmp_path.iterdir())

"""Fixing and configuring projects in every configuration style: nothing crashes, a refusal changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from celery_backend_lint.cli import main
from tests.cases import Case, read_case

STYLES = [read_case(path) for path in sorted((Path(__file__).parents[1] / "oracle/styles").glob("*.txt"))]
COMMANDS = {
    "fix": ["--fix", "--unsafe-fixes", "--min-severity", "advice", "--isolated"],
    "redis": ["configure", "redis", "--no-input", "--isolated", "--health-check"],
    "database": ["configure", "database", "--no-input", "--isolated"],
    "rpc": ["configure", "rpc", "--no-input", "--isolated"],
}


def tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("case", STYLES, ids=lambda case: case.path.stem)
def test_style(
    case: Case, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = case.write(tmp_path)
    monkeypatch.chdir(root)
    before = tree(root)
    status = main(COMMANDS[command])
    shown = capsys.readouterr()
    assert "crashed" not in shown.out + shown.err
    assert status in (0, 1, 2)
    if status == 2:
        assert tree(root) == before
        assert "nothing is changed" in shown.err

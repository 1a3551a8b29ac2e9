"""Walking a folder that git does not know."""

from __future__ import annotations

from pathlib import Path

import pytest

from celery_backend_lint.project.discovery import open_project


@pytest.mark.parametrize("pattern", ["[z-a]", "[[:foo:]]", "!"])
def test_a_pattern_that_is_none_is_passed_over(tmp_path: Path, pattern: str) -> None:
    (tmp_path / ".gitignore").write_text(f"{pattern}\nhidden.py\n")
    for name in ("hidden.py", "shown.py"):
        (tmp_path / name).write_text("")
    project = open_project([str(tmp_path)], str(tmp_path))
    assert "shown.py" in project.paths()
    assert "hidden.py" not in project.paths()

"""The campaign of fixes on a small project: what it prints, keeps and leaves alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.project.repositories import run_git, write

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "fix_projects.py"
CODE = 'from celery import Celery\n\napp = Celery("shop", backend="redis://cache.example.com/0")\n'


def test_every_step_is_taken_on_a_clone(tmp_path: Path) -> None:
    root = tmp_path / "somebody__shop"
    write(root, {"tasks.py": CODE, "requirements.txt": "celery[redis]>=5.4\n"})
    run_git(root, "init", "-q")
    run_git(root, "add", ".")
    run_git(root, "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-q", "-m", "x")
    done = subprocess.run(
        [sys.executable, SCRIPT, root, "--into", tmp_path / "clones", "--steps", "ac"], capture_output=True, text=True
    )
    assert done.stdout.splitlines() == ["project | (a) | (c)", "somebody__shop | 1f 4/4 | 3f 0nd 0l"]
    assert (done.returncode, done.stderr) == (0, "")
    clone = tmp_path / "clones" / "somebody__shop"
    assert "+++ b/tasks.py" in (clone / "a.diff").read_text()
    assert (clone / "c.out").exists()
    assert (root / "tasks.py").read_text() == CODE

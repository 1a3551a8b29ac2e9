"""Prints what ``verify`` says of each fault of tests/verify/live/faults.py: step, cause, seconds, what is left behind.

``.venv/bin/python scripts/verify_faults.py [WORD]`` starts the faulty servers itself; WORD chooses faults by name. Ends
with 1 where a fault is not found as its row says.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.verify.live.faults import FAULTS  # noqa: E402 - found by its folder

if TYPE_CHECKING:
    from tests.verify.live.site import Fault

COMMAND = [sys.executable, "-m", "celery_backend_lint", "verify", "--isolated", "--format", "json"]
HEADS = ("fault", "step", "cause", "seconds", "left behind", "secrets shown", "as expected")


def main() -> int:
    """Print the table as it comes."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    print("| " + " | ".join(HEADS) + " |")
    print("|" + " --- |" * len(HEADS))
    wrong = 0
    for fault in FAULTS:
        if wanted not in fault.name:
            continue
        row, right = tried(fault)
        wrong += not right
        print("| " + " | ".join(row) + " |", flush=True)
    return int(wrong > 0)


def tried(fault: Fault) -> tuple[list[str], bool]:
    """A row of the table, and whether it is what was to come."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with fault.start(folder) as site:
            project = folder / "project"
            for path, text in site.files.items():
                (project / path).parent.mkdir(parents=True, exist_ok=True)
                (project / path).write_text(dedent(text), encoding="utf-8")
            begun = time.monotonic()
            done = subprocess.run(
                [*COMMAND, "--python", sys.executable, *fault.arguments, str(project)],
                capture_output=True,
                text=True,
                check=False,
                cwd=project,
            )
            seconds = time.monotonic() - begun
            left = site.left()
        shown = [secret for secret in site.secrets if secret in done.stdout + done.stderr]
    [app] = json.loads(done.stdout)["apps"]
    failed = [(step["name"], step["cause"]) for step in app["live"]["steps"] if step["status"] == "failed"]
    step, cause = failed[0] if failed else ("none", "none")
    right = failed == [(fault.step, fault.cause)] and len(left) == fault.left and not shown
    said = f"{len(left)}, said to be {len(app['live']['left'])}" if app["live"]["left"] or left else "nothing"
    return [fault.name, step, cause, f"{seconds:.1f}", said, str(len(shown)), "yes" if right else "NO"], right


if __name__ == "__main__":
    sys.exit(main())

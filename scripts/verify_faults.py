"""Prints what ``verify`` says of each fault of tests/verify/live/faults.py: step, cause, seconds, what is left behind.

``.venv/bin/python scripts/verify_faults.py [WORD] [--python PATH]`` starts the faulty servers; WORD chooses faults
by name, PATH is the Python with the Celery to try. Ends with 1 where a fault is not found as its row says.
"""

from __future__ import annotations

import argparse
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
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("word", nargs="?", default="")
    parser.add_argument("--python", default=sys.executable)
    given = parser.parse_args()
    print("| " + " | ".join(HEADS) + " |")
    print("|" + " --- |" * len(HEADS))
    wrong = 0
    for fault in FAULTS:
        if given.word not in fault.name:
            continue
        row, right = tried(fault, str(Path(given.python).absolute()))
        wrong += not right
        print("| " + " | ".join(row) + " |", flush=True)
    return int(wrong > 0)


def tried(fault: Fault, python: str) -> tuple[list[str], bool]:
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
                [*COMMAND, "--python", python, *fault.arguments, str(project)],
                capture_output=True,
                text=True,
                check=False,
                cwd=project,
            )
            seconds = time.monotonic() - begun
            left = site.left()
        shown = [secret for secret in site.secrets if secret in done.stdout + done.stderr]
    try:
        [app] = json.loads(done.stdout)["apps"]
    except ValueError:
        return [fault.name, *["crash"] * 5, "NO"], False
    if app["live"] is None:
        return [fault.name, "loading", *["none"] * 4, "NO"], False
    failed = [(step["name"], step["cause"]) for step in app["live"]["steps"] if step["status"] == "failed"]
    step, cause = failed[0] if failed else ("none", "none")
    right = failed == [(fault.step, fault.cause)] and len(left) == fault.left and not shown
    said = f"{len(left)}, said to be {len(app['live']['left'])}" if app["live"]["left"] or left else "nothing"
    return [fault.name, step, cause, f"{seconds:.1f}", said, str(len(shown)), "yes" if right else "NO"], right


if __name__ == "__main__":
    sys.exit(main())

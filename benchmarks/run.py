"""Print what the tool costs, as ratios: ``python benchmarks/run.py [--quick] [FOLDER ...]``.

Each row is measured beside ``python -c pass`` and ``ruff check --no-cache --select F`` on the same project, all three
in turn, since machines are noisy; the ratios are of the fastest runs, the medians stand beside. Without FOLDER the
projects of the budgets are generated. A slow result is printed, never an error.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent))

import projects

if TYPE_CHECKING:
    from collections.abc import Callable

SCRIPTS = Path(sys.executable).parent
LINT = [str(SCRIPTS / "celery-backend-lint")]
PASS = [sys.executable, "-c", "pass"]
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
GROWTH = (1_000, 4_000, 16_000, 64_000)


def once(command: list[str], folder: Path) -> tuple[float, float]:
    """Run a command; the seconds it took and the memory it peaked at, in MiB."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, _, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = 0
    return seconds, usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)


def measured(commands: dict[str, list[str]], folder: Path, rounds: int) -> dict[str, tuple[float, float, float]]:
    """Run the commands in turn; for each the fastest and the median run in seconds, and the peak memory in MiB."""
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for name, command in commands.items():
        once(command, folder)  # to warm the caches
        runs[name].clear()
    for _ in range(rounds):
        for name, command in commands.items():
            runs[name].append(once(command, folder))
    return {
        name: (
            min(seconds for seconds, _ in found),
            statistics.median(seconds for seconds, _ in found),
            max(memory for _, memory in found),
        )
        for name, found in runs.items()
    }


def row(title: str, arguments: list[str], folder: Path, rounds: int, budget: str) -> None:
    """Measure and print one line."""
    commands = {"pass": PASS, "lint": [*LINT, *arguments]}
    ruff = SCRIPTS / "ruff"
    if ruff.exists() and arguments == ["."]:
        commands["ruff"] = [str(ruff), "check", "--no-cache", "--isolated", "--select", "F", "."]
    found = measured(commands, folder, rounds)
    fastest, median, memory = found["lint"]
    by_pass = f"{fastest / found['pass'][0]:6.1f} x"
    by_ruff = f"{fastest / found['ruff'][0]:6.2f} x" if "ruff" in found else "       -"
    print(
        f"{title:<34}{by_pass:>10}{by_ruff:>10}{fastest * 1000:>9.0f}{median * 1000:>9.0f}{memory:>8.0f}   {budget}",
        flush=True,
    )


def main() -> int:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folders", metavar="FOLDER", nargs="*", type=Path, help="measure on these instead")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, and growth up to 4,000 files only")
    options = parser.parse_args()
    rounds = 5 if options.quick else 15
    print(f"{'':<34}{'/ pass':>10}{'/ ruff':>10}{'min ms':>9}{'median':>9}{'MiB':>8}   budget")
    if options.folders:
        for folder in options.folders:
            row(folder.resolve().name[:33], ["."], folder, rounds, "")
        return 0
    work = Path(tempfile.mkdtemp(prefix="benchmark-"))
    try:
        for option in ("--version", "--help"):
            row(option, [option], work, rounds, "3 x pass")
        made: list[tuple[str, Callable[[Path], Path], str]] = [
            ("no Celery, 150 files", projects.without_celery, "4 x pass"),
            ("a service, 150 files", projects.service, "6 x pass"),
            ("large Django, 4,300 files, 28 MB", projects.django, "1 x ruff"),
        ]
        for title, make, budget in made:
            folder = work / "project"
            folder.mkdir()
            row(title, ["."], make(folder), rounds, budget)
            shutil.rmtree(folder)
        for count in GROWTH[:2] if options.quick else GROWTH:
            folder = work / "project"
            folder.mkdir()
            projects.django(folder, count, 3_000)
            row(f"growth, {count:,} files", ["."], folder, 3, "linear, 150 MiB")
            shutil.rmtree(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

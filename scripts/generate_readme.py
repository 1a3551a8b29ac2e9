"""Write the generated parts of README.md: the example's output and the table of rules.

``--check`` only compares, and exits with 1 where they differ. ``.ci/run`` and a test do that.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
EXAMPLE = "examples/shop"


def main() -> int:
    """Write, or with ``--check`` compare."""
    text = README.read_text(encoding="utf-8")
    made = with_part(with_part(text, "example", example()), "rules", rules())
    if "--check" not in sys.argv[1:]:
        README.write_text(made, encoding="utf-8")
        return 0
    if made != text:
        print("README.md is not what scripts/generate_readme.py writes: run it", file=sys.stderr)
        return 1
    return 0


def with_part(text: str, name: str, content: str) -> str:
    """The text with what stands between the markers of ``name`` replaced."""
    begin, end = f"<!-- begin {name} -->\n", f"<!-- end {name} -->\n"
    before, found, rest = text.partition(begin)
    _, ended, after = rest.partition(end)
    if not (found and ended):
        raise ValueError(f"README.md lacks the markers of {name!r}")
    return before + begin + content + end + after


def example() -> str:
    """What the tool says of the example project."""
    command = [sys.executable, "-m", "celery_backend_lint", "--color", "never", EXAMPLE]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    if run.returncode != 1:
        raise RuntimeError(f"the example should have findings: {run.stdout}{run.stderr}")
    return f"```text\n{run.stdout}```\n"


def rules() -> str:
    """A row for each rule there is."""
    from celery_backend_lint.rules.catalogue import available, load

    rows = ["| code | name | severity | finds |", "|---|---|---|---|"]
    for entry in available():
        loaded = load(entry)
        summary = re.sub(r"\s+", " ", loaded.documentation.partition("\n\n")[0])
        rows.append(
            f"| {entry.code} | `{entry.name}` | {loaded.rule.severity.label} | {summary.replace('|', '&#124;')} |"
        )
    return "".join(f"{row}\n" for row in rows)


if __name__ == "__main__":
    sys.exit(main())

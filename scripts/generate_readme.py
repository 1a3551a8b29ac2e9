"""Write the generated parts of README.md: what the tool says of the examples, and the list of rules.

``--check`` only compares, and exits with 1 where they differ. ``.ci/run`` and a test do that.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
EXAMPLE = "examples/shop"
UPGRADE = "examples/upgrade"


def main() -> int:
    """Write, or with ``--check`` compare."""
    text = README.read_text(encoding="utf-8")
    parts = {
        "example": said(EXAMPLE, code=1),
        "settings": said("config", UPGRADE),
        "upgrade": said("config", "--compare", "5.6", "5.7", UPGRADE),
        "fixes": said("--diff", "--unsafe-fixes", EXAMPLE, code=1, language="diff"),
        "rules": rules(),
    }
    made = text
    for name, part in parts.items():
        made = with_part(made, name, part)
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


def said(*arguments: str, code: int = 0, language: str = "text") -> str:
    """What the tool says, as a block in a language; ``code`` is the exit code that it should have."""
    command = [sys.executable, "-m", "celery_backend_lint", *arguments, "--color", "never"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    if run.returncode != code:
        raise RuntimeError(f"{' '.join(arguments)} should end with {code}: {run.stdout}{run.stderr}")
    return f"```{language}\n{run.stdout}```\n"


def rules() -> str:
    """A row for each family of rules, with a link to each rule's page."""
    from generate_rule_pages import FAMILIES

    from celery_backend_lint.rules.catalogue import available

    rows = ["| family | rules |", "|---|---|"]
    for family, title in FAMILIES.items():
        links = [
            f"{entry.code[3:]}&nbsp;[{entry.name}](docs/rules/{entry.name}.md)"
            for entry in available()
            if entry.code.startswith(family)
        ]
        rows.append(f"| **{family}** {title} | {' · '.join(links)} |")
    return "".join(f"{row}\n" for row in rows)


if __name__ == "__main__":
    sys.exit(main())

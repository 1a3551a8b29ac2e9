"""Write ``docs/rules/``: a page for each rule, which is what ``rule CODE`` prints, and an index of them.

``--check`` only compares, and exits with 1 where a page is missing, differs, or is of no rule. ``.ci/run`` does that.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "rules"
INDEX = "README.md"
FAMILIES = {
    "CBL0": "The analysis itself",
    "CBL1": "Backend and URL",
    "CBL2": "Packages",
    "CBL3": "Credentials and environment variables",
    "CBL4": "Serialization",
    "CBL5": "Expiry and clean-up",
    "CBL6": "Pooling, retries, timeouts, health",
    "CBL7": "Settings",
    "CBL8": "Use of results",
    "CBL9": ".env files and git",
}


def main() -> int:
    """Write, or with ``--check`` compare."""
    wanted = pages()
    PAGES.mkdir(exist_ok=True)
    there = {path.name: path.read_text(encoding="utf-8") for path in PAGES.glob("*.md")}
    wrong = sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))
    if "--check" in sys.argv[1:]:
        if wrong:
            print(f"docs/rules is not what scripts/generate_rule_pages.py writes: {', '.join(wrong)}", file=sys.stderr)
        return 1 if wrong else 0
    for name in wrong:
        if name in wanted:
            (PAGES / name).write_text(wanted[name], encoding="utf-8")
        else:
            (PAGES / name).unlink()
    return 0


def pages() -> dict[str, str]:
    """The text of each page by its file's name, the index among them."""
    from celery_backend_lint.report.documentation import render
    from celery_backend_lint.rules.catalogue import available, load

    made: dict[str, str] = {}
    index = [
        "# Rules\n",
        "`celery-backend-lint rule CODE` prints a rule's page. `--fix` writes *safe* fixes,",
        "with `--unsafe-fixes` the *unsafe* ones too ([what that means](../fixes.md)).",
    ]
    family = ""
    for entry in available():
        loaded = load(entry)
        made[f"{entry.name}.md"] = render(loaded)
        if entry.code[:4] != family:
            family = entry.code[:4]
            index += [f"\n## {family} · {FAMILIES[family]}\n", "| code | name | severity | fix | since | finds |"]
            index.append("|---|---|---|---|---|---|")
        summary = re.sub(r"\s+", " ", loaded.documentation.partition("\n\n")[0]).replace("|", "&#124;")
        fix = loaded.rule.fix.label if loaded.rule.fix is not None else "–"
        index.append(
            f"| {entry.code} | [{entry.name}]({entry.name}.md) | {loaded.rule.severity.label} | {fix} "
            f"| {loaded.rule.since} | {summary} |"
        )
    made[INDEX] = "\n".join(index) + "\n"
    return made


if __name__ == "__main__":
    sys.exit(main())

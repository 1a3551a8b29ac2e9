"""Write the skeleton of a rule: ``python scripts/new_rule.py CBL101 no-result-backend [--severity advice]``.

Makes the rule's module and a case for it; both fail their tests until they are filled in.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

MODULE = '''\
"""{code}: TODO."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Finding, Severity
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model

RULE = Rule("{code}", "{name}", Severity.{severity}, since="{version}")


def check_{function}(model: Model) -> Iterator[Finding]:
    """TODO: one sentence that says what is wrong.

    ## What it does
    TODO

    ## Why is this bad?
    TODO: what Celery really does, seen with which version.

    ## Example
    ```python
    TODO
    ```

    ## Use instead
    ```python
    TODO
    ```

    ## Known limits
    TODO

    ## References
    - TODO
    """
    for app in model.checked_apps:
        yield RULE.finding(app.location, "TODO: what will happen, and when", help="TODO: what to write", app=app.name)
'''

PROOF = '''\
"""{code}: the bad example fails in real Celery as the message claims, the good one does not."""

from __future__ import annotations


def test_what_the_message_claims() -> None:
    raise NotImplementedError("hand the bad example to real Celery (tests/proofs)")
'''


def main() -> int:
    """Write the files and print their paths. Nothing that exists is touched."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("code", help="such as CBL101")
    parser.add_argument("name", help="such as no-result-backend")
    parser.add_argument("--severity", choices=("advice", "warning", "error"), default="warning")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not re.fullmatch(r"CBL\d{3}", options.code) or not re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", options.name):
        parser.error("a code is CBL and three digits, a name is words in lower case joined by hyphens")
    version = re.search(r'__version__ = "(.+)"', (ROOT / "celery_backend_lint/__init__.py").read_text(encoding="utf-8"))
    facts = {
        "code": options.code,
        "name": options.name,
        "function": options.name.replace("-", "_"),
        "severity": options.severity.upper(),
        "version": version[1] if version else "",
    }
    rules: Path = options.root / "celery_backend_lint" / "rules"
    taken = list(rules.glob(f"{options.code.lower()}_*.py"))
    if taken:
        parser.error(f"{options.code} is {taken[0].name} already")
    module = rules / f"{options.code.lower()}_{facts['function']}.py"
    proof: Path = options.root / "tests" / "rules" / options.code.lower() / "test_proof.py"
    for path, template in ((module, MODULE), (proof, PROOF)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(template.format(**facts), encoding="utf-8")
        print(path.relative_to(options.root))
    return 0


if __name__ == "__main__":
    sys.exit(main())

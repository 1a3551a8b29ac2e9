"""CBL002: a suppression comment that silences nothing."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Applicability, Finding, Severity
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model

RULE = Rule("CBL002", "unused-suppression", Severity.WARNING, since="0.1.0", fix=Applicability.SAFE)


def check_unused_suppression(model: Model) -> Iterator[Finding]:  # noqa: ARG001
    """A suppression comment silences nothing, or names a rule that does not exist.

    ## What it does
    Checks every `# cbl: ignore[…]`, `# cbl: ignore-file[…]` and `# noqa: CBL…` comment of the project. One that no
    finding needed, that names no rule, or that names a rule that does not exist is reported.

    ## Why is this bad?
    A suppression that outlived its reason hides the next mistake on the same line. One with a mistyped code never
    worked.

    ## Example
    ```python
    result_backend = os.environ["CELERY_RESULT_BACKEND"]  # cbl: ignore[CBL301]
    ```

    ## Use instead
    ```python
    result_backend = os.environ["CELERY_RESULT_BACKEND"]
    ```

    ## Fix safety
    Removing a comment that does nothing is safe.

    ## Known limits
    Codes of rules that are not selected are never called unused, nor are detect-secrets' own comments
    (`# pragma: allowlist secret`), which other tools read too. Of a `# noqa` only the codes that begin with CBL are
    looked at.

    ## References
    - [ruff: unused-noqa](https://docs.astral.sh/ruff/rules/unused-noqa/)
    """
    # Only the whole run knows what was suppressed: ``findings.suppressions`` makes these findings.
    yield from ()

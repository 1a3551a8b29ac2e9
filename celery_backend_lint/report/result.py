"""What a check hands to the reports."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Severity
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from celery_backend_lint.findings.finding import Finding
    from celery_backend_lint.model.app import App


@record
class Summary:
    """The counts of one run. Findings count when they are shown; ``files`` are those that the project lists."""

    files: int
    errors: int
    warnings: int
    advice: int
    suppressed: int
    unresolved: int
    fixable: int = 0
    fixed: int = 0


@record
class CheckResult:
    """One run's outcome: apps and findings in report order.

    ``line_of`` gives the text of a line of a file, empty when there is none; ``prefix`` leads from the working
    directory to the project's root, empty or with a ``/`` at its end.
    """

    apps: tuple[App, ...]
    findings: tuple[Finding, ...]
    summary: Summary
    line_of: Callable[[str, int], str]
    prefix: str = ""


def summarize(findings: Iterable[Finding], *, files: int, suppressed: int, unresolved: int) -> Summary:
    """Count findings by severity."""
    counts = dict.fromkeys(Severity, 0)
    for finding in findings:
        counts[finding.severity] += 1
    return Summary(
        files=files,
        errors=counts[Severity.ERROR],
        warnings=counts[Severity.WARNING],
        advice=counts[Severity.ADVICE],
        suppressed=suppressed,
        unresolved=unresolved,
    )

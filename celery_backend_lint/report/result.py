"""What a check hands to the reports."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Applicability, Severity
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from celery_backend_lint.findings.finding import Finding
    from celery_backend_lint.model.app import App


@record
class Summary:
    """The counts of one run. Findings count when they are shown; ``files`` are those that the project lists.

    ``fixable`` are the findings that ``--fix`` would fix as it is called, ``fixed`` those that this run has fixed.
    """

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
    directory to the project's root, empty or with a ``/`` at its end. ``least`` is the applicability that fixes must
    have to be applied; ``fixing`` says that they were.
    """

    apps: tuple[App, ...]
    findings: tuple[Finding, ...]
    summary: Summary
    line_of: Callable[[str, int], str]
    prefix: str = ""
    least: Applicability = Applicability.SAFE
    fixing: bool = False

    def is_fixable(self, finding: Finding) -> bool:
        """Whether ``--fix``, as this run was called, would fix a finding."""
        return finding.fix is not None and finding.fix.applicability >= self.least

    @property
    def only_unsafe(self) -> int:
        """How many findings would be fixed with ``--unsafe-fixes`` only."""
        return sum(1 for finding in self.findings if finding.fix is not None and not self.is_fixable(finding))


def summarize(
    findings: Iterable[Finding],
    *,
    files: int,
    suppressed: int,
    unresolved: int,
    least: Applicability = Applicability.SAFE,
    fixed: int = 0,
) -> Summary:
    """Count findings by severity, and their fixes by whether they are applicable enough (``least``) to be applied."""
    counts = dict.fromkeys(Severity, 0)
    fixable = 0
    for finding in findings:
        counts[finding.severity] += 1
        fixable += finding.fix is not None and finding.fix.applicability >= least
    return Summary(
        files=files,
        errors=counts[Severity.ERROR],
        warnings=counts[Severity.WARNING],
        advice=counts[Severity.ADVICE],
        suppressed=suppressed,
        unresolved=unresolved,
        fixable=fixable,
        fixed=fixed,
    )

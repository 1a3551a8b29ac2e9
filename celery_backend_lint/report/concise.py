"""One line a finding, for editors and grep."""

from __future__ import annotations

from celery_backend_lint.report.style import BOLD, SEVERITY
from celery_backend_lint.report.text import FIXABLE, place, sentence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.report.result import CheckResult
    from celery_backend_lint.report.style import Style


def render(result: CheckResult, style: Style) -> Iterator[str]:
    """The lines of the report, without line endings: ``path:line:column: CODE [severity] message``."""
    for finding in result.findings:
        color = SEVERITY[finding.severity]
        where = style.paint(place(finding.location, result.prefix), BOLD)
        code = style.link(style.paint(finding.code, color), finding.url)
        fixable = f"{FIXABLE} " if result.is_fixable(finding) else ""
        yield f"{where}: {code} [{finding.severity.label}] {fixable}{sentence(finding.message)}"

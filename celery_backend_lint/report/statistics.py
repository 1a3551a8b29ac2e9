"""``--statistics``: how often each rule spoke, as ruff prints it."""

from __future__ import annotations

from celery_backend_lint.report.json import dump
from celery_backend_lint.report.style import SEVERITY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.finding import Finding
    from celery_backend_lint.report.result import CheckResult
    from celery_backend_lint.report.style import Style


def render(result: CheckResult, style: Style) -> Iterator[str]:
    """One line a rule: count, code, name, by tabs; the most frequent first."""
    rows = _rows(result)
    width = max((len(str(count)) for count, _ in rows), default=0)
    for count, finding in rows:
        code = style.paint(finding.code, SEVERITY[finding.severity])
        yield f"{count:>{width}}\t{code}\t{finding.name}"


def render_json(result: CheckResult) -> str:
    """The same as a JSON list."""
    return dump([{"code": finding.code, "name": finding.name, "count": count} for count, finding in _rows(result)])


def _rows(result: CheckResult) -> list[tuple[int, Finding]]:
    """Each code's count with its worst finding."""
    by_code: dict[str, list[Finding]] = {}
    for finding in result.findings:
        by_code.setdefault(finding.code, []).append(finding)
    rows = [(len(group), max(group, key=lambda finding: finding.severity)) for group in by_code.values()]
    return sorted(rows, key=lambda row: (-row[0], row[1].code))

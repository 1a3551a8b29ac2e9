"""What the report tests are made of."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from celery_backend_lint.findings.finding import Finding
from celery_backend_lint.report.result import CheckResult, summarize

MakeResult = Callable[..., CheckResult]


@pytest.fixture
def make_result() -> MakeResult:
    """Make a result of findings in files that are given as keywords of a dict: path to text."""

    def make(findings: list[Finding], files: dict[str, str] | None = None, **others: object) -> CheckResult:
        lines = {path: text.split("\n") for path, text in (files or {}).items()}

        def line_of(path: str, number: int) -> str:
            return lines[path][number - 1] if path in lines and number <= len(lines[path]) else ""

        summary = summarize(findings, files=len(lines), suppressed=0, unresolved=0)
        fields = {"apps": (), "summary": summary, "prefix": "", **others}
        return CheckResult(findings=tuple(findings), line_of=line_of, **fields)  # type: ignore[arg-type]

    return make

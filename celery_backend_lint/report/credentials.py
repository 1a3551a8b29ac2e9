"""Credentials that only findings tell of: no name and no URL beside them gives them away."""

from __future__ import annotations

from celery_backend_lint.findings.masking import mask_line, secrets_of_line
from celery_backend_lint.findings.suppressions import CREDENTIAL_CODES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.report.result import CheckResult


SHORTEST = 6
"""Characters that a credential has at least to be hidden wherever it stands: shorter ones are words as well."""


def secret_texts(result: CheckResult) -> dict[tuple[str, int], list[str]]:
    """Text that stands where a credential was found, by file and line, and that no name or URL beside it gives away."""
    secrets: dict[tuple[str, int], list[str]] = {}
    for finding in result.findings:
        if finding.code not in CREDENTIAL_CODES:
            continue
        path, span = finding.location.path, finding.location.span
        for number in range(span.line, span.end_line + 1):
            line = result.line_of(path, number)
            start = span.column - 1 if number == span.line else 0
            text = line[start : span.end_column - 1 if number == span.end_line else len(line)]
            text = text.strip().lstrip("rRbBuUfF").strip("\"'")
            if text and text in mask_line(line, path):
                secrets.setdefault((path, number), []).append(text)
    return secrets


def repeated_secrets(result: CheckResult) -> list[str]:
    """The credentials that were found, as text: where one is repeated, in a comment, nothing else gives it away."""
    found: dict[str, None] = {}
    for finding in result.findings:
        if finding.code in CREDENTIAL_CODES:
            path, span = finding.location.path, finding.location.span
            line = result.line_of(path, span.line)
            for start, end in secrets_of_line(line, path):
                if end - start >= SHORTEST and start < span.end_column and end >= span.column:
                    found[line[start:end]] = None
    return list(found)

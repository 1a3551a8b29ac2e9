"""detect-secrets' ``.secrets.baseline``: secrets that a project already knows of, by file and SHA-1 of their text.

The format is that of detect-secrets 1.5 (``detect_secrets/core/baseline.py``).
Line numbers in it age; the hashes do not, so only these are compared.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.finding import Finding
    from celery_backend_lint.project.source import SourceFile

_SPELLINGS = (
    re.compile(r"://[^\s:/@\"']*:([^\s\"']+)@"),  # the password of a URL
    re.compile(r"\"([^\"]*)\"|'([^']*)'"),
    re.compile(r"[=:][ \t]*([^\s\"'][^\r\n]*?)[ \t]*$"),  # the value of a line in .env or YAML
    re.compile(r"([^\s\"'=,;:()\[\]{}]+)"),
)


def known_hashes(baseline: SourceFile) -> dict[str, frozenset[str]]:
    """The hashes of each file's known secrets; empty when the baseline cannot be read."""
    import json

    try:
        results = json.loads(baseline.text)["results"]
        return {
            path.removeprefix("./"): frozenset(secret["hashed_secret"] for secret in secrets)
            for path, secrets in results.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def is_known(finding: Finding, source: SourceFile, hashes: frozenset[str]) -> bool:
    """Whether something that stands in the finding's lines has one of the hashes."""
    from hashlib import sha1

    span = finding.location.span
    return any(
        sha1(text.encode("utf-8", "replace"), usedforsecurity=False).hexdigest() in hashes
        for line in range(span.line, span.end_line + 1)
        for text in _candidates(source.line(line))
    )


def _candidates(line: str) -> Iterator[str]:
    for spelling in _SPELLINGS:
        for found in spelling.finditer(line):
            yield from (text for text in found.groups() if text)

"""The format for programs: a contract to which things are only added (DESIGN, "JSON")."""

from __future__ import annotations

from celery_backend_lint import __version__
from celery_backend_lint.findings.masking import mask, secrets_of_lines
from celery_backend_lint.report.credentials import repeated_secrets, secret_texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from celery_backend_lint.findings.finding import Finding
    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model.app import App
    from celery_backend_lint.report.result import CheckResult


def render(result: CheckResult) -> str:
    """The whole report as one JSON text, ASCII only, so that the same findings are the same bytes everywhere."""
    secrets = [*(text for texts in secret_texts(result).values() for text in texts), *repeated_secrets(result)]
    return dump(
        {
            "version": __version__,
            "apps": [app_as_json(app) for app in result.apps],
            "findings": [finding_as_json(finding, secrets) for finding in result.findings],
            "summary": {name: getattr(result.summary, name) for name in result.summary.__match_args__},
        }
    )


def dump(document: object) -> str:
    """JSON as this tool writes it: two spaces, a line ending at the end."""
    import json

    return json.dumps(document, indent=2) + "\n"


def app_as_json(app: App) -> dict[str, Any]:
    """An app and its result backend."""
    backend = app.result_backend
    return {
        "name": mask(app.name),
        "path": app.location.path,
        "line": app.location.line,
        "namespace": app.namespace,
        "celery": app.celery,
        "result_backend": {
            "kind": backend.kind,
            "value": None if backend.value is None else mask(backend.value),
            "source": backend.source,
            "variable": backend.variable,
            "path": backend.location.path if backend.location else None,
            "line": backend.location.line if backend.location else None,
            "alternatives": [{"kind": other.kind, "when": mask(other.when)} for other in backend.alternatives],
        },
    }


def finding_as_json(finding: Finding, secrets: Iterable[str] = ()) -> dict[str, Any]:
    """A finding. ``fix`` is null where there is none."""
    span = finding.location.span
    return {
        "code": finding.code,
        "name": finding.name,
        "url": finding.url or None,
        "severity": finding.severity.label,
        "message": mask(finding.message),
        "help": mask(finding.help),
        "path": finding.location.path,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "app": mask(finding.app),
        "related": [
            {"path": related.location.path, "line": related.location.line, "message": mask(related.message)}
            for related in finding.related
        ],
        "fix": None if finding.fix is None else fix_as_json(finding.fix, secrets),
    }


def fix_as_json(fix: Fix, secrets: Iterable[str] = ()) -> dict[str, Any]:
    """A fix. Its edits are left out where they hold a credential: then only ``--fix`` can apply it."""
    edits: list[dict[str, Any]] = []
    for edit in fix.edits:
        span = edit.location.span
        if holds_credential(edit.content, edit.location.path) or any(secret in edit.content for secret in secrets):
            edits = []
            break
        edits.append(
            {
                "path": edit.location.path,
                "line": span.line,
                "column": span.column,
                "end_line": span.end_line,
                "end_column": span.end_column,
                "content": edit.content,
            }
        )
    return {"title": mask(fix.title), "applicability": fix.applicability.label, "edits": edits}


def holds_credential(text: str, path: str) -> bool:
    """Whether a text that goes into the file at ``path`` shows a credential."""
    return any(secrets_of_lines(text.splitlines(), path))

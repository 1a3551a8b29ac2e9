"""The format for programs: a contract to which things are only added (DESIGN, "JSON")."""

from __future__ import annotations

from celery_backend_lint import __version__
from celery_backend_lint.findings.masking import mask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from celery_backend_lint.findings.finding import Finding
    from celery_backend_lint.model.app import App
    from celery_backend_lint.report.result import CheckResult


def render(result: CheckResult) -> str:
    """The whole report as one JSON text, ASCII only, so that the same findings are the same bytes everywhere."""
    return dump(
        {
            "version": __version__,
            "apps": [app_as_json(app) for app in result.apps],
            "findings": [finding_as_json(finding) for finding in result.findings],
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


def finding_as_json(finding: Finding) -> dict[str, Any]:
    """A finding. ``fix`` is null while there is none."""
    span = finding.location.span
    return {
        "code": finding.code,
        "name": finding.name,
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
        "fix": None,
    }

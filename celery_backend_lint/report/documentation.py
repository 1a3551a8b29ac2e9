"""A rule's documentation as Markdown and as JSON, as ``ruff rule`` prints it."""

from __future__ import annotations

from celery_backend_lint.findings.finding import page_url
from celery_backend_lint.report.json import dump

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from celery_backend_lint.rules.catalogue import LoadedRule


def render(loaded: LoadedRule) -> str:
    """A rule's page."""
    rule = loaded.rule
    fix = f"Fix: {rule.fix.label}" if rule.fix is not None else "No fix"
    facts = f"Severity: {rule.severity.label}. {fix}. Since {rule.since}."
    return f"# {rule.name} ({rule.code})\n\n{facts}\n\n{loaded.documentation.rstrip()}\n"


def render_json(rules: Sequence[LoadedRule], *, as_list: bool) -> str:
    """One rule's object, or a list of all."""
    documents = [
        {
            "code": loaded.rule.code,
            "name": loaded.rule.name,
            "summary": loaded.documentation.partition("\n")[0],
            "severity": loaded.rule.severity.label,
            "fix": loaded.rule.fix.label if loaded.rule.fix is not None else None,
            "since": loaded.rule.since,
            "url": page_url(loaded.rule.name),
            "documentation": loaded.documentation,
        }
        for loaded in rules
    ]
    return dump(documents if as_list else documents[0])

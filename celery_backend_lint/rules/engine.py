"""Runs the selected rules over a model. A rule that raises costs its own findings and nobody else's."""

from __future__ import annotations

from celery_backend_lint import HOME
from celery_backend_lint.findings.finding import Finding, Severity
from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.location import Location
from celery_backend_lint.record import record
from celery_backend_lint.rules.catalogue import load
from celery_backend_lint.rules.evidence import Evidence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from celery_backend_lint.model import Model
    from celery_backend_lint.rules.catalogue import CatalogueEntry

ISSUES = f"{HOME}/issues"

EXPECTED = (b"broker_", b"result_backend", b"@app.task")
"""What rules look for in every Python file, so that one search finds it with what the model looks for."""

INTERNAL_ERROR = "CBL000"
"""The code of findings about this tool's own failures. It is no rule: nothing selects, ignores or suppresses it."""


@record
class Outcome:
    """What the rules found, in no particular order, and whether one of them crashed (its crash is a finding too)."""

    findings: tuple[Finding, ...]
    crashed: bool


def run_rules(entries: Iterable[CatalogueEntry], model: Model) -> Outcome:
    """Run each rule that ``entries`` names and for which there is evidence. Raises nothing that a rule raises."""
    findings: list[Finding] = []
    crashes: list[Finding] = []
    place = model.apps[0].location if model.apps else Location(".")
    evidence = Evidence(model)
    for entry in entries:
        try:
            if evidence.is_for(entry.code):
                findings.extend(load(entry).check(model))
        except Exception as error:
            crashes.append(internal_error(f"the rule {entry.code} ({entry.name})", error, place))
    return Outcome((*crashes, *_distinct(findings)), bool(crashes))


def with_fixes(findings: Iterable[Finding], unfixable: frozenset[str] = frozenset()) -> Outcome:
    """Findings with the fixes that their rules propose, or why there is none; without those of ``unfixable`` codes.

    Raises nothing that a rule raises.
    """
    made: list[Finding] = []
    crashes: list[Finding] = []
    for finding in findings:
        if finding.propose is None or finding.code in unfixable:
            made.append(finding)
            continue
        fix, why = None, ""
        try:
            fix = finding.propose()
        except CannotFixError as refusal:
            why = str(refusal)
        except Exception as error:
            crashes.append(internal_error(f"the fix of {finding.code} ({finding.name})", error, finding.location))
        made.append(
            Finding(
                finding.code, finding.name, finding.severity, finding.message, finding.location, finding.help,
                finding.app, finding.related, None, fix, why,
            )
        )  # fmt: skip
    return Outcome((*crashes, *made), bool(crashes))


def _distinct(findings: Iterable[Finding]) -> Iterable[Finding]:
    """Findings without those that say the same of the same place: two apps that share a setting share its findings."""
    seen: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        seen.setdefault((finding.code, finding.location, finding.severity), finding)
    return seen.values()


def internal_error(what: str, error: BaseException, place: Location) -> Finding:
    """A finding that says that a part of this tool crashed, where in its code, and how to report it.

    Only the exception's type and the place in the source are told: an exception's text may hold a value of the project.
    """
    return Finding(
        INTERNAL_ERROR,
        "internal-error",
        Severity.ERROR,
        f"{what} crashed: {type(error).__name__} at {_raised_at(error)}; everything else was still checked",
        place,
        help=f"this is a bug in celery-backend-lint: please report this line and what the place looks like at {ISSUES}",
    )


def _raised_at(error: BaseException) -> str:
    """The innermost place in this package that the exception passed, such as ``rules/engine.py:31``."""
    at = "an unknown place"
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename.replace("\\", "/")
        _, package, inside = file.rpartition("celery_backend_lint/")
        if package:
            at = f"{inside}:{trace.tb_lineno}"
        trace = trace.tb_next
    return at

"""The way from a project to a result: model, rules, suppressions, what is shown."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Applicability, Severity
from celery_backend_lint.findings.suppressions import BASELINE, OWN_MARKERS, UNUSED, suppress
from celery_backend_lint.location import Location
from celery_backend_lint.model import SIGNS, prepare, read_model
from celery_backend_lint.record import record
from celery_backend_lint.report.result import CheckResult, summarize
from celery_backend_lint.rules.engine import EXPECTED, INTERNAL_ERROR, internal_error, run_rules, with_fixes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from celery_backend_lint.findings.finding import Finding
    from celery_backend_lint.model.app import App
    from celery_backend_lint.project.discovery import Project
    from celery_backend_lint.rules.catalogue import CatalogueEntry


@record
class Plan:
    """What to check for: the rules there are, the codes that are on, and what of their findings is shown.

    ``ignores`` pairs tests of a path with the codes that are off where they are true. ``only`` is the one path
    whose findings are wanted, or empty. ``target_celery`` is the release to assume where none is declared. ``unsafe``
    says that fixes which may change what a running project does count as well; ``unfixable`` are codes whose findings
    are not fixed.
    """

    entries: tuple[CatalogueEntry, ...]
    codes: frozenset[str]
    ignores: tuple[tuple[Callable[[str], bool], frozenset[str]], ...] = ()
    minimum: Severity = Severity.WARNING
    target_celery: str | None = None
    only: str = ""
    unsafe: bool = False
    unfixable: frozenset[str] = frozenset()

    @property
    def least(self) -> Applicability:
        """The applicability that a fix must have at least to be applied."""
        return Applicability.UNSAFE if self.unsafe else Applicability.SAFE


def analyse(project: Project, plan: Plan, prefix: str) -> tuple[CheckResult, bool]:
    """Run everything over a project. Returns what to report, and whether a part of this tool crashed on the way."""
    apps: tuple[App, ...] = ()
    unresolved = 0
    found: tuple[Finding, ...] = ()
    crashed = False
    try:
        if prepare(project) or project.python_files_mentioning(SIGNS):
            project.expect((*OWN_MARKERS, *EXPECTED))  # one search for them and for what the model needs
        model = read_model(project, plan.target_celery, wants_advice=plan.minimum <= Severity.ADVICE)
        if model is not None:
            apps = tuple(sorted(model.apps, key=lambda app: app.location.order))
            unresolved = model.unresolved
            outcome = run_rules([entry for entry in plan.entries if entry.code in plan.codes], model)
            found, crashed = outcome.findings, outcome.crashed
    except Exception as error:
        found, crashed = (internal_error("the reading of the project", error, Location(".")),), True
    findings, suppressed = _unsuppressed(project, plan, found) if apps or found else ([], 0)
    proposed = with_fixes(sorted(_shown(plan, findings), key=lambda finding: finding.order), plan.unfixable)
    shown, crashed = proposed.findings, crashed or proposed.crashed
    summary = summarize(
        shown, files=len(project.paths()), suppressed=suppressed, unresolved=unresolved, least=plan.least
    )

    def line_of(path: str, number: int) -> str:
        source = project.source(path)
        return source.line(number) if source else ""

    return CheckResult(apps, shown, summary, line_of, prefix, plan.least), crashed


def _unsuppressed(project: Project, plan: Plan, found: Sequence[Finding]) -> tuple[list[Finding], int]:
    """The findings in files that were asked for, without the silenced ones and with CBL002; how many were silenced."""

    def wanted(path: str) -> bool:
        return path == plan.only if plan.only else project.reports(path)

    failures = [finding for finding in found if finding.code == INTERNAL_ERROR]
    findings = [finding for finding in found if finding.code != INTERNAL_ERROR and wanted(finding.location.path)]
    paths = {finding.location.path for finding in findings}
    paths.update(path for path in project.python_files_mentioning(OWN_MARKERS) if wanted(path))
    sources = [source for path in sorted(paths) if (source := project.source(path)) is not None]
    result = suppress(findings, sources, plan.entries, plan.codes, project.source(BASELINE))
    unused = result.unused if UNUSED in plan.codes else ()
    return [*failures, *result.findings, *unused], result.silenced


def _shown(plan: Plan, findings: Sequence[Finding]) -> Sequence[Finding]:
    """The findings that are severe enough and not ignored by the file they are in."""
    return [
        finding
        for finding in findings
        if finding.severity >= plan.minimum
        and not any(finding.code in codes and matches(finding.location.path) for matches, codes in plan.ignores)
    ]

"""``--fix``: findings to fixes to changed files, over passes, until nothing is left that can be fixed.

All passes work in memory. Each is read again as a whole project: a fix that leaves a file broken, whose finding stays,
or that brings another finding as severe, is taken back. What is left in the end is written once.
"""

from __future__ import annotations

from collections import Counter

from celery_backend_lint.commands.pipeline import Plan, analyse
from celery_backend_lint.findings.finding import Applicability, Severity
from celery_backend_lint.findings.fix import CannotFixError, Fix
from celery_backend_lint.fixes.composition import compatible, compose, is_insertion
from celery_backend_lint.fixes.soundness import broken
from celery_backend_lint.fixes.transaction import Change, NotWrittenError, write
from celery_backend_lint.model.env_names import is_example
from celery_backend_lint.record import record
from celery_backend_lint.report.credentials import repeated_secrets, secret_texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from celery_backend_lint.findings.finding import Finding
    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.project.discovery import Project
    from celery_backend_lint.report.result import CheckResult

MOST_PASSES = 10
"""Passes with everything that can be fixed at once; what is left to fix after them is left."""

MOST_TRIES = 100
"""Times that a project is read again in all, those with parts of what can be fixed at once included."""


WOULD_BRING = "it would bring"


@record
class Applied:
    """A fix that was applied: of which finding, with what title, in which files."""

    code: str
    name: str
    path: str
    title: str
    note: str
    paths: tuple[str, ...]


@record
class TakenBack:
    """A fix that was not applied, and why.

    ``is_bug`` says that it should have been: only an unsafe fix, which brings a setting to life, may rightly bring
    another finding to light.
    """

    code: str
    path: str
    line: int
    why: str
    is_bug: bool


@record
class Fixed:
    """What came of fixing a project: nothing is written yet.

    ``result`` are the findings that are left, ``crashed`` as ``analyse`` has it. ``changes`` are the files to write.
    ``secrets`` are credentials that stood in the project, some of them where only a finding gives them away.
    """

    result: CheckResult
    crashed: bool
    changes: tuple[Change, ...]
    applied: tuple[Applied, ...]
    taken_back: tuple[TakenBack, ...]
    secrets: tuple[str, ...]


class Fixer:
    """Fixes a project in memory. ``opened`` gives it anew, with other contents of some files (by path)."""

    def __init__(self, opened: Callable[[Mapping[str, bytes]], Project], plan: Plan, prefix: str) -> None:
        self._opened = opened
        self._plan = plan
        self._every = Plan(
            plan.entries, plan.codes, plan.ignores, Severity.ADVICE, plan.target_celery, plan.only, plan.unsafe,
            plan.unfixable,
        )  # fmt: skip
        self._prefix = prefix
        self._before: dict[str, bytes | None] = {}
        self._after: dict[str, bytes] = {}
        self._private: set[str] = set()
        self._takes_away: set[str] = set()
        self._applied: list[Applied] = []
        self._taken_back: list[TakenBack] = []
        self._refused: set[tuple[str, str, str, str]] = set()

    def run(self, wants: Callable[[Finding], bool] | None = None) -> Fixed:
        """Fix what can be fixed, of the findings that ``wants`` takes. May be called again."""
        project = self.project()
        result, crashed = analyse(project, self._every, self._prefix)
        secrets = (*(text for texts in secret_texts(result).values() for text in texts), *repeated_secrets(result))
        batch = 0
        passes = tries = 0
        while not crashed and passes < MOST_PASSES and tries < MOST_TRIES:
            tries += 1
            wanted = [one for one in result.findings if self._is_wanted(one) and (wants is None or wants(one))]
            if batch:
                wanted = wanted[:batch]
            chosen = _compatible(wanted)
            if not chosen:
                break
            tried = self._try(project, result, chosen)
            if isinstance(tried, str):
                if len(chosen) == 1:
                    self._take_back(chosen[0], tried)
                    batch = 0
                else:
                    batch = len(chosen) // 2
                continue
            project, result, crashed = tried
            passes += batch == 0
            batch = 0
        final, crashed_then = result, crashed
        if self._plan.minimum is not Severity.ADVICE:
            final, crashed_then = analyse(self._opened(self._after), self._plan, self._prefix)
        return Fixed(
            final, crashed or crashed_then, tuple(self._changes()), tuple(self._applied), tuple(self._taken_back),
            secrets,
        )  # fmt: skip

    def project(self) -> Project:
        """The project as it is with what was applied."""
        return self._opened(self._after)

    def apply(self, edits: Sequence[Edit]) -> None:
        """Apply edits that are no rule's, before ``run``. Raises CannotFixError where they leave a file broken."""
        project = self.project()
        fix = Fix("", Applicability.UNSAFE, tuple(edits))
        changed = compose(project, [fix])
        for path, after in changed.items():
            source = project.source(path)
            problem = broken(path, source.data if source is not None else None, after)
            if problem:
                raise CannotFixError(f"`{path}` {problem}")
        self._keep(project, changed, [fix])

    def _keep(self, project: Project, changed: Mapping[str, bytes], fixes: Iterable[Fix]) -> None:
        """Take what was made of files for what they are from now on."""
        for path, after in changed.items():
            if path not in self._before:
                source = project.source(path)
                self._before[path] = source.data if source is not None else None
            self._after[path] = after
        for edit in (edit for fix in fixes for edit in fix.edits):
            if edit.private:
                self._private.add(edit.location.path)
            if not is_insertion(edit):
                self._takes_away.add(edit.location.path)

    def _is_wanted(self, finding: Finding) -> bool:
        return (
            finding.fix is not None
            and finding.severity >= self._plan.minimum
            and finding.fix.applicability >= self._plan.least
            and _identity(finding) not in self._refused
        )

    def _try(
        self, project: Project, result: CheckResult, chosen: Sequence[Finding]
    ) -> tuple[Project, CheckResult, bool] | str:
        """Apply fixes that go together. Returns the project as it is then, or what is wrong with it."""
        fixes = [finding.fix for finding in chosen if finding.fix is not None]
        try:
            changed = compose(project, fixes)
        except CannotFixError as error:
            return str(error)
        for path, after in changed.items():
            source = project.source(path)
            problem = broken(path, source.data if source is not None else None, after)
            if problem:
                return f"`{path}` {problem}"
        opened = self._opened({**self._after, **changed})
        then, crashed = analyse(opened, self._every, self._prefix)
        problem = "" if not crashed else "reading the project then failed"
        problem = problem or _what_went_wrong(result.findings, then.findings, chosen)
        if problem:
            return problem
        self._keep(project, changed, fixes)
        for finding, fix in zip(chosen, fixes, strict=True):
            paths = tuple(dict.fromkeys(edit.location.path for edit in fix.edits))
            self._applied.append(Applied(finding.code, finding.name, finding.location.path, fix.title, fix.note, paths))
        return opened, then, crashed

    def _take_back(self, finding: Finding, why: str) -> None:
        self._refused.add(_identity(finding))
        unsafe = finding.fix is not None and finding.fix.applicability is Applicability.UNSAFE
        is_bug = not (unsafe and why.startswith(WOULD_BRING))
        self._taken_back.append(TakenBack(finding.code, finding.location.path, finding.location.line, why, is_bug))

    def _changes(self) -> Iterable[Change]:
        for path, after in self._after.items():
            before = self._before[path]
            if before != after:
                yield Change(path, before, after, path in self._takes_away, path in self._private)


def write_changes(root: str, fixed: Fixed, *, together: bool = False) -> tuple[list[Applied], list[str]]:
    """Write what was fixed: files that some fix changes together all or not at all, the others on their own.

    ``root`` is absolute and real. With ``together`` all files are written or none is. Returns the fixes that are
    written, and why others are not, in words.
    """
    written: list[Applied] = []
    problems: list[str] = []
    groups = [{change.path for change in fixed.changes}] if together else _connected(fixed.applied)
    for paths in groups:
        try:
            write(root, [change for change in fixed.changes if change.path in paths])
        except NotWrittenError as error:
            problems.append(str(error))
        else:
            written += [one for one in fixed.applied if paths.issuperset(one.paths)]
    return written, problems


def _connected(applied: Iterable[Applied]) -> list[set[str]]:
    """The paths that hang together by fixes, in the order of the first fix of each."""
    groups: list[set[str]] = []
    for one in applied:
        joined = set(one.paths)
        apart = []
        for group in groups:
            if group.isdisjoint(joined):
                apart.append(group)
            else:
                joined |= group
        groups = [*apart, joined]
    return groups


def _compatible(findings: Sequence[Finding]) -> list[Finding]:
    """The findings whose fixes can be applied at once, the first of those that cannot among them."""
    taken, _ = compatible(finding.fix for finding in findings if finding.fix is not None)
    kept = {id(fix) for fix in taken}
    return [finding for finding in findings if id(finding.fix) in kept]


def _identity(finding: Finding) -> tuple[str, str, str, str]:
    return (finding.code, finding.location.path, finding.message, finding.fix.title if finding.fix is not None else "")


def _what_went_wrong(before: Iterable[Finding], after: Iterable[Finding], fixed: Sequence[Finding]) -> str:
    """What fixes should have done and did not, or did and should not have; ``""`` where all is well."""
    before, after = list(before), list(after)

    def counts(findings: Iterable[Finding]) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str, str]]]:
        return (
            Counter((one.code, one.location.path) for one in findings),
            Counter((one.code, one.location.path, one.message) for one in findings),
        )

    places, told = counts(before)
    places_then, told_then = counts(after)
    gone_places, gone = counts(fixed)
    for (code, path, message), number in gone.items():
        key = (code, path)
        if told_then[code, path, message] > told[code, path, message] - number and (
            places_then[key] > places[key] - gone_places[key]
        ):
            return f"{code} is still there"
    touched = {edit.location.path for finding in fixed if finding.fix is not None for edit in finding.fix.edits}
    only_examples = all(is_example(path) for path in touched)
    least = min(finding.severity for finding in fixed)
    places = Counter((one.code, one.location.path) for one in before)
    for one in after:
        key = (one.code, one.location.path)
        if only_examples and one.location.path not in touched:
            continue  # nothing runs with an example: what it lets other rules know was so before
        if one.severity >= least and places_then[key] > places[key]:
            return f"{WOULD_BRING} {one.code} in {one.location.path}"
    return ""

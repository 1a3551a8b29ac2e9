"""What every rule's module declares."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Applicability, Finding, Related, Severity
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.location import Location


@record
class Rule:
    """A rule's fixed facts, declared as ``RULE`` in its module.

    ``code`` and ``name`` come from the catalogue and never change. ``severity`` is the one a finding has when the
    check does not say otherwise. ``since`` is the release of this tool that brought the rule. ``fix`` says whether the
    catalogue marks a fix, safe or unsafe.
    """

    code: str
    name: str
    severity: Severity
    since: str
    fix: Applicability | None = None

    def finding(
        self,
        location: Location,
        message: str,
        *,
        help: str = "",
        app: str = "",
        related: tuple[Related, ...] = (),
        severity: Severity | None = None,
        propose: Callable[[], Fix] | None = None,
    ) -> Finding:
        """Make a finding of this rule at a place.

        ``severity`` is given where it differs from the rule's own. ``propose`` makes the fix, once it is known that
        the finding is shown; it raises CannotFixError where this finding has none.
        """
        chosen = self.severity if severity is None else severity
        return Finding(self.code, self.name, chosen, message, location, help, app, related, propose)

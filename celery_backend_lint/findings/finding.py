"""The finding and its parts. Rules make them, reports print them; neither knows the other."""

from __future__ import annotations

from enum import IntEnum

from celery_backend_lint import HOME
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.location import Location


class Severity(IntEnum):
    """How bad a finding is; ordered, so that ``severity >= minimum`` reads as it sounds."""

    ADVICE = 1
    WARNING = 2
    ERROR = 3

    @property
    def label(self) -> str:
        """The name as options and reports spell it."""
        return self.name.lower()


class Applicability(IntEnum):
    """Whether a fix may be applied without being asked for, as ruff has it."""

    UNSAFE = 1
    SAFE = 2

    @property
    def label(self) -> str:
        """The name as documentation and JSON spell it."""
        return self.name.lower()


def page_url(name: str) -> str:
    """The address of the page of a rule, by its name (``hardcoded-credential``)."""
    return f"{HOME}/blob/main/docs/rules/{name}.md"


@record
class Related:
    """A second place that a finding is about."""

    location: Location
    message: str


@record
class Finding:
    """One thing found.

    ``message`` says what will happen and when, in one sentence; ``help`` what to write instead. Neither may hold a
    credential: values go through :func:`celery_backend_lint.findings.masking.mask` first.

    ``propose`` makes the rule's fix when it is asked for; it raises CannotFixError where this finding has none. ``fix``
    is what it made, ``not_fixed`` why it made nothing: both are there once the finding is known to be shown.
    """

    code: str
    name: str
    severity: Severity
    message: str
    location: Location
    help: str = ""
    app: str = ""
    related: tuple[Related, ...] = ()
    propose: Callable[[], Fix] | None = None
    fix: Fix | None = None
    not_fixed: str = ""

    @property
    def url(self) -> str:
        """The address of the rule's page; ``""`` for what is no rule (CBL000)."""
        return "" if self.code == "CBL000" else page_url(self.name)

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """The key by which findings are sorted: path, line, column, code."""
        return (*self.location.order, self.code, self.message)

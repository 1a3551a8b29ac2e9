"""A fix: edits of one or more files that apply all or not at all. Rules propose them, ``fixes`` writes them."""

from __future__ import annotations

from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.findings.finding import Applicability
    from celery_backend_lint.location import Location


class CannotFixError(Exception):
    """Why a fix cannot be written for this finding, as a sentence for people that names the file: ``.env is tracked
    by git, so nothing is moved there``.
    """


@record
class Edit:
    """The text of a range replaced by ``content``; an empty range inserts, an empty content deletes.

    The path of ``location`` is relative to the root. Where there is no such file it is created, the range being empty.
    ``content`` has line feeds for line endings; what is written has the file's own. ``subject`` names what is put there
    (a variable, a package, a module): of two fixes that put the same there, the second waits until the first is
    applied, unless the edits are equal: then it is put there once. ``private`` makes
    a file that is created readable to its owner alone (mode 0600).
    """

    location: Location
    content: str
    subject: str = ""
    private: bool = False

    def __repr__(self) -> str:
        """Leave out the content, which may hold a credential."""
        return f"Edit({self.location!r}, {len(self.content)} characters)"


@record
class Fix:
    """Edits with a title in the imperative (``Make it a list``) and whether they may be applied without asking.

    ``note`` is what is left to do by hand, told once the fix is applied: ``change the password at the server``.
    """

    title: str
    applicability: Applicability
    edits: tuple[Edit, ...]
    note: str = ""

"""What comes of verifying a project: for each app why it could not be loaded, or where it is not what was read."""

from __future__ import annotations

from celery_backend_lint.record import record
from celery_backend_lint.verify.connecting import step_failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.location import Location
    from celery_backend_lint.model.app import App
    from celery_backend_lint.verify.comparison import Open
    from celery_backend_lint.verify.connecting import Tried
    from celery_backend_lint.verify.interpreter import Interpreter

ENVIRONMENT = "environment"
VERSION = "version"
CODE = "code"
BUG = "bug"
"""Why an app may not be what was read: a variable that Celery itself reads, another Celery than the one that the
project declares, the project's own code, or an error of this tool.
"""


@record
class Difference:
    """A setting that is not what was read. ``location`` is where it was read, None where nothing sets it."""

    setting: str
    read: object
    loaded: object
    location: Location | None
    cause: str
    text: str


@record
class Decided:
    """A setting that agrees, and that variables which are set here decide."""

    setting: str
    variables: tuple[str, ...]
    loaded: object


@record
class Failure:
    """Why there is nothing to compare. ``location`` is where the project's code failed, ``output`` what it printed."""

    message: str
    help: str
    location: Location | None = None
    output: str = ""


@record
class AppVerification:
    """What came of one app: its Failure, or the comparison. ``unset`` are variables that its settings read in vain."""

    app: App
    failure: Failure | None = None
    confirmed: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    decided: tuple[Decided, ...] = ()
    unknown: tuple[Open, ...] = ()
    unset: tuple[str, ...] = ()
    tried: Tried | None = None


@record
class Verification:
    """What came of a project. ``python`` and ``celery`` are the versions that were found; empty before they are.

    ``tried`` is what came of the backend of an app that the static reading does not see, which ``failure`` then says.
    """

    interpreter: Interpreter
    python: str
    celery: str
    apps: tuple[AppVerification, ...]
    failure: Failure | None = None
    tried: Tried | None = None


def disagrees(verification: Verification) -> bool:
    """Whether any setting is not what was read, or any step failed."""
    attempts = [verification.tried, *(app.tried for app in verification.apps)]
    return any(app.differences for app in verification.apps) or any(
        step_failed(attempt) for attempt in attempts if attempt is not None
    )


def failed(verification: Verification) -> bool:
    """Whether anything could not be loaded, or there was nothing to load."""
    if verification.tried is not None:
        return False
    return (
        verification.failure is not None
        or not verification.apps
        or any(app.failure is not None for app in verification.apps)
    )

"""What a fault of a result backend is: a project with its server, and what verify must say of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from celery_backend_lint.record import record


@record
class Site:
    """A project, with the server that it uses.

    ``left`` gives the names of what is on the server now and was not there before; ``secrets`` are the credentials that
    no output may show.
    """

    files: dict[str, str]
    left: Callable[[], list[str]]
    secrets: tuple[str, ...] = ()


@record
class Fault:
    """What is wrong, and what verify says of it: the step that fails, and the code of the cause.

    ``says`` is a part of the message; ``left`` is how many things stay on the server, for nobody can remove them;
    ``doubtful`` how many may be there as far as verify can know, and are not.
    """

    name: str
    start: Callable[[Path], AbstractContextManager[Site]]
    step: str
    cause: str
    says: str
    left: int = 0
    doubtful: int = 0
    arguments: tuple[str, ...] = ("--step-timeout", "5")


APP = """\
    from celery import Celery

    app = Celery("shop", backend={backend!r}, set_as_current=False)
"""


def nothing() -> list[str]:
    """Where there is no server."""
    return []

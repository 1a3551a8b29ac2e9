"""The wording of one cause."""

from __future__ import annotations

from celery_backend_lint.record import record


@record
class Words:
    """What a cause means, and what to do about it; ``{fact}`` stands for a fact of the step or of the backend.

    ``remedy`` is empty where there is nothing to do.
    """

    message: str
    remedy: str = ""

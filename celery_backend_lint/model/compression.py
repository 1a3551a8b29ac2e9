"""How results are compressed: which result backends read ``result_compression``, and which methods kombu knows.

Seen with Celery 5.3.6 to 5.7.0: before 5.7.0 no result backend reads the setting. From 5.7.0 on those with
``supports_result_compression`` do; the others warn and store results as they are (``Backend.prepare_compression``).
"""

from __future__ import annotations

from celery_backend_lint.model import facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model.data import Version
    from celery_backend_lint.project.discovery import Project

READ_SINCE: Version = (5, 7, 0)
"""The first Celery that reads ``result_compression``."""

_OF_OTHERS = frozenset({"django-db", "django-cache"})
"""Backends of django-celery-results: none of its releases up to 2.6 compresses."""


def compresses(kind: str, celery: Version) -> bool | None:
    """Whether the result backend of a kind reads ``result_compression``; None where that is not known."""
    if celery < READ_SINCE or kind in _OF_OTHERS:
        return False
    found = facts.backend("db" if kind == "database" else kind, celery)
    return "supports_result_compression" in found.supports if found is not None else None


def registers_own(project: Project) -> bool:
    """Whether code of the project, or a package's entry point in it, may register compression methods of its own."""
    for path in project.python_files_mentioning((b"compression",)):
        source = project.source(path)
        if source is not None and b"kombu" in source.data and b"register" in source.data:
            return True
    return False

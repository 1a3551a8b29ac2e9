"""Whether a project reads task results: for how much a lost backend matters."""

from __future__ import annotations

from celery_backend_lint.project.test_paths import is_test_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model

_NAMES = (b"AsyncResult", b"GroupResult", b"ResultSet", b"TaskResult", b"celery.result", b"task-meta", b"get_task_meta")
"""What code holds that looks results up, be it in a way that is not followed."""


def is_unread(model: Model) -> bool:
    """Whether the project sends tasks, and none of its code outside of tests looks at a result of one."""
    from celery_backend_lint.model.results.sends import first_send

    if result_use(model) is not None or first_send(model) is None:
        return False
    return all(is_test_path(path) for path in model.project.python_files_mentioning(_NAMES))


def result_use(model: Model) -> Location | None:
    """The first place, by path and line, outside of tests that reads a result or needs one (a chord); None for none.

    Only what is certain to be a result of Celery's counts, and not that of ``apply()``, which asks no backend.
    """
    found = [read.location for read in model.results.reads() if read.result.kind != "eager"]
    found += [chord.location for chord in model.results.chords()]
    return min(found, key=lambda one: one.order, default=None)

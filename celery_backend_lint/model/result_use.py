"""Whether a project reads task results: for how much a lost backend matters."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model


def result_use(model: Model) -> Location | None:
    """The first place, by path and line, outside of tests that reads a result or needs one (a chord); None for none.

    Only what is certain to be a result of Celery's counts, and not that of ``apply()``, which asks no backend.
    """
    found = [read.location for read in model.results.reads() if read.result.kind != "eager"]
    found += [chord.location for chord in model.results.chords()]
    return min(found, key=lambda one: one.order, default=None)

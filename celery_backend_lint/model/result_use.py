"""Whether a project reads task results: for how much a lost backend matters."""

from __future__ import annotations

from celery_backend_lint.project.test_paths import is_test_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

_NAMES = (b"AsyncResult", b"GroupResult", b"ResultSet", b"TaskResult", b"celery.result", b"task-meta", b"get_task_meta")
"""What code holds that looks results up, be it in a way that is not followed."""


def is_unread(model: Model) -> bool:
    """Whether the project sends tasks, and none of its code outside of tests looks at a result of one."""
    from celery_backend_lint.model.results.sends import first_send

    if result_use(model) is not None or first_send(model) is None:
        return False
    return all(is_test_path(path) for path in model.project.python_files_mentioning(_NAMES))


def result_use(model: Model, app: App | None = None) -> Location | None:
    """The first place, by path and line, outside of tests that reads a result or needs one (a chord); None for none.

    Only what is certain to be a result of Celery's counts, and not that of ``apply()``, which asks no backend. With
    ``app`` only what may be of that one: not what is known to be another app's, nor what another service does.
    """
    found = [(read.location, read.result.owner) for read in model.results.reads() if read.result.kind != "eager"]
    found += [(chord.location, chord.flow.owner) for chord in model.results.chords()]
    places = [place for place, owner in found if app is None or _may_be_of(model, app, place, owner)]
    return min(places, key=lambda one: one.order, default=None)


def _may_be_of(model: Model, app: App, place: Location, owner: Location | None) -> bool:
    """Whether what is done with a result at a place may be done with one of an app's.

    What belongs to the current app (``shared_task``, ``AsyncResult(id)``) is that of the service it stands in, where
    that has an app. Of what has no known owner nothing is said where there is another app.
    """
    apps = [one for one in model.apps if not one.in_tests]
    if len(apps) == 1:
        return True
    if app not in model.results.apps_of(owner):
        return False
    if owner == app.location:
        return True
    own = [one for one in apps if not _is_foreign(model, one.path, place.path)]
    return app in own or not own


def _is_foreign(model: Model, path: str, other: str) -> bool:
    """Whether two files are of different services."""
    return model.env_files.is_foreign(path, other) or model.env_files.is_foreign(other, path)

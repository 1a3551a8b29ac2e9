"""An example of the environment for a service: everything that its Celery's configurations read, where people look."""

from __future__ import annotations

from celery_backend_lint.fixes.env_files import add_comment, add_to_example, new_example
from celery_backend_lint.fixes.example_values import example_value, is_spare
from celery_backend_lint.fixes.required_beside import required_beside
from celery_backend_lint.model.celery_variables import VariableRead, reads_of
from celery_backend_lint.model.dead_apps import runs_nowhere
from celery_backend_lint.model.env_file_reach import shared_env_files
from celery_backend_lint.model.example_code import is_example_path
from celery_backend_lint.model.held import AMBIENT_READERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App


NEEDED_TOO = "\n# Needed by the same settings"
"""What stands above what is no setting of Celery's, and without which its configuration cannot be read."""


def places_for(model: Model, app: App, path: str) -> tuple[str, ...]:
    """Where what an app reads is to be shown that has no example: a new example, in the folder of the env files of the
    code at ``path``; the env files that git tracks where its processes are given no others.
    """
    shared = shared_env_files(model, app)
    return tuple(file.path for file in shared) if shared else (new_example(model, path),)


def whole_example(model: Model, service: str, places: tuple[str, ...], besides: str = "") -> list[Edit]:
    """Show everything that the configurations of the apps of a service read, but for the variable ``besides``; in a new
    example also what else has to be set where they are read.
    """
    reads: dict[str, tuple[App, VariableRead]] = {}
    for app in model.checked_apps:
        if model.env_files.service_of(app.path) != service or is_example_path(app.path) or runs_nowhere(model, app):
            continue
        for found in sorted(reads_of(app), key=lambda found: found.read.origin.order):
            if found.read.reader not in AMBIENT_READERS:
                reads.setdefault(found.read.variable, (app, found))
    edits: dict[Edit, None] = {}
    for variable, (app, found) in reads.items():
        if variable != besides:
            value, spare = example_value(model, app, found), is_spare(model, app, found)
            for place in places:
                edits.update(dict.fromkeys(show_at(model, app.path, variable, value, place, comment=spare)))
    for app, found in _needed_besides(model, list(reads.values())) if not model.project.on_disk(places[0]) else ():
        value = example_value(model, app, found)
        more = add_to_example(model, app.path, found.read.variable, value, path=places[0], heading=NEEDED_TOO)
        edits.update(dict.fromkeys(more))
    return list(edits)


def _needed_besides(model: Model, reads: list[tuple[App, VariableRead]]) -> Iterator[tuple[App, VariableRead]]:
    """What else has to be set where the reads of some apps are run, for no setting of Celery's."""
    for read in required_beside(model, [found.read for _, found in reads]):
        app = next(app for app, found in reads if found.read.origin.path == read.origin.path)
        yield app, VariableRead(read, "", False, False, (read,), True)


def show_at(model: Model, path: str, variable: str, value: str, place: str, *, comment: bool = False) -> list[Edit]:
    """Name a variable of the code at ``path`` in an example; in an env file in use only in a comment, so that nothing
    changes. Empty where it is named there.
    """
    file = next((one for one in model.env_files.in_use if one.path == place), None)
    if file is None:
        return add_to_example(model, path, variable, value, comment=comment, path=place)
    if any(entry.key == variable for entry in file.compose_entries):
        return []
    return add_comment(model, place, variable, value)

"""Settings of another backend that no rule takes away: CBL703 is silent where an app's configuration is not whole, and
speaks of a setting that several apps have for the first of them only.
"""

from __future__ import annotations

from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.configuration.value_places import assigned_value, sharing
from celery_backend_lint.fixes.python.nodes import place_of
from celery_backend_lint.fixes.python.removal import remove_setting
from celery_backend_lint.model.app import Assignment
from celery_backend_lint.model.idle_settings import having_it_too, is_idle, known_kinds, may_read
from celery_backend_lint.model.name_reads import read_names
from celery_backend_lint.project.test_paths import is_test_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.fixes.configuration.choices import Choices
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App


def without_left(model: Model, app: App, name: str, choices: Choices) -> list[Edit]:
    """Take a setting away that the chosen backend does not read. Empty where CBL703 does it.

    Raises CannotFixError where the project reads the name itself, where another app has the setting from the same
    place and may use it, and where it is not written by itself.
    """
    setting = app.settings.get(name)
    if setting is None or not is_idle(name, choices.kinds, app.declared.version):
        return []
    assignments = [one for one in setting.assignments if not is_test_path(one.location.path)]
    reads = read_names(model, (one.written for one in assignments))
    kinds = known_kinds(app)
    backend = app.settings.get("result_backend")
    shared = sharing(model, app, backend.assignments[0]) if backend is not None and backend.assignments else ()
    alike = {other.location for other in shared}
    edits = []
    for one in assignments:
        others = having_it_too(model.apps, app, one)
        if kinds and one.written not in reads and not others:
            continue  # CBL703 tells it, and takes it away
        where = f"`{one.location.path}` line {one.location.line}"
        if one.written in reads:
            raise CannotFixError(
                f"{where} is for another backend and has no effect; it stays, for code of the project uses the name"
            )
        for other in others:
            if other.location not in alike and may_read(other, name):
                raise CannotFixError(
                    f"{where} is for another backend and has no effect here; it stays, for the app "
                    f"{other.name or '(no name)'} at `{other.path}` line {other.location.line} has it, too"
                )
        edits += remove_setting(model, as_written(model, one))
    return edits


def as_written(model: Model, assignment: Assignment) -> Assignment:
    """The assignment with the value that is written beside the name, where keys out of sight may have another one."""
    place = place_of(model, assigned_value(model, assignment))
    file = model.evaluator.modules.file(place.source.path)
    if file is None:
        return assignment
    value = model.evaluator.ask(place.node, model.evaluator.scope_at(place.node, file.scope))
    one = assignment
    return Assignment(one.setting, one.written, value, one.location, one.place, one.certain, one.handed_over_in)

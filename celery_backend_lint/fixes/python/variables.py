"""A variable beside an app made a setting of it."""

from __future__ import annotations

from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.python.containers import creation_statement
from celery_backend_lint.fixes.python.insertion import insert_setting
from celery_backend_lint.fixes.python.nodes import place_of, statement_of
from celery_backend_lint.fixes.python.references import mentions
from celery_backend_lint.fixes.text_edits import replace
from celery_backend_lint.model.names import counted_as_old

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App


def make_setting(model: Model, app: App, location: Location, variable: str, setting: str) -> list[Edit]:
    """Give an app the value of a variable of its module: as a write to ``app.conf`` in its place where it stands below
    the app, else as a setting that is the variable.

    Raises CannotFixError where the variable is not a plain one of the module, and where the write would be a new name
    among old ones.
    """
    place = place_of(model, location)
    statement = statement_of(place.node)
    if statement.parent is None or statement.parent.type != "module" or place.node.parent is None:
        raise CannotFixError(f"`{variable}` is not set at the top of `{location.path}`")
    found = creation_statement(model, app)
    if found is None or found[0].path != location.path:
        raise CannotFixError(f"`{app.path}` does not create the app in a plain statement")
    _, creation, name = found
    if creation.parent != statement.parent:
        raise CannotFixError(f"the app is not created at the top of `{app.path}`")
    if statement.start_byte < creation.start_byte:
        return insert_setting(model, app, setting, variable)
    old = counted_as_old(app) if not app.sources else ()
    if old:
        raise CannotFixError(
            f"Celery refuses a new name beside old ones such as `{old[0]}`: give that its new one first"
        )
    uses = [one for one in mentions(model, variable) if one.kind in ("name", "attribute", "import")]
    if place.node.parent.type != "assignment" or place.node.parent.parent != statement or len(uses) != 1:
        raise CannotFixError(f"`{variable}` in `{location.path}` is more than a plain variable")
    return [replace(place.source, place.node.start_byte, place.node.end_byte, f"{name}.conf.{setting}")]

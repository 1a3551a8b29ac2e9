"""Settings whose value is taken by name from another setting: ``result_backend = broker_url``."""

from __future__ import annotations

from celery_backend_lint.model.source_nodes import node_at
from celery_backend_lint.syntax.python import location_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App, Assignment, Setting
    from celery_backend_lint.syntax.python import Node

_HOLDERS = {"assignment": "right", "keyword_argument": "value", "pair": "value"}


def taken_from(model: Model, app: App, setting: Setting, other: str, text: Location) -> Location | None:
    """The name that stands as a setting's value where the text at ``text`` is that of the setting ``other``, which has
    it by that name; None where it is not so.
    """
    source = app.settings.get(other)
    if source is None or not any(_covers(_value(model, one), text, one) for one in source.assignments):
        return None
    for assignment in setting.assignments:
        value = _value(model, assignment)
        if value is None or value.type not in ("identifier", "attribute"):
            continue
        file = model.evaluator.modules.file(assignment.location.path)
        if file is not None:
            return location_of(file.source, value)
    return None


def _value(model: Model, assignment: Assignment) -> Node | None:
    """The node of what an assignment gives its name."""
    node = node_at(model.evaluator, assignment.location)
    while node is not None and node.type not in _HOLDERS:
        if node.type.endswith(("_statement", "block", "module")):
            return None
        node = node.parent
    return node.child_by_field_name(_HOLDERS[node.type]) if node is not None else None


def _covers(value: Node | None, text: Location, assignment: Assignment) -> bool:
    if value is None or text.path != assignment.location.path:
        return False
    first, last = value.start_point[0] + 1, value.end_point[0] + 1
    return value.type not in ("identifier", "attribute") and first <= text.line <= last

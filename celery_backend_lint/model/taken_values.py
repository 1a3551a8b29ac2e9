"""Settings whose value is taken by name from another setting: ``result_backend = broker_url``."""

from __future__ import annotations

from celery_backend_lint.model.source_nodes import node_at
from celery_backend_lint.syntax.python import location_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

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
    if source is None or not any(_covers(written_value(model, one), text, one) for one in source.assignments):
        return None
    for assignment in setting.assignments:
        value = written_value(model, assignment)
        if value is None or value.type not in ("identifier", "attribute"):
            continue
        file = model.evaluator.modules.file(assignment.location.path)
        if file is not None:
            return location_of(file.source, value)
    return None


def taken_with(model: Model, app: App, setting: Setting, other: str) -> Location | None:
    """The name by which a setting takes a constant that the setting ``other`` takes too: of a chain of names, each
    bound once in a module, the last that is the setting's alone. None where it is not so.
    """
    source = app.settings.get(other)
    theirs = {bound for one in (source.assignments if source is not None else ()) for _, bound in _names(model, one)}
    for assignment in setting.assignments if theirs else ():
        for name, bound in _names(model, assignment):
            file = model.evaluator.modules.file(bound[0])
            if bound in theirs and file is not None:
                return location_of(file.source, name)
    return None


def _names(model: Model, assignment: Assignment) -> Iterator[tuple[Node, tuple[str, int]]]:
    """The names that an assignment's value is taken by, one from the other, with where each is bound."""
    value, file = written_value(model, assignment), model.evaluator.modules.file(assignment.location.path)
    seen: set[int] = set()
    while value is not None and value.type == "identifier" and file is not None and value.start_byte not in seen:
        seen.add(value.start_byte)
        bindings = file.scope.bindings.get(text_of(value), [])
        if len(bindings) != 1 or model.evaluator.scope_at(value, file.scope) is not file.scope:
            return
        binding = bindings[0]
        yield value, (assignment.location.path, binding.target.start_byte)
        value = binding.node if binding.kind == "assign" and not binding.index else None


def written_value(model: Model, assignment: Assignment) -> Node | None:
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

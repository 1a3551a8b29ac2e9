"""Whether a value in the text belongs to a setting alone, so that changing it changes nothing else."""

from __future__ import annotations

from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.python.nodes import place_of, statement_of
from celery_backend_lint.fixes.python.references import mentions
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from celery_backend_lint.fixes.python.nodes import Place
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App, Assignment
    from celery_backend_lint.syntax.python import Node


def refuse_shared(model: Model, apps: Iterable[App], settings: Iterable[str], location: Location) -> None:
    """Raise CannotFixError where the value at a location may be used for other things than the settings named.

    It is theirs where it is written in their own assignment, keyword or entry, or in a variable or field that nothing
    but these use.
    """
    apps, settings = tuple(apps), tuple(settings)
    assignments = [
        assignment
        for app in apps
        for name in settings
        if name in app.settings
        for assignment in app.settings[name].assignments
    ]
    entries = [entry for assignment in assignments for entry in _entries(model, assignment)]
    place = place_of(model, location)
    if any(_holds(entry, place) for entry in entries):
        return
    _refuse_other_setting(model, apps, settings, place)
    name = _variable_of(place)
    if name is None:
        raise CannotFixError(f"the value in {place.where} is written apart from the setting, and others may use it")
    for mention in mentions(model, text_of(name)):
        if mention.file.path == place.source.path and (mention.node == name or _is_target(mention.node)):
            continue
        if mention.kind in ("keyword", "parameter", "text") or _is_imported(mention.node):
            continue
        if not any(path == mention.file.path and _is_within(mention.node, node) for path, node in entries):
            line = mention.node.start_point[0] + 1
            raise CannotFixError(f"`{text_of(name)}` in {place.where} is used in `{mention.file.path}` line {line} too")


def _refuse_other_setting(model: Model, apps: Iterable[App], settings: Iterable[str], place: Place) -> None:
    """Raise CannotFixError where the value is that of another setting as well: ``broker_url`` used for the results."""
    for app in apps:
        for setting in app.settings.values():
            if setting.name not in settings and any(
                _holds(entry, place) for assignment in setting.assignments for entry in _entries(model, assignment)
            ):
                raise CannotFixError(f"the value in {place.where} is that of `{setting.name}` as well")


def _is_imported(node: Node) -> bool:
    """Whether a name is imported as it is: what uses it then has the name as well."""
    parent = node.parent
    return (
        parent is not None
        and parent.type == "dotted_name"
        and parent.parent is not None
        and parent.parent.type == "import_from_statement"
    )


def _is_target(node: Node) -> bool:
    """Whether a name is assigned there, in another branch say, and not used."""
    parent = node.parent
    return parent is not None and parent.type == "assignment" and parent.child_by_field_name("left") == node


def _entries(model: Model, assignment: Assignment) -> list[tuple[str, Node]]:
    """What an assignment is written in: the keyword, the pair, or the statement where it assigns one name only."""
    try:
        place = place_of(model, assignment.location)
    except CannotFixError:
        return []
    entry = place.node.parent
    if entry is not None and entry.type in ("attribute", "subscript"):
        entry = entry.parent
    if entry is not None and entry.type == "argument_list":  # setattr(app.conf, "name", value)
        entry = entry.parent
    if entry is None or entry.type not in ("keyword_argument", "pair", "assignment", "call"):
        return []
    return [(place.source.path, entry)]


def _holds(entry: tuple[str, Node], place: Place) -> bool:
    path, node = entry
    if path != place.source.path or not _is_within(place.node, node):
        return False
    chained = node.type == "assignment" and (
        (node.parent is not None and node.parent.type == "assignment")
        or _type(node.child_by_field_name("right")) == "assignment"
    )
    return not chained


def _type(node: Node | None) -> str:
    return node.type if node is not None else ""


def _is_within(node: Node, outer: Node) -> bool:
    return outer.start_byte <= node.start_byte and node.end_byte <= outer.end_byte


def _variable_of(place: Place) -> Node | None:
    """The name of the variable or field that the statement of a value assigns; None where it does anything else."""
    statement = statement_of(place.node)
    assignment = statement.named_children[0] if statement.type == "expression_statement" else None
    if assignment is None or assignment.type != "assignment":
        return None
    left, right = assignment.child_by_field_name("left"), assignment.child_by_field_name("right")
    if left is None or left.type != "identifier" or right is None or right.type == "assignment":
        return None
    return left

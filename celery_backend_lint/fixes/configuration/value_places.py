"""Where to change the value of a setting: at the constant that gives it, where that is the setting's alone."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import walk
from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.configuration.misleading_names import misleads
from celery_backend_lint.fixes.python.nodes import is_under_branch, place_of, statement_of
from celery_backend_lint.fixes.python.own_values import refuse_shared
from celery_backend_lint.fixes.python.references import mentions, names_variable
from celery_backend_lint.fixes.python.removal import without_statement
from celery_backend_lint.syntax.python import location_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.fixes.configuration.choices import Choices
    from celery_backend_lint.fixes.python.nodes import Place
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App, Assignment
    from celery_backend_lint.syntax.python import Node


def value_place(model: Model, app: App, assignment: Assignment) -> Location:
    """Where the expression stands to put another in the place of: that of the constant which the assignment names
    (``backend=BACKEND``, ``backend=Config.BACKEND``), else the one beside the setting's name.

    A constant that more than this setting uses keeps its value. Raises CannotFixError where the value is not written
    by itself, and where another app has it from the same constant and would be left behind.
    """
    beside = assigned_value(model, assignment)
    named = place_of(model, beside)
    if named.node.type not in ("identifier", "attribute"):
        return beside
    alike = sharing(model, app, assignment)
    constant = _constant(model, (app, *alike), assignment)
    if constant is not None:
        return constant
    for other in alike:
        first = other.settings[assignment.setting].assignments[0]
        if first.location != assignment.location:
            raise CannotFixError(
                f"`{text_of(named.node)}` in {named.where} is also what the app {other.name or '(no name)'} at "
                f"`{other.path}` line {other.location.line} has, and other code uses it: give each app its own value "
                "first, or change it for all"
            )
    return beside


def own_place(model: Model, app: App, assignment: Assignment, choices: Choices) -> tuple[Location, list[Edit]]:
    """Where the expression stands to put the chosen backend in the place of, and what has to change besides.

    That is :func:`value_place`. A constant whose name says another backend goes, where it stands in the same file and
    is this app's alone: then the value is written beside the setting's name.
    """
    beside, location = assigned_value(model, assignment), value_place(model, app, assignment)
    if location == beside or location.path != beside.path or sharing(model, app, assignment):
        return location, []
    constant = place_of(model, location)
    statement = statement_of(constant.node)
    left = constant.node.parent.child_by_field_name("left") if constant.node.parent is not None else None
    if left is None or not misleads(text_of(left), choices):
        return location, []
    return beside, [without_statement(constant.source, statement)]


def sharing(model: Model, app: App, assignment: Assignment) -> tuple[App, ...]:
    """The other apps whose value of the same setting is written in the same place."""
    found = []
    for other in model.checked_apps:
        setting = other.settings.get(assignment.setting)
        if other.location == app.location or setting is None or not setting.assignments:
            continue
        if setting.assignments[0].value.origin == assignment.value.origin:
            found.append(other)
    return tuple(found)


def _constant(model: Model, apps: tuple[App, ...], assignment: Assignment) -> Location | None:
    """The value of the constant that an assignment names; None where it is none, or is more than this setting's."""
    origin = assignment.value.origin
    try:
        place = place_of(model, origin)
        statement = place.node.parent
        if statement is None or statement.type != "assignment" or is_under_branch(statement):
            return None
        left = statement.child_by_field_name("left")
        if left is None or statement.child_by_field_name("right") != place.node:
            return None
        refuse_shared(model, apps, (assignment.setting,), origin)
        if _is_another(model, apps, assignment) or _is_spoken_of(model, apps, assignment, left, place):
            return None
    except CannotFixError:
        return None
    return location_of(place.source, place.node)


def _is_another(model: Model, apps: tuple[App, ...], assignment: Assignment) -> bool:
    """Whether another setting, or the same one of another app, has the same constant in it."""
    held = {one.location for one in apps}
    for app in model.apps:
        for setting in app.settings.values():
            if setting.name == assignment.setting and app.location in held:
                continue
            for one in setting.assignments:
                if any(value.origin == assignment.value.origin for value in walk(one.value)):
                    return True
    return False


def _is_spoken_of(model: Model, apps: tuple[App, ...], assignment: Assignment, name: Node, constant: Place) -> bool:
    """Whether a text is the constant's name, as in Flask's ``app.config["NAME"]``, other than in the setting itself;
    or whether the constant is given a value twice.
    """
    beside = []
    for app in apps:
        location = assigned_value(model, app.settings[assignment.setting].assignments[0])
        beside.append((location.path, place_of(model, location).node))
    for mention in mentions(model, text_of(name)):
        is_elsewhere = mention.file.path != constant.source.path or mention.node == name
        if mention.kind == "name" and not is_elsewhere and _is_assigned(mention.node):
            return True
        if mention.kind == "text" and not names_variable(mention.node):
            inside = (
                path == mention.file.path
                and node.start_byte <= mention.node.start_byte
                and mention.node.end_byte <= node.end_byte
                for path, node in beside
            )
            if not any(inside):
                return True
    return False


def _is_assigned(node: Node) -> bool:
    parent = node.parent
    return parent is not None and parent.type == "assignment" and parent.child_by_field_name("left") == node


def assigned_value(model: Model, assignment: Assignment) -> Location:
    """Where the expression stands that gives a setting its value. Raises CannotFixError where there is none alone."""
    place = place_of(model, assignment.location)
    node = place.node
    while node.parent is not None:
        parent = node.parent
        field = {"assignment": "right", "keyword_argument": "value", "pair": "value"}.get(parent.type)
        if field is not None:
            value = parent.child_by_field_name(field)
            if value is None or value == node:
                break
            return location_of(place.source, value)
        if parent.type == "argument_list":  # an argument by position, or setattr(app.conf, "name", value)
            following = node.next_named_sibling
            return location_of(place.source, following if following is not None else node)
        if parent.type not in ("attribute", "subscript", "parenthesized_expression"):
            break
        node = parent
    raise CannotFixError(f"the value in {place.where} is not written beside the setting's name")

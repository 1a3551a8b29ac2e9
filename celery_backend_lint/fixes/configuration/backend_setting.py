"""``result_backend`` itself: the read of a variable, or ``rpc://``, in the place where the app has it today."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.values import Environment
from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.environment_read import import_of, reader_at
from celery_backend_lint.fixes.python.insertion import insert_setting
from celery_backend_lint.fixes.python.nodes import module_of, place_of
from celery_backend_lint.fixes.python.style import quote_of, string_code
from celery_backend_lint.fixes.python.values import replace_expression
from celery_backend_lint.fixes.required_reads import without_default
from celery_backend_lint.fixes.text_edits import readable
from celery_backend_lint.location import Location
from celery_backend_lint.model.held import variables
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.syntax.python import location_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.fixes.configuration.choices import Choices
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App, Assignment

BACKEND_VARIABLE = "CELERY_RESULT_BACKEND"
"""The variable that Celery itself reads as well (celery.app.utils.Settings.result_backend)."""


def variable_of(model: Model, app: App) -> str:
    """The variable that an app's result backend comes from, or shall come from.

    It is the one that it comes from today, where that holds nothing else. ``CELERY_RESULT_BACKEND`` beats every other
    value in every app of a process: of several apps each gets a variable of its own name.
    """
    setting = app.settings.get("result_backend")
    if setting is not None and isinstance(setting.value, Environment):
        variable = setting.value.variable
        others = (
            other.value
            for one in model.checked_apps
            for other in one.settings.values()
            if other.name != "result_backend"
        )
        if not any(read.variable == variable for value in others for read in variables(value)):
            return variable
    if len(model.checked_apps) == 1 or not app.name:
        return BACKEND_VARIABLE
    return f"{re.sub(r'[^A-Z0-9]+', '_', app.name.upper()).strip('_')}_RESULT_BACKEND"


def set_backend(model: Model, app: App, choices: Choices, variable: str) -> list[Edit]:
    """Have an app take its result backend from ``variable`` (RPC: from the broker), whatever it has today.

    Empty where it does already. A read of that variable that may do without it is made required. Raises CannotFixError
    where code that may not run sets it.
    """
    setting = app.settings.get("result_backend")
    assignments = [one for one in setting.assignments if not is_test_path(one.location.path)] if setting else []
    if not assignments:
        return set_new(model, app, "result_backend", choices, variable)
    winner = assignments[0]
    if setting is not None and not setting.certain:
        raise CannotFixError(f"the result backend is set in `{winner.location.path}` by code that may not run")
    value = winner.value
    if choices.backend != "rpc" and isinstance(value, Environment) and variable in value.variables:
        return [] if value.required else without_default(model, value)
    if choices.backend == "rpc" and app.result_backend.kind == "rpc" and app.result_backend.source == "literal":
        return []
    return replaced(model, winner, choices, variable)


def set_new(model: Model, app: App, name: str, choices: Choices, variable: str) -> list[Edit]:
    """Give an app a setting that it has not got, read from ``variable``; ``result_backend`` of RPC is no read."""
    if name == "result_backend" and choices.backend == "rpc":
        place = insert_setting(model, app, name, "None")[0].location
        return insert_setting(model, app, name, _rpc(model, place.path))
    place = _before(model, insert_setting(model, app, name, "None")[0].location)
    reader = reader_at(model, place)
    return [*import_of(model, place.path, reader), *insert_setting(model, app, name, reader.required(variable))]


def _before(model: Model, location: Location) -> Location:
    """The last character of the code before a place: what is known there is known at the place."""
    source = readable(model.project, location.path)
    end = len(source.utf8[: source.offset(location.line, location.span.column)].rstrip())
    return Location(location.path, source.span(max(end - 1, 0), end))


def replaced(model: Model, assignment: Assignment, choices: Choices, variable: str) -> list[Edit]:
    """The value of an assignment replaced by the read of a variable, or by ``rpc://``."""
    location = assigned_value(model, assignment)
    if choices.backend == "rpc":
        return [replace_expression(model, location, _rpc(model, location.path))]
    reader = reader_at(model, location)
    return [
        *import_of(model, location.path, reader),
        replace_expression(model, location, reader.required(variable)),
    ]


def _rpc(model: Model, path: str) -> str:
    return string_code("rpc://", quote_of(module_of(model, path).node))


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

"""``result_backend`` itself: the read of a variable, or ``rpc://``, in the place where the app has it today."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.values import Choice, Environment, Literal, walk
from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.configuration.misleading_names import misleads
from celery_backend_lint.fixes.configuration.own_read import own_read
from celery_backend_lint.fixes.configuration.settings_field import (
    is_field,
    required_field,
    rpc_by_default,
    settings_field,
    widened,
)
from celery_backend_lint.fixes.configuration.value_places import own_place, sharing, value_place
from celery_backend_lint.fixes.environment_read import import_of, reader_at
from celery_backend_lint.fixes.python.insertion import insert_setting
from celery_backend_lint.fixes.python.nodes import is_under_branch, module_of, place_of
from celery_backend_lint.fixes.python.style import quote_of, string_code
from celery_backend_lint.fixes.python.values import replace_expression
from celery_backend_lint.fixes.redis_databases import apart_from_broker
from celery_backend_lint.fixes.text_edits import readable
from celery_backend_lint.location import Location
from celery_backend_lint.model.held import variables
from celery_backend_lint.project.test_paths import is_test_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.fixes.configuration.choices import Choices
    from celery_backend_lint.fixes.configuration.own_read import OwnRead
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App, Assignment, Setting

BACKEND_VARIABLE = "CELERY_RESULT_BACKEND"
"""The variable that Celery itself reads as well (celery.app.utils.Settings.result_backend)."""


def variable_today(app: App) -> str:
    """The variable that is an app's result backend, ``""`` where it is none alone."""
    setting = app.settings.get("result_backend")
    found = own_read(setting.value) if setting is not None else None
    return found.read.variable if found is not None else ""


def variable_of(model: Model, app: App, choices: Choices) -> str:
    """The variable that an app's result backend comes from, or shall come from.

    It is the one that it comes from today, where that holds nothing else, and where it is not called for the backend
    that is left. ``CELERY_RESULT_BACKEND`` beats every other value in every app of a process: of several apps each gets
    a variable of its own name, but those that have their backend from one place.
    """
    setting = app.settings.get("result_backend")
    alike = {app.location}
    if setting is not None and setting.assignments:
        alike.update(one.location for one in sharing(model, app, setting.assignments[0]))
    found = own_read(setting.value) if setting is not None else None
    if found is not None:
        variable = found.read.variable
        others = (
            other.value
            for one in model.checked_apps
            for other in one.settings.values()
            if other.name != "result_backend" or one.location not in alike
        )
        is_free = not any(read.variable == variable for value in others for read in variables(value))
        if is_free and (is_field(found) or not _is_left(app, variable, choices)):
            return variable
    field = settings_field(model, app)
    if field is not None:
        return field.variable
    if all(one.location in alike for one in model.checked_apps) or not app.name:
        return BACKEND_VARIABLE
    return f"{re.sub(r'[^A-Z0-9]+', '_', app.name.upper()).strip('_')}_RESULT_BACKEND"


def _is_left(app: App, variable: str, choices: Choices) -> bool:
    """Whether a variable is called for another backend, which the app has today; RPC needs no variable at all."""
    return choices.backend != "rpc" and app.result_backend.kind not in choices.kinds and misleads(variable, choices)


def literal_to_keep(model: Model, app: App, choices: Choices) -> str:
    """The URL that holds today, written in the code or the default of its read, where it is one of the chosen backend
    and holds no password; else none. One that the broker has as well gets a database of its own, as CBL114 gives it.
    """
    setting = app.settings.get("result_backend")
    value = setting.value if setting is not None else None
    texts: tuple[object, ...] = (value.value,) if isinstance(value, Literal) else ()
    found = own_read(value) if value is not None and not texts else None
    for url in found.otherwise if found is not None else texts:
        if isinstance(url, str) and "://" in url and choices.backend != "rpc" and choices.fits(url):
            if "@" in url or re.search(r"(?i)passw|secret|token", url):
                return ""
            return apart_from_broker(model, app, url) if choices.backend == "redis" else url
    return ""


def is_composed(model: Model, app: App, choices: Choices) -> bool:
    """Whether an app has the chosen backend already, and makes it of several variables, or of one that is for more than
    results: it stays as it is.
    """
    setting, backend = app.settings.get("result_backend"), app.result_backend
    if choices.backend == "rpc" or setting is None or not setting.certain or backend.alternatives:
        return False
    if backend.kind not in choices.kinds or not (backend.value is None or choices.fits(backend.value)):
        return False
    if choices.backend == "database" and backend.value is None:
        return False  # of which dialect nobody knows
    found = own_read(setting.value)
    if found is not None and (found.read.variable == variable_of(model, app, choices) or "" in found.otherwise):
        return False
    return any(isinstance(one, Environment) for one in walk(setting.value))


def set_backend(model: Model, app: App, choices: Choices, variable: str) -> list[Edit]:
    """Have an app take its result backend from ``variable`` (RPC: from the broker), whatever it has today.

    Empty where it does already; a default of the same backend stays. Raises CannotFixError where it is set by code
    that may not run, and where a configuration that may be loaded has another one.
    """
    setting = app.settings.get("result_backend")
    assignments = [one for one in setting.assignments if not is_test_path(one.location.path)] if setting else []
    if setting is None or not assignments:
        return set_new(model, app, "result_backend", choices, variable)
    if is_composed(model, app, choices):
        return []
    winner = assignments[0]
    refuse_undecided(model, setting, winner)
    found = own_read(setting.value)
    if choices.backend != "rpc" and found is not None and variable in found.read.variables:
        return _as_wanted(model, app, found, winner, choices, variable)
    if choices.backend == "rpc" and app.result_backend.kind == "rpc" and app.result_backend.source == "literal":
        return []
    if choices.backend == "rpc" and is_field(found):
        return rpc_by_default(model, found.read) if found.otherwise != (choices.url,) else []
    return replaced(model, app, winner, choices, variable)


def refuse_undecided(model: Model, setting: Setting, winner: Assignment) -> None:
    """Raise CannotFixError where more than one place may decide about a setting."""
    place = place_of(model, winner.location)
    if not setting.certain or not winner.certain or is_under_branch(place.node):
        raise CannotFixError(
            f"{place.where} sets `{winner.written}` in code that may not run; one backend is configured for all: "
            "set it where it always holds first"
        )
    if isinstance(setting.value, Choice) and not isinstance(winner.value, Choice) and own_read(setting.value) is None:
        others = [one for one in setting.assignments[1:] if one.value.origin != winner.value.origin]
        other = f", or the one in `{others[0].location.path}` line {others[0].location.line}" if others else ""
        raise CannotFixError(
            f"which value `{winner.written}` has is decided when the program runs: the one in {place.where}{other}"
        )


def _as_wanted(
    model: Model, app: App, found: OwnRead, winner: Assignment, choices: Choices, variable: str
) -> list[Edit]:
    """What a read of the right variable still needs to be one of the chosen backend."""
    read = found.read
    dsn_fits = choices.backend == "redis" and choices.availability != "sentinel"
    edits = [] if dsn_fits else widened(model, read)
    texts = [text for text in found.otherwise if text]
    if read.required or (texts and all(choices.fits(text) for text in texts) and "" not in found.otherwise):
        return edits
    if not found.beside:
        return [*required_field(model, read), *edits]
    location = value_place(model, app, winner)
    reader = reader_at(model, location)
    return [
        *import_of(model, location.path, reader),
        replace_expression(model, location, reader.required(variable)),
        *edits,
    ]


def set_new(model: Model, app: App, name: str, choices: Choices, variable: str) -> list[Edit]:
    """Give an app a setting that it has not got, read from ``variable``; ``result_backend`` of RPC is no read."""
    place = insert_setting(model, app, name, "None")[0].location
    if name == "result_backend" and choices.backend == "rpc":
        return insert_setting(model, app, name, _rpc(model, place.path))
    field = settings_field(model, app) if name == "result_backend" else None
    if field is not None and field.path == place.path and field.variable == variable:
        return [field.edit, *insert_setting(model, app, name, field.code)]
    reader = reader_at(model, _before(model, place))
    return [*import_of(model, place.path, reader), *insert_setting(model, app, name, reader.required(variable))]


def _before(model: Model, location: Location) -> Location:
    """The last character of the code before a place: what is known there is known at the place."""
    source = readable(model.project, location.path)
    end = len(source.utf8[: source.offset(location.line, location.span.column)].rstrip())
    return Location(location.path, source.span(max(end - 1, 0), end))


def replaced(model: Model, app: App, assignment: Assignment, choices: Choices, variable: str) -> list[Edit]:
    """The value of an assignment replaced by the read of a variable, or by ``rpc://``."""
    location, edits = own_place(model, app, assignment, choices)
    if choices.backend == "rpc":
        return [*edits, replace_expression(model, location, _rpc(model, location.path))]
    field = settings_field(model, app)
    if field is not None and field.path == location.path and field.variable == variable:
        return [*edits, field.edit, replace_expression(model, location, field.code)]
    reader = reader_at(model, location)
    return [
        *edits,
        *import_of(model, location.path, reader),
        replace_expression(model, location, reader.required(variable)),
    ]


def _rpc(model: Model, path: str) -> str:
    return string_code("rpc://", quote_of(module_of(model, path).node))

"""What configuring a backend does to an app, step by step. Each step is given the project as the last one left it."""

from __future__ import annotations

import re
from functools import partial

from celery_backend_lint.evaluate.values import Duration, Literal
from celery_backend_lint.findings.fix import CannotFixError, Edit
from celery_backend_lint.fixes.configuration.backend_setting import (
    BACKEND_VARIABLE,
    refuse_undecided,
    set_backend,
    set_new,
)
from celery_backend_lint.fixes.configuration.choices import Choices
from celery_backend_lint.fixes.configuration.cleanup_schedule import run_beat
from celery_backend_lint.fixes.configuration.forgotten_variables import without_variable
from celery_backend_lint.fixes.configuration.left_settings import as_written, without_left
from celery_backend_lint.fixes.configuration.option_entries import with_option, without_option
from celery_backend_lint.fixes.configuration.own_read import own_read
from celery_backend_lint.fixes.configuration.setting_code import inserted, setting_code
from celery_backend_lint.fixes.configuration.settings_field import is_field
from celery_backend_lint.fixes.configuration.value_places import value_place
from celery_backend_lint.fixes.configuration.wanted_settings import wanted_settings
from celery_backend_lint.fixes.env_files import add_to_example
from celery_backend_lint.fixes.ignore_file import ignore
from celery_backend_lint.fixes.python.removal import remove_setting
from celery_backend_lint.fixes.python.values import replace_expression
from celery_backend_lint.fixes.served_urls import as_served
from celery_backend_lint.fixes.text_edits import append_lines, replace
from celery_backend_lint.fixes.whole_example import places_for, show_at
from celery_backend_lint.location import START, Location
from celery_backend_lint.model import facts
from celery_backend_lint.model.connection_facts import RETRIES
from celery_backend_lint.model.env_loads import env_file_for
from celery_backend_lint.model.idle_settings import is_idle
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

BROKER_VARIABLE = "CELERY_BROKER_URL"
CELERY = "celery>=5.4"
"""What is asked for where a project declares no Celery yet."""


@record
class Step:
    """One step: what it is about, and what it makes of a model and an app.

    ``edits`` may raise CannotFixError; where ``required`` is False that is told and the next step follows.
    """

    what: str
    edits: Callable[[Model, App], list[Edit]]
    required: bool = True


def steps(choices: Choices, variable: str, example: str, *, old: str, new_app: bool, switched: bool) -> Iterator[Step]:
    """The steps that configure an app, in order. ``variable`` is what holds the backend's URL, ``""`` for several that
    the project has already, ``example`` an example, ``old`` the variable that held it before, ``""`` for none.

    ``new_app`` says that the app was made for this: its broker's URL is read from the environment as well. ``switched``
    says that it had another backend.
    """
    if new_app:
        yield Step("the broker's URL", _broker)
    yield Step("the result backend", partial(_backend, choices, variable))
    yield Step("the settings", partial(_chosen, choices))
    for wanted in wanted_settings(choices, facts.celery_versions()[-1]):
        for key in wanted.value if isinstance(wanted.value, dict) else ():
            if key not in ONLY_NEW or "concurrency" in choices.decided:
                step = partial(_option, choices, wanted.name, key)
                yield Step(f"`{wanted.name}`", step, required=key == "master_name")
        yield Step(f"`{wanted.name}`", partial(_setting, choices, wanted.name), required=False)
    if choices.backend == "redis" and choices.availability != "sentinel":
        for _ in range(2):
            yield Step("`result_backend_transport_options`", _without_master, required=False)
    if choices.backend != "redis":
        for name, value in RETRIES_OF_REDIS.items():
            if choices.backend == "rpc" or switched:
                yield Step(f"`{name}`", partial(_removed, name, value), required=False)
    for name in facts.setting_names(facts.celery_versions()[-1]):
        if is_idle(name, choices.kinds, facts.celery_versions()[-1]):
            yield Step(f"`{name}`", partial(_left, choices, name), required=False)
    yield Step("Celery's package", _readable_manifests)
    yield Step("Celery's package", _celery, required=False)
    for package in choices.packages:
        yield Step(f"the package {requirement_name(package)}", partial(_package, package), required=False)
    if new_app:
        broker = partial(_example, Choices(""), BROKER_VARIABLE, choices.broker_url)
        yield Step("the example of the environment", broker)
    if choices.backend != "rpc":
        if variable:
            yield Step("the example of the environment", partial(_example, choices, variable, example), required=False)
        if variable and old not in ("", variable):
            yield Step("the example of the environment", partial(_old_variable, old), required=False)
    else:
        yield Step("the example of the environment", partial(_forgotten, variable), required=False)
    if choices.backend != "rpc" or new_app:
        yield Step("git's ignore list", _ignored, required=False)
    if choices.backend == "database":
        yield Step("the clean-up of results", _beat, required=False)


RETRIES_OF_REDIS = {"result_backend_always_retry": True, "result_backend_max_retries": RETRIES}
"""What was written for Redis, and goes with it: RPC has no error to try again after, and databases are tried again
anyway (``exception_safe_to_retry`` and ``DatabaseBackend``, Celery 5.3 to 5.7).
"""

ONLY_NEW = frozenset({"pool_size"})
"""Keys that are not put into a dict that is there already: with ``poolclass=NullPool`` SQLAlchemy refuses it."""


def _option(choices: Choices, name: str, key: str, model: Model, app: App) -> list[Edit]:
    """A key of a setting that is a dict, where the app has one that lacks it."""
    for wanted in wanted_settings(choices, app.declared.version):
        if wanted.name == name and isinstance(wanted.value, dict):
            replaces = key in ONLY_NEW and "concurrency" in choices.decided
            return with_option(model, app, name, key, wanted.value[key], replaces=replaces)
    return []


def _removed(name: str, value: object, model: Model, app: App) -> list[Edit]:
    setting = app.settings.get(name)
    if setting is None or not setting.assignments or is_test_path(setting.assignments[0].location.path):
        return []
    written = as_written(model, setting.assignments[0])
    if not isinstance(written.value, Literal) or written.value.value != value:
        return []
    return remove_setting(model, written)


def _left(choices: Choices, name: str, model: Model, app: App) -> list[Edit]:
    return without_left(model, app, name, choices)


def _without_master(model: Model, app: App) -> list[Edit]:
    name = "result_backend_transport_options"
    for key in ("master_name", "sentinel_kwargs"):
        edits = without_option(model, app, name, key)
        if edits:
            return edits
    return []


def _broker(model: Model, app: App) -> list[Edit]:
    broker = app.settings.get("broker_url")
    if broker is not None and broker.assignments:
        return []
    return set_new(model, app, "broker_url", Choices("redis"), BROKER_VARIABLE)


def _backend(choices: Choices, variable: str, model: Model, app: App) -> list[Edit]:
    return set_backend(model, app, choices, variable)


def _chosen(choices: Choices, model: Model, app: App) -> list[Edit]:
    """The settings that the user decided about and that the app has with another value."""
    edits: list[Edit] = []
    for wanted in wanted_settings(choices, app.declared.version):
        setting = app.settings.get(wanted.name)
        if not wanted.chosen or setting is None or not setting.assignments:
            continue
        value = setting.value
        if not isinstance(value, (Literal, Duration)) or plain(value) == wanted.value:
            continue  # what the environment decides stays with the environment
        refuse_undecided(model, setting, setting.assignments[0])
        location = value_place(model, app, setting.assignments[0])
        edits.append(replace_expression(model, location, setting_code(model, location.path, wanted.name, wanted.value)))
    return edits


def plain(value: Literal | Duration) -> object:
    """The constant that a value is; a duration in seconds."""
    return value.value if isinstance(value, Literal) else value.seconds


def _setting(choices: Choices, name: str, model: Model, app: App) -> list[Edit]:
    """A setting that the app has not got. They go in one after the other: each stands below the one before."""
    setting = app.settings.get(name)
    for wanted in wanted_settings(choices, app.declared.version):
        if wanted.name == name and (setting is None or not setting.assignments):
            return inserted(model, app, name, wanted.value)
    return []


def _readable_manifests(model: Model, app: App) -> list[Edit]:
    """Nothing. Raises CannotFixError where Celery may be declared in what cannot be read."""
    held = model.manifests.for_path(app.path)
    for manifest in held.manifests if not held.declares("celery") else ():
        for problem in manifest.problems:
            if problem.whole_file:
                raise CannotFixError(f"`{manifest.path}` line {problem.location.line}: {problem.message}")
    return []


def _celery(model: Model, app: App) -> list[Edit]:
    from celery_backend_lint.fixes.manifests.changes import new_requirement

    held = model.manifests.for_path(app.path)
    if held.declares("celery"):
        return []
    if not held.manifests:
        return [Edit(Location("requirements.txt", START), f"{CELERY}\n", "celery")]
    change = new_requirement(model.project, model.manifests, CELERY, app.path)
    return list(change.edits) if change is not None else []


TWINS = {"psycopg2-binary": ("psycopg2", "psycopg2-binary"), "psycopg": ("psycopg", "psycopg-binary")}
"""Packages of which each brings the same driver."""


def _package(package: str, model: Model, app: App) -> list[Edit]:
    from celery_backend_lint.fixes.manifests.changes import add_requirement
    from celery_backend_lint.model.packages import Need, Packages
    from celery_backend_lint.model.redis_choice import needed
    from celery_backend_lint.model.wanted_requirements import Wanted

    name = requirement_name(package)
    if Packages(model, app).gives(TWINS.get(name, (name,))):
        return []
    extra = {"redis": "redis", "sqlalchemy": "sqlalchemy"}.get(name, "")
    held = model.manifests.for_path(app.path)
    asked = needed(model, app, held, Need((name,), extra)) if extra else Wanted(package)
    change = add_requirement(model.manifests, model.project, asked, app.path)
    return list(change.edits) if change is not None else []


def requirement_name(requirement: str) -> str:
    """The name of the package that a requirement of ``Choices.packages`` asks for."""
    return re.split(r"[\[<>=]", requirement)[0]


def _example(choices: Choices, variable: str, value: str, model: Model, app: App) -> list[Edit]:
    """The variable in the example, with a value of the backend's kind wherever it has one of another kind.

    An example may have it twice, and a service several examples; what is commented out stays where one is not. Where
    all are, the first is brought to life for a read that needs the variable.
    """
    found = [
        (example.path, entry)
        for example in model.env_files.examples_for(app.path)
        for entry in example.entries
        if entry.key == variable
    ]
    value = as_served(model, app, value)
    if not found and not model.env_files.examples_for(app.path):
        places = places_for(model, app, app.path)
        return [edit for place in places for edit in show_at(model, app.path, variable, value, place)]
    if not found:
        return add_to_example(model, app.path, variable, value)
    edits = []
    for path, entry in [one for one in found if not one[1].commented] or found[:1]:
        source = model.project.source(path)
        if source is not None and choices.backend and entry.value and not choices.fits(entry.value):
            span = entry.value_span
            start, end = source.offset(span.line, span.column), source.offset(span.end_line, span.end_column)
            edits.append(replace(source, start, end, value, variable))
        if source is not None and entry.commented and _is_needed(app, variable):
            line = entry.key_span.line
            sign = re.match(r"\s*#[#\s]*", source.line(line))
            end = source.offset(line, sign.end() + 1 if sign is not None else 1)
            edits.append(replace(source, source.offset(line, 1), end, "", variable))
    return edits


def _is_needed(app: App, variable: str) -> bool:
    """Whether the broker or the backend is a read of a variable that has to be set."""
    reads = (own_read(app.settings[name].value) for name in ("broker_url", "result_backend") if name in app.settings)
    return any(one is not None and one.read.required and variable in one.read.variables for one in reads)


def _forgotten(variable: str, model: Model, app: App) -> list[Edit]:
    """Take out of the examples what is not needed for RPC: the variable of the backend that there was, where nothing
    reads it any more, and Celery's own, which would beat ``rpc://``. A field that still reads one has ``rpc://`` there.
    """
    setting = app.settings.get("result_backend")
    found = own_read(setting.value) if setting is not None else None
    if is_field(found):
        listed = (entry.key for example in model.env_files.examples_for(app.path) for entry in example.entries)
        return _example(Choices("rpc"), variable, "rpc://", model, app) if variable in listed else []
    edits = without_variable(model, app, BACKEND_VARIABLE, whoever_mentions_it=True)
    return edits if variable == BACKEND_VARIABLE else [*edits, *without_variable(model, app, variable)]


def _old_variable(variable: str, model: Model, app: App) -> list[Edit]:
    return without_variable(model, app, variable)


def _ignored(model: Model, app: App) -> list[Edit]:
    return ignore(model, env_file_for(model, app.path)) if model.project.is_git else []


def _beat(model: Model, app: App) -> list[Edit]:
    return run_beat(model, app)


def health_check_edits(model: Model, path: str, text: str) -> list[Edit]:
    """Create the module for probes. Raises CannotFixError where something else stands there."""
    if model.project.source(path) is not None:
        raise CannotFixError(f"`{path}` is there already, and is no health check of this tool's")
    return [append_lines(model.project, path, text)]

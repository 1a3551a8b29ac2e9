"""Flask's ``app.config``: what it holds at a place of the project.

Read in flask.config (1.1 to 3.1): ``from_object``, ``from_pyfile`` and ``from_mapping`` take upper-case names only,
``update`` and items any. The configuration is an object that changes: its value is an Instance of `CONFIG`, and what
it holds is asked for a place (see `flask_timeline`).
"""

from __future__ import annotations

from celery_backend_lint.evaluate.alternatives import any_of, distribute, filled
from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Entry,
    External,
    Instance,
    Literal,
    Mapping,
    Missing,
    Unknown,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.flask.steps import Reader
    from celery_backend_lint.evaluate.flask.timeline import Timeline
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location

FLASK = frozenset({"flask.Flask", "flask.app.Flask", "quart.Quart", "apiflask.APIFlask", "flask_openapi3.OpenAPI"})
CONFIG = "flask.config.Config"
"""The type of ``app.config``; its one argument is the app."""


def is_flask(ev: Evaluator, value: Value) -> bool:
    """Whether a value is an app of Flask or of one that descends from it."""
    if not isinstance(value, Instance):
        return False
    if isinstance(value.type, External):
        return value.type.name in FLASK
    from celery_backend_lint.evaluate.objects.classes import lineage

    return any(isinstance(base, External) and base.name in FLASK for base in lineage(ev, value.type))


def config_of(app: Instance, origin: Location) -> Instance:
    """The object ``app.config``."""
    return Instance(External(CONFIG, origin), (app,), (), origin)


def app_of(value: Value) -> Instance | None:
    """The app whose configuration a value is; None for anything else."""
    if isinstance(value, Instance) and isinstance(value.type, External) and value.type.name == CONFIG:
        owner = value.arguments[0]
        return owner if isinstance(owner, Instance) else None
    return None


def is_config(value: Value) -> bool:
    """Whether a value, or an outcome of it, is the configuration of an app."""
    if isinstance(value, Choice):
        return any(is_config(one.value) for one in value.alternatives)
    return app_of(value) is not None


def snapshot(ev: Evaluator, value: Value, place: Location, key: str | None = None) -> Value:
    """``value``, a configuration as the dict that it is at ``place``; of it only what is under ``key`` where given."""
    if isinstance(value, Choice) and any(app_of(one.value) is not None for one in value.alternatives):
        return distribute(value, value.origin, lambda one: snapshot(ev, one, place, key))
    app = app_of(value)
    return value if app is None else at(ev, app, place, key)


def text_key(key: Value) -> str | None:
    """The text that a key is; None where it is something else."""
    return key.value if isinstance(key, Literal) and isinstance(key.value, str) else None


def at(ev: Evaluator, app: Instance, place: Location, key: str | None = None) -> Mapping:
    """What the configuration of an app holds where ``place`` reads it, as far as the project fills it.

    With a ``key`` only what is under it is followed: a configuration class may have hundreds of names.
    """
    timeline = _timeline(ev, app)
    readers = timeline.readers(place)
    if not readers and not timeline.complete:
        return Mapping((), place, complete=False)
    states = [_state(ev, timeline, reader, app, key) for reader in (readers or (None,))]
    first = states[0]
    if all(state is first or state.entries == first.entries for state in states):
        return first
    return _one_of(states, place)


def at_the_end(ev: Evaluator, app: Instance) -> Mapping:
    """What the configuration of an app holds once everything in sight was done to it."""
    timeline = _timeline(ev, app)
    return _state(ev, timeline, None, app, None) if timeline.complete else Mapping((), app.origin, complete=False)


def _timeline(ev: Evaluator, app: Instance) -> Timeline:
    """The app's timeline; where what is asked for belongs to following it, as far as it goes."""
    known = ev.flask_timelines.get(app.origin)
    if known is None:
        from celery_backend_lint.evaluate.flask.timeline import Timeline

        known = ev.flask_timelines[app.origin] = Timeline(ev, app)
        known.follow()
    return known


def _state(ev: Evaluator, timeline: Timeline, reader: Reader | None, app: Instance, only: str | None) -> Mapping:
    where = reader and (reader.world, reader.before, tuple((frame.definition, frame.start) for frame in reader.frames))
    key = (app.origin, where, only)
    known = ev.flask_configs.get(key)
    if known is None:
        from celery_backend_lint.evaluate.flask import config_changes as flask_changes

        ev.flask_configs[key] = Mapping((), app.origin, complete=False)  # for what refers to itself
        known = ev.flask_configs[key] = flask_changes.apply(ev, app, list(timeline.before(reader)), only)
    return known


def method(
    ev: Evaluator, config: Instance, name: str, arguments: list[Value], keywords: list[Entry], origin: Location
) -> Value:
    """What ``app.config.name(…)`` returns."""
    from celery_backend_lint.evaluate import calls

    wanted = text_key(arguments[0]) if arguments and name in ("get", "setdefault", "pop") else None
    held = snapshot(ev, config, origin, wanted)
    if name == "get_namespace" and isinstance(held, Mapping):
        return get_namespace(held, arguments, keywords, origin)
    if name == "setdefault" and arguments:
        name = "get"  # what it puts in is a step of its own
    if name == "get" and arguments and isinstance(held, Mapping) and isinstance(arguments[0], Literal):
        found = held.get(str(arguments[0].value))
        default = arguments[1] if len(arguments) > 1 else Literal(None, origin)
        if found is not None:
            return filled(found, default)
        if held.open_when is not None:
            doubt = Unknown("a key of app.config that is not in sight", origin)
            return Choice((Alternative(doubt, held.open_when), Alternative(default, None)), origin)
    return calls.method(ev, held, name, arguments, keywords, origin)


def _one_of(states: list[Mapping], place: Location) -> Mapping:
    """One mapping for several that the configuration may be: each key has every outcome."""
    keys: dict[object, Entry] = {}
    for state in states:
        for entry in state.entries:
            keys.setdefault(entry.key.value if isinstance(entry.key, Literal) else None, entry)
    entries = []
    for key, entry in keys.items():
        found: list[Value] = [state.get(str(key)) or Missing(place) for state in states]
        if all(one == found[0] for one in found):
            entries.append(Entry(entry.key, found[0], entry.origin))
            continue
        alternatives = any_of(found, "which call it is", place)
        entries.append(Entry(entry.key, Choice(tuple(alternatives), place), entry.origin))
    complete = all(state.complete for state in states)
    return Mapping(tuple(entries), place, complete)


def is_written(ev: Evaluator, name: str, location: Location) -> bool:
    """Whether an entry of that name and place was put into a Flask configuration that was read."""
    return any(
        entry.origin == location and isinstance(entry.key, Literal) and entry.key.value == name
        for config in ev.flask_configs.values()
        for entry in config.entries
    )


def get_namespace(config: Mapping, arguments: list[Value], keywords: list[Entry], origin: Location) -> Value:
    """``Config.get_namespace(namespace, lowercase=True, trim_namespace=True)``."""
    given: dict[str, Value] = dict(zip(("namespace", "lowercase", "trim_namespace"), arguments, strict=False))
    given.update((str(entry.key.value), entry.value) for entry in keywords if isinstance(entry.key, Literal))
    plain = {name: value.value for name, value in given.items() if isinstance(value, Literal)}
    prefix = plain.get("namespace")
    if not isinstance(prefix, str) or len(plain) != len(given):
        return Unknown("a part of app.config that is not known", origin)
    entries = []
    for entry in config.entries:
        if isinstance(entry.key, Literal) and isinstance(entry.key.value, str) and entry.key.value.startswith(prefix):
            name = entry.key.value
            name = name[len(prefix) :] if plain.get("trim_namespace", True) else name
            name = name.lower() if plain.get("lowercase", True) else name
            entries.append(Entry(Literal(name, entry.key.origin), entry.value, entry.origin))
    return Mapping(tuple(entries), origin, config.complete, open_when=config.open_when)

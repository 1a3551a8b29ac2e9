"""Which assignments to a setting Celery never uses, because others win over them with another value."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import (
    Choice,
    Environment,
    External,
    Literal,
    Mapping,
    Missing,
    Operation,
    Sequence,
    Text,
    walk,
)
from celery_backend_lint.model.source_nodes import node_at
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App, Assignment, ConfigurationSource

_OF_THE_BROKER = frozenset({"amqp", "rpc"})
"""Backends that work over the broker's connection and read nothing of their URL (``celery.backends.amqp`` of 4.4,
``celery.backends.rpc``, 4.4 to 5.7)."""

_LAYERED = frozenset({"module", "django", "class"})
"""Places where one file or class builds on another: what a base says and its heir replaces is no conflict."""


@record
class Conflict:
    """An assignment that loses, and what wins over it: another assignment, or a call that replaces its source.

    ``location`` is the name's place. ``loser`` and ``winner`` are None where there is a ``replaced_by``.
    """

    location: Location
    loser: Assignment | None
    winner: Assignment | None
    replaced_by: Location | None = None


def identity(value: Value) -> Hashable:
    """Something equal for values that are the same wherever they stand; None where a part is not known."""
    if isinstance(value, Literal):
        return ("literal", type(value.value).__name__, value.value)
    if isinstance(value, External):
        return ("external", value.name)
    if isinstance(value, Missing):
        return ("missing",)
    if isinstance(value, Environment):
        if value.default is None:
            return ("environment", value.variables)
        return _together("environment", (value.default,), value.variables)
    if isinstance(value, Text):
        return _together("text", value.parts)
    if isinstance(value, Operation):
        return _together("operation", value.operands, value.operator)
    if isinstance(value, Sequence):
        return _together("sequence", value.items, value.kind) if value.complete else None
    if isinstance(value, Choice):
        return _together("choice", tuple(one.value for one in value.alternatives))
    if isinstance(value, Mapping) and value.complete:
        return _together("mapping", tuple(part for entry in value.entries for part in (entry.key, entry.value)))
    return None


def _together(kind: str, values: tuple[Value, ...], *more: Hashable) -> Hashable:
    found = tuple(identity(value) for value in values)
    return None if None in found else (kind, *more, found)


def conflicts(model: Model, app: App, name: str) -> Iterator[Conflict]:
    """The assignments to a setting of an app that are never used, each with what wins.

    Silent where the effective value is not known, depends on a function that nothing is seen to call, is put into a
    variable that Celery reads itself, or is written in another file than the app (whether that file is loaded with
    the app is not known).
    """
    yield from _replaced_sources(model, app, name)
    setting = app.settings.get(name)
    if setting is None or not setting.certain or identity(setting.value) is None:
        return
    used = {_meaning(part, name) for part in walk(setting.value)}
    winner = next((one for one in setting.assignments if _is_used(one, name, used)), None)
    if winner is None or (winner.place == "conf" and _written_in(winner) != app.path):
        return
    if winner.place == "environment":
        return  # code that sets a variable of Celery's own means to override
    places = {winner.location}
    overwritten = [one for one in app.writes if one.setting == name and one.written in (name, "backend")]
    for one in (*setting.assignments, *overwritten):
        if one.location not in places and _loses(model, one, winner, name, used):
            places.add(one.location)
            yield Conflict(one.location, one, winner)


def _meaning(value: Value, name: str) -> Hashable:
    """What a value is as the setting ``name``: result backends that take the broker's connection are what they are
    called, ``amqp`` and ``amqp://localhost`` the same.
    """
    if name == "result_backend" and isinstance(value, Literal) and isinstance(value.value, str):
        alias = value.value.partition("://")[0]
        if alias in _OF_THE_BROKER:
            return ("of the broker", alias)
    return identity(value)


def _is_used(assignment: Assignment, name: str, used: set[Hashable]) -> bool:
    return any(_meaning(part, name) in used for part in walk(assignment.value) if not isinstance(part, Missing))


def _loses(model: Model, one: Assignment, winner: Assignment, name: str, used: set[Hashable]) -> bool:
    if not one.certain or is_test_path(one.location.path) or identity(one.value) is None or _is_used(one, name, used):
        return False
    if _is_placeholder(model, one, winner):
        return False
    if one.place == "constructor" and isinstance(one.value, Literal) and one.value.value is None:
        return False  # sets nothing
    if one.place in _LAYERED and winner.place in _LAYERED:
        return _same_module(model, one, winner)
    handed_over = one.handed_over_in or winner.handed_over_in
    same_file = one.location.path == winner.location.path and not handed_over
    if one.place != "conf" or winner.place != "conf" or same_file:
        return True
    # Of two configurations that one file hands over the later is the former's override, unless a name hides that.
    set_to_none = isinstance(one.value, Literal) and one.value.value is None
    return _written_in(one) == _written_in(winner) and one.written != winner.written and not set_to_none


def _written_in(assignment: Assignment) -> str:
    """The file whose statement sets it."""
    return assignment.handed_over_in or assignment.location.path


def _is_placeholder(model: Model, one: Assignment, winner: Assignment) -> bool:
    """Whether a None in a dict is filled in further down: ``D = {"result_backend": None}``, ``D.update(…)``."""
    if not isinstance(one.value, Literal) or one.value.value is not None or one.location.path != winner.location.path:
        return False
    target, in_place = _written_dict(model, one.location)
    return bool(target) and not in_place and _written_dict(model, winner.location) == (target, True)


def _written_dict(model: Model, location: Location) -> tuple[str, bool]:
    """The dict, by its name, that the statement at a location makes (False), or changes in place (True)."""
    node = node_at(model.evaluator, location)
    while node is not None and not node.type.endswith(("statement", "definition")):
        if node.type == "call":
            function = node.child_by_field_name("function")
            owner = function.child_by_field_name("object") if function is not None else None
            if function is not None and owner is not None and text_of(function).endswith((".update", ".__setitem__")):
                return text_of(owner), True
        if node.type == "assignment":
            left = node.child_by_field_name("left")
            if left is not None and left.type == "subscript":
                owner = left.child_by_field_name("value")
                return (text_of(owner), True) if owner is not None else ("", True)
            return (text_of(left), False) if left is not None and left.type == "identifier" else ("", True)
        node = node.parent
    return "", True


def _same_module(model: Model, one: Assignment, winner: Assignment) -> bool:
    """Whether both stand in one module, the loser is written there itself, and the winner is not made of it."""
    path = winner.location.path
    if one.place == "class" or one.location.path != path or one.value.origin.path != path:
        return False
    source = model.project.source(path)
    statement = source.line(winner.location.line) if source is not None else ""
    return one.written != winner.written or statement.count(one.written) < 2


def _replaced_sources(model: Model, app: App, name: str) -> Iterator[Conflict]:
    """Settings of configuration objects that a later ``config_from_object`` replaces whole."""
    if app.unread:
        return
    calls: dict[Location, list[ConfigurationSource]] = {}
    for source in app.sources:
        if _is_loaded(model, app, source):
            calls.setdefault(source.location, []).append(source)
    if len(calls) < 2 or any(len(found) > 1 or found[0].why_unknown for found in calls.values()):
        return
    *replaced, last = (found[0] for found in calls.values())
    setting = app.settings.get(name)
    for source in replaced:
        for one in source.names:
            if _canonical(one.name, app) == name and one.locations and source.path != last.path:
                value = _value_of(model, source, one.name)
                if value is None or setting is None or identity(value) != identity(setting.value):
                    yield Conflict(one.locations[-1], None, None, last.location)


def _is_loaded(model: Model, app: App, source: ConfigurationSource) -> bool:
    """Whether a source was given to ``config_from_object`` or the constructor, not to ``add_defaults``."""
    if source.location == app.location:
        return True
    file = model.project.source(source.location.path)
    return file is not None and "config_from_object" in file.line(source.location.line)


def _canonical(name: str, app: App) -> str | None:
    from celery_backend_lint.model import facts

    prefix = f"{app.namespace.rstrip('_')}_" if app.namespace else ""
    stripped = name[len(prefix) :].lower() if prefix and name.startswith(prefix) else name
    return facts.canonical(stripped, app.declared.version)


def _value_of(model: Model, source: ConfigurationSource, name: str) -> Value | None:
    if source.kind not in ("module", "django"):
        return None
    file = model.evaluator.modules.file(source.path)
    return model.evaluator.read(file.scope, name, None) if file is not None else None

"""Configuration objects: modules, Django settings, classes, instances and dicts that an app reads its settings from."""

from __future__ import annotations

from celery_backend_lint.evaluate import access, frame_writes, namespaces, stars
from celery_backend_lint.evaluate.alternatives import MOST_ALTERNATIVES, combine, unknown_which, would_fail
from celery_backend_lint.evaluate.bound_values import bound_value
from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Class,
    Environment,
    External,
    Instance,
    Literal,
    Mapping,
    Missing,
    Module,
    Operation,
    Text,
    Unknown,
)
from celery_backend_lint.location import Location
from celery_backend_lint.model.app import Assignment, ConfigurationName, ConfigurationSource
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Value


def _no_cell(key: str) -> Cell | None:  # noqa: ARG001
    return None


MOST_STARS = 100
"""How many modules are followed from one star import to the next."""


@record
class Cell:
    """What a map of settings holds under a key: the value, and the assignments behind it, the winning ones first."""

    value: Value
    assignments: tuple[Assignment, ...]
    certain: bool = True


class SettingsMap:
    """One of the maps that Celery looks settings up in.

    ``doubt`` is set when keys may be there that were not read, ``doubt_when`` is the condition of that (None: always).
    ``when`` is the condition under which this map of several is the one; None for the last, and where nobody can say.
    """

    __slots__ = ("_cells", "_read", "doubt", "doubt_when", "keys", "when")

    def __init__(
        self,
        keys: set[str],
        read: Callable[[str], Cell | None],
        doubt: Unknown | None = None,
        doubt_when: Value | None = None,
    ) -> None:
        self.keys = keys
        self.doubt = doubt
        self.doubt_when = doubt_when
        self.when: Value | None = None
        self._read = read
        self._cells: dict[str, Cell | None] = {}

    @classmethod
    def unreadable(cls, doubt: Unknown) -> SettingsMap:
        """A map of which nothing is known but why."""
        return cls(set(), _no_cell, doubt)

    def get(self, key: str) -> Cell | None:
        """The cell under a key; None when it is not there."""
        if key not in self._cells:
            found = self._read(key) if key in self.keys else None
            if self.doubt is not None:
                other = found.value if found is not None else Missing(self.doubt.origin)
                if found is None or not found.certain:
                    when = self.doubt_when or self.doubt
                    value = Choice((Alternative(self.doubt, when), Alternative(other, None)), self.doubt.origin)
                    certain = self.doubt_when is not None and (found is None or found.certain)
                    found = Cell(value, found.assignments if found is not None else (), certain)
            self._cells[key] = found
        return self._cells[key]

    def uncertain(self) -> SettingsMap:
        """The same map, of which it is not certain that Celery reads it."""

        def read(key: str) -> Cell | None:
            found = self.get(key)
            return Cell(found.value, found.assignments, certain=False) if found is not None else None

        return SettingsMap(self.keys, read, self.doubt)


EMPTY = SettingsMap(set(), _no_cell)


def merged(maps: list[SettingsMap], where: Location) -> SettingsMap:
    """One map for several that may be the one: each key has every outcome."""
    if len(maps) == 1:
        return maps[0]
    keys = {key for one in maps for key in one.keys}
    which = [unknown_which("which configuration is read", number, where) for number in range(len(maps))]
    doubtful = [number for number, one in enumerate(maps) if one.doubt is not None]
    held = {number: _is_the_one(maps, number) for number in doubtful}
    told = [one for number, one in enumerate(maps) if held.get(number) is not None]

    def read(key: str) -> Cell | None:
        cells = [one.get(key) for one in maps]
        values: list[Value] = [cell.value if cell is not None else Missing(where) for cell in cells]
        alternatives = [
            Alternative(value, one.when or this) for value, one, this in zip(values, maps, which, strict=True)
        ]
        alternatives[-1] = Alternative(values[-1], None)
        value = combine(alternatives, where)
        assignments = tuple(a for cell in cells if cell is not None for a in cell.assignments)
        # Where it is known when a map is the one, its doubt stands in the value, under that condition.
        certain = all(cell is None or cell.certain or one in told for cell, one in zip(cells, maps, strict=True))
        return Cell(value, assignments, certain)

    if not doubtful:
        return SettingsMap(keys, read)
    known = [condition for condition in held.values() if condition is not None]
    when = Operation("or", tuple(known), where) if len(known) > 1 else known[0] if known else None
    return SettingsMap(keys, read, maps[doubtful[0]].doubt, when if len(known) == len(held) else None)


def _is_the_one(maps: list[SettingsMap], number: int) -> Value | None:
    """The condition under which a map of several is the one and in doubt; None where nobody can say."""
    one = maps[number]
    place = one.doubt.origin if one.doubt is not None else Location("")
    conditions: list[Value] = []
    for other in maps[:number]:
        if other.when is None:
            return None
        conditions.append(Operation("not", (other.when,), place))
    if one.when is None and number < len(maps) - 1:
        return None
    conditions += [condition for condition in (one.when, one.doubt_when) if condition is not None]
    if len(conditions) > 1:
        return Operation("and", tuple(conditions), place)
    return conditions[0] if conditions else None


def read_source(ev: Evaluator, value: Value, call: Location) -> list[tuple[ConfigurationSource, SettingsMap]]:
    """The configuration objects that ``value``, given to ``config_from_object`` at ``call``, may be.

    One item for each alternative of a Choice; never empty: an object that cannot be read is a source whose
    ``why_unknown`` says so.
    """
    if isinstance(value, Literal) and isinstance(value.value, str):
        if value.value.replace(":", ".") == "django.conf.settings":
            return _django(ev, call)
        return [_named(ev, value.value, call)]
    if isinstance(value, (Environment, Text)):
        return _named_by_variable(ev, value, call)
    if isinstance(value, Choice):
        return _alternatives(ev, value, call)
    if isinstance(value, External) and value.name == "django.conf.settings":
        return _django(ev, call)
    if isinstance(value, Module) and value.scope is not None:
        return [read_module(ev, value.scope, call, "module")]
    cls = value.type if isinstance(value, Instance) else value
    if isinstance(cls, Class):
        from celery_backend_lint.model.apps.class_sources import read_class

        return [read_class(ev, cls, value if isinstance(value, Instance) else None, call)]
    if isinstance(value, Instance):
        from celery_backend_lint.evaluate.flask import config as flask

        if (app := flask.app_of(value)) is not None:
            # Celery keeps the object itself: what is put into it later holds as well.
            return [_mapping(flask.at_the_end(ev, app), call, only_celery=False)]
    if isinstance(value, Mapping):
        return [_mapping(value, call)]
    why = value.why if isinstance(value, Unknown) else "the configuration object cannot be read"
    return [unknown_source(why, call)]


def _alternatives(ev: Evaluator, value: Choice, call: Location) -> list[tuple[ConfigurationSource, SettingsMap]]:
    found: list[tuple[ConfigurationSource, SettingsMap]] = []
    for alternative in value.alternatives[:MOST_ALTERNATIVES]:
        if would_fail(alternative.value):
            continue
        for source, cells in read_source(ev, alternative.value, call):
            held = [one for one in (alternative.condition, cells.when) if one is not None]
            cells.when = Operation("and", tuple(held), call) if len(held) > 1 else held[0] if held else None
            found.append((source, cells))
    return found or [unknown_source("a key that is not in the dict", call)]


def _named_by_variable(
    ev: Evaluator, value: Environment | Text, call: Location
) -> list[tuple[ConfigurationSource, SettingsMap]]:
    """The configurations of the tree that a name may be, and what it names outside."""
    from celery_backend_lint.evaluate import dynamic_names

    names = dynamic_names.dotted_names(ev, value, call)
    default = value.default if isinstance(value, Environment) else None
    variable = value.variable if isinstance(value, Environment) else "a variable"
    if isinstance(default, Literal) and isinstance(default.value, str) and default.value not in names:
        names.insert(0, default.value)
    elif default is not None and not isinstance(default, Literal):
        names = []
    if not names or len(names) > MOST_ALTERNATIVES:
        return [unknown_source(f"the environment variable {variable} names it", call)]
    found = []
    given = default.value if isinstance(default, Literal) else None
    for name in names:
        source, cells = _named(ev, name, call)
        if name != given and not _holds_settings(source):
            continue  # a neighbour of the default that is no configuration: ``urls``, the app's own module
        cells.when = Operation("==", (value, Literal(name, call)), call)
        found.append((source, cells))
    why = f"the environment variable {variable} may name another configuration"
    source, cells = unknown_source(why, call)
    return [*found, (source, cells)]


def _holds_settings(source: ConfigurationSource) -> bool:
    """Whether a configuration object has a name of Celery's in it, and one that is no everyday word (``include``)."""
    from celery_backend_lint.model import facts

    newest = facts.celery_versions()[-1]
    return any("_" in name.name and facts.canonical(name.name, newest) is not None for name in source.names)


def unknown_source(why: str, call: Location) -> tuple[ConfigurationSource, SettingsMap]:
    """A configuration object of which nothing is known but why."""
    source = ConfigurationSource("unknown", call, call.path, (), why)
    return source, SettingsMap.unreadable(Unknown(why, call))


def _named(ev: Evaluator, name: str, call: Location) -> tuple[ConfigurationSource, SettingsMap]:
    """``loader.config_from_object`` of text: a module, ``module:attribute`` or ``module.attribute`` (BaseLoader)."""
    if name.replace(":", ".") == "django.conf.settings":
        return _django(ev, call)[0]
    module_name, _, attribute = name.partition(":")
    path = ev.modules.find(module_name, call.path)
    if path is None and not attribute and "." in name:
        module_name, _, attribute = name.rpartition(".")
        path = ev.modules.find(module_name, call.path)
    file = ev.modules.file(path) if path is not None and path.endswith(".py") else None
    if file is None:
        return unknown_source(f"the module {module_name} is not in the tree", call)
    if not attribute:
        return read_module(ev, file.scope, call, "module")
    value: Value = Module(module_name, file.path, file.scope, call)
    if "." in attribute:  # kombu.utils.imports.symbol_by_name takes all of it for one name
        return unknown_source(f"the module {module_name} has no attribute {attribute}", call)
    value = access.attribute(ev, value, attribute, call)
    if isinstance(value, Unknown) and ":" not in name and file.path.endswith("/__init__.py"):
        return unknown_source(f"the module {name} is not in the tree", call)
    return read_source(ev, value, call)[0]


def _django(ev: Evaluator, call: Location) -> list[tuple[ConfigurationSource, SettingsMap]]:
    from celery_backend_lint.model.apps.django_settings import read_django

    return read_django(ev, call)


def default_module(ev: Evaluator, path: str) -> tuple[ConfigurationSource, SettingsMap] | None:
    """The module at ``path`` as the default loader reads it; None when it cannot be read."""
    from celery_backend_lint.location import Location as Place

    file = ev.modules.file(path)
    return read_module(ev, file.scope, Place(path), "module") if file is not None else None


def read_module(ev: Evaluator, scope: Scope, call: Location, kind: str) -> tuple[ConfigurationSource, SettingsMap]:
    """A module as a configuration object; ``kind`` is ``"module"``, or ``"django"`` for upper-case names only."""
    hidden: list[str] = []
    names = _module_names(ev, scope, set(), hidden)
    if kind == "django":
        names = {name: places for name, places in names.items() if name.isupper()}
    listed = tuple(ConfigurationName(name, tuple(places)) for name, places in names.items() if name[:1] != "_")
    why = hidden[0] if hidden else ""
    source = ConfigurationSource(kind, call, scope.file.path, listed, why, only_celery=kind == "module")

    def read(key: str) -> Cell | None:
        value = ev.read(scope, key, None)
        if value is None:
            return None
        return Cell(value, tuple(_module_assignments(ev, scope, key, kind, set())))

    return source, SettingsMap(set(names), read, Unknown(why, call) if hidden else None)


def _module_names(ev: Evaluator, scope: Scope, seen: set[int], hidden: list[str]) -> dict[str, list[Location]]:
    names: dict[str, list[Location]] = {}
    if id(scope) in seen:
        return names
    seen.add(id(scope))
    if len(seen) > MOST_STARS:
        hidden.append("too many star imports to follow")
        return names
    if scope.file.source.problem is not None:
        hidden.append(f"{scope.file.path} {scope.file.source.problem.reason}")
    if b"split_settings" in scope.file.source.data or b"Dynaconf" in scope.file.source.data:
        from celery_backend_lint.evaluate.django import settings as django

        if why := django.hides_settings(ev, scope.file.source):
            hidden.append(why)
    if why := frame_writes.why_hidden(ev, scope):
        hidden.append(why)
    for star in scope.stars:
        if why := stars.why_hidden(ev, scope, star):
            hidden.append(why)
        for target in stars.targets(ev, scope, star):
            for name, places in _module_names(ev, target, seen, hidden).items():
                if star.kind != "star" or not name.startswith("_"):
                    names.setdefault(name, []).extend(places)
        for name in namespaces.names_set(ev, scope, star):
            names.setdefault(name, []).append(ev.location(star.node, scope))
    for name, bindings in scope.bindings.items():
        places = [ev.location(b.target, scope) for b in bindings if b.kind not in ("annotate", "delete", "method")]
        if places:
            names.setdefault(name, []).extend(places)
    return names


def _module_assignments(ev: Evaluator, scope: Scope, name: str, kind: str, seen: set[int]) -> list[Assignment]:
    """Every assignment to a name in a module and those that it star-imports, the last one first."""
    if id(scope) in seen or len(seen) > MOST_STARS:
        return []
    seen.add(id(scope))
    found = scope_assignments(ev, scope, name, kind)
    for star in reversed(scope.stars):
        for target in stars.targets(ev, scope, star):
            found.extend(_module_assignments(ev, target, name, kind, seen))
    return found


def scope_assignments(ev: Evaluator, scope: Scope, name: str, kind: str) -> list[Assignment]:
    """Every assignment to a name in one scope, the last one first."""
    found = []
    for binding in reversed(scope.bindings.get(name, [])):
        if binding.kind in ("assign", "augment", "from", "import", "def", "class", "opaque", "item", "method"):
            value = bound_value(ev, binding, ev.read(scope, name, binding.target.start_byte), scope)
            if value is not None:
                place = ev.location(binding.target, scope)
                found.append(Assignment(name, name, value, place, kind))
    return found


def _mapping(value: Mapping, call: Location, *, only_celery: bool = True) -> tuple[ConfigurationSource, SettingsMap]:
    places: dict[str, list[Location]] = {}
    for entry in value.entries:
        if isinstance(entry.key, Literal) and isinstance(entry.key.value, str):
            places.setdefault(entry.key.value, []).append(entry.origin)
    named = all(isinstance(entry.key, Literal) for entry in value.entries)
    why = "" if value.complete and named else "a dict that could not be read whole"
    listed = tuple(ConfigurationName(name, tuple(found)) for name, found in places.items())
    source = ConfigurationSource("mapping", call, value.origin.path, listed, why, only_celery)

    def read(key: str) -> Cell | None:
        assignments = [
            Assignment(key, key, entry.value, entry.origin, "mapping")
            for entry in reversed(value.entries)
            if isinstance(entry.key, Literal) and entry.key.value == key
        ]
        return Cell(assignments[0].value, tuple(assignments)) if assignments else None

    return source, SettingsMap(set(places), read, Unknown(why, call) if why else None, value.open_when)

"""Where the fields of pydantic classes are from: what the constructor is given, variables, nested variables, JSON.

Facts from pydantic-settings 2.16.3 (``EnvSettingsSource``: prefix and name, aliases without prefix, names folded unless
``case_sensitive``, ``explode_env_vars``) and pydantic 1.10.27 (``env_settings``). Constructor arguments beat variables.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.alternatives import combine
from celery_backend_lint.evaluate.pydantic import configuration as settings_configuration
from celery_backend_lint.evaluate.pydantic import fields as settings_fields
from celery_backend_lint.evaluate.pydantic.values import READER, is_set, may_be_missing, or_else
from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Class,
    Entry,
    Environment,
    Instance,
    Literal,
    Mapping,
    Missing,
    Operation,
    Unknown,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.pydantic.configuration import SettingsConfig
    from celery_backend_lint.evaluate.pydantic.fields import Field
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location

DEEPEST_MODEL = 4
"""How many models deep nested variables are followed."""


def raw_value(ev: Evaluator, config: SettingsConfig, instance: Instance, field: Field) -> Value | None:
    """What a field is given, before any conversion; None (or Missing within) where its default holds."""
    place = ev.location(field.node, ev.scope_of(field.owner))
    keys = settings_fields.keys_of(config, field)
    if keys is None:
        return Unknown("the alias is not known", place)
    given = _given(config, instance, keys)
    models = [one.cls for one in field.type.members if one.name == "model"]
    model = models[0] if len(models) == 1 and len(field.type.members) == 1 else None
    merged = isinstance(given, Mapping) and model is not None and config.delimiter
    if given is not None and not may_be_missing(given) and not merged:
        return given
    if not config.settings:
        return given
    names = settings_fields.variables_of(config, field)
    if names is None:
        return Unknown("the variable's name is not known", place)
    if model is not None:
        return _nested(ev, config, model, names, given, _is_made_bare(field.default, model), place)
    cast = "str"
    if any(one.name in ("object", "model", "unknown") for one in field.type.members):
        cast = "unknown"
    read = read_variables(config, names, cast, place)
    for where in (place, instance.origin):
        read = ev.as_set_by_code(read, where) if isinstance(read, Environment) else read
    return or_else(given, read)


def read_variables(config: SettingsConfig, names: tuple[str, ...], cast: str, place: Location) -> Value:
    """A read of the first variable that is set; its default is Missing. With ``env_ignore_empty`` empty is not set."""
    missing = Missing(place)
    if not config.ignore_empty:
        return Environment(names, missing, cast, READER[config.version], place, config.case_sensitive)
    alternatives = []
    for name in names:
        held = Environment((name,), None, cast, READER[config.version], place, config.case_sensitive)
        text = Environment((name,), Literal("", place), "str", READER[config.version], place, config.case_sensitive)
        alternatives.append(Alternative(held, text))
    return Choice((*alternatives, Alternative(missing, None)), place)


def _given(config: SettingsConfig, instance: Instance, keys: tuple[str, ...]) -> Value | None:
    folded = config.version == 2 and config.settings and not config.case_sensitive
    found: Value | None = None
    for key in keys:
        for entry in reversed(instance.keywords):
            written = str(entry.key.value) if isinstance(entry.key, Literal) else ""
            if written == key or (folded and written.lower() == key.lower()):
                found = or_else(found, entry.value)
                if found is not None and not may_be_missing(found):
                    return found
    return found


def _is_made_bare(default: Value | None, model: Class) -> bool:
    """Whether the default is what the model is without any argument, or there is none: variables only add to it."""
    if default is None:
        return True
    plain = isinstance(default, Instance) and not default.arguments and not default.keywords
    return (
        plain and isinstance(default, Instance) and isinstance(default.type, Class) and default.type.node == model.node
    )


def _nested(
    ev: Evaluator, config: SettingsConfig, model: Class, names: tuple[str, ...], given: Value | None, bare: bool,
    place: Location,
) -> Value:  # fmt: skip
    """A model from JSON in the variable of the field's name, from variables with the delimiter, else its default."""
    if given is not None and not isinstance(given, Mapping):
        return Unknown("a model of which the environment decides", place)
    own = given.entries if isinstance(given, Mapping) else ()
    made, reads = _read_model(ev, config, model, names, config.max_split, 0, place)
    if own:
        return Instance(model, (), (*made.keywords, *own), place)
    if bare:
        return made
    condition = _any_set(config, names, reads, place)
    return Choice((Alternative(made, condition), Alternative(Missing(place), None)), place)


def _any_set(config: SettingsConfig, names: tuple[str, ...], reads: list[Environment], place: Location) -> Operation:
    """Whether a variable gives a model anything: one that is read, or any other with the names and the delimiter."""
    conditions: list[Value] = [is_set(one, place) for one in reads]
    if config.delimiter:
        starts = [f"{name}{config.delimiter}" for name in names]
        starts = starts if config.case_sensitive else [start.upper() for start in starts]
        conditions += [Operation("any variable", (Literal(start, place),), place) for start in starts]
    return Operation("or", tuple(conditions), place)


def _read_model(
    ev: Evaluator, config: SettingsConfig, model: Class, names: tuple[str, ...], splits: int | None, depth: int,
    place: Location,
) -> tuple[Instance, list[Environment]]:  # fmt: skip
    """A model as JSON in a variable and the variables below it make it, and the reads of all of these."""
    nothing = Mapping((), place)
    read = Environment(names, nothing, "json", READER[config.version], place, config.case_sensitive)
    entries, reads = nested_entries(ev, config, model, names, splits, depth, place)
    return Instance(model, (), (*_json_entries(ev, model, read, place), *entries), place), [read, *reads]


def nested_entries(
    ev: Evaluator, config: SettingsConfig, model: Class, names: tuple[str, ...], splits: int | None, depth: int,
    place: Location,
) -> tuple[tuple[Entry, ...], list[Environment]]:  # fmt: skip
    """The fields of a model as the variables ``NAME__FIELD`` give them, and the reads of those variables."""
    if not config.delimiter or depth > DEEPEST_MODEL or splits == 0:
        return (), []
    inner = settings_configuration.config_of(ev, model)
    entries: list[Entry] = []
    reads: list[Environment] = []
    for name in settings_fields.field_names(ev, model, inner.version):
        field = settings_fields.find_field(ev, model, name, inner.version)
        keys = settings_fields.keys_of(inner, field) if field is not None else None
        if field is None or keys is None:
            continue
        if config.version == 1 and not config.case_sensitive:
            keys = tuple(key for key in keys if key == key.lower())  # the variable's own name is folded
        if splits != 1:
            keys = tuple(key for key in keys if config.delimiter not in key)
        if not keys:
            continue
        paths = tuple(f"{one}{config.delimiter}{key}" for one in names for key in keys)
        if not config.case_sensitive:
            paths = tuple(path.upper() for path in paths)
        models = [one.cls for one in field.type.members if one.name == "model" and one.cls is not None]
        if models and len(field.type.members) == 1:
            left = None if splits is None else splits - 1
            made, more = _read_model(ev, config, models[0], paths, left, depth + 1, place)
            condition = _any_set(config, paths, more, place)
            value: Value = Choice((Alternative(made, condition), Alternative(Missing(place), None)), place)
            reads.extend(more)
        else:
            simple = not any(one.name in ("object", "model", "unknown") for one in field.type.members)
            cast = "str" if simple else "unknown"
            value = read_variables(config, paths, cast, place)
            reads.append(Environment(paths, None, cast, READER[config.version], place, config.case_sensitive))
        entries.append(Entry(Literal(keys[0], place), value, place))
    return tuple(entries), reads


def _json_entries(ev: Evaluator, model: Class, read: Environment, place: Location) -> tuple[Entry, ...]:
    """The fields of a model as JSON in one variable gives them."""
    inner = settings_configuration.config_of(ev, model)
    entries = []
    for name in settings_fields.field_names(ev, model, inner.version):
        field = settings_fields.find_field(ev, model, name, inner.version)
        for key in (settings_fields.keys_of(inner, field) or ()) if field is not None else ():
            literal = Literal(key, place)
            alternatives = [
                Alternative(Operation("[]", (read, literal), place), Operation("in", (literal, read), place)),
                Alternative(Missing(place), None),
            ]
            entries.append(Entry(literal, combine(alternatives, place), place))
    return tuple(entries)

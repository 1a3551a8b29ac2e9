"""Instances of pydantic models and settings classes: what their fields hold, and their methods."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.alternatives import distribute, with_fallback
from celery_backend_lint.evaluate.objects import classes
from celery_backend_lint.evaluate.pydantic import configuration as settings_configuration
from celery_backend_lint.evaluate.pydantic import fields as settings_fields
from celery_backend_lint.evaluate.pydantic import sources as settings_sources
from celery_backend_lint.evaluate.pydantic import validators as settings_validators
from celery_backend_lint.evaluate.pydantic.annotations import FieldType
from celery_backend_lint.evaluate.pydantic.values import converted, in_cases, is_set, or_else, with_default
from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Class,
    Entry,
    Environment,
    External,
    Instance,
    Literal,
    Mapping,
    Missing,
    Unknown,
)
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.pydantic.configuration import SettingsConfig
    from celery_backend_lint.evaluate.pydantic.fields import Field
    from celery_backend_lint.evaluate.pydantic.validators import Validator
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location

_STAGE = "pydantic.stage"
"""First argument of an instance that only so many validators of its model have seen: (stage, number, overlay)."""

_AS_GIVEN = "pydantic.as_given"
"""First argument of an instance whose fields hold what its keywords say: ``model_construct``, ``model_copy``."""

METHODS = frozenset(
    {"model_dump", "dict", "model_copy", "copy", "unicode_string", "encoded_string", "get_secret_value"}
)
CLASS_METHODS = frozenset({"model_construct", "construct", "model_validate", "parse_obj", "settings_cached"})
BOUND = "pydantic.method."


def is_model(ev: Evaluator, cls: Class) -> bool:
    """Whether a class is a pydantic model or settings class."""
    return classes.has_base(ev, cls, "BaseSettings", "BaseModel")


def class_field(ev: Evaluator, cls: Class, name: str, origin: Location) -> Value | None:
    """``Settings.name``: a field cannot be read from its class; None when it is no field."""
    version = settings_configuration.version_of(ev, cls)
    if settings_fields.find_field(ev, cls, name, version) is not None:
        return Unknown("a field of a pydantic class is only there on its instances", origin)
    if name in CLASS_METHODS:
        return Instance(External(BOUND + name, origin), (cls,), (), origin)
    return None


def field_value(ev: Evaluator, instance: Instance, cls: Class, name: str) -> Value | None:
    """What a field of a model instance holds; None when ``name`` is no field."""
    config = settings_configuration.config_of(ev, cls, instance)
    field = settings_fields.find_field(ev, cls, name, config.version)
    if field is None:
        return _other(ev, config, instance, cls, name)
    place = ev.location(field.node, ev.scope_of(field.owner))
    if config.problem:
        return Unknown(config.problem, place)
    marker = instance.arguments[0] if instance.arguments else None
    stage: int | None = None
    if isinstance(marker, External) and marker.name == _AS_GIVEN:
        given = next((e.value for e in reversed(instance.keywords) if _key(e) == name), None)
        return or_else(given, field.default) or Unknown(f"{name} is not set", place)
    if isinstance(marker, External) and marker.name == _STAGE:
        number = instance.arguments[1]
        stage = number.value if isinstance(number, Literal) and isinstance(number.value, int) else 0
        overlay = instance.arguments[2] if len(instance.arguments) > 2 else None
        found = overlay.get(name) if isinstance(overlay, Mapping) else None
        if found is not None:
            instance = Instance(cls, instance.arguments[:2], instance.keywords, instance.origin)
            return with_fallback(found, _validated(ev, config, instance, cls, field, stage))
    elif marker is not None:
        return Unknown("positional arguments of a pydantic class", place)
    return _validated(ev, config, instance, cls, field, stage)


def _key(entry: Entry) -> str:
    return str(entry.key.value) if isinstance(entry.key, Literal) else ""


def _other(ev: Evaluator, config: SettingsConfig, instance: Instance, cls: Class, name: str) -> Value | None:
    """What is no field: a private attribute, something extra that the constructor was given, a method of pydantic's."""
    if name in METHODS and not _has(ev, cls, name):
        return Instance(External(BOUND + name, instance.origin), (instance,), (), instance.origin)
    if name.startswith("_") and not name.startswith("__"):
        for base in classes.lineage(ev, cls):
            bindings = ev.scope_of(base).bindings.get(name) if isinstance(base, Class) else None
            if not bindings or not isinstance(base, Class) or bindings[-1].kind not in ("assign", "annotate"):
                continue
            return _private(ev, base, name)
    if config.extra == "allow" and not _has(ev, cls, name):
        return next((entry.value for entry in reversed(instance.keywords) if _key(entry) == name), None)
    return None


def _has(ev: Evaluator, cls: Class, name: str) -> bool:
    return any(isinstance(base, Class) and name in ev.scope_of(base).bindings for base in classes.lineage(ev, cls))


def _private(ev: Evaluator, cls: Class, name: str) -> Value:
    """A private attribute: its default, as it is; no variable is read for it."""
    scope = ev.scope_of(cls)
    binding = scope.bindings[name][-1]
    place = ev.location(binding.target, scope)
    if binding.kind != "assign":
        return Unknown(f"the private attribute {name} is set later", place)
    if any(f".{name} =" in text_of(other.node) for others in scope.bindings.values() for other in others):
        return Unknown(f"the private attribute {name} is set later", place)
    value = ev.value(binding.node, scope)
    if isinstance(value, Instance) and isinstance(value.type, External) and value.type.name.endswith("PrivateAttr"):
        if value.arguments:
            return value.arguments[0]
        for entry in value.keywords:
            if _key(entry) == "default":
                return entry.value
            if _key(entry) == "default_factory":
                from celery_backend_lint.evaluate.calls import call_value

                return call_value(ev, entry.value, [], [], place)
        return Unknown(f"the private attribute {name} is set later", place)
    return value


def _validated(
    ev: Evaluator, config: SettingsConfig, instance: Instance, cls: Class, field: Field, stage: int | None
) -> Value:
    """What a field holds after its own validators, and after the first ``stage`` of those of the model (None: all)."""
    of_fields, of_models = settings_validators.validators_of(ev, cls)
    place = ev.location(field.node, ev.scope_of(field.owner))
    of_models = sorted(of_models, key=lambda one: one.mode == "after")
    seen = of_models[:stage]
    for one in seen:
        if one.mode != "after" and _says(one, field):
            return Unknown(f"a validator may change {field.name}", place)
    value = _own(ev, config, instance, cls, field, settings_validators.for_field(of_fields, field.name))
    for number, one in enumerate(seen):
        if one.mode == "after":

            def held(name: str, number: int = number) -> Value | None:
                other = settings_fields.find_field(ev, cls, name, config.version)
                return None if other is None else _validated(ev, config, instance, cls, other, number)

            before = _staged(instance, number)
            value = settings_validators.after_model(ev, one, before, field.name, value, held, place)
    return value


def _says(validator: Validator, field: Field) -> bool:
    text = text_of(validator.function.node).lower() if validator.function is not None else ""
    names = (field.name, *(field.names or ()), *(field.variables or ()))
    return not text or "for " in text or "**" in text or any(name.lower() in text for name in names)


def _staged(instance: Instance, number: int) -> Instance:
    origin = instance.origin
    arguments = (External(_STAGE, origin), Literal(number, origin))
    return Instance(instance.type, arguments, instance.keywords, origin)


def _own(
    ev: Evaluator, config: SettingsConfig, instance: Instance, cls: Class, field: Field, validators: list[Validator]
) -> Value:
    """What a field holds after its own validators."""
    place = ev.location(field.node, ev.scope_of(field.owner))
    raw = settings_sources.raw_value(ev, config, instance, field)
    default = field.default
    wanted = field.type
    if config.version == 1 and not wanted.optional and _is_none(default):
        wanted = _optional(wanted)
    if config.version == 1 and default is None and wanted.optional and wanted.name == "Union":
        default = Literal(None, place)
    before = [one for one in reversed(validators) if one.mode == "before"]
    if config.version == 1:
        before.reverse()
    after = [one for one in validators if one.mode != "before"]
    always = config.validate_default or field.validate_default or any(one.always for one in validators)

    def known(name: str) -> Value | None:
        names = settings_fields.field_names(ev, cls, config.version)
        if name not in names or names.index(name) >= names.index(field.name):
            return None
        other = settings_fields.find_field(ev, cls, name, config.version)
        own = settings_validators.for_field(settings_validators.validators_of(ev, cls)[0], name)
        return _own(ev, config, instance, cls, other, own) if other is not None else None

    def through(value: Value) -> Value:
        for one in before:
            value = settings_validators.call_validator(ev, one, cls, field, value, known)
        for mode, function in reversed(field.validators):
            if mode == "before":
                value = settings_validators.call_annotated(ev, function, value)
        value = converted(ev, wanted, value, config.version, config.enum_values)
        for mode, function in field.validators:
            if mode != "before":
                value = (
                    settings_validators.call_annotated(ev, function, value)
                    if mode == "after"
                    else Unknown(f"a validator may change {field.name}", place)
                )
        for one in after:
            value = settings_validators.call_validator(ev, one, cls, field, value, known)
        return value

    if validators or field.validators:
        raw = _decoded(field, raw)
    if raw is None and default is None:
        return Unknown(f"{field.name} is given when the model is made", place)
    if always and (config.settings or default is not None):
        whole = or_else(raw, default)
        return through(whole) if whole is not None else Unknown(f"{field.name} is not given", place)
    if raw is not None and (validators or field.validators):
        raw = in_cases(raw)
    given = _through_outcomes(raw, through) if raw is not None else None
    return or_else(given, default) or Unknown(f"{field.name} is given when the model is made", place)


def _through_outcomes(value: Value, through: Callable[[Value], Value]) -> Value:

    if isinstance(value, Missing):
        return value
    if isinstance(value, Choice):
        return distribute(value, value.origin, lambda one: _through_outcomes(one, through))
    return through(value)


def _decoded(field: Field, raw: Value | None) -> Value | None:
    """What a validator is given where the variable of a container is read as JSON."""
    containers = [one for one in field.type.members if one.name in ("list", "set", "frozenset", "tuple", "dict")]
    if not containers or not field.decode:
        return raw
    if isinstance(raw, Environment) and raw.cast == "str":
        return with_default(raw, raw.default, "json" if len(field.type.members) == 1 else "unknown")
    return raw


def _is_none(value: Value | None) -> bool:
    return isinstance(value, Literal) and value.value is None


def _optional(wanted: FieldType) -> FieldType:
    return FieldType("Union", (*wanted.members, FieldType("None")))


# Methods ------------------------------------------------------------------------------------------------------------


def call_method(
    ev: Evaluator, bound: Instance, arguments: list[Value], keywords: list[Entry], origin: Location
) -> Value:
    """What a method of pydantic's own returns; ``bound`` is what `field_value` gives for its name."""
    name = bound.type.name.removeprefix(BOUND) if isinstance(bound.type, External) else ""
    owner = bound.arguments[0]
    from celery_backend_lint.evaluate.objects import builtins_on_objects as objects

    found = objects.call_method(bound, origin)
    if found is not None:
        return found
    options = {_key(entry): entry.value for entry in keywords}
    if isinstance(owner, Class):
        if name == "settings_cached":
            return Instance(owner, (), (), origin)
        if name in ("model_validate", "parse_obj"):
            if len(arguments) == 1 and isinstance(arguments[0], Mapping) and not keywords:
                rest = () if arguments[0].complete else (Entry(Unknown("a key", origin), Unknown("", origin), origin),)
                return Instance(owner, (), (*arguments[0].entries, *rest), origin)
            return Unknown(f"what {name}() returns", origin)
        marker = External(_AS_GIVEN, origin)
        return (
            Unknown(f"what {name}() returns", origin)
            if arguments
            else Instance(owner, (marker,), tuple(keywords), origin)
        )
    if not isinstance(owner, Instance) or not isinstance(owner.type, Class):
        return Unknown(f"what {name}() returns", origin)
    if name in ("model_dump", "dict"):
        return _dumped(ev, owner, owner.type, options, arguments, origin)
    changed = options.pop("update", None)
    if arguments or (options.keys() - {"deep"}) or not (changed is None or isinstance(changed, Mapping)):
        return Unknown(f"what {name}() returns", origin)
    if isinstance(changed, Mapping) and not changed.complete:
        return Unknown("a copy whose changes are not known", origin)
    held = _fields(ev, owner, owner.type, origin)
    extra = changed.entries if isinstance(changed, Mapping) else ()
    return Instance(owner.type, (External(_AS_GIVEN, origin),), (*held, *extra), origin)


def _fields(ev: Evaluator, instance: Instance, cls: Class, origin: Location) -> list[Entry]:
    version = settings_configuration.version_of(ev, cls)
    found = []
    for name in settings_fields.field_names(ev, cls, version):
        held = classes.instance_attribute(ev, instance, name, origin)
        found.append(Entry(Literal(name, origin), held, held.origin))
    return found


_CHANGES_DUMPS = rb"(?:field|model)_serializer|PlainSerializer|WrapSerializer|SerializeAsAny|computed_field|exclude="
"""What a class that dumps something else than its fields has in its text; ``task_serializer`` is a field."""


def _dumped(
    ev: Evaluator, instance: Instance, cls: Class, options: dict[str, Value], arguments: list[Value], origin: Location
) -> Value:
    """``model_dump()``: a dict of the fields; with ``include`` and ``exclude`` of names, and ``exclude_none``."""
    known = {"include", "exclude", "exclude_none", "by_alias", "mode"}
    plain = not arguments and set(options) <= known and _is_none_or_false(options.get("by_alias"))
    mode = options.get("mode")
    if not plain or (mode is not None and not (isinstance(mode, Literal) and mode.value == "python")):
        return Unknown("a dump with options that are not followed", origin)
    texts = [base.node.text or b"" for base in classes.lineage(ev, cls) if isinstance(base, Class)]
    if any(re.search(_CHANGES_DUMPS, text) for text in texts):
        return Unknown("a dump that the class changes", origin)
    names: dict[str, set[str]] = {}
    for key in ("include", "exclude"):
        given = options.get(key)
        if given is None:
            continue
        items = getattr(given, "items", None)
        if not isinstance(items, tuple) or not all(isinstance(i, Literal) and isinstance(i.value, str) for i in items):
            return Unknown("a dump of fields that are not known", origin)
        names[key] = {item.value for item in items}
    entries = []
    for entry in _fields(ev, instance, cls, origin):
        name = _key(entry)
        if ("include" in names and name not in names["include"]) or name in names.get("exclude", ()):
            continue
        value = _dumped_value(ev, entry.value, options, origin)
        if _is_truthy(options.get("exclude_none")):
            value = _without_none(value)
            if isinstance(value, Missing):
                continue
        entries.append(Entry(entry.key, value, entry.origin))
    return Mapping(tuple(entries), origin)


def _dumped_value(ev: Evaluator, value: Value, options: dict[str, Value], origin: Location) -> Value:
    if isinstance(value, Instance) and isinstance(value.type, Class) and is_model(ev, value.type):
        inner = {key: one for key, one in options.items() if key not in ("include", "exclude")}
        return _dumped(ev, value, value.type, inner, [], origin)
    if isinstance(value, Choice):
        return distribute(value, origin, lambda one: _dumped_value(ev, one, options, origin))
    return value


def _without_none(value: Value) -> Value:
    """``value`` with Missing where it is None."""
    if isinstance(value, Literal) and value.value is None:
        return Missing(value.origin)
    if isinstance(value, Environment) and value.default is not None:
        rest = _without_none(value.default)
        if rest is not value.default:
            here = Alternative(with_default(value, None), is_set(value, value.origin))
            return Choice((here, Alternative(rest, None)), value.origin)
    if isinstance(value, Choice):
        found = tuple(Alternative(_without_none(one.value), one.condition) for one in value.alternatives)
        return value if all(new is old for new, old in zip(found, value.alternatives, strict=True)) else Choice(found, value.origin)  # fmt: skip # noqa: E501
    return value


def _is_none_or_false(value: Value | None) -> bool:
    return value is None or (isinstance(value, Literal) and not value.value)


def _is_truthy(value: Value | None) -> bool:
    return isinstance(value, Literal) and bool(value.value)

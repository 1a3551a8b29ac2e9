"""pydantic models and settings: which variable a field reads, with which default.

Facts from pydantic-settings 2 (EnvSettingsSource: prefix and name, aliases without prefix, names folded unless
``case_sensitive``) and pydantic 1 (``Config.env_prefix``, ``Field(env=…)``). Constructor arguments beat variables.
"""

from __future__ import annotations

from celery_backend_lint.evaluate import classes
from celery_backend_lint.evaluate.environment_reads import cast_default
from celery_backend_lint.evaluate.values import (
    Class,
    Environment,
    External,
    Instance,
    Literal,
    Mapping,
    Sequence,
    Unknown,
)
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import arguments_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.values import Entry, Value
    from celery_backend_lint.syntax.python import Node

_TYPES = {
    "str": "str", "SecretStr": "str", "int": "int", "PositiveInt": "int", "NonNegativeInt": "int", "float": "float",
    "bool": "bool", "StrictStr": "str", "RedisDsn": "url", "AmqpDsn": "url", "AnyUrl": "url", "AnyHttpUrl": "url",
    "PostgresDsn": "url", "MongoDsn": "url", "MySQLDsn": "url", "HttpUrl": "url", "UrlStr": "url",
}  # fmt: skip
_VALIDATORS = ("field_validator", "validator")
_MODEL_VALIDATORS = ("model_validator", "root_validator")


@record
class Field:
    """A field: the class that declares it, its annotation, the expression of its default (None: required)."""

    owner: Class
    annotation: Node | None
    default: Node | None
    node: Node


@record
class SettingsConfig:
    """``model_config`` or ``class Config`` as far as it matters here."""

    prefix: str | None
    case_sensitive: bool
    nested: str


def is_model(ev: Evaluator, cls: Class) -> bool:
    """Whether a class is a pydantic model or settings class."""
    return classes.has_base(ev, cls, "BaseSettings", "BaseModel")


def is_settings(ev: Evaluator, cls: Class) -> bool:
    """Whether a class reads its fields from the environment."""
    return classes.has_base(ev, cls, "BaseSettings")


def find_field(ev: Evaluator, cls: Class, name: str) -> Field | None:
    """The declaration of a field in the class or its bases, the nearest; None when there is none."""
    for base in classes.lineage(ev, cls):
        if not isinstance(base, Class):
            continue
        for binding in reversed(ev.scope_of(base).bindings.get(name, [])):
            if binding.kind not in ("assign", "annotate"):
                return None
            statement = binding.target.parent
            annotation = statement.child_by_field_name("type") if statement is not None else None
            if annotation is None and not is_v1(ev, cls):
                return None
            default = binding.node if binding.kind == "assign" else None
            return Field(base, annotation, default, binding.target)
    return None


def is_v1(ev: Evaluator, cls: Class) -> bool:
    """Whether the class is configured the way of pydantic 1 (an inner ``class Config``)."""
    return any(isinstance(base, Class) and "Config" in ev.scope_of(base).bindings for base in classes.lineage(ev, cls))


def config_of(ev: Evaluator, cls: Class) -> SettingsConfig:
    """The settings configuration that is in force for a class."""
    prefix: str | None = ""
    case_sensitive = False
    nested = ""
    for base in reversed(classes.lineage(ev, cls)):
        if not isinstance(base, Class):
            continue
        scope = ev.scope_of(base)
        found: dict[str, Value] = {}
        config = ev.read(scope, "model_config", None)
        if isinstance(config, Instance):
            found.update({str(e.key.value): e.value for e in config.keywords if isinstance(e.key, Literal)})
        elif isinstance(config, Mapping):
            found.update({str(e.key.value): e.value for e in config.entries if isinstance(e.key, Literal)})
        inner = ev.read(scope, "Config", None)
        if isinstance(inner, Class):
            for key in ("env_prefix", "case_sensitive", "env_nested_delimiter"):
                value = classes.class_attribute(ev, inner, key, inner.origin, None)
                if value is not None:
                    found[key] = value
        keyword = classes.keyword_of_class(base, "env_prefix")
        if keyword is not None:
            found["env_prefix"] = ev.value(keyword, base.scope)
        if "env_prefix" in found:
            value = found["env_prefix"]
            prefix = value.value if isinstance(value, Literal) and isinstance(value.value, str) else None
        if "case_sensitive" in found:
            case_sensitive = found["case_sensitive"] == Literal(True, found["case_sensitive"].origin)
        if "env_nested_delimiter" in found:
            value = found["env_nested_delimiter"]
            nested = value.value if isinstance(value, Literal) and isinstance(value.value, str) else "?"
    return SettingsConfig(prefix, case_sensitive, nested)


def field_value(ev: Evaluator, instance: Instance, cls: Class, name: str) -> Value | None:
    """What a field of a model instance holds; None when ``name`` is no field."""
    field = find_field(ev, cls, name)
    if field is None:
        return None
    place = ev.location(field.node, ev.scope_of(field.owner))
    if _validated(ev, cls, name):
        return Unknown(f"a validator may change {name}", place)
    if _is_customised(ev, cls, instance):
        return Unknown(f"the settings class decides itself where {name} is from", place)
    for entry in instance.keywords:
        if isinstance(entry.key, Literal) and entry.key.value == name:
            return entry.value
    default, options = _default(ev, field)
    cast, optional = annotation_cast(field)
    if default is None and optional and is_v1(ev, cls):
        default = Literal(None, place)
    if not is_settings(ev, cls):
        return default if default is not None else Unknown(f"{name} is given when the model is made", place)
    if cast == "unknown" and isinstance(default, Instance) and not config_of(ev, cls).nested:
        # A nested model reads for itself; JSON in a variable of the field's name is not followed.
        return default
    if cast == "unknown" and default is None:
        nested = ev.value(field.annotation.named_children[0], ev.scope_of(field.owner)) if field.annotation else None
        if isinstance(nested, Class):
            return Unknown(f"{name} is read from nested variables", place)
    variables = _variables(config_of(ev, cls), name, options)
    if variables is None:
        return Unknown("the variable's name is not known", place)
    names, sensitive = variables
    if default is not None:
        default = cast_default(cast, default, place) if cast in ("int", "float", "bool") else default
    where = default.origin if isinstance(default, Literal) else place
    return Environment(names, default, cast, "pydantic", where, sensitive)


_CUSTOM_METHODS = ("settings_customise_sources", "customise_sources", "model_post_init")
_CUSTOM_OPTIONS = ("alias_generator", "env_ignore_empty", "env_parse_none_str", "populate_by_name", "validate_by_name")


def _is_customised(ev: Evaluator, cls: Class, instance: Instance) -> bool:
    """Whether fields are not read the usual way: other sources, other names, options given when it is made."""
    given = {_key(entry) for entry in instance.keywords}
    if any(key.startswith("_env_") and key not in ("_env_file", "_env_file_encoding") for key in given):
        return True
    for base in classes.lineage(ev, cls):
        if not isinstance(base, Class):
            continue
        scope = ev.scope_of(base)
        if any(name in scope.bindings for name in _CUSTOM_METHODS):
            return True
        config = ev.read(scope, "model_config", None)
        entries = config.keywords if isinstance(config, Instance) else getattr(config, "entries", ())
        if any(isinstance(e.key, Literal) and e.key.value in _CUSTOM_OPTIONS for e in entries):
            return True
    return False


def _key(entry: Entry) -> str:
    return str(entry.key.value) if isinstance(entry.key, Literal) else ""


def _default(ev: Evaluator, field: Field) -> tuple[Value | None, dict[str, Value]]:
    if field.default is None:
        return None, {}
    scope = ev.scope_of(field.owner)
    node = field.default
    if node.type == "call":
        function = node.child_by_field_name("function")
        if function is not None and text_of(function).rpartition(".")[2] in ("Field", "SettingsField"):
            default: Value | None = None
            options: dict[str, Value] = {}
            for name, argument in arguments_of(node):
                if name in ("", "default"):
                    if argument.type != "ellipsis" and default is None:
                        default = ev.value(argument, scope)
                elif name == "default_factory":
                    default = _made(ev, ev.value(argument, scope))
                elif name in ("alias", "validation_alias", "env"):
                    options[name] = ev.value(argument, scope)
            return default, options
    if node.type == "ellipsis":
        return None, {}
    return ev.value(node, scope), {}


def _made(ev: Evaluator, factory: Value) -> Value:
    from celery_backend_lint.evaluate.calls import call_value

    return call_value(ev, factory, [], [], factory.origin)


def annotation_cast(field: Field) -> tuple[str, bool]:
    """The cast of a field's annotation, and whether None is allowed: ``("int", True)`` of ``Optional[int]``."""
    text = text_of(field.annotation).replace(" ", "").strip("\"'") if field.annotation is not None else "str"
    if text.startswith("Annotated["):
        text = text[10:].partition(",")[0]
    optional = False
    for wrapper in ("Optional[", "typing.Optional["):
        if text.startswith(wrapper) and text.endswith("]"):
            text, optional = text[len(wrapper) : -1], True
    if text.startswith("Union[") and text.endswith("]"):
        text = text[6:-1].replace(",", "|")
    parts = [part for part in text.split("|") if part]
    optional = optional or "None" in parts
    names = [part.rpartition(".")[2] for part in parts if part != "None"]
    casts = {_TYPES.get(name, "unknown") for name in names}
    return (casts.pop() if len(casts) == 1 else "unknown"), optional


def _variables(config: SettingsConfig, name: str, options: dict[str, Value]) -> tuple[tuple[str, ...], bool] | None:
    for key in ("env", "validation_alias", "alias"):
        alias = options.get(key)
        if alias is None:
            continue
        names = _alias_names(alias)
        return (names, config.case_sensitive) if names else None
    if config.prefix is None:
        return None
    full = config.prefix + name
    return ((full if config.case_sensitive else full.upper(),), config.case_sensitive)


def _alias_names(alias: Value) -> tuple[str, ...]:
    if isinstance(alias, Literal) and isinstance(alias.value, str):
        return (alias.value,)
    items: tuple[Value, ...] = ()
    if isinstance(alias, Sequence):
        items = alias.items
    elif isinstance(alias, Instance) and isinstance(alias.type, External) and alias.type.name.endswith("AliasChoices"):
        items = alias.arguments
    names = [item.value for item in items if isinstance(item, Literal) and isinstance(item.value, str)]
    return tuple(names) if len(names) == len(items) else ()


def _validated(ev: Evaluator, cls: Class, name: str) -> bool:
    """Whether a validator may change a field: one for the field, or one for the model whose body names it."""
    for base in classes.lineage(ev, cls):
        if not isinstance(base, Class):
            continue
        for bindings in ev.scope_of(base).bindings.values():
            for binding in bindings:
                if binding.kind != "def":
                    continue
                parent = binding.node.parent
                if parent is None or parent.type != "decorated_definition":
                    continue
                for child in parent.children:
                    if child.type != "decorator" or not child.named_children:
                        continue
                    decorator = child.named_children[0]
                    kind = classes.decorator_name(decorator)
                    if kind in _VALIDATORS:
                        arguments = [text_of(a).strip("\"'") for a in classes.decorator_arguments(decorator)]
                        if name in arguments or "*" in arguments:
                            return True
                    elif kind in _MODEL_VALIDATORS and name.encode() in (binding.node.text or b""):
                        return True
    return False

"""The fields of pydantic classes: where each is declared, its type, its default and the options of its ``Field``."""

from __future__ import annotations

from celery_backend_lint.evaluate.objects import classes
from celery_backend_lint.evaluate.pydantic import annotations as settings_types
from celery_backend_lint.evaluate.values import (
    Choice,
    Class,
    Environment,
    External,
    Instance,
    Literal,
    Mapping,
    Sequence,
    Text,
    Unknown,
)
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import arguments_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.pydantic.annotations import FieldType
    from celery_backend_lint.evaluate.pydantic.configuration import SettingsConfig
    from celery_backend_lint.evaluate.scopes import Binding, Scope
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.syntax.python import Node

_FIELD = ("Field", "SettingsField")
_OPTIONS = ("alias", "validation_alias", "env", "default", "default_factory", "init", "frozen", "validate_default")
_FUNCTIONS = {
    "BeforeValidator": "before",
    "AfterValidator": "after",
    "PlainValidator": "plain",
    "WrapValidator": "wrap",
}


@record
class Field:
    """A field.

    ``owner`` is the class that declares it. ``default`` is None where the field is required. ``names`` are the aliases
    that it is given by, None where they are not known; empty where it has none. ``variables`` are the names that
    pydantic 1 reads (``env=``). ``validators`` are the functions of its ``Annotated`` with their mode. ``decode`` is
    whether a container is read as JSON.
    """

    name: str
    owner: Class
    type: FieldType
    default: Value | None
    names: tuple[str, ...] | None
    variables: tuple[str, ...] | None
    validators: tuple[tuple[str, Value], ...]
    decode: bool
    validate_default: bool
    node: Node


def find_field(ev: Evaluator, cls: Class, name: str, version: int) -> Field | None:
    """The declaration of a field in the class or its bases, the nearest; None when there is none."""
    if name.startswith("_") or name == "model_config":
        return None
    for base in classes.lineage(ev, cls):
        if not isinstance(base, Class):
            continue
        scope = ev.scope_of(base)
        bindings = scope.bindings.get(name)
        if not bindings:
            continue
        if version == 1 and not _is_model(ev, base):
            return None
        binding = bindings[-1]
        if binding.kind not in ("assign", "annotate"):
            return None
        annotation = next((a for a in (_annotation(b) for b in reversed(bindings)) if a is not None), None)
        if annotation is None:
            if version == 2:
                return None
            return _read(ev, base, name, _inherited(ev, cls, base, name), binding)
        return _read(ev, base, name, (annotation, scope), binding)
    return None


def field_names(ev: Evaluator, cls: Class, version: int) -> list[str]:
    """The names of the fields of a class in their order: those of its bases first."""
    found: dict[str, None] = {}
    for base in reversed(classes.lineage(ev, cls)):
        if isinstance(base, Class):
            places = {name: bindings[0].at for name, bindings in ev.scope_of(base).bindings.items() if bindings}
            for name in sorted(places, key=places.__getitem__):
                if name not in found and find_field(ev, cls, name, version) is not None:
                    found[name] = None
    return list(found)


def _is_model(ev: Evaluator, cls: Class) -> bool:
    return classes.has_base(ev, cls, "BaseSettings", "BaseModel")


def _annotation(binding: Binding) -> Node | None:
    statement = binding.target.parent
    return statement.child_by_field_name("type") if statement is not None else None


def _inherited(ev: Evaluator, cls: Class, owner: Class, name: str) -> tuple[Node, Scope] | None:
    """The annotation that a base gives to a name which a class of pydantic 1 only assigns."""
    behind = False
    for base in classes.lineage(ev, cls):
        if isinstance(base, Class):
            for binding in ev.scope_of(base).bindings.get(name, []) if behind else ():
                annotation = _annotation(binding)
                if annotation is not None:
                    return annotation, ev.scope_of(base)
            behind = behind or base.node == owner.node
    return None


def _read(
    ev: Evaluator, owner: Class, name: str, annotation: tuple[Node, Scope] | None, binding: Binding
) -> Field | None:
    scope = ev.scope_of(owner)
    place = ev.location(binding.target, scope)
    found, metadata = settings_types.read_type(ev, *annotation) if annotation is not None else (settings_types.ANY, [])
    if found.name == "ClassVar":
        return None
    node = binding.node if binding.kind == "assign" else None
    options: dict[str, Value] = {}
    validators: list[tuple[str, Value]] = []
    decode = True
    where = annotation[1] if annotation is not None else scope
    for one in metadata:
        if one.type == "call":
            kind = _called(one)
            if kind in _FIELD:
                options.update(_options(ev, one, where))
            elif kind in _FUNCTIONS:
                value = ev.value(one, where)
                given = value.arguments if isinstance(value, Instance) else ()
                mode = _FUNCTIONS[kind] if given else "wrap"
                validators.append((mode, given[0] if given else Unknown("a validator", place)))
        elif "NoDecode" in text_of(one):
            decode = False
    default: Value | None = None
    if node is not None:
        if node.type == "call" and _called(node) in _FIELD:
            options.update(_options(ev, node, scope))
        elif node.type == "call" and _called(node) == "PrivateAttr":
            return None
        elif node.type != "ellipsis":
            default = ev.value(node, scope)
            if binding.index:
                default = Unknown("a default that is unpacked", place)
    if any(one.path for one in scope.bindings[name]):
        default = Unknown("a field that is declared under a condition", place)
    if found.name == "Final":
        if default is not None or "default" in options:
            return None
        found = found.parts[0] if found.parts else settings_types.ANY
    if default is None:
        default = options.get("default")
        if default is None and "default_factory" in options:
            from celery_backend_lint.evaluate.calls import call_value

            factory = options["default_factory"]
            default = call_value(ev, factory, [], [], factory.origin)
    if annotation is None:
        found = _type_of_default(default)
    validate = options.get("validate_default")
    return Field(
        name,
        owner,
        found,
        default,
        _aliases(options),
        _variables(options),
        tuple(validators),
        decode,
        isinstance(validate, Literal) and validate.value is True,
        binding.target,
    )


def _called(node: Node) -> str:
    function = node.child_by_field_name("function")
    return text_of(function).rpartition(".")[2] if function is not None else ""


def _options(ev: Evaluator, node: Node, scope: Scope) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, argument in arguments_of(node):
        if name in ("", "default"):
            if argument.type != "ellipsis":
                found["default"] = ev.value(argument, scope)
        elif name in ("*", "**"):
            found["alias"] = Unknown("options that are given with *", ev.location(argument, scope))
        elif name in _OPTIONS:
            found[name] = ev.value(argument, scope)
    return found


def _type_name(value: Value, condition: Value | None = None) -> str:
    """The name of the type that a value has in all outcomes, "" where that is not known; ``condition`` holds."""
    if isinstance(value, Literal):
        return type(value.value).__name__ if value.value is not None else ""
    if isinstance(value, Environment) and value.cast == "str":
        is_given = value.default is None or condition == value  # ``os.environ.get("X") or …``
        return "str" if is_given or (value.default is not None and _type_name(value.default) == "str") else ""
    if isinstance(value, Choice):
        names = {_type_name(one.value, one.condition) for one in value.alternatives}
        return names.pop() if len(names) == 1 else ""
    return "str" if isinstance(value, Text) else ""


def _type_of_default(default: Value | None) -> FieldType:
    """The type that pydantic 1 infers for a name without annotation."""
    if default is not None and (name := _type_name(default)):
        return settings_types.FieldType(name)
    return settings_types.UNKNOWN if default is None or not isinstance(default, Literal) else settings_types.ANY


def _aliases(options: dict[str, Value]) -> tuple[str, ...] | None:
    """``validation_alias``, else ``alias``: text, AliasChoices; None for what is not known (AliasPath, …)."""
    alias = options.get("validation_alias", options.get("alias"))
    if alias is None or (isinstance(alias, Literal) and alias.value is None):
        return ()
    names = _names(alias)
    return names or None


def _names(alias: Value) -> tuple[str, ...]:
    if isinstance(alias, Literal) and isinstance(alias.value, str):
        return (alias.value,)
    items: tuple[Value, ...] = ()
    if isinstance(alias, Sequence) and alias.complete:
        items = alias.items
    elif isinstance(alias, Instance) and isinstance(alias.type, External):
        kind = alias.type.name.rpartition(".")[2]
        if kind == "AliasChoices" or (kind == "AliasPath" and len(alias.arguments) == 1):
            items = alias.arguments
    names = [name for item in items for name in (_names(item) if not isinstance(item, Sequence) else ())]
    return tuple(names) if len(names) == len(items) else ()


def _variables(options: dict[str, Value]) -> tuple[str, ...] | None:
    """The names of ``env=`` of pydantic 1; empty without it, None where they are not known."""
    given = options.get("env")
    if given is None or (isinstance(given, Literal) and given.value is None):
        return ()
    if isinstance(given, Sequence) and given.kind in ("set", "frozenset") and len(given.items) > 1:
        return None  # in any order
    return _names(given) or None


def variables_of(config: SettingsConfig, field: Field) -> tuple[str, ...] | None:
    """The variables that a field of a settings class reads, in order; None where their names are not known."""
    names = _names_of(config, field)
    if config.prefix is None or (names is None and config.version == 2) or field.variables is None:
        return None
    own = config.prefix + field.name
    own = own if config.case_sensitive else own.upper()
    if config.version == 1:
        given = config.fields.get(field.name) if config.fields is not None else None
        if given is not None:
            env = given.get("env") if isinstance(given, Mapping) and given.complete else Unknown("", given.origin)
            return (
                _variables({"env": env} if env is not None else {}) or (own,) if not isinstance(env, Unknown) else None
            )
        return field.variables or (own,)
    return (*(names or ()), *((own,) if config.by_name or not names else ()))


def _names_of(config: SettingsConfig, field: Field) -> tuple[str, ...] | None:
    """The aliases of a field, its own or the one that is made for it; None where they are not known."""
    if field.names != () or config.alias_of is None:
        return field.names
    made = config.alias_of(field.name)
    return None if made is None else (made,)


def keys_of(config: SettingsConfig, field: Field) -> tuple[str, ...] | None:
    """The names by which a field is given to the constructor; None where they are not known."""
    names = _names_of(config, field)
    if names is None:
        return None
    return (*names, *((field.name,) if config.by_name or not names else ()))

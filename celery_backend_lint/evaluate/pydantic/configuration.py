"""How a pydantic class is configured: ``model_config``, an inner ``class Config``, keywords of the class statement."""

from __future__ import annotations

from celery_backend_lint.evaluate.objects import classes
from celery_backend_lint.evaluate.values import Class, External, Instance, Literal, Mapping
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.values import Entry, Value

_TEXT = ("env_prefix", "env_nested_delimiter", "extra")
_SWITCHES = (
    "case_sensitive", "env_ignore_empty", "populate_by_name", "validate_by_name", "allow_population_by_field_name",
    "validate_default", "validate_all", "use_enum_values",
)  # fmt: skip
_NOT_FOLLOWED = (
    "alias_generator", "env_parse_none_str", "env_prefix_target", "env_parse_enums", "cli_parse_args", "strict",
    "nested_model_default_partial_update", "str_strip_whitespace", "str_to_lower", "str_to_upper", "validate_by_alias",
    "coerce_numbers_to_str", "enable_decoding",
)  # fmt: skip
"""Options that change what a field holds in ways that are not followed, unless they are off."""

_NOT_FOLLOWED_OF_1 = (
    "anystr_strip_whitespace", "anystr_lower", "anystr_upper", "smart_union", "customise_sources", "parse_env_var",
    "json_loads",
)  # fmt: skip
"""The same of pydantic 1; pydantic 2 warns of some and passes all over (``pydantic._internal._config``, 2.14)."""

_SOURCES = ("settings_customise_sources", "customise_sources", "__init__", "__getattribute__", "__new__")
_OF_THE_CALL = {
    "_env_prefix": "env_prefix",
    "_case_sensitive": "case_sensitive",
    "_env_ignore_empty": "env_ignore_empty",
    "_env_nested_delimiter": "env_nested_delimiter",
    "_env_nested_max_split": "env_nested_max_split",
}
_FILES = ("_env_file", "_env_file_encoding", "_secrets_dir", "_env_file_depth")


@record
class SettingsConfig:
    """The configuration in force for a class and for one call of it.

    ``version`` is pydantic's, 1 or 2. ``settings`` says whether fields are read from variables at all. ``problem`` is
    why nothing can be said of the fields, "" where something can. ``fields`` is the dict of that name in pydantic 1.
    ``alias_of`` gives the alias of a field that has none of its own (``alias_generator``).
    """

    version: int
    settings: bool
    prefix: str | None
    case_sensitive: bool
    delimiter: str
    max_split: int | None
    ignore_empty: bool
    by_name: bool
    extra: str
    validate_default: bool
    enum_values: bool
    problem: str
    fields: Mapping | None = None
    alias_of: Callable[[str], str | None] | None = None


def config_of(ev: Evaluator, cls: Class, instance: Instance | None = None) -> SettingsConfig:
    """The configuration of a class, with what the call that made ``instance`` changes in it."""
    lineage = classes.lineage(ev, cls)
    external = [base.name for base in lineage if isinstance(base, External)]
    settings = any(name.rpartition(".")[2] == "BaseSettings" for name in external)
    version = version_of(ev, cls, external)
    found: dict[str, Value] = {}
    problem = ""
    for base in reversed(lineage):
        if isinstance(base, Class):
            problem = _read_class(ev, base, found) or problem
        elif not isinstance(base, External):
            problem = "a base class of the settings is not in the tree"
        elif settings and base.name.rpartition(".")[2] not in _BASES:
            problem = f"a base class from outside, {base.name}"
    for name in ("settings_customise_sources", "customise_sources"):
        if settings and any(isinstance(b, Class) and _defines(ev, b, name) for b in lineage):
            problem = "the settings class decides itself where its fields are from"
    if any(isinstance(b, Class) and set(_SOURCES[2:]) & ev.scope_of(b).bindings.keys() for b in lineage):
        problem = "the class makes its instances itself"
    if instance is not None:
        problem = _read_call(instance, found) or problem
    alias_of = _generator(ev, lineage, found) if version == 2 else None
    hard = _NOT_FOLLOWED if version == 2 else (*_NOT_FOLLOWED, *_NOT_FOLLOWED_OF_1)
    problem = next((f"{key} is not followed" for key in hard if not _is_off(found.get(key))), problem)
    fields = found.pop("fields", None)
    if fields is not None and (not isinstance(fields, Mapping) or not fields.complete):
        problem = "fields of class Config is not known"
    texts = {key: _text(found.get(key)) for key in _TEXT}
    switches = {key: _switch(found.get(key)) for key in _SWITCHES}
    unknown = next((key for key, value in switches.items() if value is None and key in found), "")
    if unknown:
        problem = f"{unknown} is not known"
    delimiter = texts["env_nested_delimiter"] if "env_nested_delimiter" in found else ""
    if delimiter is None and not isinstance(found["env_nested_delimiter"], Literal):
        problem = "env_nested_delimiter is not known"
    split = found.get("env_nested_max_split")
    if version == 1:
        by_name = switches["allow_population_by_field_name"]
    else:
        by_name = switches["populate_by_name"] or switches["validate_by_name"]
    validate = switches["validate_all" if version == 1 else "validate_default"]
    return SettingsConfig(
        version,
        settings,
        texts["env_prefix"] if "env_prefix" in found else "",
        bool(switches["case_sensitive"]),
        delimiter or "",
        split.value if isinstance(split, Literal) and isinstance(split.value, int) else None,
        bool(switches["env_ignore_empty"]),
        bool(by_name),
        texts["extra"] or "",
        settings if validate is None else validate,
        bool(switches["use_enum_values"]),
        problem,
        fields if isinstance(fields, Mapping) else None,
        alias_of,
    )


def _generator(ev: Evaluator, lineage: Iterable[Value], found: dict[str, Value]) -> Callable[[str], str | None] | None:
    """Take ``alias_generator`` out of the options where it can be followed.

    The fields of a base that has another one keep the aliases that it made.
    """
    given = found.get("alias_generator")
    saying = [one for one in lineage if isinstance(one, Class) and b"alias_generator" in (one.node.text or b"")]
    if given is None or len(saying) != 1:
        return None
    from celery_backend_lint.evaluate.pydantic.aliases import generator_of

    made = generator_of(ev, given)
    if made is not None:
        del found["alias_generator"]
    return made


_BASES = frozenset({"BaseSettings", "BaseModel", "object", "ABC", "Generic", "Protocol", "str", "int", "Enum"})


def version_of(ev: Evaluator, cls: Class, external: list[str] | None = None) -> int:
    """The version of pydantic that a class is written for: 1 where its base comes from there, or its module shows it.

    ``pydantic.BaseSettings`` raises PydanticImportError in pydantic 2, ``pydantic_settings`` needs it.
    """
    if external is None:
        external = [base.name for base in classes.lineage(ev, cls) if isinstance(base, External)]
    for name in external:
        if name.startswith(("pydantic.v1.", "pydantic.env_settings.")) or name == "pydantic.BaseSettings":
            return 1
        if name.startswith("pydantic_settings."):
            return 2
    return 1 if is_old(cls.scope.file.source.utf8) else 2


def is_old(text: bytes) -> bool:
    """Whether a module is written for pydantic 1: it takes ``BaseSettings`` from where that one has it."""
    return b"BaseSettings" in text and b"pydantic_settings" not in text and b"pydantic.v1" not in text


def _defines(ev: Evaluator, cls: Class, name: str) -> bool:
    scope = ev.scope_of(cls)
    if name in scope.bindings:
        return True
    inner = ev.read(scope, "Config", None)
    return isinstance(inner, Class) and name in ev.scope_of(inner).bindings


def _read_class(ev: Evaluator, cls: Class, found: dict[str, Value]) -> str:
    """Add what one class of the lineage says to ``found``; the answer is why that cannot be read, or ""."""
    scope = ev.scope_of(cls)
    problem = ""
    config = ev.read(scope, "model_config", None)
    if config is not None:
        entries, complete = _entries(config)
        problem = "" if complete else "model_config cannot be read whole"
        found.update({str(e.key.value): e.value for e in entries if isinstance(e.key, Literal)})
    inner = ev.read(scope, "Config", None)
    if isinstance(inner, Class):
        for base in reversed(classes.lineage(ev, inner)):
            if isinstance(base, Class):
                for key in ev.scope_of(base).bindings:
                    value = ev.read(ev.scope_of(base), key, None)
                    if value is not None:
                        found[key] = value
            elif not isinstance(base, External):
                problem = "a base of class Config is not in the tree"
    elif inner is not None:
        problem = "class Config cannot be read"
    superclasses = cls.node.child_by_field_name("superclasses")
    for child in superclasses.named_children if superclasses is not None else ():
        key_node, value_node = child.child_by_field_name("name"), child.child_by_field_name("value")
        if child.type == "keyword_argument" and key_node is not None and value_node is not None:
            found[text_of(key_node)] = ev.value(value_node, cls.scope)
    return problem


def _entries(config: Value) -> tuple[tuple[Entry, ...], bool]:
    if isinstance(config, Instance) and not config.arguments:
        return config.keywords, all(isinstance(entry.key, Literal) for entry in config.keywords)
    if isinstance(config, Mapping):
        return config.entries, config.complete and all(isinstance(entry.key, Literal) for entry in config.entries)
    return (), False


def _read_call(instance: Instance, found: dict[str, Value]) -> str:
    for entry in instance.keywords:
        if not isinstance(entry.key, Literal):
            return "arguments given with ** that are not known"
        key = str(entry.key.value)
        if key in _OF_THE_CALL:
            if not (isinstance(entry.value, Literal) and entry.value.value is None):
                found[_OF_THE_CALL[key]] = entry.value
        elif key.startswith("_") and key not in _FILES:
            return f"{key} is given when the settings are made"
    return ""


def _text(value: Value | None) -> str | None:
    if isinstance(value, External) and ".Extra." in value.name:
        return value.name.rpartition(".")[2]
    return value.value if isinstance(value, Literal) and isinstance(value.value, str) else None


def _switch(value: Value | None) -> bool | None:
    return bool(value.value) if isinstance(value, Literal) else None


def _is_off(value: Value | None) -> bool:
    return value is None or (isinstance(value, Literal) and not value.value)

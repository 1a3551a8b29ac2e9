"""Reads of the process environment: os, django-environ, environs, python-decouple, Starlette's Config.

How each treats a default was read in django-environ 0.12, environs 14, python-decouple 3.8 and Starlette 0.41.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.evaluator import combine
from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Duration,
    Entry,
    Environment,
    External,
    Instance,
    Literal,
    Mapping,
    Operation,
    Sequence,
    Unknown,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location

_CASTS = {
    "builtins.str": "str",
    "builtins.int": "int",
    "builtins.float": "float",
    "builtins.bool": "bool",
    "builtins.list": "list",
    "builtins.dict": "json",
    "builtins.tuple": "list",
    "decouple.Csv": "list",
}

READERS = {
    "environ.Env": "environ",
    "environ.FileAwareEnv": "environ",
    "environs.Env": "environs",
    "environs.FileAwareEnv": "environs",
    "decouple.AutoConfig": "decouple",
    "decouple.Config": "decouple",
    "starlette.config.Config": "starlette",
}
"""Classes whose instances read variables when called, and the idiom they stand for."""

_METHODS = {
    "str": "str",
    "unicode": "str",
    "bytes": "unknown",
    "bool": "bool",
    "int": "int",
    "float": "float",
    "json": "json",
    "list": "list",
    "tuple": "unknown",
    "dict": "unknown",
    "url": "url",
    "get_value": "str",
    "db": "unknown",
    "db_url": "unknown",
    "cache": "unknown",
    "cache_url": "unknown",
    "path": "str",
    "timedelta": "unknown",
    "log_level": "unknown",
    "enum": "unknown",
}


def read_environment(
    reader: str, name: Value, default: Value | None, cast: str, origin: Location, *, case_sensitive: bool = True
) -> Value:
    """A read of the variable that ``name`` names; ``default`` None where reading raises when it is not set."""
    if isinstance(name, Literal) and isinstance(name.value, str):
        return Environment((name.value,), default, cast, reader, origin, case_sensitive)
    if isinstance(name, Choice):
        alternatives = [
            Alternative(read_environment(reader, one.value, default, cast, origin), one.condition)
            for one in name.alternatives
        ]
        return combine(alternatives, origin) or Unknown("a variable whose name is not known", origin)
    return Unknown("a variable whose name is not known", origin)


def _named(keywords: list[Entry], *names: str) -> Value | None:
    for entry in keywords:
        if isinstance(entry.key, Literal) and entry.key.value in names:
            return entry.value
    return None


def cast_name(value: Value | None) -> str:
    """The cast that a type or function stands for, as Environment spells it."""
    if value is None:
        return "str"
    if isinstance(value, External):
        return _CASTS.get(value.name, "unknown")
    if isinstance(value, Instance) and isinstance(value.type, External):
        return _CASTS.get(value.type.name, "unknown")
    return "unknown"


def _of_default(default: Value | None) -> str:
    """django-environ's smart cast: with no cast the default's type is used (environ.Env.get_value)."""
    if isinstance(default, Literal):
        return {bool: "bool", int: "int", float: "float", str: "str"}.get(type(default.value), "str")
    if isinstance(default, Sequence) and default.kind == "list":
        return "list"
    return "str" if default is None else "unknown"


def getenv(arguments: list[Value], keywords: list[Entry], origin: Location) -> Value:
    """``os.getenv(name, default=None)`` and ``os.environ.get``."""
    name = arguments[0] if arguments else _named(keywords, "key")
    default = arguments[1] if len(arguments) > 1 else _named(keywords, "default")
    if name is None:
        return Unknown("a read without a name", origin)
    return read_environment("os.environ", name, Literal(None, origin) if default is None else default, "str", origin)


def call_reader(
    instance: Instance, method: str, arguments: list[Value], keywords: list[Entry], origin: Location
) -> Value:
    """A call of a reader (``env("X")``, ``method`` empty) or of one of its methods (``env.int("X", default=1)``)."""
    reader = READERS.get(instance.type.name, "")
    if method and method not in _METHODS:
        return Unknown(f"{reader}'s {method}()", origin)
    names = ("var", "name", "option", "key")
    name = arguments[0] if arguments else _named(keywords, *names)
    if name is None:
        return Unknown("a read without a name", origin)
    rest = arguments[1:]
    default = _named(keywords, "default", "missing")
    cast_value = _named(keywords, "cast", "subcast") if not method else None
    if reader == "environ":
        if not method and rest:
            cast_value, rest = rest[0], rest[1:]
        if default is None and rest:
            default = rest[0]
        declared = _scheme(instance, name)
        if declared is not None and method:
            default = default if default is not None else declared[1]
        elif declared is not None and cast_value is None:
            cast, scheme_default = declared
            return read_environment(reader, name, default if default is not None else scheme_default, cast, origin)
        cast = _METHODS[method] if method else (cast_name(cast_value) if cast_value else _of_default(default))
        return read_environment(reader, name, default, cast, origin)
    if default is None and rest:
        default, rest = rest[0], rest[1:]
        if reader == "starlette":
            # Starlette's order is (key, cast, default).
            cast_value, default = default, (rest[0] if rest else None)
    if cast_value is None and not method and rest and reader == "decouple":
        cast_value = rest[0]
    cast = _METHODS[method] if method else cast_name(cast_value)
    if reader == "decouple" and cast == "list":
        cast = "unknown"  # Csv strips its items and has options, and list() takes characters
    if default is not None and reader in ("decouple", "starlette") and cast_value is not None:
        default = cast_default(cast, default, origin)
    prefix = instance_prefix(instance)
    if prefix and isinstance(name, Literal) and isinstance(name.value, str):
        name = Literal(prefix + name.value, name.origin)
    return read_environment(reader, name, default, cast, origin)


def cast_default(cast: str, default: Value, origin: Location) -> Value:
    """A default that the reader passes through its cast as well (decouple, Starlette, pydantic)."""
    if isinstance(default, Literal) and default.value is None:
        return default
    if cast == "str" and isinstance(default, Literal) and isinstance(default.value, str):
        return default
    if cast in ("int", "float"):
        return Operation(cast, (default,), origin)
    if cast == "bool":
        if isinstance(default, Literal) and isinstance(default.value, str):
            from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, cast_text

            try:
                return Literal(cast_text(default.value, "bool"), default.origin)
            except (UndeterminedError, WouldRaiseError):
                return Unknown("a default that is no truth value", origin)
        return Operation("bool", (default,), origin)
    if isinstance(default, (Duration, Sequence, Mapping)):
        return default
    return default if cast in ("str", "url") else Unknown("what a cast makes of its default", origin)


def instance_prefix(instance: Instance) -> str:
    """What a reader puts before every name (environs ``Env(prefix="X_")``, Starlette ``env_prefix=``)."""
    for entry in instance.keywords:
        if isinstance(entry.key, Literal) and entry.key.value in ("prefix", "env_prefix"):
            value = entry.value
            return value.value if isinstance(value, Literal) and isinstance(value.value, str) else ""
    return ""


def _scheme(instance: Instance, name: Value) -> tuple[str, Value | None] | None:
    """What ``environ.Env(NAME=(cast, default))`` declares of a name."""
    if not isinstance(name, Literal):
        return None
    for entry in instance.keywords:
        if isinstance(entry.key, Literal) and entry.key.value == name.value:
            declared = entry.value
            if isinstance(declared, Sequence) and declared.kind == "tuple" and len(declared.items) == 2:
                return cast_name(declared.items[0]), declared.items[1]
            return cast_name(declared), None
    return None

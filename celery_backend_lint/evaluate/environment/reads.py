"""Reads of the process environment: what they have in common, ``os.environ``, and which reader reads a call."""

from __future__ import annotations

from celery_backend_lint.evaluate.alternatives import combine
from celery_backend_lint.evaluate.environment.casts import UndeterminedError, WouldRaiseError, cast_text
from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Duration,
    Environment,
    Literal,
    Mapping,
    Operation,
    Sequence,
    Unknown,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.environment.reader_call import ReaderCall
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.values import Entry, Instance, Value
    from celery_backend_lint.location import Location

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


def read_environment(reader: str, name: Value, default: Value | None, cast: str, origin: Location) -> Value:
    """A read of the variable that ``name`` names; ``default`` None where reading raises when it is not set."""
    if isinstance(name, Literal) and isinstance(name.value, str):
        return Environment((name.value,), default, cast, reader, origin)
    if isinstance(name, Choice):
        alternatives = [
            Alternative(read_environment(reader, one.value, default, cast, origin), one.condition)
            for one in name.alternatives
        ]
        return combine(alternatives, origin)
    return Unknown("a variable whose name is not known", origin)


def read_by(call: ReaderCall, reader: str, name: Value, default: Value | None, cast: str) -> Value:
    """The read of a call of a reader, doubted where the project itself writes the variable."""
    return call.ev.as_set_by_code(read_environment(reader, name, default, cast, call.origin), call.origin)


def set_in_environment(name: Value, origin: Location) -> Value | None:
    """The condition ``name in os.environ``; None when the name is not known."""
    if not isinstance(name, Literal) or not isinstance(name.value, str):
        return None
    nothing = Literal(None, origin)
    read = Environment((name.value,), nothing, "str", "os.environ", origin)
    return Operation("is not", (read, nothing), origin)


def _named(keywords: list[Entry], *names: str) -> Value | None:
    if not keywords:
        return None
    from celery_backend_lint.evaluate.environment.reader_call import keyword

    return keyword(tuple(keywords), *names)


def getenv(arguments: list[Value], keywords: list[Entry], origin: Location) -> Value:
    """``os.getenv(name, default=None)`` and ``os.environ.get``."""
    name = arguments[0] if arguments else _named(keywords, "key")
    default = arguments[1] if len(arguments) > 1 else _named(keywords, "default")
    if name is None:
        return Unknown("a read without a name", origin)
    return read_environment("os.environ", name, Literal(None, origin) if default is None else default, "str", origin)


def call_reader(
    ev: Evaluator, instance: Instance, method: str, arguments: list[Value], keywords: list[Entry], origin: Location
) -> Value:
    """A call of a reader (``env("X")``, ``method`` empty) or of one of its methods (``env.int("X", default=1)``)."""
    from celery_backend_lint.evaluate.environment import config_readers, environ_reader, environs_reader
    from celery_backend_lint.evaluate.environment.reader_call import ReaderCall

    call = ReaderCall(ev, instance, method, tuple(arguments), tuple(keywords), origin)
    reader = READERS.get(instance.type.name, "")
    if reader == "environ":
        return environ_reader.read(call)
    if reader == "environs":
        return environs_reader.read(call)
    return config_readers.read_decouple(call) if reader == "decouple" else config_readers.read_starlette(call)


def cast_default(cast: str, default: Value, origin: Location, reader: str = "") -> Value:
    """A default that the reader passes through its cast as well (decouple, Starlette, pydantic)."""
    if isinstance(default, Literal) and default.value is None:
        return default
    if cast == "str" and isinstance(default, Literal) and isinstance(default.value, str):
        return default
    if cast in ("int", "float"):
        return Operation(cast, (default,), origin)
    if cast == "bool":
        if isinstance(default, Literal) and isinstance(default.value, str):
            try:
                return Literal(cast_text(default.value, "bool", reader), default.origin)
            except (UndeterminedError, WouldRaiseError):
                return Unknown("a default that is no truth value", origin)
        if isinstance(default, Literal):
            return Operation("bool", (default,), origin)
        return Unknown("what a cast makes of its default", origin)
    from celery_backend_lint.evaluate.environment.reader_call import plain_type

    if cast == "str" and plain_type(default) != "str":
        numbers = isinstance(default, Literal) and not isinstance(default.value, bytes)
        return Operation("str", (default,), origin) if numbers else Unknown("what a cast makes of its default", origin)
    if isinstance(default, (Duration, Sequence, Mapping)):
        return default
    return default if cast in ("str", "url") else Unknown("what a cast makes of its default", origin)

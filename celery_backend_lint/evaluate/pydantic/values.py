"""What pydantic makes of the values that fields are given: conversions that wait for the environment, and objects."""

from __future__ import annotations

from celery_backend_lint.evaluate.alternatives import MOST_ALTERNATIVES, combine, distribute
from celery_backend_lint.evaluate.computation import from_plain
from celery_backend_lint.evaluate.pydantic import conversions
from celery_backend_lint.evaluate.pydantic.annotations import FieldType
from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, resolve
from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Class,
    Duration,
    Entry,
    Environment,
    External,
    Instance,
    Literal,
    Mapping,
    Missing,
    Operation,
    Sequence,
    Text,
    Unknown,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location

READER = {1: "pydantic 1", 2: "pydantic"}
SECRET = "pydantic.SecretStr"  # noqa: S105 (a type's name)
URL = "pydantic.url."
"""What the name of a URL object's type starts with; its one argument is the text that it stands for."""

STR = FieldType("str")


def is_set(read: Environment, origin: Location) -> Value:
    """The condition that one of the variables of a read is set."""
    nothing = Literal(None, origin)
    probe = Environment(read.variables, nothing, "str", read.reader, read.origin, read.case_sensitive)
    return Operation("is not", (probe, nothing), origin)


def with_default(read: Environment, default: Value | None, cast: str = "") -> Environment:
    """The same read with another default, and perhaps another cast."""
    return Environment(read.variables, default, cast or read.cast, read.reader, read.origin, read.case_sensitive)


def in_cases(value: Value) -> Value:
    """A value that may be missing as a Choice of what it is where it is there, and Missing."""
    if isinstance(value, Environment) and value.default is not None and may_be_missing(value.default):
        here = Alternative(with_default(value, None), is_set(value, value.origin))
        return Choice((here, Alternative(in_cases(value.default), None)), value.origin)
    if isinstance(value, Choice):
        found = tuple(Alternative(in_cases(one.value), one.condition) for one in value.alternatives)
        return Choice(found, value.origin)
    return value


def may_be_missing(value: Value) -> bool:
    """Whether a value is Missing in some outcome."""
    if isinstance(value, Environment) and value.default is not None:
        return may_be_missing(value.default)
    if isinstance(value, Choice):
        return any(may_be_missing(one.value) for one in value.alternatives)
    return isinstance(value, Missing)


def or_else(value: Value | None, default: Value | None) -> Value | None:
    """``value`` with ``default`` where it is missing (a read's default too); a default of None is a required field."""
    if value is None or isinstance(value, Missing):
        return default
    if isinstance(value, Environment) and value.default is not None and may_be_missing(value.default):
        return with_default(value, or_else(value.default, default))
    if isinstance(value, Choice):
        alternatives = [
            Alternative(or_else(one.value, default) or one.value, one.condition) for one in value.alternatives
        ]
        return combine(alternatives, value.origin)
    return value


def converted(ev: Evaluator, wanted: FieldType, value: Value, version: int, enum_values: bool = False) -> Value:
    """What a field of the type ``wanted`` holds when it is given ``value``."""
    if isinstance(value, (Unknown, Missing)):
        return value
    if isinstance(value, Choice):
        return distribute(value, value.origin, lambda one: converted(ev, wanted, one, version, enum_values))
    if isinstance(value, Literal) and value.value is None and wanted.optional:
        return value
    members = wanted.members
    if len(members) > 1 and not wanted.plain:
        if version == 2 and STR in members and _is_text(value):
            return converted(ev, STR, value, version)
        return Unknown("which of several types pydantic takes", value.origin)
    if len(members) == 1 and not members[0].plain:
        if isinstance(value, Environment) and value.default is not None:
            bare = with_default(value, Literal(None, value.origin) if members[0].name == "enum" else None)
            given = _object(ev, members[0], bare, version, enum_values)
            default = converted(ev, wanted, value.default, version, enum_values)
            return given if is_refused(default) else _fused(value, given, default)
        return _object(ev, members[0], value, version, enum_values)
    return _plain(ev, wanted, value, version)


def is_refused(value: Value) -> bool:
    """Whether a value stands for one that pydantic does not take: making the object raises ValidationError."""
    return isinstance(value, Unknown) and value.why.startswith("pydantic refuses")


def _fused(read: Environment, given: Value, default: Value) -> Value:
    """An object made of a read where its variable is set, else of the default: one object where both are alike."""
    if isinstance(given, Environment) and isinstance(default, Literal):
        return with_default(given, default)
    if (
        isinstance(given, Instance)
        and isinstance(default, Instance)
        and given.type == External(getattr(default.type, "name", ""), given.type.origin)
        and isinstance(inner := given.arguments[0] if given.arguments else None, Environment)
        and len(default.arguments) == 1
    ):
        return Instance(given.type, (with_default(inner, default.arguments[0]),), (), given.origin)
    if isinstance(given, Choice) and isinstance(given.alternatives[-1].value, Unknown):
        rest = (Alternative(given.alternatives[-1].value, is_set(read, read.origin)), Alternative(default, None))
        return Choice((*given.alternatives[:-1], *rest), read.origin)
    return combine([Alternative(given, is_set(read, read.origin)), Alternative(default, None)], read.origin)


def _is_text(value: Value) -> bool:
    if isinstance(value, Environment):
        return value.cast == "str" and (value.default is None or _is_text(value.default))
    return isinstance(value, (Text, Missing)) or (isinstance(value, Literal) and isinstance(value.value, str))


# Plain objects -----------------------------------------------------------------------------------------------------


def _plain(ev: Evaluator, wanted: FieldType, value: Value, version: int) -> Value:
    if wanted.name in ("Any", "unconverted"):
        return value
    origin = value.origin
    if isinstance(value, Environment) and value.cast == "str":
        default = converted(ev, wanted, value.default, version) if value.default is not None else None
        if default is not None and is_refused(default):
            default = None  # without the variable the class cannot be made
        if wanted.name == "str" or (version == 2 and STR in wanted.members):
            return with_default(value, default)
        cast = wanted.members[0].text if len(wanted.members) == 1 else wanted.text
        return Environment(value.variables, default, cast, READER[version], value.origin, value.case_sensitive)
    if isinstance(value, Text) and (STR in wanted.members) and (version == 2 or len(wanted.members) == 1):
        return value
    if isinstance(value, (Literal, Duration)):
        return _now(wanted, value, version)
    if isinstance(value, Sequence) and wanted.name in ("list", "tuple", "set", "frozenset"):
        return _items(ev, wanted, value, version)
    if isinstance(value, Mapping) and wanted.name == "dict":
        if not wanted.parts:
            return value
        item = wanted.parts[-1]
        entries = [Entry(one.key, converted(ev, item, one.value, version), one.origin) for one in value.entries]
        return Mapping(tuple(entries), origin, value.complete)
    if isinstance(value, (Text, Operation, Environment, Sequence, Mapping)):
        return later(wanted.text, value, version)
    return Unknown("what pydantic makes of an object", origin)


def later(cast: str, value: Value, version: int) -> Value:
    """A conversion that waits until the environment is known."""
    origin = value.origin
    return Operation("convert", (value, Literal(cast, origin), Literal(version, origin)), origin)


def _now(wanted: FieldType, value: Value, version: int) -> Value:
    from datetime import timedelta

    try:
        plain = resolve(value, None)
        made = conversions.convert(plain, wanted.text, version)
    except UndeterminedError as error:
        return Unknown(str(error), value.origin)
    except WouldRaiseError:
        return Unknown(f"pydantic refuses it for {wanted.text}", value.origin)
    if isinstance(made, timedelta):
        return Duration(made.total_seconds(), value.origin)
    return value if made is plain else from_plain(made, value.origin)


def _items(ev: Evaluator, wanted: FieldType, value: Sequence, version: int) -> Value:
    if value.kind in ("set", "frozenset") and wanted.name != value.kind:
        return Unknown("the order of a set", value.origin)
    part = wanted.parts[0] if wanted.parts else None
    if wanted.name == "tuple" and len(wanted.parts) > 1 and wanted.parts[-1].name != "...":
        return later(wanted.text, value, version)
    items = value.items if part is None else tuple(converted(ev, part, one, version) for one in value.items)
    return Sequence(wanted.name, items, value.origin, value.complete)


# Objects ------------------------------------------------------------------------------------------------------------


def _object(ev: Evaluator, wanted: FieldType, value: Value, version: int, enum_values: bool) -> Value:
    origin = value.origin
    if wanted.name in conversions.URLS:
        if isinstance(value, Instance) and isinstance(value.type, External) and value.type.name.startswith(URL):
            return value if version == 2 else Unknown("what pydantic makes of a URL", origin)
        return url_object(wanted.name, value, version)
    if wanted.name == "secret":
        if isinstance(value, Instance) and isinstance(value.type, External):
            return value if value.type.name.endswith("SecretStr") else Unknown("what pydantic makes of it", origin)
        inner = converted(ev, STR, value, version)
        return inner if isinstance(inner, Unknown) else Instance(External(SECRET, origin), (inner,), (), origin)
    if wanted.name == "enum" and wanted.cls is not None:
        return _member(ev, wanted.cls, value, enum_values)
    if wanted.name == "model" and wanted.cls is not None:
        if isinstance(value, Mapping):
            rest = () if value.complete else (Entry(Unknown("a key", origin), Unknown("a value", origin), origin),)
            return Instance(wanted.cls, (), (*value.entries, *rest), origin)
        if isinstance(value, Instance) and isinstance(value.type, Class):
            return value
    if isinstance(value, Sequence) and wanted.name in ("list", "tuple", "set", "frozenset"):
        return _items(ev, wanted, value, version)
    if isinstance(value, Mapping) and wanted.name == "dict" and wanted.parts:
        item = wanted.parts[-1]
        entries = [Entry(one.key, converted(ev, item, one.value, version), one.origin) for one in value.entries]
        return Mapping(tuple(entries), origin, value.complete)
    if wanted.name == "object" and isinstance(value, Instance):
        return value
    return Unknown("what pydantic makes of it", origin)


def url_object(name: str, value: Value, version: int) -> Value:
    """The URL that pydantic makes of text: an object around its normal form, in pydantic 1 that text itself."""
    origin = value.origin
    inner: Value
    if isinstance(value, Environment) and value.cast == "str" and value.default is None:
        inner = Environment(value.variables, None, name, READER[version], value.origin, value.case_sensitive)
    elif isinstance(value, Literal):
        inner = _now(FieldType(name), value, version)
    elif isinstance(value, (Text, Operation, Environment)):
        inner = with_scheme(later(name, value, version), value)
    else:
        return Unknown("what pydantic makes of it", origin)
    if version == 1 or isinstance(inner, Unknown):
        return inner
    return Instance(External(URL + name, origin), (inner,), (), origin)


def with_scheme(made: Value, start: Value) -> Value:
    """``made``, put together with the scheme that the text ``start`` begins with, where that is known."""
    first = start.parts[0] if isinstance(start, Text) else start
    scheme, found, _ = first.value.partition("://") if isinstance(first, Literal) and isinstance(first.value, str) else ("", "", "")  # fmt: skip # noqa: E501
    if not found or scheme != scheme.strip().lower():
        return made
    head = Literal(f"{scheme}://", made.origin)
    return Text((head, Operation("removeprefix", (made, head), made.origin)), made.origin)


def _member(ev: Evaluator, cls: Class, value: Value, enum_values: bool) -> Value:
    from celery_backend_lint.evaluate.objects import enums

    origin = value.origin
    if isinstance(value, Instance):
        if not isinstance(value.type, Class) or value.type.node != cls.node or not value.arguments:
            return Unknown("what pydantic makes of it", origin)
        return value.arguments[0] if enum_values else value
    known = enums.members(ev, cls)
    if known is None:
        return Unknown("an enum whose members are not known", origin)
    if len(known) > MOST_ALTERNATIVES:
        return Unknown("too many alternatives", origin)
    alternatives = []
    for member in known:
        held = member.arguments[0]
        made = held if enum_values else member
        if isinstance(value, Literal) and isinstance(held, Literal):
            if value.value == held.value:
                return made
        else:
            alternatives.append(Alternative(made, Operation("==", (value, held), origin)))
    none = Unknown("a value that no member of the enum has", origin)
    return combine([*alternatives, Alternative(none, None)], origin)

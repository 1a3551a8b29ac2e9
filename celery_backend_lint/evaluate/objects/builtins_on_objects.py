"""Objects that are not plain (pydantic's URLs and secrets, enums): ``str()``, ``isinstance()``, truth."""

from __future__ import annotations

from celery_backend_lint.evaluate.alternatives import distribute
from celery_backend_lint.evaluate.objects import classes
from celery_backend_lint.evaluate.pydantic import conversions
from celery_backend_lint.evaluate.pydantic.configuration import is_old
from celery_backend_lint.evaluate.pydantic.values import SECRET, URL, is_set, url_object, with_scheme
from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Class,
    Duration,
    Environment,
    External,
    Instance,
    Literal,
    Mapping,
    Operation,
    Sequence,
    Text,
    Unknown,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.values import Entry, Value
    from celery_backend_lint.location import Location

_TYPES = {"str": str, "int": int, "float": float, "bool": bool, "bytes": bytes, "NoneType": type(None)}
_CONTAINERS = {"list": ("list",), "tuple": ("tuple",), "set": ("set",), "dict": ("dict",), "frozenset": ("frozenset",),
               "Sequence": ("list", "tuple"), "Iterable": ("list", "tuple", "set", "dict")}  # fmt: skip


def as_text(value: Instance) -> Value:
    """What ``str(value)`` is."""
    if isinstance(value.type, External):
        if value.type.name.startswith(URL) and value.arguments:
            return value.arguments[0]
        if value.type.name == SECRET and value.arguments:
            hidden, empty = Literal("**********", value.origin), Literal("", value.origin)
            return Choice((Alternative(hidden, value.arguments[0]), Alternative(empty, None)), value.origin)
        return Unknown("the text of an object", value.origin)
    superclasses = value.type.node.child_by_field_name("superclasses")
    if superclasses is not None and b"StrEnum" in (superclasses.text or b"") and len(value.arguments) == 1:
        return value.arguments[0]
    return Unknown("the text of an object", value.origin)


def attribute(value: Instance, name: str, origin: Location) -> Value | None:
    """An attribute of one of pydantic's objects; None when it is none of them."""
    if not isinstance(value.type, External):
        return None
    if value.type.name.startswith(URL) or value.type.name == SECRET:
        from celery_backend_lint.evaluate.pydantic.models import BOUND

        if name in ("unicode_string", "encoded_string", "__str__", "get_secret_value"):
            return Instance(External(BOUND + name, origin), (value,), (), origin)
        return Unknown(f"the attribute {name}", origin)
    if value.type.name == "pydantic.ValidationInfo":
        found = [entry.value for entry in value.keywords if isinstance(entry.key, Literal) and entry.key.value == name]
        return found[0] if found else Unknown(f"the attribute {name}", origin)
    return None


def call_method(bound: Instance, origin: Location) -> Value | None:
    """``url.unicode_string()`` and ``secret.get_secret_value()``; None for what is no method of such an object."""
    from celery_backend_lint.evaluate.pydantic.models import BOUND

    owner = bound.arguments[0]
    name = bound.type.name.removeprefix(BOUND) if isinstance(bound.type, External) else ""
    if not isinstance(owner, Instance) or not isinstance(owner.type, External):
        return None
    if name == "get_secret_value":
        return owner.arguments[0] if owner.type.name == SECRET else Unknown(f"what {name}() returns", origin)
    return as_text(owner)


def call_pydantic(
    ev: Evaluator, name: str, arguments: list[Value], keywords: list[Entry], origin: Location
) -> Value | None:
    """``RedisDsn(…)``, ``RedisDsn.build(…)``, ``SecretStr(…)``; None for what is neither.

    In pydantic 1 ``build`` gives text; a URL there is made by validating only.
    """
    parts = name.split(".")
    file = ev.modules.file(origin.path)
    old = name.startswith("pydantic.v1.") or (file is not None and is_old(file.source.utf8))
    version = 1 if old else 2
    if parts[-1] == "build" and parts[-2] in conversions.URLS:
        return _built(parts[-2], keywords, version, origin) if not arguments else Unknown("a URL", origin)
    if parts[-1] in conversions.URLS and version == 2 and len(arguments) == 1 and not keywords:
        return url_object(parts[-1], arguments[0], version)
    if parts[-1] in ("ConfigDict", "SettingsConfigDict") and not arguments:
        complete = all(isinstance(entry.key, Literal) for entry in keywords)
        return Mapping(tuple(keywords), origin, complete)
    if parts[-1] == "SecretStr" and len(arguments) == 1 and not keywords:
        return Instance(External(SECRET, origin), (arguments[0],), (), origin)
    return None


def _built(name: str, keywords: list[Entry], version: int, origin: Location) -> Value:
    if not all(isinstance(entry.key, Literal) for entry in keywords):
        return Unknown("a URL of parts that are not known", origin)
    scheme = next((entry.value for entry in keywords if isinstance(entry.key, Literal) and entry.key.value == "scheme"), None)  # fmt: skip # noqa: E501
    values = Mapping(tuple(keywords), origin)
    made: Value = Operation("build url", (Literal(name, origin), Literal(version, origin), values), origin)
    if all(isinstance(entry.value, Literal) for entry in keywords):
        from celery_backend_lint.evaluate.environment.casts import UndeterminedError, WouldRaiseError

        plain = {str(e.key.value): e.value.value for e in keywords if isinstance(e.key, Literal) and isinstance(e.value, Literal)}  # fmt: skip # noqa: E501
        try:
            made = Literal(conversions.built_url(plain, name, version), origin)
        except (UndeterminedError, WouldRaiseError) as error:
            return Unknown(str(error), origin)
    elif isinstance(scheme, Literal) and isinstance(scheme.value, str):
        made = with_scheme(made, Literal(f"{scheme.value}://", origin))
    return made if version == 1 else Instance(External(URL + name, origin), (made,), (), origin)


def truth(value: Instance) -> bool | Value | None:
    """Whether an object is true, or the value that decides; None where it cannot be said."""
    if isinstance(value.type, External):
        if value.type.name == SECRET and value.arguments:
            return value.arguments[0]
        return True if value.type.name.startswith(URL) else None
    superclasses = value.type.node.child_by_field_name("superclasses")
    text = (superclasses.text or b"") if superclasses is not None else b""
    if any(name in text for name in (b"Enum", b"str", b"int", b"list", b"dict", b"tuple", b"UserDict")):
        return None
    body = value.type.node.text or b""
    return None if b"__bool__" in body or b"__len__" in body or b"NamedTuple" in text else True


def is_instance(ev: Evaluator, value: Value, wanted: Value, origin: Location) -> Value:
    """``isinstance(value, wanted)``: True, False, the condition under which it is, or Unknown."""
    doubt = Unknown("of which type it is", origin)
    if isinstance(wanted, Sequence):
        found: Value = Literal(False, origin)
        for one in wanted.items if wanted.complete else ():
            single = is_instance(ev, value, one, origin)
            if isinstance(single, Literal):
                if single.value:
                    return single
            elif isinstance(found, Literal):
                found = single
            else:
                return doubt
        return found if wanted.complete else doubt
    if isinstance(value, Choice):
        return distribute(value, origin, lambda one: is_instance(ev, one, wanted, origin))
    if isinstance(value, Environment):
        if value.cast not in ("str", "int", "float", "bool"):
            return doubt
        examples: dict[str, str | int | float | bool] = {"str": "", "int": 0, "float": 0.0, "bool": False}
        example = Literal(examples[value.cast], origin)
        held = is_instance(ev, example, wanted, origin)
        if value.default is None or not isinstance(held, Literal):
            return held
        other = is_instance(ev, value.default, wanted, origin)
        if isinstance(other, Literal) and other.value == held.value:
            return held
        return Choice((Alternative(held, is_set(value, origin)), Alternative(other, None)), origin)
    if isinstance(wanted, External):
        return _of_library(value, wanted.name.rpartition(".")[2], origin)
    if isinstance(wanted, Class):
        if isinstance(value, Instance) and isinstance(value.type, Class):
            bases = classes.lineage(ev, value.type)
            if any(isinstance(base, Class) and base.node == wanted.node for base in bases):
                return Literal(True, origin)
            return doubt if any(isinstance(base, Unknown) for base in bases) else Literal(False, origin)
        if isinstance(value, (Literal, Text, Sequence, Mapping, Duration)):
            return Literal(False, origin)
    return doubt


def _of_library(value: Value, name: str, origin: Location) -> Value:
    if isinstance(value, Text):
        value = Literal("", origin)
    if isinstance(value, Literal):
        if name in _TYPES:
            return Literal(isinstance(value.value, _TYPES[name]), origin)
        known = name in _CONTAINERS or name in conversions.URLS or name in ("SecretStr", "timedelta", "Path")
        if known and not (name in ("Sequence", "Iterable") and isinstance(value.value, (str, bytes))):
            return Literal(False, origin)
    if isinstance(value, (Sequence, Mapping)) and (name in _TYPES or name in _CONTAINERS):
        kind = "dict" if isinstance(value, Mapping) else value.kind
        if kind in ("list", "tuple", "set", "frozenset", "dict"):
            return Literal(kind in _CONTAINERS.get(name, ()), origin)
    if isinstance(value, Instance) and isinstance(value.type, External) and value.type.name.startswith((URL, SECRET)):
        own = value.type.name.rpartition(".")[2]
        if name == own or name in _TYPES or name in _CONTAINERS:
            return Literal(name == own, origin)
    return Unknown("of which type it is", origin)

"""django-environ: what ``env("X")``, ``env.int("X", default=1)``, ``env.db()`` and the like read.

After ``environ.Env`` 0.14 (``get_value``): the default is never parsed; without a cast the default's type is the cast;
an empty variable is None where the default is; text that begins with ``$`` names another variable.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.environment import url_parts
from celery_backend_lint.evaluate.environment.reader_call import item_type, keyword, plain_type, prefix_of, type_name
from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Entry,
    Environment,
    External,
    Literal,
    Mapping,
    Missing,
    Sequence,
    Unknown,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.environment.reader_call import ReaderCall
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location

_TYPED = frozenset({"str", "unicode", "bool", "int", "float", "json", "list", "tuple", "dict", "url"})
_DICTS = {"db": "DATABASE_URL", "db_url": "DATABASE_URL", "cache": "CACHE_URL", "cache_url": "CACHE_URL"}
_CASTS = frozenset({"str", "int", "float", "bool", "list", "tuple", "dict", "json"})


def read(call: ReaderCall) -> Value:
    """What a call of a django-environ reader gives."""
    from celery_backend_lint.evaluate.environment.reads import read_by

    method = call.method
    if method in ("email_url", "email"):
        return _email(call.origin)
    if method not in ("", "get_value") and method not in _TYPED and method not in _DICTS:
        return call.unknown(f"environ's {method}()")
    if call.open or any(not isinstance(entry.key, Literal) for entry in call.instance.keywords):
        return call.unknown("a read whose arguments are not known")
    name = call.argument(0, "var")
    if name is None and method in _DICTS:
        name = Literal(_DICTS[method], call.origin)
    if name is None:
        return call.unknown("a read without a name")
    cast_first = method in ("", "get_value", "list", "tuple", "dict")
    default = call.argument(2 if cast_first else 1, "default")
    given = call.argument(1, "cast") if cast_first else None
    prefix = prefix_of(call)
    if isinstance(prefix, Unknown):
        return prefix
    if prefix:
        if not isinstance(name, Literal) or not isinstance(name.value, str):
            return call.unknown("a variable whose name is not known")
        name = Literal(prefix + name.value, name.origin)
    if isinstance(default, External) and default.name.endswith("NOTSET"):
        default = None
    declared = _declared(call, name)
    if isinstance(declared, Unknown):
        return declared
    if declared is not None:
        if default is None:
            default = declared[1]
        if (given is None or _is_none(given)) and method in ("", "get_value"):
            given = declared[0]
    cast = _cast(method, given, default)
    reader = "environ"
    if call.instance.type.name.endswith("FileAwareEnv"):
        reader = "environ files"
    elif prefix or call.instance.keywords or method == "url":
        reader = "environ scheme"
    if default is not None:
        default = _proxied(call, default, cast, reader, prefix)
    if method == "str" and call.argument(2, "multiline") is not None:
        return call.unknown("environ's str(multiline=…)")
    found = read_by(call, reader, name, default, cast)
    if method == "url":
        if default is not None and not _is_none(default) and plain_type(default) != "str":
            return call.unknown("what url() makes of its default")
        return url_parts.parsed(found, call.origin)
    if method in _DICTS:
        if default is not None and plain_type(default) != "str":
            return call.unknown(f"what {method}() makes of its default")
        kind = "db" if method.startswith("db") else "cache"
        return url_parts.environ_dict(kind, found, call.origin)
    return found


def _email(origin: Location) -> Mapping:
    """The dict that ``email_url`` makes, whatever it is given: its keys are known, its values are not.

    ``Env.email_url_config`` (0.4 to 0.14) puts the options of the URL that are not named here under ``OPTIONS``.
    """
    part = Unknown("a part of a URL of a mail server", origin)
    perhaps = Choice((Alternative(Missing(origin), part), Alternative(part, None)), origin)
    always = ("FILE_PATH", "HOST_USER", "HOST_PASSWORD", "HOST", "PORT", "BACKEND")
    keys: dict[str, Value] = {f"EMAIL_{name}": part for name in always}
    keys |= {"EMAIL_USE_TLS": perhaps, "EMAIL_USE_SSL": perhaps, "OPTIONS": perhaps}
    return Mapping(tuple(Entry(Literal(key, origin), value, origin) for key, value in keys.items()), origin)


def _is_none(value: Value) -> bool:
    return isinstance(value, Literal) and value.value is None


def _cast(method: str, given: Value | None, default: Value | None) -> str:
    if method in ("url", *_DICTS):
        return "str"
    if method == "unicode":
        return "str"
    if method in ("list", "tuple"):
        if given is None or _is_none(given):
            return method
        return f"{method}[{item}]" if (item := item_type(given)) else "unknown"
    if method == "dict":
        return "dict" if given is None or type_name(given) == "dict" else "unknown"
    if method not in ("", "get_value"):
        return method
    if given is not None and not _is_none(given):
        if isinstance(given, Sequence) and given.kind in ("list", "tuple") and given.items:
            return f"{given.kind}[{item}]" if (item := item_type(given.items[0])) else "unknown"
        return name if (name := type_name(given)) in _CASTS else "unknown"
    if default is None or _is_none(default):
        return "str"
    return name if (name := plain_type(default)) in _CASTS else "unknown"


def _proxied(call: ReaderCall, default: Value, cast: str, reader: str, prefix: str) -> Value:
    """A default that begins with ``$`` names another variable, which must be set."""
    if not isinstance(default, Literal) or not isinstance(default.value, str) or not default.value.startswith("$"):
        return default
    if cast not in ("str", "int", "bool") or reader != "environ":
        return call.unknown("a default that names another variable")
    return Environment((prefix + default.value.lstrip("$"),), None, cast, reader, call.origin)


def _declared(call: ReaderCall, name: Value) -> tuple[Value, Value | None] | Unknown | None:
    """The cast and the default that ``environ.Env(NAME=(cast, default))`` declares for a name (``NAME=cast`` too)."""
    if not isinstance(name, Literal):
        return call.unknown("a variable whose name is not known") if call.instance.keywords else None
    declared = keyword(call.instance.keywords, str(name.value))
    if declared is None:
        return None
    if isinstance(declared, Sequence) and len(declared.items) == 2:
        return declared.items[0], declared.items[1]
    if isinstance(declared, Mapping):
        return call.unknown("a cast that is a dict")
    return declared, None

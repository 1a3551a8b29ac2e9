"""environs: what ``env.str("X", "default")``, ``env.list("X", subcast=int)`` and the like read.

After environs 15.2. Up to some release before it a default went through the cast as well: a default of another type
than the method's is therefore unknown. A reader that is not eager gives None where the variable is missing.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.environment import url_parts
from celery_backend_lint.evaluate.environment.reader_call import item_type, keyword, plain_type, prefix_of
from celery_backend_lint.evaluate.values import Duration, Literal, Sequence, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.environment.reader_call import ReaderCall
    from celery_backend_lint.evaluate.values import Value

_CASTS = {"": "str", "str": "str", "int": "int", "float": "float", "bool": "bool", "json": "json", "list": "list",
          "dict": "dict", "timedelta": "seconds", "dj_db_url": "str"}  # fmt: skip
_DEFAULTS = {"": None, "json": None, "str": ("str", "int", "float", "bool"), "int": ("int",), "float": ("float", "int"),
             "bool": ("bool",), "list": ("list",), "dict": ("dict",), "dj_db_url": ("str",)}  # fmt: skip
"""The types of defaults that every release returns as they are; None for any."""
_OPTIONS = frozenset({"default", "missing", "subcast", "validate", "name", "error_messages", "metadata", "required"})


def read(call: ReaderCall) -> Value:
    """What a call of an environs reader gives."""
    from celery_backend_lint.evaluate.environment.reads import read_by

    method = call.method
    if method not in _CASTS:
        return call.unknown(f"environs' {method}()")
    if call.open:
        return call.unknown("a read whose arguments are not known")
    options = {str(entry.key.value) for entry in call.keywords if isinstance(entry.key, Literal)}
    if options - _OPTIONS and method != "dj_db_url":
        return call.unknown(f"what environs makes of {', '.join(sorted(options - _OPTIONS))}")
    name = call.argument(0, "name")
    if name is None:
        return call.unknown("a read without a name")
    prefix = prefix_of(call)
    if isinstance(prefix, Unknown):
        return prefix
    if prefix:
        if not isinstance(name, Literal) or not isinstance(name.value, str):
            return call.unknown("a variable whose name is not known")
        name = Literal(prefix + name.value, name.origin)
    cast = _CASTS[method]
    subcast = call.argument(2, "subcast")
    if subcast is not None and not (isinstance(subcast, Literal) and subcast.value is None):
        item = item_type(subcast)
        cast = f"list[{item}]" if item and method == "list" else "unknown"
    default = call.argument(1, "default", "missing")
    if default is not None:
        default = _default(call, default, method, cast)
    elif not _is(keyword(call.instance.keywords, "eager"), value=True):
        default = call.unknown("a read that is checked later")
    reader = "environs"
    if not _is(keyword(call.instance.keywords, "eager"), value=True):
        reader = "environs later"
    if call.instance.type.name.endswith("FileAwareEnv"):
        reader = "environs files"
    elif not _is(keyword(call.instance.keywords, "expand_vars"), value=False):
        reader = "environs expand"
    found = read_by(call, reader, name, default, cast)
    if method == "dj_db_url":
        return url_parts.database_dict(found, call.origin)
    return found


def _is(option: Value | None, *, value: bool) -> bool:
    return option is None or (isinstance(option, Literal) and option.value is value)


def _default(call: ReaderCall, default: Value, method: str, cast: str) -> Value:
    if isinstance(default, Unknown) or (isinstance(default, Literal) and default.value is None):
        return default
    if method == "timedelta" and isinstance(default, Duration):
        return default
    allowed = _DEFAULTS.get(method, ())
    if allowed is None:
        return default
    fits = plain_type(default) in allowed
    if fits and cast.startswith("list["):
        wanted = cast[5:-1]
        fits = isinstance(default, Sequence) and all(plain_type(item) == wanted for item in default.items)
    return default if fits else call.unknown("a default that releases of environs take differently")

"""python-decouple's ``config`` and Starlette's ``Config``: both put the default through the cast as well.

After python-decouple 3.8 (``Config.get``: None goes through the cast too) and Starlette 1.10 (``Config._perform_cast``:
None never does).
"""

from __future__ import annotations

import string

from celery_backend_lint.evaluate.computation import operate
from celery_backend_lint.evaluate.environment.reader_call import item_type, plain_type, prefix_of, type_name
from celery_backend_lint.evaluate.environment.reads import cast_default, read_by
from celery_backend_lint.evaluate.values import (
    Class,
    Environment,
    External,
    Function,
    Instance,
    Literal,
    Operation,
    Sequence,
    Unknown,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.environment.reader_call import ReaderCall
    from celery_backend_lint.evaluate.values import Value

_SIMPLE = ("str", "int", "float", "bool")


def read_decouple(call: ReaderCall) -> Value:
    """What ``config("X", default=…, cast=…)`` gives."""
    if call.method not in ("", "get"):
        return call.unknown(f"decouple's {call.method}()")
    name, default, cast = call.argument(0, "option"), call.argument(1, "default"), call.argument(2, "cast")
    if name is None or call.open:
        return call.unknown("a read whose arguments are not known")
    if _is_undefined(default):
        default = None
    if default is None or (isinstance(default, Literal) and default.value is None):
        other = _in_a_file(call, name)
        default = other if other is not None else default
    elif (other := _in_a_file(call, name)) is not None:
        default = other
    if cast is None or _is_undefined(cast):
        return read_by(call, "decouple", name, default, "str")
    if isinstance(cast, Instance) and isinstance(cast.type, External):
        if cast.type.name == "decouple.Csv":
            return _csv(call, name, default, cast)
        if cast.type.name == "decouple.Choices":
            return _choices(call, name, default, cast)
    kind = type_name(cast)
    if kind in _SIMPLE:
        return read_by(call, "decouple", name, _simple_default(call, default, kind), kind)
    return _called(call, cast, read_by(call, "decouple", name, default, "str"))


def _simple_default(call: ReaderCall, default: Value | None, kind: str) -> Value | None:
    """What decouple makes of a default; None where it raises for it, as it does for a missing variable."""
    if isinstance(default, Literal) and default.value is None:
        return Literal("None", call.origin) if kind == "str" else None
    if default is None:
        return None
    if kind == "bool" and plain_type(default) not in ("str", "bool"):
        return Operation("decouple bool", (default,), call.origin)
    return cast_default(kind, default, call.origin, "decouple")


def read_starlette(call: ReaderCall) -> Value:
    """What ``config("X", cast=…, default=…)`` of Starlette gives."""
    if call.method not in ("", "get"):
        return call.unknown(f"starlette's {call.method}()")
    name, cast, default = call.argument(0, "key"), call.argument(1, "cast"), call.argument(2, "default")
    prefix = prefix_of(call)
    if name is None or call.open or isinstance(prefix, Unknown):
        return call.unknown("a read whose arguments are not known")
    if prefix:
        if not isinstance(name, Literal) or not isinstance(name.value, str):
            return call.unknown("a variable whose name is not known")
        name = Literal(prefix + name.value, name.origin)
    if cast is None or (isinstance(cast, Literal) and cast.value is None):
        return read_by(call, "starlette", name, default, "str")
    is_none = isinstance(default, Literal) and default.value is None
    kind = type_name(cast)
    if kind in _SIMPLE:
        if default is not None and not is_none:
            default = cast_default(kind, default, call.origin, "starlette")
        return read_by(call, "starlette", name, default, kind)
    if is_none:
        return read_by(call, "starlette", name, default, "unknown")
    return _called(call, cast, read_by(call, "starlette", name, default, "str"))


def _called(call: ReaderCall, cast: Value, read: Value) -> Value:
    """A function or another callable as the cast: it is called with the text, or with the default."""
    from celery_backend_lint.evaluate.calls import call_value

    if isinstance(cast, (Function, External)):
        found = call_value(call.ev, cast, [read], [], call.origin)
        if not isinstance(found, (Unknown, Instance)):
            return found
    if isinstance(read, Environment):
        if type_name(cast) in ("list", "tuple", "set") and isinstance(read.default, Sequence):
            items = Sequence(type_name(cast), read.default.items, read.default.origin, read.default.complete)
            return Environment(read.variables, items, "unknown", read.reader, read.origin, read.case_sensitive)
        why = Unknown("what a cast makes of its default", call.origin)
        default = why if read.default is not None else None
        return Environment(read.variables, default, "unknown", read.reader, read.origin, read.case_sensitive)
    return call.unknown("what a class makes of it" if isinstance(cast, Class) else "what a cast makes of it")


def _csv(call: ReaderCall, name: Value, default: Value | None, cast: Instance) -> Value:
    item = _keyword_type(cast, 0, "cast", "str")
    delimiter = _keyword_text(cast, 1, "delimiter", ",")
    strip = _keyword_text(cast, 2, "strip", string.whitespace)
    kind = _keyword_type(cast, 3, "post_process", "list")
    if item not in ("str", "int", "float") or kind not in ("list", "tuple", "set", "frozenset") or not delimiter:
        return call.unknown("what Csv makes of it")
    if strip is None:
        return call.unknown("what Csv makes of it")
    read = read_by(call, "decouple", name, default, "str")
    options = [Literal(text, call.origin) for text in (item, delimiter, strip, kind)]
    return operate("decouple csv", [read, *options], call.origin)


def _choices(call: ReaderCall, name: Value, default: Value | None, cast: Instance) -> Value:
    """``Choices(flat, cast)``: the value, where it is among them; else it raises."""
    flat, kind = _option(cast, 0, "flat"), _keyword_type(cast, 1, "cast", "str")
    if not isinstance(flat, Sequence) or _option(cast, 2, "choices") is not None or kind not in _SIMPLE[:3]:
        return call.unknown("what Choices makes of it")
    read = read_by(call, "decouple", name, _simple_default(call, default, kind), kind)
    return operate("decouple choice", [read, flat], call.origin)


def _option(cast: Instance, position: int, name: str) -> Value | None:
    if position < len(cast.arguments):
        return cast.arguments[position]
    return next((e.value for e in cast.keywords if isinstance(e.key, Literal) and e.key.value == name), None)


def _keyword_type(cast: Instance, position: int, name: str, default: str) -> str:
    value = _option(cast, position, name)
    return default if value is None else (item_type(value) or type_name(value))


def _keyword_text(cast: Instance, position: int, name: str, default: str) -> str | None:
    value = _option(cast, position, name)
    if value is None:
        return default
    return value.value if isinstance(value, Literal) and isinstance(value.value, str) else None


def _is_undefined(value: Value | None) -> bool:
    return isinstance(value, External) and value.name in ("decouple.undefined", "decouple.Undefined")


def _in_a_file(call: ReaderCall, name: Value) -> Unknown | None:
    """Unknown where a file of the tree that only decouple reads sets the variable: it beats the default.

    ``settings.ini`` beside the caller or above it (``AutoConfig``), and what ``Config(RepositoryEnv("x"))`` names. The
    ``.env`` family is evidence of the environment, as for every other reader.
    """
    if not isinstance(name, Literal) or not isinstance(name.value, str):
        return None
    project = call.ev.modules.project
    paths: list[str] = []
    if call.instance.type.name == "decouple.AutoConfig":
        folder = call.origin.path.rpartition("/")[0]
        while True:
            paths.append(f"{folder}/settings.ini".lstrip("/"))
            if not folder:
                break
            folder = folder.rpartition("/")[0]
    else:
        repository = call.instance.arguments[0] if call.instance.arguments else None
        given = repository.arguments[:1] if isinstance(repository, Instance) else ()
        if not given or not isinstance(given[0], Literal):
            return call.unknown("what a file of decouple's sets")
        if not str(given[0].value).rpartition("/")[2].startswith(".env"):
            paths.append(str(given[0].value))
    known = set(project.paths()) if paths else set()
    for path in paths:
        source = project.source(path) if path in known else None
        if source is not None and name.value.lower().encode() in source.data.lower():
            return call.unknown(f"{path} sets {name.value}")
    return None

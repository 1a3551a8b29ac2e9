"""The pure operations that values may hold: what each does with plain Python objects. Nothing else is ever computed."""

from __future__ import annotations

import operator
import re
from functools import partial

from celery_backend_lint.evaluate.environment.casts import cast_text, csv, one_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

LARGEST = 100_000
"""The longest text or sequence, and the largest exponent's result in bits, that an operation may make."""


def _bounded_power(base: Any, exponent: Any) -> Any:
    if isinstance(exponent, int) and isinstance(base, int) and abs(exponent) * max(abs(base).bit_length(), 1) > LARGEST:
        raise ValueError("too large")
    return base**exponent


def _bounded_multiply(left: Any, right: Any) -> Any:
    for one, other in ((left, right), (right, left)):
        if isinstance(one, (str, bytes, list, tuple)) and isinstance(other, int) and len(one) * other > LARGEST:
            raise ValueError("too large")
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() + right.bit_length() > LARGEST:
        raise ValueError("too large")
    return left * right


def _bounded_shift(left: Any, right: Any) -> Any:
    if right > LARGEST:
        raise ValueError("too large")
    return left << right


def _remainder(left: Any, right: Any) -> Any:
    if isinstance(left, (str, bytes)):
        raise TypeError("formatting is read as Text, never run")
    return left % right


def quote(text: Any, *rest: Any) -> Any:
    """``urllib.parse.quote``, imported when used."""
    from urllib.parse import quote as real

    return real(text, *rest)


def quote_plus(text: Any, *rest: Any) -> Any:
    """``urllib.parse.quote_plus``, imported when used."""
    from urllib.parse import quote_plus as real

    return real(text, *rest)


def strtobool(text: Any) -> int:
    """``distutils.util.strtobool``: 1 or 0; ValueError for other words."""
    word = text.lower()
    if word in ("y", "yes", "t", "true", "on", "1"):
        return 1
    if word in ("n", "no", "f", "false", "off", "0"):
        return 0
    raise ValueError("no truth value")


def json_loads(text: Any) -> Any:
    """``json.loads``, imported when used."""
    import json

    return json.loads(text)


def literal_eval(text: Any) -> Any:
    """``ast.literal_eval``, imported when used; ValueError where the text is too long to be read safely."""
    from ast import literal_eval as real

    if len(text) > LARGEST // 10:
        raise ValueError("too large")
    return real(text)


def _check_width(specification: str) -> None:
    if any(len(number) > 4 for number in re.findall(r"\d+", specification)):
        raise ValueError("too large")


def bounded_format(value: Any, specification: str) -> str:
    """``format(value, specification)``. Raises ValueError for a width that is too large."""
    _check_width(specification)
    return format(value, specification)


def bounded_percent(specification: str, value: Any) -> str:
    """``specification % (value,)`` for one ``%`` field. Raises ValueError for a width that is too large."""
    _check_width(specification)
    return str(specification % (value,))


def _os_path(name: str, *arguments: Any) -> Any:
    """A function of ``os.path``, as POSIX has it."""
    import posixpath

    return getattr(posixpath, name)(*arguments)


def _pure(*parts: Any) -> Any:
    """A path of pathlib, as POSIX has it."""
    from pathlib import PurePosixPath

    return PurePosixPath(*parts)


def convert(value: Any, cast: str, version: int) -> Any:
    """What pydantic makes of a value for a field (`evaluate.pydantic.conversions`), imported when used."""
    from celery_backend_lint.evaluate.pydantic.conversions import convert as real

    return real(value, cast, version)


def built_url(name: str, version: int, parts: Any) -> Any:
    """What pydantic's ``build`` of a URL type makes of its parts, imported when used."""
    from celery_backend_lint.evaluate.pydantic.conversions import built_url as real

    return real(parts, name, version)


def part_of_url(name: str, url: Any) -> Any:
    """A part that code takes out of a URL (`evaluate.environment.url_parts`), imported when used."""
    from celery_backend_lint.evaluate.environment.url_parts import take

    return take(name, url)


PARSED_PARTS = ("scheme", "netloc", "path", "query", "fragment", "username", "password", "hostname", "port", "geturl")
DATABASE_PARTS = ("NAME", "USER", "PASSWORD", "HOST", "PORT")
URL_PARTS = (
    *(f"urlparse {name}" for name in PARSED_PARTS),
    *(f"{library} {key}" for library in ("dj_database_url", "environ") for key in DATABASE_PARTS),
    "environ LOCATION",
)
"""The operations that take a part out of a URL: the library whose reading it is, and the part."""

OPERATIONS: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": _bounded_multiply,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": _remainder,
    "**": _bounded_power,
    "|": operator.or_,
    "&": operator.and_,
    "^": operator.xor,
    "<<": _bounded_shift,
    ">>": operator.rshift,
    "neg": operator.neg,
    "pos": operator.pos,
    "invert": operator.invert,
    "not": operator.not_,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "is": lambda left, right: left is right,
    "is not": lambda left, right: left is not right,
    "in": lambda left, right: left in right,
    "not in": lambda left, right: left not in right,
    "[]": lambda container, key: container[key],
    "int": int,
    "float": float,
    "str": str,
    "bool": bool,
    "len": len,
    "list": list,
    "tuple": tuple,
    "set": set,
    "max": max,
    "min": min,
    "abs": abs,
    "round": round,
    "quote": quote,
    "quote_plus": quote_plus,
    "strtobool": strtobool,
    "sorted": sorted,
    "format": bounded_format,
    "percent": bounded_percent,
    "repr": repr,
    "ascii": ascii,
    "slice": lambda owner, start, stop, step: owner[start:stop:step],
    "os.path.join": lambda *parts: _os_path("join", *parts),
    "os.path.dirname": lambda path: _os_path("dirname", path),
    "os.path.splitext": lambda path: _os_path("splitext", path),
    "os.path.normpath": lambda path: _os_path("normpath", path),
    "path": lambda *parts: str(_pure(*parts)),
    "path.parent": lambda path: str(_pure(path).parent),
    "path.name": lambda path: _pure(path).name,
    "path.stem": lambda path: _pure(path).stem,
    "path.suffix": lambda path: _pure(path).suffix,
    "path.with_suffix": lambda path, suffix: str(_pure(path).with_suffix(suffix)),
    "path.with_name": lambda path, name: str(_pure(path).with_name(name)),
    "path.with_stem": lambda path, stem: str(_pure(path).with_stem(stem)),
    "json.loads": json_loads,
    "literal_eval": literal_eval,
    "os.path.basename": lambda path: path.rpartition("/")[2],
    "decouple bool": lambda value: cast_text(str(value), "bool", "decouple"),
    "decouple choice": one_of,
    "decouple csv": csv,
    "convert": convert,
    "build url": built_url,
    **{name: partial(part_of_url, name) for name in URL_PARTS},
}
"""By Python's spelling. Besides these, the string methods of ``STRING_METHODS`` are operations under their own names.
"""

STRING_METHODS = frozenset(
    {
        "lower", "upper", "strip", "lstrip", "rstrip", "replace", "split", "rsplit", "startswith", "endswith", "title",
        "capitalize", "join", "removeprefix", "removesuffix", "splitlines", "isdigit", "partition", "count",
        "rpartition", "casefold", "swapcase", "isnumeric", "isdecimal", "find", "encode", "decode", "zfill",
    }
)  # fmt: skip
"""Methods of text that change nothing and are followed."""


def _grows(owner: Any, name: str, arguments: list[Any]) -> bool:
    """Whether replacing or joining may make more than ``LARGEST`` of it."""
    if name == "replace":
        new = arguments[2] if len(arguments) > 2 else ""
        return isinstance(new, (str, bytes)) and len(owner) * (len(new) + 1) > 10 * LARGEST and len(new) > 100
    items = arguments[1] if len(arguments) > 1 else ()
    return isinstance(items, (str, list, tuple)) and len(owner) * len(items) > LARGEST


def apply(name: str, arguments: list[Any]) -> Any:
    """The result of an operation on plain objects. Raises what Python raises, and ValueError where it grows too
    large.
    """
    if name in STRING_METHODS:
        owner = arguments[0]
        if not isinstance(owner, (str, bytes)):
            raise TypeError("not text")
        if any(isinstance(a, int) and abs(a) > LARGEST for a in arguments):
            raise ValueError("too large")
        if name in ("replace", "join") and _grows(owner, name, arguments):
            raise ValueError("too large")
        result = getattr(owner, name)(*arguments[1:])
    else:
        result = OPERATIONS[name](*arguments)
    if isinstance(result, (str, bytes, list, tuple, set)) and len(result) > LARGEST:
        raise ValueError("too large")
    return result

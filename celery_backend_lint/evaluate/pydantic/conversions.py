"""What pydantic makes of a plain object for the type of a field, as far as it is certain.

Seen with pydantic 2.14.3 (``TypeAdapter(type).validate_python``) and 1.10.27 (``pydantic.v1.parse_obj_as``) on text,
numbers, containers and durations. A type is written as text: ``int``, ``list[str]``, ``Union[int,None]``, ``RedisDsn``.
"""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.environment.casts import UndeterminedError, WouldRaiseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

READERS = {"pydantic": 2, "pydantic 1": 1}
"""The readers of Environment values that convert as pydantic does, and the version of pydantic."""

COMPLEX = frozenset({"list", "set", "frozenset", "tuple", "dict"})
"""Types whose variables pydantic-settings reads as JSON (``_annotation_is_complex``)."""

URLS: dict[str, tuple[tuple[str, ...], str, int | None, str]] = {
    "AnyUrl": ((), "", None, ""),
    "RedisDsn": (("redis", "rediss"), "localhost", 6379, "/0"),
    "AmqpDsn": (("amqp", "amqps"), "", None, ""),
    "MySQLDsn": (("mysql",), "", 3306, ""),
    "MariaDBDsn": (("mariadb",), "", 3306, ""),
    "CockroachDsn": (("cockroachdb",), "", None, ""),
    "PostgresDsn": (("postgres", "postgresql"), "", None, ""),
    "MongoDsn": (("mongodb", "mongodb+srv"), "", 27017, ""),
    "HttpUrl": (("http", "https"), "", None, ""),
    "AnyHttpUrl": (("http", "https"), "", None, ""),
    "Url": ((), "", None, ""),
    "MultiHostUrl": ((), "", None, ""),
    "UrlStr": ((), "", None, ""),
    "KafkaDsn": (("kafka",), "localhost", 9092, ""),
}
"""pydantic's URL types: schemes (a driver may follow with ``+``), default host, port and path (``UrlConstraints``)."""

_MANY_HOSTS = frozenset({"PostgresDsn", "MongoDsn", "MultiHostUrl"})
_SPECIAL = frozenset({"http", "https", "ws", "wss", "ftp", "file"})
_TRUE = frozenset({"1", "on", "t", "true", "y", "yes"})
_FALSE = frozenset({"0", "off", "f", "false", "n", "no"})
_URL = (
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?:(?P<user>[\w.~%!$&*+-]*)(?::(?P<password>[\w.~%!$&*+-]*))?@)?"
    r"(?P<host>[A-Za-z0-9._-]*)(?::(?P<port>[1-9]\d{0,4}))?(?P<path>/[\w/~%@:+=-]*)?(?P<query>\?[\w=&~%.-]*)?"
)
_WORD = r"\s*([\w.]+|[\[\],])"


def from_text(text: str, cast: str, version: int) -> Any:
    """What a field of type ``cast`` holds when its variable is ``text``. Raises as ``resolve.resolve`` does."""
    if cast == "json":
        return decoded(text, "dict")
    name, parts = parse(cast)
    value = decoded(text, name, parts)
    if value is None:
        raise UndeterminedError("what pydantic-settings makes of null, which it takes for no value")
    return _convert(value, name, parts, version)


def decoded(text: str, name: str, parts: tuple[Any, ...] = ()) -> Any:
    """The object that pydantic-settings gives to the validation: JSON for containers, else the text itself."""
    members = [member for member, _ in parts] if name == "Union" else [name]
    if not COMPLEX & set(members):
        return text
    import json

    try:
        return json.loads(text)
    except ValueError:
        if name == "Union":
            return text
        raise WouldRaiseError("the variable's text is no JSON") from None


def convert(value: Any, cast: str, version: int) -> Any:
    """What a field of type ``cast`` holds when it is given ``value``. Raises as ``resolve.resolve`` does."""
    name, parts = parse(cast)
    return _convert(value, name, parts, version)


def parse(cast: str) -> tuple[str, tuple[Any, ...]]:
    """A type's text as its name and the same of its parameters."""
    tokens = re.findall(_WORD, cast)

    def one(at: int) -> tuple[tuple[str, tuple[Any, ...]], int]:
        name, parts = tokens[at], []
        at += 1
        if at < len(tokens) and tokens[at] == "[":
            while tokens[at] != "]":
                part, at = one(at + 1)
                parts.append(part)
            at += 1
        return (name, tuple(parts)), at

    return one(0)[0]


def _convert(value: Any, name: str, parts: tuple[Any, ...], version: int) -> Any:
    if name == "Union":
        return _union(value, parts, version)
    if name in ("Any", "unconverted"):
        return value
    if isinstance(value, bytes):
        raise UndeterminedError("what pydantic makes of bytes")
    if name in URLS:
        return normal_url(value, name, version)
    if name in COMPLEX:
        return _container(value, name, parts, version)
    reader = _SCALARS.get(name)
    if reader is None:
        raise UndeterminedError(f"what pydantic makes of it for {name}")
    return reader(value, version)


def _refused(value: Any, name: str) -> WouldRaiseError:
    return WouldRaiseError(f"pydantic refuses {type(value).__name__} for {name}")


def _text(value: Any, version: int) -> Any:
    if isinstance(value, str):
        return value
    if version == 1 and isinstance(value, (int, float)):
        return str(value)
    raise _refused(value, "str")


def _integer(value: Any, version: int) -> Any:
    if isinstance(value, (bool, int)):
        return int(value)
    if isinstance(value, float):
        if version == 1 or value.is_integer():
            return int(value)
        raise _refused(value, "int")
    if isinstance(value, str):
        plain = value.strip()
        if re.fullmatch(r"[+-]?\d+", plain, re.ASCII):
            return int(plain)
        if re.fullmatch(r"[+-]?\d+\.0*", plain, re.ASCII) or "_" in plain or not plain.isascii():
            raise UndeterminedError("a number that releases of pydantic read differently")
    raise _refused(value, "int")


def _float(value: Any, version: int) -> Any:  # noqa: ARG001
    if isinstance(value, (bool, int, float)):
        return float(value)
    if isinstance(value, str) and value.isascii():
        try:
            return float(value)
        except ValueError:
            pass
    elif isinstance(value, str):
        raise UndeterminedError("a number in other digits")
    raise _refused(value, "float")


def _bool(value: Any, version: int) -> Any:  # noqa: ARG001
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)) and value in (0, 1):
        return bool(value)
    if isinstance(value, str):
        if value.lower() in _TRUE:
            return True
        if value.lower() in _FALSE:
            return False
    raise _refused(value, "bool")


def _duration(value: Any, version: int) -> Any:
    from datetime import timedelta

    if isinstance(value, timedelta):
        return value
    if isinstance(value, str) and version == 1 and re.fullmatch(r"\d+", value, re.ASCII):
        value = int(value)
    if isinstance(value, (int, float)) and abs(value) < 1e9:
        return timedelta(seconds=value)
    if isinstance(value, (str, int, float)):
        raise UndeterminedError("what is read as a duration")
    raise _refused(value, "timedelta")


def _none(value: Any, version: int) -> Any:  # noqa: ARG001
    if value is None:
        return None
    raise _refused(value, "None")


_SCALARS = {"str": _text, "int": _integer, "float": _float, "bool": _bool, "timedelta": _duration, "None": _none}
_PYTHON = {"str": str, "int": int, "float": float, "bool": bool, "None": type(None), "list": list, "dict": dict,
           "set": set, "tuple": tuple, "frozenset": frozenset}  # fmt: skip


def _union(value: Any, parts: tuple[Any, ...], version: int) -> Any:
    """Take the member whose type the object has already (pydantic 2), or the first that takes it (pydantic 1)."""
    if value is None and ("None", ()) in parts:
        return None
    members = [part for part in parts if part[0] != "None"]
    if len(members) == 1:
        return _convert(value, members[0][0], members[0][1], version)
    if version == 1:
        for name, inner in members:
            try:
                return _convert(value, name, inner, version)
            except WouldRaiseError:
                continue
        raise _refused(value, "any of the types")
    for name, inner in members:
        if type(value) is _PYTHON.get(name) and not inner:
            return value
    if isinstance(value, str) and {name for name, _ in members} == {"int", "float"}:
        plain = value.strip()
        if re.fullmatch(r"[+-]?\d+", plain, re.ASCII):
            return int(plain)
    raise UndeterminedError("which of several types pydantic takes")


def _container(value: Any, name: str, parts: tuple[Any, ...], version: int) -> Any:
    if name == "dict":
        if not isinstance(value, dict):
            if version == 1 and not value:
                raise UndeterminedError("what pydantic makes of nothing for a dict")
            raise _refused(value, name)
        if not parts:
            return value
        key, item = parts[0], parts[-1]
        return {_convert(k, key[0], key[1], version): _convert(v, item[0], item[1], version) for k, v in value.items()}
    if not isinstance(value, (list, tuple)) and type(value).__name__ != name:
        if isinstance(value, (set, frozenset)):
            raise UndeterminedError("the order of a set")
        raise _refused(value, name)
    if name == "tuple" and parts and parts[-1][0] != "...":
        if len(parts) != len(value):
            raise _refused(value, name)
        return tuple(_convert(one, part[0], part[1], version) for one, part in zip(value, parts, strict=True))
    items = [_convert(one, parts[0][0], parts[0][1], version) for one in value] if parts else list(value)
    try:
        return {"list": list, "set": set, "frozenset": frozenset, "tuple": tuple}[name](items)
    except TypeError:
        raise _refused(value, name) from None


def normal_url(value: Any, name: str, version: int) -> str:
    """The text of the URL that pydantic makes of text: host, port and path filled in, the scheme in lower case.

    The URL is an object in pydantic 2 and text in pydantic 1, where the scheme stays as it is written. Only plain URLs
    are followed: those with other characters, ``http`` and several hosts raise UndeterminedError.
    """
    if not isinstance(value, str):
        raise _refused(value, name)
    found = re.fullmatch(_URL, value.strip(), re.ASCII)
    schemes, host, port, path = URLS[name]
    if ":" not in value:
        raise _refused(value, name)
    if found is None:
        return _undetermined_url()
    scheme = found["scheme"] if version == 1 else found["scheme"].lower()
    if version == 1 and re.fullmatch(r"[\d.]+", found["host"]):
        return _undetermined_url()  # no port is filled in beside an address
    if schemes and scheme.lower() not in schemes and scheme.lower().partition("+")[0] not in schemes:
        raise WouldRaiseError(f"pydantic refuses the scheme {scheme} for {name}")
    whole_path = found["path"] or ""
    if scheme in _SPECIAL or name == "UrlStr" or (found["port"] and int(found["port"]) > 65535):
        return _undetermined_url()
    user = found["user"] is not None
    if (user and not found["host"]) or (name in _MANY_HOSTS and not found["host"]):
        return _undetermined_url()
    login = ""
    if user:
        login = found["user"] + (f":{found['password']}" if found["password"] else "") + "@"
        login = "" if login == "@" else login
    filled = found["host"] or host
    if version == 1 and not filled:
        return _undetermined_url()
    shown = found["port"] or (str(port) if port is not None and filled else "")
    if not whole_path or (version == 2 and whole_path == "/" and path):
        whole_path = path
    return f"{scheme}://{login}{filled}{':' + shown if shown else ''}{whole_path}{found['query'] or ''}"


def _undetermined_url() -> str:
    raise UndeterminedError("what pydantic makes of the URL")


def built_url(parts: dict[str, Any], name: str, version: int) -> str:
    """The text of ``RedisDsn.build(scheme=…, host=…)`` with these arguments, which are plain objects."""
    known = {"scheme", "username", "user", "password", "host", "port", "path", "query", "fragment"}
    if not known.issuperset(parts) or not isinstance(parts.get("scheme"), str):
        raise UndeterminedError("how the URL is built")
    user = parts.get("user") if version == 1 else parts.get("username")
    password, host, port, path = (parts.get(part) for part in ("password", "host", "port", "path"))
    if parts.get("query") or parts.get("fragment") or (version == 1 and name not in URLS):
        raise UndeterminedError("a URL with a query")
    if any(given is not None and not isinstance(given, str) for given in (user, password, host, path)):
        raise WouldRaiseError("a part of the URL is no text")
    if port is not None and (not isinstance(port, str if version == 1 else int) or isinstance(port, bool)):
        raise WouldRaiseError("the port of the URL has another type")
    url = f"{parts['scheme']}://{user or ''}{f':{password}' if password else ''}{'@' if user or password else ''}"
    if version == 1:
        if host is None:
            raise WouldRaiseError("a URL without a host")
        return f"{url}{host}{f':{port}' if port else ''}{path or ''}"
    if host is None:
        raise UndeterminedError("a URL that is built without a host")
    url += f"{host}{f':{port}' if port is not None else ''}{f'/{path}' if path else ''}"
    return normal_url(url, name, version)

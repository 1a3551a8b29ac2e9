"""The parts of a URL that code takes out of it: ``urlparse(url).hostname``, ``dj_database_url.config()["NAME"]``.

``urllib.parse`` as Python 3.11 has it, dj-database-url 3.1 (``parse``) and django-environ 0.14 (``Env.db_url_config``,
``Env.cache_url_config``). Of the dicts only those keys are known that every release fills alike.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.computation import operate
from celery_backend_lint.evaluate.environment.casts import UndeterminedError
from celery_backend_lint.evaluate.operations import DATABASE_PARTS, PARSED_PARTS
from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Entry,
    Environment,
    External,
    Instance,
    Literal,
    Mapping,
    Operation,
    Unknown,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location

RESULT = "urllib.parse.ParseResult"


def parsed(url: Value, origin: Location) -> Value:
    """What ``urlparse(url)`` returns."""
    return Instance(External(RESULT, origin), (url,), (), origin)


def part(result: Instance, name: str, origin: Location) -> Value:
    """An attribute of what ``urlparse`` returned, or (``geturl``) what its method returns."""
    if name not in PARSED_PARTS or len(result.arguments) != 1:
        return Unknown(f"{name} of a parsed URL", origin)
    return operate(f"urlparse {name}", [result.arguments[0]], origin)


def database_dict(url: Value, origin: Location) -> Mapping:
    """What ``dj_database_url.parse(url)`` returns, as far as it is known."""
    return _dict(url, [(key, f"dj_database_url {key}") for key in DATABASE_PARTS], origin)


def environ_dict(kind: str, url: Value, origin: Location) -> Mapping:
    """What django-environ's ``env.db()`` (``kind`` db) or ``env.cache()`` returns, as far as it is known."""
    keys = DATABASE_PARTS if kind == "db" else ("LOCATION",)
    return _dict(url, [(key, f"environ {key}") for key in keys], origin)


def database_config(ev: Evaluator, arguments: list[Value], keywords: list[Entry], origin: Location) -> Value:
    """What ``dj_database_url.config(env="DATABASE_URL", default=None)`` returns: an empty dict without a URL."""
    named = {entry.key.value: entry.value for entry in keywords if isinstance(entry.key, Literal)}
    if len(named) != len(keywords):
        return Unknown("what dj_database_url.config() returns", origin)
    name = arguments[0] if arguments else named.get("env", Literal("DATABASE_URL", origin))
    default = arguments[1] if len(arguments) > 1 else named.get("default", Literal(None, origin))
    if not isinstance(name, Literal) or not isinstance(name.value, str):
        return Unknown("a variable whose name is not known", origin)
    url = ev.as_set_by_code(Environment((name.value,), default, "str", "dj_database_url", origin), origin)
    return Choice((Alternative(database_dict(url, origin), url), Alternative(Mapping((), origin), None)), origin)


def _dict(url: Value, keys: list[tuple[str, str]], origin: Location) -> Mapping:
    entries = tuple(Entry(Literal(key, origin), Operation(name, (url,), origin), origin) for key, name in keys)
    return Mapping(entries, origin, complete=False)


def take(name: str, url: Any) -> Any:
    """The result of one of the operations ``"urlparse hostname"``, ``"dj_database_url NAME"``, ``"environ HOST"``.

    Raises what the library raises, and UndeterminedError where releases differ.
    """
    from urllib.parse import urlsplit

    if not isinstance(url, str):
        raise TypeError("no text")
    library, _, key = name.partition(" ")
    split = urlsplit(url)
    if library == "urlparse":
        if key == "path" and ";" in split.path:
            raise UndeterminedError("parameters of a URL's path")
        found = getattr(split, key)
        return found() if key == "geturl" else found
    if key == "LOCATION":
        return _location(url)
    return _of_database(url, library, key)


def _location(url: str) -> Any:
    from urllib.parse import urlsplit

    split = urlsplit(url)
    if split.scheme not in ("redis", "rediss", "rediscache") or not split.hostname or ";" in split.path:
        raise UndeterminedError("where a cache is")
    scheme = split.scheme.replace("cache", "")
    found = [f"{scheme}://{location}{split.path}" for location in split.netloc.split(",")]
    return found[0] if len(found) == 1 else found


_SERVERS = frozenset({"postgres", "postgresql", "pgsql", "postgis", "mysql", "mysql2", "psql", "mysqlgis"})


def _of_database(url: str, library: str, key: str) -> Any:
    from urllib.parse import unquote, unquote_plus, urlsplit

    split = urlsplit(url)
    path = split.path[1:]
    odd = any(character in path for character in "%+;") or "#" in url
    if split.scheme == "sqlite":
        if split.netloc or odd or key != "NAME":
            raise UndeterminedError("parts of the URL of a file")
        return path or ":memory:"
    if split.scheme not in _SERVERS:
        raise UndeterminedError("a database of another kind")
    if (
        odd
        or not path
        or path.startswith("/")
        or not split.hostname
        or set(split.netloc.rpartition("@")[2]) & {",", "%"}
    ):
        raise UndeterminedError("a URL that libraries take differently")
    decode = unquote_plus if library == "environ" else unquote
    return {
        "NAME": decode(path),
        "USER": unquote(split.username or ""),
        "PASSWORD": unquote(split.password or ""),
        "HOST": split.hostname or "",
        "PORT": split.port or "",
    }[key]

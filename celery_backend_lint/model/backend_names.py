"""What people write for a result backend that Celery does not know, and what they mean.

Each row was tried with Celery 4.4.7, 5.0 to 5.2, 5.3.6, 5.5.3, 5.6.3 and 5.7.0: the left one does not load, the right
one does (tests/rules/cbl102/test_proof.py).
"""

from __future__ import annotations

import re

from celery_backend_lint.model import facts
from celery_backend_lint.model.backend_kind import alias_of
from celery_backend_lint.model.urls import UNKNOWN, split_database

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from celery_backend_lint.model.data import Version

_MEANT = {
    "memory": "cache+memory",
    "memcache": "cache+memcached",
    "memcached": "cache+memcached",
    "pylibmc": "cache+memcached",
    "pymemcache": "cache+memcached",
    "filesystem": "file",
    "files": "file",
    "socket": "redis+socket",
    "unix": "redis+socket",
    "valkey": "redis",
    "keydb": "redis",
    "valkeys": "rediss",
    "redis-sentinel": "sentinel",
    "redis+sentinel": "sentinel",
    "mongo": "mongodb",
    "gcs": "gs",
    "rabbitmq": "rpc",
    "amqps": "rpc",
    "pyamqp": "rpc",
    "librabbitmq": "rpc",
    "django_db": "django-db",
    "djangodb": "django-db",
    "django-orm": "django-db",
    "django": "django-db",
    "django_celery_results": "django-db",
    "django-celery-results": "django-db",
    "django-celery-result": "django-db",
    "django_cache": "django-cache",
    "elastic": "elasticsearch",
    "couchbases": "couchbase",
    "none": "disabled",
    "null": "disabled",
    "sqlalchemy": "db",
    "sqla": "db",
}
_OF_ENTRY_POINTS = ("django-db", "django-cache")
_DIALECTS = {"postgres": "postgresql", "pgsql": "postgresql", "psycopg2": "postgresql", "sqlite3": "sqlite"}
_DRIVERS = {"postgresql+psycopg3": "postgresql+psycopg", "mysql+mysqlclient": "mysql+mysqldb"}
_HOST_AND_PORT = r"[\w.-]+:\d+(?:/\d*)?"
_ONE_SLASH = r"(\w+):/?(?![/\d])"
_CACHES = ("memcache", "memcached", "pylibmc", "memory")


def loads(text: str, version: Version) -> bool | None:
    """Whether this Celery finds a backend class for a ``result_backend`` text; None where that cannot be said.

    It cannot for class paths and templates. Aliases that a Celery dropped do not load either. That a package is
    missing, or that the rest of the URL is wrong, is another question.
    """
    alias = alias_of(text)
    if not text or alias in facts.backends(version) or facts.third_party_backend(alias) is not None:
        return True
    if UNKNOWN in alias or "{{" in text or "{%" in text:
        return None
    if re.fullmatch(_HOST_AND_PORT, text) or _is_misspelt_url(text, version):
        return False
    if re.fullmatch(r"\w+(?:[.:]\w+)+", alias):
        return None
    return False


def distributions_of_known_aliases() -> frozenset[str]:
    """The distributions (normalised names) of which it is known what aliases their entry points give, and no others."""
    return frozenset(found[0] for alias in _OF_ENTRY_POINTS if (found := facts.third_party_backend(alias)) is not None)


def meant(text: str, version: Version) -> str | None:
    """What to write instead of a ``result_backend`` text that does not load, None where no one answer exists."""
    bare = text.strip(" \t\r\n'\"`")
    if bare != text:
        return bare if loads(bare, version) else meant(bare, version)
    if re.fullmatch(_HOST_AND_PORT, text):
        return f"redis://{text}"
    if _is_misspelt_url(text, version):
        return re.sub(r":/?", ":///" if text.startswith("file") else "://", text, count=1)
    alias = alias_of(text)
    rest = text[len(alias) :]
    if alias in ("sqla", "sqlalchemy") and rest.startswith("+"):
        return f"db{rest}"
    dialect = _DIALECTS.get(alias.lower(), alias.lower())
    if dialect in facts.dialects(facts.release_of(facts.releases("sqlalchemy")[-1])) and "://" in rest:
        return f"db+{dialect}{rest}"
    known = [*facts.backends(version), *_OF_ENTRY_POINTS]
    target = _MEANT.get(alias.lower()) or (alias.lower() if alias.lower() in known else None)
    if target is None:
        close = facts.close_names(alias.lower(), known, 2)
        target = close[0] if len(close) == 1 or (close and close[0][:3] == alias[:3].lower()) else None
    if target is None:
        return None
    if target in ("disabled", "rpc") or "-" in target:
        return f"{target}://" if target == "rpc" else target
    if "://" not in rest:
        return f"{target}://" if "+" in target else target
    if target in ("db", "database"):
        return f"{target}{rest}" if rest.startswith("+") else None
    return f"{target}{rest if target == 'cache' else rest[rest.index('://') :]}"


def _is_misspelt_url(text: str, version: Version) -> bool:
    """Whether a text is a URL without its slashes: ``redis:/host``, ``rpc:/``, ``redis:host``."""
    found = re.match(_ONE_SLASH, text)
    return found is not None and "://" not in text and found[1].lower() in facts.backends(version)


def meant_dialect(text: str, sqlalchemy: Version, packages: Collection[str]) -> tuple[str, str] | None:
    """Why SQLAlchemy cannot load the dialect of a ``db+…`` URL: (the name, the one that it has); None where it can.

    ``packages`` are those declared: a dialect of a package of its own is known by its name. Dialects that nothing is
    known of are taken for such.
    """
    url = split_database(text)
    if url is None:
        return None
    name = f"{url.dialect}+{url.driver}" if url.driver else url.dialect
    if name in _DRIVERS:
        return name, _DRIVERS[name]
    known = facts.dialects(sqlalchemy)
    if url.dialect in known or any(url.dialect in package for package in packages):
        return None
    right = _DIALECTS.get(url.dialect)
    if right is None:
        close = facts.close_names(url.dialect, known, 1)
        right = close[0] if close else None
    if right is None:
        return None
    return name, f"{right}+{url.driver}" if url.driver and facts.driver(right, url.driver, sqlalchemy) else right


def unknown_cache(text: str, version: Version) -> str | None:
    """What a ``cache+`` URL names as its client where Celery knows none of that name (``cache+redis``), else None."""
    alias, plus, rest = text.partition("://")[0].partition("+")
    if alias != "cache" or "://" not in text or UNKNOWN in rest:
        return None
    known = (*_CACHES, "pymemcache") if version >= (5, 7) else _CACHES
    return None if rest in known else f"{alias}{plus}{rest}"

"""Names that say a backend: a variable ``REDIS_URL`` is no place for the URL of a database."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.fixes.configuration.choices import Choices

POSTGRESQL = frozenset({"postgres", "postgresql", "pg", "psql", "psycopg", "psycopg2"})
MYSQL = frozenset({"mysql", "mariadb"})
SQLITE = frozenset({"sqlite", "sqlite3"})
WORDS = {
    "redis": frozenset({"redis", "rediss", "sentinel", "valkey"}),
    "postgresql": POSTGRESQL,
    "mysql": MYSQL,
    "sqlite": SQLITE,
    "database": frozenset({"database", "db", "sql", "sqlalchemy"}),
    "rpc": frozenset({"rpc", "amqp", "rabbit", "rabbitmq"}),
    "": frozenset({"mongo", "mongodb", "memcache", "memcached", "elasticsearch", "s3", "dynamodb"}),
}
"""What products and kinds of backends are called; the last are none that can be chosen."""


def misleads(name: str, choices: Choices) -> bool:
    """Whether the name of a variable, constant or field says another backend than the chosen one.

    >>> from celery_backend_lint.fixes.configuration.choices import Choices
    >>> misleads("REDIS_URL", Choices("database")), misleads("REDIS_URL", Choices("redis"))
    (True, False)
    """
    words = {word for word in re.split(r"[\W_]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()) if word}
    said = {kind for kind, known in WORDS.items() if words & known}
    meant = {"database", choices.dialect} if choices.backend == "database" else {choices.backend}
    return bool(said) and not said & meant

"""What Celery makes of text where a setting is no text: the environment holds nothing else.

Seen with Celery 5.3.6, 5.6.3 and 5.7.0 on Redis, SQLite, RabbitMQ and memcached. Settings that Celery converts itself
(``redis_socket_timeout``, ``result_expires`` on Redis), or that were not seen to break, are not here.
"""

from __future__ import annotations

from celery_backend_lint.model import facts
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model.data import Version

REDIS = ("redis", "rediss", "sentinel")
KEY_VALUE = (
    *REDIS, "cache", "file", "arangodb", "azureblockblob", "consul", "cosmosdbsql", "couchbase", "couchdb", "dynamodb",
    "elasticsearch", "gs", "s3", "django-cache",
)  # fmt: skip


@record
class TextEffect:
    """What text does to a setting.

    ``kinds`` are the result backends where it does, empty for all. ``effect`` is a clause that goes on after "the text
    of X". ``cast`` is what the setting needs: ``bool``, ``int``, ``list``, ``dict``.
    """

    kinds: tuple[str, ...]
    effect: str
    cast: str


_RETRIES = "is compared with a number when the backend fails: TypeError instead of a retry"
_LETTERS = "is read letter by letter: Celery fails with SerializerNotInstalled"
_TRUE = "is true whatever it says, `False` and `0` included"
_CHILDREN = "raises TypeError in the worker's child processes"

_EFFECTS = {
    "result_expires": TextEffect(
        ("database", "file", "mongodb", "django-db"),
        "stays text: `celery.backend_cleanup` raises TypeError, and no result is ever deleted",
        "int",
    ),
    "redis_max_connections": TextEffect(REDIS, "is refused by redis-py with ValueError at the first use", "int"),
    "redis_backend_health_check_interval": TextEffect(REDIS, "raises TypeError at the first command", "int"),
    "redis_backend_use_ssl": TextEffect(REDIS, "raises ValueError when the backend is made", "dict"),
    "result_backend_transport_options": TextEffect(
        KEY_VALUE, "raises AttributeError when the backend is made, empty or not", "dict"
    ),
    "result_cache_max": TextEffect((), "raises TypeError when a result is read", "int"),
    "result_backend_max_retries": TextEffect((), _RETRIES, "int"),
    "result_backend_base_sleep_between_retries_ms": TextEffect((), _RETRIES, "int"),
    "result_backend_max_sleep_between_retries_ms": TextEffect((), _RETRIES, "int"),
    "accept_content": TextEffect((), _LETTERS, "list"),
    "result_accept_content": TextEffect((), _LETTERS, "list"),
    "database_engine_options": TextEffect(("database",), "raises an error when the backend is made", "dict"),
    "database_table_names": TextEffect(("database",), "raises AttributeError when the backend is made", "dict"),
    "database_table_schemas": TextEffect(("database",), "raises AttributeError when the backend is made", "dict"),
    "cache_backend_options": TextEffect(("cache",), "raises ValueError when the backend is made", "dict"),
    "broker_pool_limit": TextEffect((), "raises TypeError when a task is sent", "int"),
    "broker_connection_timeout": TextEffect((), "raises TypeError when the broker is connected", "int"),
    "broker_transport_options": TextEffect((), "raises ValueError when the broker is connected", "dict"),
    "broker_use_ssl": TextEffect((), "switches TLS on whatever it says, `False` included", "bool"),
}

_ENGINE_OPTIONS = {
    "pool_size": TextEffect(("database",), _CHILDREN, "int"),
    "max_overflow": TextEffect(("database",), _CHILDREN, "int"),
    "pool_recycle": TextEffect(("database",), _CHILDREN, "int"),
    "pool_pre_ping": TextEffect(("database",), _TRUE, "bool"),
    "echo": TextEffect(("database",), "raises KeyError when the backend is made, unless it is `debug`", "bool"),
}

RETRY_SETTINGS = frozenset(name for name, effect in _EFFECTS.items() if effect.effect is _RETRIES)
"""Settings that are only looked at where ``result_backend_always_retry`` is on."""

_HARMLESS = frozenset({"database_create_tables_at_setup"})
"""Switches that Celery compares with True: text leaves the tables to be made at the first use, which is no loss."""


def effect_of_text(setting: str, version: Version, option: str = "") -> TextEffect | None:
    """What text as a setting does, or as an ``option`` of its dict; None where Celery takes it or nothing is known."""
    if option:
        return _ENGINE_OPTIONS.get(option) if setting == "database_engine_options" else None
    found = _EFFECTS.get(setting)
    if found is None and facts.type_of(setting, version) == "bool" and setting not in _HARMLESS:
        return TextEffect(kinds_of_setting(setting), _TRUE, "bool")
    return found


def kinds_of_setting(setting: str) -> tuple[str, ...]:
    """The backends that a setting belongs to by its name; empty for one that belongs to none in particular."""
    if setting.startswith("redis_"):
        return REDIS
    if setting.startswith("database_"):
        return ("database",)
    if setting.startswith("elasticsearch_"):
        return ("elasticsearch",)
    if setting in ("result_persistent", "result_exchange", "result_exchange_type"):
        return ("rpc",)
    return ()

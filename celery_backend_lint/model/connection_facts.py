"""How Celery's Redis and database backends bound, check and retry their connections: facts by release, good values.

What ``configure`` writes and what the rules CBL601 to CBL607 accept comes from here. Each fact was seen with Celery
5.3.6 to 5.7.0 and real servers (``tests/rules/cbl60*/test_proof.py``, ``tests/configure/test_wanted_settings.py``).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

REDIS_RETRIES = (5, 5, 0)
"""The release from which ``result_backend_always_retry`` does something on Redis (celery.backends.redis, 5.5)."""

DATABASE_RETRIES = (5, 6, 3)
"""The release from which it does on a database (celery.backends.database); three tries are made anyway, in each."""

DATABASE_RETRIES_ALL = (5, 7, 0)
"""The release from which a database's clean-up is tried again as well, and ``result_backend_max_retries`` is 3."""

ENGINE_DEFAULTS = (5, 6, 3)
"""The release from which ``database_engine_options`` is ``pool_pre_ping`` and ``pool_recycle`` by default."""

UNCHECKED_WAIT = (5, 7, 0)
"""The Celery from which a wait for results never asks redis-py to check the connection (``_wait_for_pubsub``)."""

ENDLESS_WHEN_ASKED = {"redis": REDIS_RETRIES, "rediss": REDIS_RETRIES, "sentinel": REDIS_RETRIES, "elasticsearch": ()}
"""Backends with the Celery from which ``result_backend_always_retry`` alone makes them try for ever."""

RELEASE_MAY_LACK = frozenset(
    {
        "redis_backend_health_check_interval",
        "redis_socket_keepalive",
        "result_backend_always_retry",
        "result_backend_max_retries",
        "result_backend_thread_safe",
    }
)
"""Settings that are worth having although an admitted release ignores them (celery.app.defaults, 4.4.1 to 5.3)."""

CONNECT_SECONDS = 5
ANSWER_SECONDS = 10
SENTINEL_SECONDS = 2
"""redis-py asks a sentinel that does not answer several times over."""

QUERY_SECONDS = 60
"""Long enough for the clean-up, which deletes the results of a day at once."""

CHECK_SECONDS = 30
RECYCLE_SECONDS = 1800
RETRIES = 10
"""About ten seconds: Celery doubles the wait from a hundredth of a second on."""

POOL_CHECKS: dict[str, Any] = {"pool_pre_ping": True, "pool_recycle": RECYCLE_SECONDS}
"""What keeps a pool from handing out connections that the server has closed."""


def connections(concurrency: int) -> int:
    """``redis_max_connections`` for so many tasks at once: one for each, and some that wait for results."""
    return 2 * concurrency + 4


def timeout_arguments(dialect: str) -> dict[str, Any]:
    """The ``connect_args`` that keep a silent server from holding a process for ever, by the URL's dialect.

    PyMySQL's ``connect_timeout`` ends with the TCP connection: what a silent server does not answer then has no end.
    """
    arguments = {"connect_timeout": CONNECT_SECONDS}
    if dialect in ("mysql", "mariadb"):
        arguments.update(read_timeout=QUERY_SECONDS, write_timeout=QUERY_SECONDS)
    return arguments


def engine_options(dialect: str, pool_size: int | None = None) -> dict[str, Any]:
    """What SQLAlchemy's ``create_engine`` is given. SQLite has no server that closes connections or lets one wait."""
    if dialect == "sqlite":
        return {"pool_pre_ping": True}
    size = {} if pool_size is None else {"pool_size": pool_size}
    return {**POOL_CHECKS, **size, "connect_args": timeout_arguments(dialect)}

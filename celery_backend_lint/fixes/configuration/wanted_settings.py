"""The settings that a result backend should have, for a release of Celery."""

from __future__ import annotations

from celery_backend_lint.model import facts
from celery_backend_lint.model.connection_facts import (
    ANSWER_SECONDS,
    CHECK_SECONDS,
    CONNECT_SECONDS,
    REDIS_RETRIES,
    RETRIES,
    SENTINEL_SECONDS,
    connections,
    engine_options,
)
from celery_backend_lint.model.idle_settings import is_idle
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from celery_backend_lint.fixes.configuration.choices import Choices
    from celery_backend_lint.model.data import Version

MASTER = "mymaster"
"""What Redis' own example of a Sentinel configuration calls the master."""


@record
class WantedSetting:
    """A setting by its new-style name with its value.

    ``chosen`` says that the user decided it: then it replaces what the project has; else what is there stays.
    """

    name: str
    value: str | int | float | list[str] | dict[str, Any]
    chosen: bool = False


def wanted_settings(choices: Choices, version: Version) -> tuple[WantedSetting, ...]:
    """Everything but ``result_backend`` itself, in the order to write it, without what the release does not know or
    its backend does not read.
    """
    kind = "sentinel" if choices.backend == "redis" and choices.availability == "sentinel" else choices.backend
    known = (one for one in _settings(choices, version) if facts.setting(one.name, version) is not None)
    return tuple(one for one in known if not is_idle(one.name, (kind,), version))


def _settings(choices: Choices, version: Version) -> Iterator[WantedSetting]:
    yield WantedSetting("result_serializer", "json")
    yield WantedSetting("accept_content", ["json"])
    yield WantedSetting("result_expires", choices.expires, chosen="expires" in choices.decided)
    if choices.backend == "rpc":
        yield WantedSetting("result_persistent", choices.persistent, chosen="persistent" in choices.decided)
    elif choices.backend == "database":
        yield WantedSetting("database_engine_options", engine_options(choices.dialect, choices.concurrency))
    else:
        yield from _redis(choices, version)


def _redis(choices: Choices, version: Version) -> Iterator[WantedSetting]:
    limit = connections(choices.concurrency)
    yield WantedSetting("redis_max_connections", limit, chosen="concurrency" in choices.decided)
    yield WantedSetting("redis_socket_connect_timeout", CONNECT_SECONDS)
    yield WantedSetting("redis_socket_timeout", ANSWER_SECONDS)
    yield WantedSetting("redis_socket_keepalive", True)
    yield WantedSetting("redis_backend_health_check_interval", CHECK_SECONDS)
    options: dict[str, Any] = {"retry_policy": {"timeout": 5.0}}
    if choices.availability == "sentinel":
        # Celery hands these to redis-py in place of the timeouts above: without them a silent sentinel hangs for ever.
        silent = {"socket_timeout": SENTINEL_SECONDS, "socket_connect_timeout": SENTINEL_SECONDS}
        options = {"master_name": MASTER, "sentinel_kwargs": silent, **options}
    backend = facts.backend("sentinel" if choices.availability == "sentinel" else "redis", version)
    read = {name: value for name, value in options.items() if backend is None or name in backend.transport_options}
    if read:  # Celery 4.4 reads no retry_policy there
        yield WantedSetting("result_backend_transport_options", read)
    if version >= REDIS_RETRIES:
        yield WantedSetting("result_backend_always_retry", True)
        yield WantedSetting("result_backend_max_retries", RETRIES)

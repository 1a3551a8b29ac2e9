"""What every generator gives, and the settings that it may write."""

from __future__ import annotations

from typing import NamedTuple

SETTINGS = {
    "result_backend": ("CELERY_RESULT_BACKEND", "url"),
    "broker_url": ("BROKER_URL", "url"),
    "broker_read_url": ("BROKER_READ_URL", "text none"),
    "broker_host": ("BROKER_HOST", "text none"),
    "result_expires": ("CELERY_TASK_RESULT_EXPIRES", "int duration none"),
    "result_serializer": ("CELERY_RESULT_SERIALIZER", "text"),
    "result_extended": ("CELERY_RESULT_EXTENDED", "bool"),
    "result_persistent": ("CELERY_RESULT_PERSISTENT", "bool none"),
    "result_compression": ("CELERY_RESULT_COMPRESSION", "text none"),
    "result_cache_max": ("CELERY_MAX_CACHED_RESULTS", "int"),
    "result_accept_content": ("RESULT_ACCEPT_CONTENT", "list"),
    "result_backend_transport_options": ("CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS", "dict"),
    "result_chord_join_timeout": ("CELERY_RESULT_CHORD_JOIN_TIMEOUT", "float"),
    "task_ignore_result": ("CELERY_IGNORE_RESULT", "bool"),
    "task_track_started": ("CELERY_TRACK_STARTED", "bool"),
    "task_serializer": ("CELERY_TASK_SERIALIZER", "text"),
    "accept_content": ("CELERY_ACCEPT_CONTENT", "list"),
    "timezone": ("CELERY_TIMEZONE", "text"),
    "enable_utc": ("ENABLE_UTC", "bool"),
    "worker_concurrency": ("CELERYD_CONCURRENCY", "int"),
    "redis_max_connections": ("CELERY_REDIS_MAX_CONNECTIONS", "int"),
    "redis_socket_timeout": ("CELERY_REDIS_SOCKET_TIMEOUT", "float none"),
    "database_engine_options": ("CELERY_RESULT_ENGINE_OPTIONS", "dict"),
    "cache_backend": ("CELERY_CACHE_BACKEND", "text"),
    "broker_transport_options": ("BROKER_TRANSPORT_OPTIONS", "dict"),
}
"""New name to old name and the kinds of expression that are written for it."""

MOST_UNKNOWN = 0.05
"""The part of all compared settings that may stay unknown where a generator does not say another in its own
``MOST_UNKNOWN``: more, and it writes what is not read."""


class GeneratedProject(NamedTuple):
    """The files, the environments to load it in (all must let it be imported), and what was drawn, in words.

    ``entry`` is the module to import where that is another than the one that makes the app.
    """

    files: dict[str, str]
    environments: list[dict[str, str]]
    style: str
    entry: str | None = None

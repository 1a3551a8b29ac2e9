"""What tells that a Redis URL is meant for a Redis Cluster.

No result backend of Celery, up to 5.7.0, speaks the cluster's protocol: celery.backends.redis makes a
``redis.StrictRedis`` of one address.
"""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.values import Literal
from celery_backend_lint.model.backend_kind import alias_of
from celery_backend_lint.model.urls import split

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

ENDPOINTS = r"(?i)(?:^|\.)clustercfg\.|\.serverless\.[\w-]+\.cache\.amazonaws\.com$"
"""Hosts that only clusters have: the configuration endpoint of ElastiCache and MemoryDB, and ElastiCache Serverless,
which has no other mode.
"""


KEYS = ("cluster", "cluster_mode", "use_cluster", "is_cluster", "cluster_enabled", "startup_nodes", "cluster_nodes")
"""What people write in the backend's options to ask for a client of a cluster."""

SETTINGS = r"(?i)(?:celery_)?(?:result_backend_)?redis_?\w*cluster\w*$"
"""Names of settings that ask for one, none of which Celery has."""


def cluster_settings(model: Model, app: App) -> Iterator[tuple[str, Location]]:
    """The settings and options by which an app asks for a client of a cluster: the name, and where it stands."""
    from celery_backend_lint.model.name_reads import read_names
    from celery_backend_lint.model.names import UNKNOWN, uses
    from celery_backend_lint.model.transport_options import transport_options

    for options in transport_options(app):
        for key in KEYS:
            entry = options.get(key)
            if entry is not None and not (isinstance(entry.value, Literal) and not entry.value.value):
                yield key, entry.origin
    asking = [use for use in uses(model, app) if use.meaning.status == UNKNOWN and re.match(SETTINGS, use.written)]
    own = read_names(model, (use.written for use in asking))
    for use in asking:
        if use.written not in own:
            yield use.written, use.locations[0]


def cluster_sign(text: str) -> str | None:
    """What in a ``result_backend`` text names a cluster: its host, its scheme or a parameter; None for nothing."""
    if alias_of(text) not in ("redis", "rediss"):
        return None
    url = split(text)
    if url is None:
        return None
    if url.scheme in ("cluster", "redis-cluster", "rediss-cluster"):
        return f"{url.alias}+{url.scheme}://"
    if url.host.known and re.search(ENDPOINTS, url.host.text):
        return url.host.text
    names = [name for name, _ in url.parameters()]
    return next((f"?{name}=" for name in names if "cluster" in name.lower() or name == "startup_nodes"), None)

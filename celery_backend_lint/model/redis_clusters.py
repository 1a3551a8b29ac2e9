"""What tells that a Redis URL is meant for a Redis Cluster.

No result backend of Celery, up to 5.7.0, speaks the cluster's protocol: celery.backends.redis makes a
``redis.StrictRedis`` of one address.
"""

from __future__ import annotations

import re

from celery_backend_lint.model.backend_kind import alias_of
from celery_backend_lint.model.urls import split

ENDPOINTS = r"(?i)(?:^|\.)clustercfg\.|\.serverless\.[\w-]+\.cache\.amazonaws\.com$"
"""Hosts that only clusters have: the configuration endpoint of ElastiCache and MemoryDB, and ElastiCache Serverless,
which has no other mode.
"""


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

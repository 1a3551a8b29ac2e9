"""Fixtures that every test may ask for."""

from __future__ import annotations

from tests.oracle.environments import celery_python
from tests.proofs.real import celery, celery_at
from tests.proofs.repository import repository
from tests.services import mariadb_url, postgresql_url, rabbitmq_url, redis_url

__all__ = [
    "celery",
    "celery_at",
    "celery_python",
    "mariadb_url",
    "postgresql_url",
    "rabbitmq_url",
    "redis_url",
    "repository",
]

"""Fixtures that every test may ask for."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

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

# How fast inputs are made is a matter of the machine: with several workers on two cores it fails at random.
settings.register_profile("project", suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")

"""Fixtures that every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.oracle.environments import celery_python, oracle
from tests.oracle.server import STARTS_COVERAGE
from tests.proofs.real import celery, celery_at
from tests.proofs.repository import repository
from tests.services import mariadb_url, postgresql_url, rabbitmq_url, redis_url

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = [
    "celery",
    "celery_at",
    "celery_python",
    "mariadb_url",
    "oracle",
    "postgresql_url",
    "rabbitmq_url",
    "redis_url",
    "repository",
]

# How fast inputs are made is a matter of the machine: with several workers on two cores it fails at random.
settings.register_profile("project", suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")

RUN_THE_PACKAGE = ("cli", "configure", "options", "precommit", "project", "scripts", "verify")
"""The folders with tests that start processes in which some of the package runs that runs nowhere else."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Coverage starts in every Python that a test starts, which takes 0.1 s and more: not where it finds nothing."""
    folder = item.path.relative_to(Path(__file__).parent).parts[0]
    if folder in RUN_THE_PACKAGE and not item.get_closest_marker("no_cover"):
        return (yield)
    kept = {name: os.environ.pop(name) for name in STARTS_COVERAGE if name in os.environ}
    try:
        return (yield)
    finally:
        os.environ.update(kept)

"""Faults of result backends, each really there: what a project and its server are like, and what verify must say.

A row of `FAULTS` is tested by test_faults.py and printed by scripts/verify_faults.py. The rows of a kind of backend
stand in a module of their own (``redis_faults.py``).
"""

from __future__ import annotations

from tests.verify.live import (
    database_faults,
    django_faults,
    generic_faults,
    redis_faults,
    rpc_faults,
    sentinel_faults,
    worker_faults,
)

FAULTS = [
    *generic_faults.FAULTS,
    *database_faults.FAULTS,
    *django_faults.FAULTS,
    *redis_faults.FAULTS,
    *rpc_faults.FAULTS,
    *sentinel_faults.FAULTS,
    *worker_faults.FAULTS,
]

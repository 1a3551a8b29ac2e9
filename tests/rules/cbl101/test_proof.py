"""CBL101 is true: what Celery does without a result backend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.proofs.real import RealCelery

STORED = "app.backend.store_result('proof', 42, 'SUCCESS')"


@pytest.mark.parametrize("version", ["5.6.3", "newest"])
def test_without_a_backend_results_are_discarded(celery_at: Callable[[str], RealCelery], version: str) -> None:
    celery = celery_at(version)
    assert celery.evaluate("type(app.backend).__name__", broker_url="amqp://").value == "DisabledBackend"
    assert celery.evaluate(STORED, broker_url="amqp://").works()
    asked = celery.evaluate("app.AsyncResult('proof').get()", broker_url="amqp://")
    assert asked.fails_with("NotImplementedError", "No result backend is configured")
    assert celery.evaluate("app.AsyncResult('proof').state", broker_url="amqp://").fails_with("AttributeError")


def test_with_a_backend_they_are_kept(celery: RealCelery) -> None:
    kept = celery.evaluate(f"({STORED}, app.AsyncResult('proof').get())", result_backend="cache+memory://")
    assert kept.value == (42, 42)


def test_the_variable_counts_by_itself(celery: RealCelery) -> None:
    found = celery.evaluate("app.backend.__class__.__name__", environment={"CELERY_RESULT_BACKEND": "cache+memory://"})
    assert found.value == "CacheBackend"

"""CBL402 is true: a result whose serializer is not accepted cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.proofs.real import RealCelery

STORE = "app.backend.store_result('proof', {'a': 1}, 'SUCCESS')"
ROUND_TRIP = STORE + " and app.AsyncResult('proof').get(timeout=5)"
MESSAGE = "Refusing to deserialize untrusted content"


@pytest.mark.parametrize("version", ["5.3.6", "newest"])
@pytest.mark.parametrize(
    "settings",
    [
        {"result_serializer": "yaml"},
        {"result_serializer": "msgpack", "accept_content": ["json", "yaml"]},
        {"accept_content": ["msgpack"]},
        {"result_accept_content": ["yaml"]},
        {"accept_content": []},
    ],
)
def test_storing_works_and_reading_is_refused(
    celery_at: Callable[[str], RealCelery], redis_url: str, version: str, settings: dict[str, Any]
) -> None:
    celery = celery_at(version)
    assert celery.evaluate(STORE, result_backend=redis_url, **settings).works()
    bad = celery.evaluate(ROUND_TRIP, result_backend=redis_url, **settings)
    assert bad.fails_with("ContentDisallowed", MESSAGE)


@pytest.mark.parametrize(
    "settings",
    [
        {"result_serializer": "yaml", "accept_content": ["json", "yaml"]},
        {"result_serializer": "msgpack", "accept_content": ["application/x-msgpack"]},
        {"result_serializer": "yaml", "accept_content": ["json"], "result_accept_content": ["yaml"]},
        {"accept_content": ["msgpack"], "result_accept_content": ["json"]},
        {"accept_content": {"json"}},
    ],
)
def test_accepted_it_is_read(celery: RealCelery, redis_url: str, settings: dict[str, Any]) -> None:
    assert celery.evaluate(ROUND_TRIP, result_backend=redis_url, **settings).value == {"a": 1}


def test_the_database_backend_checks_from_5_7_on(celery_at: Callable[[str], RealCelery], tmp_path: Path) -> None:
    settings: dict[str, Any] = {"result_backend": f"db+sqlite:///{tmp_path}/old.db", "result_serializer": "yaml"}
    assert celery_at("5.6.3").evaluate(ROUND_TRIP, **settings).value == {"a": 1}
    settings = {"result_backend": f"db+sqlite:///{tmp_path}/new.db", "result_serializer": "yaml"}
    assert celery_at("newest").evaluate(ROUND_TRIP, **settings).fails_with("ContentDisallowed", MESSAGE)
    assert celery_at("newest").evaluate(ROUND_TRIP, **settings, accept_content=["yaml"]).value == {"a": 1}

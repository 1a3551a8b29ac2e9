"""CBL118 is true: what means localhost to Celery, and that nothing answers where no server listens."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.proofs.real import RealCelery

HOST = "app.backend.connparams['host']"


@pytest.mark.parametrize("value", ["redis", "redis://", "redis:///0", "redis://localhost:6379/0"])
def test_these_mean_localhost(celery: RealCelery, value: str) -> None:
    assert celery.evaluate(HOST, result_backend=value).value == "localhost"


def test_a_host_is_named_in_the_url_or_by_redis_host(celery: RealCelery) -> None:
    assert celery.evaluate(HOST, result_backend="redis://cache/0").value == "cache"
    assert celery.evaluate(HOST, result_backend="redis", redis_host="cache").value == "cache"


def test_where_no_server_listens_storing_fails(celery: RealCelery, redis_url: str) -> None:
    store = "app.backend._set('proof', b'42')"  # one try, without Celery's retries
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        # bound and not listening: like a container in which no server runs
        bad = celery.evaluate(store, result_backend=f"redis://localhost:{port}/0")
    assert bad.fails_with("ConnectionError", "refused")
    assert celery.evaluate(store, result_backend=redis_url).works()

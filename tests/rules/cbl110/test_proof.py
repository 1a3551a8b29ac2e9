"""CBL110 is true: what Celery makes of Sentinel URLs and of options without a name, with a real Sentinel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.redis_servers import redis_sentinel, redis_server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.proofs.real import RealCelery

NAME = {"master_name": "main"}
TRY = """
def store(url, **settings):
    app = Celery()
    app.conf.update(result_backend=url, result_backend_always_retry=False, **settings)
    try:
        return app.backend.client.set("key", "value")
    except Exception as error:
        return f"{type(error).__name__}: {error}"

def hosts(url):
    app = Celery()
    app.conf.update(result_backend=url)
    try:
        return [one["host"] for one in app.backend.connparams["hosts"]]
    except ValueError:
        return "ValueError"
"""


@pytest.mark.parametrize("version", ["5.3.6", "newest"])
def test_a_name_is_needed_and_the_brokers_does_not_count(
    celery_at: Callable[[str], RealCelery], version: str, tmp_path: Path
) -> None:
    with redis_server(tmp_path) as server, redis_sentinel(tmp_path, "main", server) as port:
        url = f"sentinel://127.0.0.1:{port}/0"
        told = celery_at(version).evaluate(
            f"[store('{url}', result_backend_transport_options={NAME}), store('{url}'),"
            f" store('{url}', broker_transport_options={NAME}), store('{url}?master_name=main'),"
            f" store('{url}', result_backend_transport_options={{'master_name': None}}), store('redis+{url}'),"
            f" store('{url.removesuffix('/0')};127.0.0.1:{port}/0', result_backend_transport_options={NAME})]",
            TRY,
        )
    assert isinstance(told.value, list), told
    good, *bad, plain, first_is_up = told.value
    assert good is True
    assert bad == ["MasterNotFoundError: No master found for None"] * 4
    assert str(plain).startswith("ResponseError: unknown command 'SET'")
    assert first_is_up is True, "the first Sentinel is read as it is meant"


@pytest.mark.parametrize("version", ["5.3.6", "newest"])
def test_sentinels_are_joined_by_semicolons_each_with_a_scheme(
    celery_at: Callable[[str], RealCelery], version: str
) -> None:
    expected = {
        "sentinel://a:26379/0;sentinel://b:26379/0": ["a", "b"],
        "sentinel://a:26379,b:26379/0": "ValueError",
        "sentinel://a:26379,sentinel://b:26379/0": "ValueError",
        "sentinel://a:26379/0,sentinel://b:26379/0": "ValueError",
        "sentinel://a:26379 b:26379/0": "ValueError",
        "sentinel://a:26379/0; sentinel://b:26379/0": "ValueError",
        "sentinel://a,b/0": ["a,b"],
        "sentinel://a:26379;b:26379/0": ["a", "379"],
        "sentinel://a:26379;10.0.0.2:26379;sentinel-3:26379/0": ["a", "0.0.2", "379"],
    }
    told = celery_at(version).evaluate(f"[hosts(url) for url in {list(expected)}]", TRY)
    assert told.value == list(expected.values()), told

"""CBL503 is true: the default is one day, a result that is gone looks as if its task had never run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.proofs.real import RealCelery

STORED = """
app = Celery()
app.conf.update(result_backend={backend!r}, {more})
app.backend.store_result("proof", 42, "SUCCESS")
client, key = app.backend.client, app.backend.get_key_for_task("proof")
"""


@pytest.mark.parametrize("version", ["5.3.6", "newest"])
def test_the_default_is_one_day(celery_at: Callable[[str], RealCelery], redis_url: str, version: str) -> None:
    default = STORED.format(backend=redis_url, more="")
    explicit = STORED.format(backend=redis_url, more="result_expires=86400")
    for source in (default, explicit):
        assert celery_at(version).evaluate("client.ttl(key)", source).value in (86399, 86400)


def test_a_result_that_is_gone_is_pending(celery: RealCelery, redis_url: str) -> None:
    source = STORED.format(backend=redis_url, more="") + "found = app.AsyncResult('proof').state\nclient.delete(key)\n"
    assert celery.evaluate("(found, app.AsyncResult('proof').state)", source).value == ("SUCCESS", "PENDING")

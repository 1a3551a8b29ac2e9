"""CBL404 is true: the defaults that are written down are those that hold, and they decide what is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.proofs.real import RealCelery

DEFAULTS = "(app.conf.result_serializer, list(app.conf.accept_content))"


@pytest.mark.parametrize("version", ["5.3.6", "5.6.3", "newest"])
def test_what_is_written_down_is_the_default(celery_at: Callable[[str], RealCelery], version: str) -> None:
    assert celery_at(version).evaluate(DEFAULTS, result_backend="redis://cache/1").value == ("json", ["json"])


def test_a_process_with_another_configuration_cannot_read_the_result(celery: RealCelery, redis_url: str) -> None:
    source = """
writer, reader = Celery(set_as_current=False), Celery(set_as_current=False)
writer.conf.update(result_backend={url!r}, result_serializer={name!r}, accept_content=["json", {name!r}])
reader.conf.update(result_backend={url!r})
writer.backend.store_result({name!r}, 42, "SUCCESS")
"""
    pickled = celery.evaluate("reader.AsyncResult('pickle').get()", source.format(url=redis_url, name="pickle"))
    assert pickled.fails_with("DecodeError", "codec can't decode")
    assert celery.evaluate("reader.AsyncResult('json').get()", source.format(url=redis_url, name="json")).value == 42

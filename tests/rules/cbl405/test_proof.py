"""CBL405 is true: text as accepted content is read letter by letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.proofs.real import RealCelery


@pytest.mark.parametrize("version", ["5.3.6", "newest"])
@pytest.mark.parametrize("setting", ["accept_content", "result_accept_content"])
@pytest.mark.parametrize("text", ["json", "application/json", "json,yaml", '["json"]'])
def test_the_first_letter_is_no_serializer(
    celery_at: Callable[[str], RealCelery], version: str, setting: str, text: str
) -> None:
    bad = celery_at(version).evaluate("app.backend", result_backend="redis://cache", settings={setting: text})
    assert bad.fails_with("SerializerNotInstalled", f"No encoder/decoder installed for {text[0]}")
    good = celery_at(version).evaluate("app.backend", result_backend="redis://cache", settings={setting: ["json"]})
    assert good.works()


def test_the_worker_stumbles_over_it_without_any_backend(celery: RealCelery) -> None:
    consumer = "app.amqp.TaskConsumer(app.connection().default_channel).accept"
    bad = celery.evaluate(consumer, broker_url="memory://", accept_content="json")
    assert bad.fails_with("SerializerNotInstalled", "No encoder/decoder installed for j")
    assert celery.evaluate(consumer, broker_url="memory://", accept_content=["json"]).works()


@pytest.mark.parametrize("text", ["('json',)", "{'json'}", "frozenset(['json'])", "{'json': 1}", "iter(['json'])"])
def test_any_other_collection_of_names_is_fine(celery: RealCelery, text: str) -> None:
    source = f"app = Celery()\napp.conf.update(result_backend='redis://cache', accept_content={text})"
    assert celery.evaluate("app.backend", source).works()


def test_empty_text_accepts_nothing(celery: RealCelery, redis_url: str) -> None:
    read = "app.backend.store_result('proof', 1, 'SUCCESS') and app.AsyncResult('proof').get(timeout=5)"
    bad = celery.evaluate(read, result_backend=redis_url, accept_content="")
    assert bad.fails_with("ContentDisallowed")

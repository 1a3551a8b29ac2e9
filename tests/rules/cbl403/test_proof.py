"""CBL403 is true: a serializer that kombu does not register."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.proofs.real import RealCelery


@pytest.mark.parametrize("version", ["5.3.6", "newest"])
@pytest.mark.parametrize("name", ["jason", "JSON", "json ", "orjson", "auth", "", "application/json"])
def test_an_unknown_serializer_stops_the_backend(
    celery_at: Callable[[str], RealCelery], version: str, name: str
) -> None:
    celery = celery_at(version)
    assert celery.evaluate("app.backend", result_backend="redis://cache", result_serializer=name).fails_with("KeyError")
    assert celery.evaluate("app.backend", result_backend="redis://cache", result_serializer="json").works()


@pytest.mark.parametrize("setting", ["accept_content", "result_accept_content"])
def test_an_unknown_name_among_what_is_accepted_stops_it_too(celery: RealCelery, setting: str) -> None:
    bad = celery.evaluate("app.backend", result_backend="redis://cache", settings={setting: ["json", "jason"]})
    assert bad.fails_with("SerializerNotInstalled", "No encoder/decoder installed for jason")
    assert celery.evaluate("app.backend", result_backend="redis://cache", settings={setting: ["json", "yaml"]}).works()


def test_an_unknown_content_type_is_taken_in_silence(celery: RealCelery) -> None:
    assert celery.evaluate("app.backend", result_backend="redis://cache", accept_content=["application/jason"]).works()


def test_an_unknown_task_serializer_stops_sending(celery: RealCelery) -> None:
    send = "app.send_task('proof').id"
    bad = celery.evaluate(send, broker_url="memory://", task_serializer="jason")
    assert bad.fails_with("SerializerNotInstalled", "jason")
    assert celery.evaluate(send, broker_url="memory://", task_serializer="json").works()


@pytest.mark.parametrize("version", ["5.3.6", "newest"])
def test_an_empty_task_serializer_leaves_kombu_its_default(
    celery_at: Callable[[str], RealCelery], version: str
) -> None:
    source = """
app = Celery()
app.conf.update({{"broker_url": "memory://", "task_serializer": {serializer!r}}})
app.send_task("proof")
with app.connection_for_read() as connection:
    message = connection.SimpleQueue("celery").get(timeout=5)
"""
    for serializer in ("", None, "json"):
        sent = celery_at(version).evaluate("message.content_type", source.format(serializer=serializer))
        assert sent.value == "application/json"


def test_a_serializer_that_the_project_registers_is_known(celery: RealCelery) -> None:
    source = """
from kombu.serialization import register
register("mine", repr, eval, content_type="application/x-mine")
app = Celery()
app.conf.update(result_backend="redis://cache", result_serializer="mine", accept_content=["mine"])
"""
    assert celery.evaluate("app.backend", source).works()

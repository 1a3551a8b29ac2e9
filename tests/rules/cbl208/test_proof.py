"""CBL208 is true: what kombu's transports say to what a manifest gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.oracle.environments import environment
from tests.proofs.real import RealCelery

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHANNEL = "app.connection().channel() and None"
POLL = (
    "from kombu.asynchronous import Hub\nfrom kombu.asynchronous.http import get_client\n"
    "app = Celery(broker='sqs://key:secret@')\nclient = get_client(Hub())\n"
)


@pytest.fixture(scope="module")
def celery_with() -> Iterator[Callable[..., RealCelery]]:
    """Celery beside just these requirements, as pip or uv resolves them."""
    started: dict[tuple[str, ...], RealCelery] = {}

    def start(*requirements: str) -> RealCelery:
        if requirements not in started:
            started[requirements] = RealCelery(environment(*requirements))
        return started[requirements]

    yield start
    for real in started.values():
        real.close()


@pytest.mark.parametrize(
    ("requirements", "error", "text"),
    [
        (("celery==5.6.3", "redis==5.2.1"), "ModuleNotFoundError", "packaging"),
        (("celery==5.7.0", "redis==8.1.0", "stripe", "tqdm", "sentry-sdk"), "ModuleNotFoundError", "packaging"),
        (("celery[redis]==5.3.6", "packaging"), "VersionMismatch", "6.1.0 or later. You have 5.3.1"),
        (("celery==5.7.0", "packaging"), "AttributeError", "Redis"),
    ],
)
def test_no_process_can_open_the_redis_broker(
    celery_with: Callable[..., RealCelery], redis_url: str, requirements: tuple[str, ...], error: str, text: str
) -> None:
    assert celery_with(*requirements).evaluate(CHANNEL, broker_url=redis_url).fails_with(error, text)


@pytest.mark.parametrize(
    "requirements",
    [
        ("celery[redis]==5.6.3", "redis==5.2.1"),
        ("celery==5.3.6", "redis==5.0.1", "kombu[redis]"),
        ("celery==5.4.0", "kombu[redis]"),
    ],
)
def test_with_the_extra_the_redis_broker_opens(
    celery_with: Callable[..., RealCelery], redis_url: str, requirements: tuple[str, ...]
) -> None:
    assert celery_with(*requirements).evaluate(CHANNEL, broker_url=redis_url).works()


@pytest.mark.parametrize(
    ("broker", "text"),
    [("sqs://key:secret@", "botocore"), ("mongodb://mq", "pymongo"), ("sqla+sqlite:///mq", "sqlalchemy")],
)
def test_other_brokers_need_their_packages(celery_with: Callable[..., RealCelery], broker: str, text: str) -> None:
    bare = celery_with("celery==5.7.0", "packaging")
    assert bare.evaluate(CHANNEL, broker_url=broker).fails_with("ModuleNotFoundError", text)


def test_zookeeper_needs_its_package(celery_with: Callable[..., RealCelery]) -> None:
    bare = celery_with("celery==5.7.0", "packaging")
    assert bare.evaluate(CHANNEL, broker_url="zookeeper://mq").fails_with("ImportError", "kazoo")


def test_a_worker_polls_sqs_with_curl(celery_with: Callable[..., RealCelery]) -> None:
    for without in (("celery==5.7.0", "packaging"), ("celery[redis]==5.6.3", "redis==5.2.1")):
        assert celery_with(*without).evaluate("client", POLL).fails_with("ImportError", "pycurl")

"""CBL308 is true: compose's empty variable is there, so the default of the read does not apply."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.proofs.compose import ComposeError, process_environment

if TYPE_CHECKING:
    from tests.proofs.real import RealCelery

COMPOSE = "services:\n  worker:\n    environment:\n      - RESULTS_URL={}\n"
PYDANTIC = """
from pydantic_settings import BaseSettings
class Settings(BaseSettings):
    results_url: str = "redis://redis/0"
backend = Settings().results_url
"""
READERS = [
    "backend = os.environ.get('RESULTS_URL', 'redis://redis/0')",
    "from decouple import config\nbackend = config('RESULTS_URL', default='redis://redis/0')",
    "import environ\nbackend = environ.Env().str('RESULTS_URL', default='redis://redis/0')",
    PYDANTIC,
]


def used(celery: RealCelery, reader: str, environment: dict[str, str]) -> object:
    source = f"import os\n{reader}\napp = Celery('proof', backend=backend)"
    return celery.evaluate("type(app.backend).__name__", source, environment=environment).value


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("written", ["${RESULTS_URL}", "$RESULTS_URL", "${RESULTS_URL:-}", "${RESULTS_URL-}"])
def test_empty_the_default_is_lost_and_results_are_off(celery: RealCelery, reader: str, written: str) -> None:
    environment = process_environment(COMPOSE.format(written), "worker")
    assert environment == {"RESULTS_URL": ""}
    assert used(celery, reader, environment) == "DisabledBackend"


@pytest.mark.parametrize("reader", READERS)
def test_with_a_default_in_compose_or_passed_on_it_is_there(celery: RealCelery, reader: str) -> None:
    filled = process_environment(COMPOSE.format("${RESULTS_URL:-redis://redis/0}"), "worker")
    passed = process_environment("services:\n  worker:\n    environment: [RESULTS_URL]\n", "worker")
    assert used(celery, reader, filled) == used(celery, reader, passed) == "RedisBackend"


def test_or_brings_the_default_back(celery: RealCelery) -> None:
    reader = "backend = os.environ.get('RESULTS_URL') or 'redis://redis/0'"
    assert used(celery, reader, {"RESULTS_URL": ""}) == "RedisBackend"


def test_an_empty_broker_is_rabbitmq_on_this_machine(celery: RealCelery) -> None:
    source = "app = Celery('proof', broker=os.environ.get('QUEUE', 'redis://redis'))"
    told = celery.evaluate("app.connection().as_uri()", f"import os\n{source}", environment={"QUEUE": ""})
    assert told.value == "amqp://guest:**@localhost:5672//"


def test_an_empty_number_is_none(celery: RealCelery) -> None:
    source = "import os\napp = Celery('proof', result_expires=int(os.environ.get('EXPIRES', '3600')))"
    assert celery.evaluate("app", source, environment={"EXPIRES": ""}).fails_with("ValueError", "invalid literal")


def test_required_compose_does_not_start() -> None:
    with pytest.raises(ComposeError, match="RESULTS_URL"):
        process_environment(COMPOSE.format("${RESULTS_URL:?}"), "worker")

"""CBL310 is true: in the list form quotes in the middle of an item are part of the value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.proofs.compose import process_environment

if TYPE_CHECKING:
    from tests.proofs.real import RealCelery

SOURCE = "import os\napp = Celery('proof', broker='memory://', backend=os.environ['RESULTS_URL'])"
LIST = "services:\n  worker:\n    environment:\n      - {}\n"
MAPPING = "services:\n  worker:\n    environment:\n      {}\n"


def test_celery_cannot_load_a_backend_with_quotes(celery: RealCelery) -> None:
    environment = process_environment(LIST.format('RESULTS_URL="redis://cache:6379/0"'), "worker")
    bad = celery.evaluate("app.backend", SOURCE, environment=environment)
    assert bad.fails_with("ModuleNotFoundError", '"redis')


def test_its_own_variable_neither(celery: RealCelery) -> None:
    environment = process_environment(LIST.format("CELERY_RESULT_BACKEND='redis://cache:6379/0'"), "worker")
    source = "app = Celery('proof', backend='redis://code')"
    assert celery.evaluate("app.backend", source, environment=environment).fails_with("ModuleNotFoundError", "'redis")


def test_a_broker_with_quotes_neither(celery: RealCelery) -> None:
    environment = process_environment(LIST.format('QUEUE="amqp://rabbit"'), "worker")
    source = "import os\napp = Celery('proof', broker=os.environ['QUEUE'])"
    bad = celery.evaluate("app.connection().transport", source, environment=environment)
    assert bad.fails_with("KeyError", "No such transport")


def test_a_number_in_quotes_is_none(celery: RealCelery) -> None:
    environment = process_environment(LIST.format('EXPIRES="60"'), "worker")
    source = "import os\napp = Celery('proof', result_expires=int(os.environ['EXPIRES']))"
    assert celery.evaluate("app", source, environment=environment).fails_with("ValueError", "invalid literal")


def test_without_quotes_or_around_the_whole_item_or_in_a_mapping_it_loads(celery: RealCelery) -> None:
    url = "redis://cache:6379/0"
    for text in (
        LIST.format(f"RESULTS_URL={url}"),
        LIST.format(f'"RESULTS_URL={url}"'),
        MAPPING.format(f'RESULTS_URL: "{url}"'),
    ):
        environment = process_environment(text, "worker")
        told = celery.evaluate("app.backend.connparams['host']", SOURCE, environment=environment)
        assert told.value == "cache"

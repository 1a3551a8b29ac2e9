"""CBL309 is true: what is set under another name does not reach the read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.proofs.real import RealCelery

READ = "import os\napp = Celery('proof', broker=os.environ['BROKER_DSN'])"
PREFIXED = """
from pydantic_settings import BaseSettings, SettingsConfigDict
class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SHOP_")
    shop_redis_url: str{default}
app = Celery("proof", backend=Settings().shop_redis_url)
"""
HOST = "app.backend.connparams['host']"


def test_another_name_leaves_the_required_one_missing(celery: RealCelery) -> None:
    assert celery.evaluate("app", READ, environment={"RABBITMQ_DSN": "amqp://rabbit"}).fails_with(
        "KeyError", "BROKER_DSN"
    )
    good = celery.evaluate("app.conf.broker_url", READ, environment={"BROKER_DSN": "amqp://rabbit"})
    assert good.value == "amqp://rabbit"


def test_a_prefix_is_put_before_a_name_that_has_it(celery: RealCelery) -> None:
    with_default = PREFIXED.format(default=' = "redis://default"')
    told = celery.evaluate(HOST, with_default, environment={"SHOP_REDIS_URL": "redis://cache"})
    assert told.value == "default"
    told = celery.evaluate(HOST, with_default, environment={"SHOP_SHOP_REDIS_URL": "redis://cache"})
    assert told.value == "cache"
    required = PREFIXED.format(default="")
    assert celery.evaluate("app", required, environment={"SHOP_REDIS_URL": "redis://cache"}).error == "ValidationError"


def test_celerys_own_variable_is_read_whatever_the_field_reads(celery: RealCelery) -> None:
    own = (
        PREFIXED.format(default=' = "redis://default"')
        .replace("SHOP_", "CELERY_")
        .replace("shop_redis", "celery_redis")
    )
    told = celery.evaluate(HOST, own, environment={"CELERY_RESULT_BACKEND": "redis://cache"})
    assert told.value == "cache"

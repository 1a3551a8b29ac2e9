"""CBL501 is true: results that no backend ever removes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.proofs.real import RealCelery

NEVER = [None, 0, False, timedelta(0)]
TTL = (
    "[app.backend.store_result(name, 42, 'SUCCESS') and app.backend.client.ttl(app.backend.get_key_for_task(name))"
    " for name in [os.urandom(8).hex()]][0]"
)
SCHEDULED = """
from celery.beat import Scheduler

def scheduled(app):
    entries = {}
    scheduler = Scheduler(app, schedule={}, lazy=True)
    scheduler.install_default_entries(entries)
    return "celery.backend_cleanup" in scheduler.schedule
"""


def app_with(backend: str, expires: object) -> str:
    return f"{SCHEDULED}\napp = Celery()\napp.conf.update(result_backend={backend!r}, result_expires={expires!r})"


@pytest.mark.parametrize("expires", NEVER)
def test_redis_keeps_them_without_a_time_to_live(celery: RealCelery, redis_url: str, expires: object) -> None:
    assert celery.evaluate(TTL, result_backend=redis_url, result_expires=expires).value == -1
    assert celery.evaluate(TTL, result_backend=redis_url, result_expires=86400).value == 86400
    assert celery.evaluate(TTL, result_backend=redis_url).value == 86400


@pytest.mark.parametrize("expires", NEVER)
def test_beat_does_not_schedule_the_clean_up_of_a_database(celery: RealCelery, tmp_path: Path, expires: object) -> None:
    backend = f"db+sqlite:///{tmp_path}/results.db"
    assert celery.evaluate("scheduled(app)", app_with(backend, expires)).value is False
    assert celery.evaluate("scheduled(app)", app_with(backend, 86400)).value is True


def test_a_reply_queue_without_expiry_stays(celery: RealCelery, rabbitmq_url: str) -> None:
    expires = "app.backend.binding(app.connection().default_channel).expires"
    settings: dict[str, Any] = {"result_backend": "rpc://", "broker_url": rabbitmq_url}
    assert celery.evaluate(expires, **settings, result_expires=None).value is None
    assert celery.evaluate(expires, **settings, result_expires=60).value == 60.0

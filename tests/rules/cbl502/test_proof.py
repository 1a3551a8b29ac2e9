"""CBL502 is true: what an impossible expiry does, by backend."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.proofs.real import Outcome, RealCelery

TTL = (
    "[app.backend.store_result(name, 42, 'SUCCESS') and app.backend.client.ttl(app.backend.get_key_for_task(name))"
    " for name in [os.urandom(8).hex()]][0]"
)
# Two results, one of two days ago and one of a minute ago, then the clean-up; `left` is what it left.
CLEANED = """
from datetime import timedelta

app = Celery()
app.conf.update({settings})
backend = app.backend
for name, age in (("old", timedelta(days=2)), ("new", timedelta(minutes=1))):
    backend.store_result(name, 42, "SUCCESS")
    session = backend.ResultSession()
    done = app.now().replace(tzinfo=None) - age
    session.query(backend.task_cls).filter_by(task_id=name).update({{"date_done": done}})
    session.commit()
    session.close()
backend.cleanup()
left = sorted(task.task_id for task in backend.ResultSession().query(backend.task_cls))
"""


def cleaned(celery: RealCelery, folder: Path, expires: object) -> Outcome:
    settings: dict[str, Any] = {"result_backend": f"db+sqlite:///{folder}/{celery.python.parent.parent.name}.db"}
    source = CLEANED.format(settings=f"{settings!r}, result_expires={expires!r}".replace("datetime.", ""))
    return celery.evaluate("left", source)


@pytest.mark.parametrize("expires", [-5, "-5", timedelta(days=-1)])
def test_redis_refuses_a_negative_expiry_and_the_result_is_lost(
    celery: RealCelery, redis_url: str, expires: object
) -> None:
    bad = celery.evaluate(TTL, result_backend=redis_url, result_expires=expires)
    assert bad.fails_with("ResponseError", "invalid expire time")
    assert celery.evaluate(TTL, result_backend=redis_url, result_expires=5).value == 5


@pytest.mark.parametrize("expires", ["abc", "1 day", "None", "", "3600.5"])
def test_text_that_is_no_whole_number_stops_the_redis_backend(celery: RealCelery, expires: str) -> None:
    bad = celery.evaluate("app.backend", result_backend="redis://cache", result_expires=expires)
    assert bad.fails_with("ValueError", "invalid literal for int()")


def test_numeric_text_is_a_number_for_redis(celery: RealCelery, redis_url: str) -> None:
    assert celery.evaluate(TTL, result_backend=redis_url, result_expires="3600").value == 3600


def test_true_is_one_second(celery: RealCelery, redis_url: str) -> None:
    assert celery.evaluate(TTL, result_backend=redis_url, result_expires=True).value == 1


@pytest.mark.parametrize("version", ["5.3.6", "newest"])
@pytest.mark.parametrize("expires", ["3600", "abc", None])
def test_the_clean_up_of_a_database_raises(
    celery_at: Callable[[str], RealCelery], tmp_path: Path, version: str, expires: object
) -> None:
    assert cleaned(celery_at(version), tmp_path, expires).fails_with("TypeError", "unsupported operand")


@pytest.mark.parametrize("expires", [0, False, -5])
def test_the_clean_up_of_a_database_deletes_every_finished_result(
    celery: RealCelery, tmp_path: Path, expires: object
) -> None:
    assert cleaned(celery, tmp_path, expires).value == []


@pytest.mark.parametrize("expires", [3600, timedelta(hours=1), 3600.5])
def test_a_proper_expiry_removes_the_old_result_only(celery: RealCelery, tmp_path: Path, expires: object) -> None:
    assert cleaned(celery, tmp_path, expires).value == ["new"]


@pytest.mark.parametrize("expires", [0, -5])
def test_rabbitmq_refuses_such_a_reply_queue(celery: RealCelery, rabbitmq_url: str, expires: int) -> None:
    declare = "app.backend.binding(app.connection().default_channel).declare()"
    settings: dict[str, Any] = {"result_backend": "rpc://", "broker_url": rabbitmq_url}
    bad = celery.evaluate(declare, **settings, result_expires=expires)
    assert bad.fails_with("PreconditionFailed", "invalid arg 'x-expires'")
    assert celery.evaluate(declare, **settings, result_expires=1).works()

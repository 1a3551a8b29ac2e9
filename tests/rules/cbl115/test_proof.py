"""CBL115 is true: what becomes of a reply that nobody fetches, in Redis and in RabbitMQ."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.proofs.real import RealCelery

SETTINGS = "app = Celery()\napp.conf.update(broker_url={broker!r}, result_backend='rpc://', result_expires=0.2)\n"
# The process that sends is gone when its answer comes: each request is answered by a process of its own.
SENDER = SETTINGS + "app.conf.task_default_queue = {queue!r}\napp.send_task('add')\noid = app.thread_oid\n"
WORKER = SETTINGS + (
    "from celery.app.task import Context\nrequest = Context({{'reply_to': {oid!r}, 'correlation_id': 'id'}})\n"
    "app.backend.store_result('id', 42, 'SUCCESS', request=request)\n"
)
TTL = "import redis\nclient = redis.Redis.from_url({url!r})\nfound = client.llen({oid!r}), client.ttl({oid!r})\n"


@pytest.mark.parametrize("version", ["5.5.3", "newest"])
def test_redis_keeps_a_reply_that_nobody_fetches(
    celery: RealCelery, celery_at: Callable[[str], RealCelery], redis_url: str, version: str
) -> None:
    real = celery_at(version)
    oid = real.evaluate("oid", SENDER.format(broker=redis_url, queue="celery")).value
    assert real.evaluate("1", WORKER.format(broker=redis_url, oid=oid)).works()
    assert celery.evaluate("found", TTL.format(url=redis_url, oid=oid)).value == (1, -1)


def test_results_in_redis_itself_expire(celery: RealCelery, redis_url: str) -> None:
    stored = "app.backend.store_result('id', 42, 'SUCCESS'), app.backend.client.ttl('celery-task-meta-id')"
    assert celery.evaluate(stored, result_backend=redis_url, result_expires=9).value == (42, 9)


def test_rabbitmq_removes_the_queue_with_the_process(celery: RealCelery, rabbitmq_url: str) -> None:
    queue = f"cbl115-{uuid.uuid4()}"
    sender = SENDER.format(broker=rabbitmq_url, queue=queue)
    declared = (
        "app.connection_for_write().channel().queue_declare(oid, passive=True).queue == oid"  # raises where it is gone
    )
    sent = celery.evaluate(f"({declared}, oid)", sender).value
    assert isinstance(sent, tuple)
    assert sent[0] is True
    source = SETTINGS.format(broker=rabbitmq_url) + (
        f"import time\nchannel = app.connection_for_write().channel()\nchannel.queue_delete({queue!r})\n"
        "time.sleep(0.4)  # asking for the queue is using it: it would not expire\n"
    )
    asked = celery.evaluate(f"channel.queue_declare({sent[1]!r}, passive=True)", source)
    assert asked.fails_with("NotFound", "no queue")


def test_a_folder_keeps_it_too(celery: RealCelery, tmp_path: Path) -> None:
    options = (
        "app.conf.broker_transport_options = {{'data_folder_in': {folder!r}, 'data_folder_out': {folder!r}, "
        "'control_folder': {folder!r}}}\n"
    ).format(folder=str(tmp_path))
    sender = SENDER.format(broker="filesystem://", queue="celery").replace("app.send_task", options + "app.send_task")
    oid = celery.evaluate("oid", sender).value
    worker = WORKER.format(broker="filesystem://", oid=oid).replace("from celery", options + "from celery")
    assert celery.evaluate("1", worker).works()
    assert [path for path in tmp_path.iterdir() if str(oid) in path.name and path.suffix == ".msg"]

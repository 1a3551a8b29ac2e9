"""CBL114 is true: what clears the results deletes the tasks that wait, in one database and not in two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.redis_servers import redis_server

if TYPE_CHECKING:
    from pathlib import Path

    from tests.proofs.real import RealCelery

CLEAR = """
import redis

def waiting(broker, backend, port):
    app = Celery(broker=broker, backend=backend)
    app.send_task("proj.add")
    queues = redis.Redis(port=port)
    before = queues.llen("celery")
    app.backend.client.flushdb()
    return before, queues.llen("celery")
"""


def test_flushdb_takes_the_queue_along(celery: RealCelery, tmp_path: Path) -> None:
    with redis_server(tmp_path) as port:
        url = f"redis://127.0.0.1:{port}"
        pairs = [(f"{url}/0", f"{url}/0"), (url, f"{url}//0/"), (f"{url}/0", f"{url}/1")]
        told = celery.evaluate(f"[waiting(*pair, {port}) for pair in {pairs}]", CLEAR)
    assert told.value == [(1, 0), (1, 0), (1, 1)], told

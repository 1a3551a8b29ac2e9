"""CBL607 is true: what a lost connection does to a process that waits for a result, by release."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.oracle.environments import environment
from tests.proofs.real import RealCelery
from tests.proofs.redis_server import Forgetful, RedisServer, forgetful, redis_server

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["forgetful", "redis_server"]

# Waits in a thread, then tells (through `input`, a file) that it does; the connection is lost, and the result stored.
WAIT = """
import threading
import time
app, direct = Celery(), Celery()
app.conf.update({settings})
direct.conf.update(result_backend={direct!r})
told = []
def wait():
    try:
        told.append(app.AsyncResult("waited").get(timeout=3.5))
    except Exception as raised:
        told.append(type(raised).__name__)
thread = threading.Thread(target=wait, daemon=True)
thread.start()
time.sleep(0.3)
open({ready!r}, "w").close()
while os.path.exists({ready!r}):
    time.sleep(0.01)
direct.backend.store_result("waited", 42, "SUCCESS")
thread.join(6)
"""


@pytest.fixture(scope="module")
def before() -> Iterator[RealCelery]:
    """Celery 5.3.6, whose wait is redis-py's."""
    real = RealCelery(environment("celery[redis]==5.3.6", "packaging"))
    yield real
    real.close()


def waited(celery: RealCelery, server: RedisServer, way: Forgetful, **more: object) -> object:
    """What a wait comes to whose connection is lost before the result is stored."""
    import threading
    import time

    ready = server.folder / "ready"

    def lose() -> None:
        while not ready.exists():
            time.sleep(0.01)
        way.forget()
        ready.unlink()

    thread = threading.Thread(target=lose)
    thread.start()
    settings = {"result_backend": way.url, **more}
    source = WAIT.format(settings=settings, direct=server.url, ready=str(ready))
    outcome = celery.evaluate("told[0]", source)
    thread.join()
    assert outcome.works()
    return outcome.value


def test_a_wait_does_not_notice_that_its_connection_is_lost(
    before: RealCelery, redis_server: RedisServer, forgetful: Forgetful
) -> None:
    assert waited(before, redis_server, forgetful) == "TimeoutError"


def test_with_a_check_it_does(before: RealCelery, redis_server: RedisServer, forgetful: Forgetful) -> None:
    """Redis-py may tell it as an error, where Celery does not connect anew by itself; the process does not hang."""
    assert waited(before, redis_server, forgetful, redis_backend_health_check_interval=1) in (42, "ConnectionError")


def test_celery_5_7_does_not_ask_while_it_waits(
    celery: RealCelery, redis_server: RedisServer, forgetful: Forgetful
) -> None:
    assert waited(celery, redis_server, forgetful, redis_backend_health_check_interval=1) == "TimeoutError"

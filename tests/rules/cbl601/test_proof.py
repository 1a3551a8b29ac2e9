"""CBL601 is true: what a pool may open without a limit, and whose limit it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.proofs.redis_server import RedisServer, redis_server

if TYPE_CHECKING:
    from tests.proofs.real import RealCelery

__all__ = ["redis_server"]

# All connections that a pool gives, up to 50, held at once; then another program's.
EXHAUST = """
import redis
app = Celery()
app.conf.update({settings})
pool, held, error = app.backend.client.connection_pool, [], ""
try:
    for _ in range(50):
        held.append(pool.get_connection("GET"))
except Exception as raised:
    error = f"{{type(raised).__name__}}: {{raised}}"
try:
    other = redis.Redis.from_url({url!r}).ping()
except redis.ConnectionError as raised:
    other = str(raised)
for one in held:
    one.disconnect()
"""
THREADS = """
import threading
app = Celery()
app.conf.update({settings})
app.backend
together = threading.Barrier(6)
pools, errors = [], []

def work():
    backend = app.backend
    pools.append(backend.client.connection_pool)
    try:
        connection = backend.client.connection_pool.get_connection("GET")
    except Exception as raised:
        errors.append(str(raised))
    together.wait()

running = [threading.Thread(target=work) for _ in range(6)]
for one in running:
    one.start()
for one in running:
    one.join()
"""


def test_without_a_limit_the_pool_takes_all_that_the_server_has(celery: RealCelery, redis_server: RedisServer) -> None:
    import redis

    with redis.Redis.from_url(redis_server.url) as client:
        client.config_set("maxclients", 20)
    url = redis_server.url
    bad = celery.evaluate("error, other", EXHAUST.format(settings={"result_backend": url}, url=url)).value
    assert bad == ("ConnectionError: max number of clients reached", "max number of clients reached")
    settings = {"result_backend": url, "redis_max_connections": 10}
    good = celery.evaluate("error, other, len(held)", EXHAUST.format(settings=settings, url=url)).value
    assert good == ("MaxConnectionsError: Too many connections", True, 10)


def test_the_limit_is_that_of_a_pool_and_each_thread_has_its_own(celery: RealCelery, redis_server: RedisServer) -> None:
    settings: dict[str, object] = {"result_backend": redis_server.url, "redis_max_connections": 2}
    told = celery.evaluate("len(set(map(id, pools))), errors", THREADS.format(settings=settings)).value
    assert told == (6, [])
    settings["result_backend_thread_safe"] = True
    told = celery.evaluate("errors", THREADS.format(settings=settings)).value
    assert told == ["Too many connections"] * 4


def test_the_limit_in_the_url_counts(celery: RealCelery) -> None:
    limit = "app.backend.client.connection_pool.max_connections"
    assert celery.evaluate(limit, result_backend="redis://cache/0?max_connections=7").value == 7
    assert celery.evaluate(limit, result_backend="redis://cache/0").value == 100, "redis-py 8's own"

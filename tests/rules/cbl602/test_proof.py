"""CBL602 is true: what None, 0 and nothing do as a timeout."""

from __future__ import annotations

import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.proofs.redis_server import RedisServer, redis_server

if TYPE_CHECKING:
    from tests.proofs.real import RealCelery

__all__ = ["redis_server"]

READ = """
import threading
app = Celery()
app.conf.update({settings})
backend = app.backend
told = []
def read():
    try:
        told.append(backend.get("key"))
    except Exception as raised:
        told.append(type(raised).__name__)
thread = threading.Thread(target=read, daemon=True)
thread.start()
thread.join({patience})
"""


def test_none_hangs_with_the_server(celery: RealCelery, redis_server: RedisServer) -> None:
    """The kernel accepts the connection; with a time for the answer there is an error."""
    redis_server.hang()
    try:
        for seconds, expected in ((None, []), (0.3, ["TimeoutError"])):
            settings = {"result_backend": redis_server.url, "redis_socket_timeout": seconds}
            source = READ.format(settings=settings, patience=0.8)
            assert celery.evaluate("told", source).value == expected
    finally:
        redis_server.go_on()


def test_zero_lets_no_connect_succeed(celery: RealCelery, redis_server: RedisServer) -> None:
    ping = "app.backend.client.ping()"
    for setting in ("redis_socket_timeout", "redis_socket_connect_timeout"):
        given: dict[str, object] = {setting: 0}
        bad = celery.evaluate(ping, result_backend=redis_server.url, settings=given)
        assert bad.fails_with("ConnectionError", "Operation now in progress")
        good: dict[str, object] = {setting: 5}
        assert celery.evaluate(ping, result_backend=redis_server.url, settings=good).value is True


def test_zero_beside_a_timeout_to_connect_waits_for_no_answer(celery: RealCelery, redis_server: RedisServer) -> None:
    settings = {
        "result_backend": redis_server.url,
        "redis_socket_timeout": 0,
        "redis_socket_connect_timeout": 2,
        "result_backend_transport_options": {"retry_policy": {"max_retries": 0}},
    }
    redis_server.hang()
    try:
        source = READ.format(settings=settings, patience=1)
        assert celery.evaluate("told", source).value == ["ConnectionError"]
    finally:
        redis_server.go_on()


def test_connecting_may_take_as_long_as_an_answer_where_nothing_is_said(
    celery: RealCelery, redis_server: RedisServer
) -> None:
    told = "app.backend.client.connection_pool.get_connection('GET').socket_connect_timeout"
    url = redis_server.url
    assert celery.evaluate(told, result_backend=url).value == 120
    assert celery.evaluate(told, result_backend=url, redis_socket_timeout=7).value == 7
    assert celery.evaluate(told, result_backend=url, redis_socket_connect_timeout=5).value == 5
    assert celery.evaluate(told, result_backend=f"{url}?socket_connect_timeout=4").value == 4


def test_the_settings_timeouts_are_not_those_of_the_sentinels(celery: RealCelery) -> None:
    told = "app.backend._get_sentinel_instance(**app.backend.connparams).sentinel_kwargs"
    source = "app = Celery()\napp.conf.update({})\n"
    settings: dict[str, object] = {
        "result_backend": "sentinel://s1:26379/0",
        "redis_socket_timeout": 7,
        "result_backend_transport_options": {"master_name": "m"},
    }
    expression = f"{told}.get('socket_timeout')"
    assert celery.evaluate(expression, source.replace("{}", repr(settings))).value != 7
    settings["result_backend_transport_options"] = {"master_name": "m", "sentinel_kwargs": {"socket_timeout": 2}}
    assert celery.evaluate(expression, source.replace("{}", repr(settings))).value == 2


def test_redis_py_bounds_the_sentinels_from_8_on(celery: RealCelery) -> None:
    """What a connection to a sentinel is made with where ``sentinel_kwargs`` is empty."""
    source = "import inspect, redis\nplain = inspect.signature(redis.Redis).parameters['socket_timeout'].default\n"
    bounded = celery.evaluate("plain is not None", source).value
    assert bounded is celery.evaluate("int(redis.__version__.split('.')[0]) >= 8", source).value


def test_a_server_that_says_nothing_is_given_up_by_default(celery: RealCelery) -> None:
    """Connecting where nothing accepts ends as well: both timeouts are Celery's ``redis_socket_timeout``."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        filling = [socket.socket() for _ in range(3)]
        for one in filling:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        settings = {"result_backend": f"redis://127.0.0.1:{full.getsockname()[1]}/0", "redis_socket_timeout": 0.3}
        told = celery.evaluate("told", READ.format(settings=settings, patience=2)).value
        for one in filling:
            one.close()
    assert told == ["TimeoutError"]


@pytest.mark.parametrize(
    ("driver", "bad", "good"),
    [
        ("postgresql+psycopg2", {}, {"connect_timeout": 2}),
        ("mysql+pymysql", {"connect_timeout": 1}, {"connect_timeout": 1, "read_timeout": 1}),
    ],
)
def test_a_silent_database_is_waited_for(driver: str, bad: dict[str, int], good: dict[str, int]) -> None:
    """Both at once, each in a process of its own: the bad one still waits when the good one has given up."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(5)
        url = f"{driver}://user@127.0.0.1:{server.getsockname()[1]}/results"
        running = []
        for arguments in (bad, good):
            code = f"import sqlalchemy; sqlalchemy.create_engine({url!r}, connect_args={arguments!r}).connect()"
            running.append(subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True))
        try:
            assert "OperationalError" in running[1].communicate(timeout=30)[1]
            assert running[0].poll() is None
        finally:
            for process in running:
                process.kill()
                process.communicate()

"""CBL605 is true: what a connection that the server closed does to a worker's process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.oracle.environments import environment
from tests.proofs.real import RealCelery

if TYPE_CHECKING:
    from collections.abc import Iterator

# What a child of a prefork worker does: it pools. Its connections are closed by the server; then `did` is what happens.
STALE = """
import logging
import sqlalchemy
from celery.backends.database.session import SessionManager
app = Celery()
app.conf.update({settings})
backend, manager, warned = app.backend, SessionManager(), []
manager.forked = True
plain = backend.ResultSession
backend.ResultSession = lambda session_manager=manager: plain(session_manager)
if hasattr(backend, "session_manager"):
    backend.session_manager = manager
backend.store_result("task", 42, "SUCCESS")
engine = manager._engines[backend.url]
mysql = engine.dialect.name == "mysql"
which = "SELECT CONNECTION_ID()" if mysql else "SELECT pg_backend_pid()"
with engine.connect() as connection:
    number = connection.execute(sqlalchemy.text(which)).scalar()
other = sqlalchemy.create_engine(backend.url, poolclass=sqlalchemy.NullPool, isolation_level="AUTOCOMMIT")
with other.connect() as connection:
    close = f"KILL {{number}}" if mysql else f"SELECT pg_terminate_backend({{number}}, 5000)"
    connection.execute(sqlalchemy.text(close))
handler = logging.Handler()
handler.emit = lambda record: warned.append(record.getMessage())
for name in ("celery.backends.database", "celery.backends.base"):
    logging.getLogger(name).addHandler(handler)
did = []
try:
    did.append({what})
except sqlalchemy.exc.OperationalError as raised:
    did.append("OperationalError")
finally:
    engine.dispose()
"""
READ, CLEAN = 'backend.get_task_meta("task")["result"]', "backend.cleanup()"


def told(celery: RealCelery, url: str, what: str, **more: object) -> tuple[object, bool]:
    settings = {"result_backend": f"db+{url}", **more}
    value = celery.evaluate("did[0], bool(warned)", STALE.format(settings=settings, what=what)).value
    assert isinstance(value, tuple)
    return value[0], value[1]


@pytest.fixture(scope="module")
def older() -> Iterator[RealCelery]:
    """Celery 5.5.3, which checks no connection by itself, with a driver of each database."""
    real = RealCelery(environment("celery==5.5.3", "sqlalchemy", "psycopg2-binary", "pymysql"))
    yield real
    real.close()


@pytest.mark.parametrize("server", ["postgresql_url", "mariadb_url"])
def test_an_older_celery_checks_nothing(older: RealCelery, server: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(server)
    assert told(older, url, READ) == (42, True), "read at the second try, with a warning"
    assert told(older, url, CLEAN) == ("OperationalError", False)
    assert told(older, url, CLEAN, database_short_lived_sessions=True) == ("OperationalError", False)
    checked = {"pool_pre_ping": True, "pool_recycle": 1800}
    assert told(older, url, READ, database_engine_options=checked) == (42, False)
    assert told(older, url, CLEAN, database_engine_options=checked) == (None, False)


def test_from_5_7_on_everything_is_tried_again_unless_that_is_switched_off(
    celery: RealCelery, postgresql_url: str
) -> None:
    dropped = {"pool_size": 3}
    assert told(celery, postgresql_url, CLEAN) == (None, False), "Celery's default"
    assert told(celery, postgresql_url, CLEAN, database_engine_options=dropped) == (None, True)
    assert told(celery, postgresql_url, READ, database_engine_options=dropped) == (42, True)
    off = {"database_engine_options": dropped, "result_backend_always_retry": False}
    assert told(celery, postgresql_url, CLEAN, **off) == ("OperationalError", False)


def test_the_default_is_replaced_whole_and_the_parent_pools_nothing(celery: RealCelery, postgresql_url: str) -> None:
    options = "app.backend.engine_options"
    url = f"db+{postgresql_url}"
    assert celery.evaluate(options, result_backend=url).value == {"pool_pre_ping": True, "pool_recycle": 3600}
    settings: dict[str, object] = {"database_engine_options": {"pool_size": 3}}
    assert celery.evaluate(options, result_backend=url, settings=settings).value == {"pool_size": 3}
    pool = "type(app.backend.ResultSession().get_bind().pool).__name__"
    assert celery.evaluate(pool, result_backend=url).value == "NullPool"

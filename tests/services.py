"""Servers for tests that need one.

A test asks for ``redis_url``, ``postgresql_url``, ``mariadb_url`` or ``rabbitmq_url`` and gets a place of its own
there, removed afterwards. Where the server does not answer, the test is skipped and says how to start one; with
``CBL_REQUIRE_SERVICES=1`` it fails instead. Addresses come from ``CBL_TEST_REDIS``, ``CBL_TEST_POSTGRESQL``,
``CBL_TEST_MARIADB`` and ``CBL_TEST_RABBITMQ``.
"""

from __future__ import annotations

import os
import socket
import uuid
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

REDIS = "redis://127.0.0.1:6379"
POSTGRESQL = "postgresql+psycopg2://postgres@127.0.0.1:5432/postgres"
MARIADB = "mysql+pymysql://root@127.0.0.1:3306/test"
RABBITMQ = "amqp://guest:guest@127.0.0.1:5672//"
CLAIM = "celery-backend-lint-tests"
"""The key of a Redis database that a test has for itself."""


def unavailable(what: str, needed: str) -> NoReturn:
    """Skip the test, or fail it where services are required."""
    text = f"{what} needs {needed}"
    if os.environ.get("CBL_REQUIRE_SERVICES") == "1":
        pytest.fail(text, pytrace=False)
    pytest.skip(text)


@pytest.fixture
def redis_url() -> Iterator[str]:
    """The URL of an empty Redis database, claimed for this test alone and emptied after it."""
    import redis

    base = os.environ.get("CBL_TEST_REDIS", REDIS).rstrip("/")
    for number in range(15, 0, -1):
        url = f"{base}/{number}"
        with redis.Redis.from_url(url, socket_connect_timeout=2) as client:
            try:
                # Whoever sets the key in a database that is otherwise empty owns it until the key expires.
                claimed = client.set(CLAIM, os.getpid(), nx=True, ex=300)
            except redis.ConnectionError:
                unavailable("This test", f"a Redis at {base}: docker run --rm -p 6379:6379 redis")
            if not claimed:
                continue
            if client.dbsize() > 1:
                client.delete(CLAIM)
                continue
            try:
                yield url
            finally:
                client.flushdb()
            return
    unavailable("This test", f"an empty database numbered 1 to 15 on the Redis at {base}")


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """The SQLAlchemy URL (driver psycopg2) of a PostgreSQL database made for this test and dropped after it."""
    base = os.environ.get("CBL_TEST_POSTGRESQL", POSTGRESQL)
    yield from own_database(base, "docker run --rm -p 5432:5432 -e POSTGRES_HOST_AUTH_METHOD=trust postgres")


@pytest.fixture
def mariadb_url() -> Iterator[str]:
    """The SQLAlchemy URL (driver pymysql) of a MariaDB database made for this test and dropped after it."""
    base = os.environ.get("CBL_TEST_MARIADB", MARIADB)
    yield from own_database(base, "docker run --rm -p 3306:3306 -e MARIADB_ALLOW_EMPTY_ROOT_PASSWORD=1 mariadb")


def own_database(base: str, how: str) -> Iterator[str]:
    """Create a database of a new name beside the one in ``base``, give its URL, and drop it."""
    import sqlalchemy

    url = sqlalchemy.make_url(base)
    name = "cbl_" + uuid.uuid4().hex[:12]
    engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool)
    try:
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text(f"CREATE DATABASE {name}"))
    except sqlalchemy.exc.OperationalError:
        unavailable("This test", f"a server at {url.host}:{url.port}: {how}")
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text(f"DROP DATABASE {name}"))


@pytest.fixture
def rabbitmq_url() -> str:
    """The URL of RabbitMQ; a test names its queues itself and deletes them."""
    url = os.environ.get("CBL_TEST_RABBITMQ", RABBITMQ)
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 5672), timeout=2).close()
    except OSError:
        place = f"{parts.hostname}:{parts.port or 5672}"
        unavailable("This test", f"a RabbitMQ at {place}: docker run --rm -p 5672:5672 rabbitmq")
    return url

"""Databases for faults: of PostgreSQL and MariaDB one of the fault's own on the shared server, with an account."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy

from celery_backend_lint.record import record
from tests.redis_servers import free_port
from tests.services import MARIADB, POSTGRESQL, own_database
from tests.verify.live.site import APP, Site, nothing

SECRET = "hunter2-is-a-secret"


@record
class Database:
    """A database, an account that may log in there, and the owner's engine."""

    name: str
    account: str
    owner: sqlalchemy.Engine

    def run(self, *statements: str) -> None:
        """Run statements as the owner; ``{account}`` and ``{database}`` stand for the names."""
        with self.owner.connect() as connection:
            for statement in statements:
                connection.execute(sqlalchemy.text(statement.format(account=self.account, database=self.name)))

    def url(self, user: str = "", password: str = SECRET, database: str = "", driver: str = "") -> str:
        """What result_backend is to be."""
        found = self.owner.url.set(username=user or self.account, password=password, database=database or self.name)
        return "db+" + (found.set(drivername=driver) if driver else found).render_as_string(hide_password=False)

    def holds(self) -> list[str]:
        """The names of tables and sequences, and the task ids of rows."""
        inspector = sqlalchemy.inspect(self.owner)
        tables = inspector.get_table_names()
        sequences = inspector.get_sequence_names() if self.owner.dialect.name == "postgresql" else []
        found = [*tables, *sequences]
        with self.owner.connect() as connection:
            if self.owner.dialect.name == "mysql":
                found = [name for name, _ in connection.execute(sqlalchemy.text("SHOW FULL TABLES"))]
            for table in ("celery_taskmeta", "django_celery_results_taskresult"):
                if table in tables:
                    found += connection.execute(sqlalchemy.text(f"SELECT task_id FROM {table}")).scalars()
        return found


@contextmanager
def database(base: str) -> Iterator[Database]:
    """A new database on a server, with a new account that has no right but to log in."""
    account = "cbl_" + uuid.uuid4().hex[:12]
    for url in own_database(base, "a server"):
        owner = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool)
        made = Database(str(owner.url.database), account, owner)
        mine = owner.dialect.name == "postgresql"
        made.run(
            f"CREATE ROLE {{account}} LOGIN PASSWORD '{SECRET}'"
            if mine
            else f"CREATE USER {{account}}@'%' IDENTIFIED BY '{SECRET}'"
        )
        try:
            yield made
        finally:
            if mine:
                made.run("DROP OWNED BY {account} CASCADE", "DROP ROLE {account}")
            else:
                made.run("DROP USER {account}@'%'")


def postgresql() -> AbstractContextManager[Database]:
    """One of PostgreSQL."""
    return database(os.environ.get("CBL_TEST_POSTGRESQL", POSTGRESQL))


def mariadb() -> AbstractContextManager[Database]:
    """One of MariaDB."""
    return database(os.environ.get("CBL_TEST_MARIADB", MARIADB))


def on(
    server: Callable[[], AbstractContextManager[Database]],
    *statements: str,
    settings: str = "",
    secrets: Sequence[str] = (SECRET,),
    made: bool = False,
    lock: str = "",
    **of_url: str,
) -> Callable[[Path], AbstractContextManager[Site]]:
    """A site with a database in which statements were run as the owner.

    ``made``: Celery has made its tables there, as the owner, before; ``lock`` is what the owner holds meanwhile.
    """

    @contextmanager
    def start(_: Path) -> Iterator[Site]:
        with server() as one:
            if made:
                make_tables(one)
            one.run(*statements)
            before = one.holds()
            files = {"tasks.py": APP.format(backend=one.url(**of_url)) + settings}
            with one.owner.connect() as connection:
                if lock:
                    hold(connection, lock)

                def left() -> list[str]:
                    connection.close()
                    return [name for name in one.holds() if name not in before]

                yield Site(files, left, tuple(secrets))

    return start


def hold(connection: Any, lock: str) -> None:
    """Take a lock and keep it."""
    if connection.dialect.name == "postgresql":
        connection.execute(sqlalchemy.text("BEGIN"))
    connection.execute(sqlalchemy.text(lock))


def make_tables(one: Database) -> None:
    """Let Celery make its tables as the owner of the database does."""
    from celery.backends.database import models
    from celery.backends.database.session import ResultModelBase

    assert models.Task.__tablename__ == "celery_taskmeta"
    ResultModelBase.metadata.create_all(one.owner)


def at(url: str, settings: str = "", secrets: Sequence[str] = ()) -> Callable[[Path], AbstractContextManager[Site]]:
    """A site without a server; in its URL ``{folder}`` is an own folder, ``{port}`` a port where nothing listens."""

    @contextmanager
    def start(folder: Path) -> Iterator[Site]:
        files = {"tasks.py": APP.format(backend=url.format(folder=folder, port=free_port())) + settings}
        yield Site(files, nothing, tuple(secrets))

    return start


def silent(url: str) -> Callable[[Path], AbstractContextManager[Site]]:
    """A site with a port that takes connections and never answers."""

    @contextmanager
    def start(_: Path) -> Iterator[Site]:
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            listening.listen(20)
            text = url.format(port=listening.getsockname()[1])
            yield Site({"tasks.py": APP.format(backend=text)}, nothing, (SECRET,))

    return start

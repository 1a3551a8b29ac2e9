"""Faults of databases that SQLAlchemy reaches, and of the way to them."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import sqlalchemy

from tests.postgresql_servers import OWNER, postgresql_server
from tests.verify.live.database_sites import SECRET, Database, at, make_tables, mariadb, on, postgresql, silent
from tests.verify.live.site import APP, Fault, Site, nothing

OTHER = "an0ther-secret-word"


def postgresql_that_asks(url: str) -> Callable[[Path], AbstractContextManager[Site]]:
    """A site with a PostgreSQL that asks for a password, which the shared one need not."""

    @contextmanager
    def start(_: Path) -> Iterator[Site]:
        with postgresql_server(OTHER) as port:
            files = {"tasks.py": APP.format(backend=url.format(owner=OWNER, port=port))}
            yield Site(files, nothing, (SECRET, OTHER))

    return start


STOPPING = """\
    import os
    import signal

    from celery.backends.database import DatabaseBackend


    class Backend(DatabaseBackend):
        def store_result(self, *args, **kwargs):
            super().store_result(*args, **kwargs)
            os.kill({process}, signal.SIGSTOP)
"""


@contextmanager
def stopping(_: Path) -> Iterator[Site]:
    """A server that stops when a result is stored: nobody can remove that."""
    with postgresql_server(OTHER) as port:
        url = f"postgresql+psycopg2://{OWNER}:{OTHER}@127.0.0.1:{port}/postgres"
        engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
        one = Database("postgres", OWNER, engine)
        make_tables(one)
        before = one.holds()
        with engine.connect() as connection:
            text = connection.execute(sqlalchemy.text("SELECT pg_read_file('postmaster.pid')")).scalar()
        process = int(str(text).partition("\n")[0])

        def left() -> list[str]:
            os.kill(process, signal.SIGCONT)
            return [name for name in one.holds() if name not in before]

        files = {"own.py": STOPPING.format(process=process), "tasks.py": APP.format(backend="own.Backend+" + url)}
        try:
            yield Site(files, left, (OTHER,))
        finally:
            os.kill(process, signal.SIGCONT)


def sqlite(text: str, *, query: str = "", lock: str = "") -> Callable[[Path], AbstractContextManager[Site]]:
    """A site with a file that is no database, or one in which statements were run, and which is perhaps locked."""

    @contextmanager
    def start(folder: Path) -> Iterator[Site]:
        path = folder / "results.db"
        holding = sqlite3.connect(path, isolation_level=None)
        if text.startswith("CREATE"):
            holding.execute(text)
        else:
            path.write_text(text)
        if lock:
            holding.execute(lock)

        def left() -> list[str]:
            holding.close()
            if not text.startswith("CREATE"):
                return [] if path.read_text() == text else ["another text"]
            with sqlite3.connect(path) as connection:
                found = connection.execute("SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
                return [name for (name,) in found if name != "orders"]

        url = f"db+sqlite:///file:{path}{query}" if query else f"db+sqlite:///{path}"
        yield Site({"tasks.py": APP.format(backend=url)}, left)
        holding.close()

    return start


ORDERS = "CREATE TABLE orders (id INTEGER)"
ALLOWED = "GRANT SELECT, INSERT, UPDATE, DELETE ON {database}.* TO {account}@'%'"
NEVER = "db+{driver}://worker:" + SECRET + "@127.0.0.1:{{port}}/results"
OLD_TABLE = "ALTER TABLE celery_taskmeta DROP COLUMN children"
RIGHTS = "GRANT ALL ON ALL TABLES IN SCHEMA public TO {account}"
SEQUENCES = "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {account}"
SHORT = ("--step-timeout", "2")
LIBPQ = ("--step-timeout", "3")

FAULTS = [
    Fault(
        "database: a dialect that is no more",
        at(f"db+postgres://worker:{SECRET}@127.0.0.1/results", secrets=[SECRET]),
        "driver",
        "dialect-unknown",
        "SQLAlchemy has no database that is called postgres",
    ),
    Fault(
        "database: a driver that is not installed",
        at(f"db+mysql://worker:{SECRET}@127.0.0.1/results", secrets=[SECRET]),
        "driver",
        "driver-missing",
        "the driver MySQLdb is not installed there",
    ),
    Fault(
        "database: a driver for asyncio",
        at(f"db+postgresql+asyncpg://worker:{SECRET}@127.0.0.1/results", secrets=[SECRET]),
        "driver",
        "driver-asynchronous",
        "whose backend is synchronous",
    ),
    Fault(
        "database: a URL that cannot be read",
        at(f"db+postgresql://worker:{SECRET}@127.0.0.1:port/results", secrets=[SECRET]),
        "driver",
        "url-unreadable",
        "SQLAlchemy cannot read the URL in result_backend",
    ),
    Fault(
        "database: an engine option that is none",
        at("db+postgresql+psycopg2://127.0.0.1/x", "    app.conf.database_engine_options = {'pool_sise': 3}\n"),
        "driver",
        "engine-option",
        "SQLAlchemy does not take the options of the engine",
    ),
    Fault(
        "database: a host that does not exist",
        at(f"db+postgresql+psycopg2://worker:{SECRET}@database.invalid/results", secrets=[SECRET]),
        "dns",
        "host-unknown",
        "the host of database.invalid:5432 does not exist",
    ),
    Fault(
        "database: a port where nothing listens",
        at(f"db+mysql+pymysql://worker:{SECRET}@127.0.0.1:{{port}}/results", secrets=[SECRET]),
        "tcp",
        "refused-here",
        "nothing listens on 127.0.0.1:",
    ),
    Fault(
        "PostgreSQL: a port that accepts and never answers",
        silent(NEVER.format(driver="postgresql+psycopg2")),
        "auth",
        "timed-out",
        "does not answer in time",
        arguments=LIBPQ,
    ),
    Fault(
        "MariaDB: a port that accepts and never answers",
        silent(NEVER.format(driver="mysql+pymysql")),
        "auth",
        "no-answer",
        "takes the connection and says nothing within 2 seconds",
        arguments=SHORT,
    ),
    Fault(
        "PostgreSQL: a wrong password",
        postgresql_that_asks(f"db+postgresql+psycopg2://{{owner}}:{SECRET}@127.0.0.1:{{port}}/postgres"),
        "auth",
        "password-wrong",
        "does not take the password of user owner",
    ),
    Fault(
        "PostgreSQL: no password where one is wanted",
        postgresql_that_asks("db+postgresql+psycopg2://{owner}@127.0.0.1:{port}/postgres"),
        "auth",
        "password-missing",
        "wants a password of user owner, and there is none",
    ),
    Fault(
        "MariaDB: a wrong password",
        on(mariadb, password=OTHER, secrets=[SECRET, OTHER]),
        "auth",
        "password-wrong",
        "does not take the password of user cbl_",
    ),
    Fault(
        "PostgreSQL: a role that may not log in",
        on(postgresql, "ALTER ROLE {account} NOLOGIN"),
        "auth",
        "role-refused",
        "does not let user cbl_",
    ),
    Fault(
        "PostgreSQL: as many connections as there may be",
        on(postgresql, "ALTER ROLE {account} CONNECTION LIMIT 0"),
        "auth",
        "connections-full",
        "has as many connections as it takes",
    ),
    Fault(
        "PostgreSQL: a database that is missing",
        on(postgresql, database="nowhere"),
        "database",
        "database-missing",
        "has no database nowhere",
    ),
    Fault(
        "MariaDB: a database that is missing",
        on(mariadb, "GRANT ALL ON *.* TO {account}@'%'", database="nowhere"),
        "database",
        "database-missing",
        "has no database nowhere",
    ),
    Fault(
        "PostgreSQL: a database that the role may not use",
        on(postgresql, "REVOKE CONNECT ON DATABASE {database} FROM PUBLIC"),
        "database",
        "database-forbidden",
        "may not use the database cbl_",
    ),
    Fault(
        "MariaDB: a database that the user may not use", on(mariadb), "database", "database-forbidden", "may not use"
    ),
    Fault(
        "PostgreSQL: a database that takes no writes",
        on(postgresql, "ALTER ROLE {account} SET default_transaction_read_only = on"),
        "database",
        "read-only",
        "the database takes no writes",
    ),
    Fault(
        "PostgreSQL: a role without CREATE",
        on(postgresql),
        "tables",
        "may-not-create",
        "the tables celery_taskmeta, celery_tasksetmeta are not there, and user cbl_",
    ),
    Fault(
        "MariaDB: a user without CREATE",
        on(mariadb, ALLOWED),
        "create",
        "permission-denied",
        "may not create the tables",
    ),
    Fault(
        "PostgreSQL: a schema that is missing",
        on(postgresql, settings="    app.conf.database_table_schemas = {'task': 'celery', 'group': 'celery'}\n"),
        "tables",
        "schema-missing",
        'schema "celery" does not exist',
    ),
    Fault(
        "PostgreSQL: a role that may only read",
        on(postgresql, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {account}", made=True),
        "store",
        "permission-denied",
        "may not do that: permission denied for",
    ),
    Fault(
        "PostgreSQL: a table of an older Celery that another role owns",
        on(postgresql, OLD_TABLE, RIGHTS, SEQUENCES, made=True),
        "tables",
        "columns-missing",
        "the table celery_taskmeta lacks columns that this Celery writes: children",
    ),
    Fault(
        "PostgreSQL: a locked table",
        on(postgresql, RIGHTS, SEQUENCES, made=True, lock="LOCK TABLE celery_taskmeta IN ACCESS EXCLUSIVE MODE"),
        "isolation",
        "locked",
        "something holds the table",
        arguments=SHORT,
    ),
    Fault(
        "PostgreSQL: a table that is locked against writes",
        on(postgresql, RIGHTS, SEQUENCES, made=True, lock="LOCK TABLE celery_taskmeta IN EXCLUSIVE MODE"),
        "store",
        "locked",
        "something holds the table",
        arguments=SHORT,
    ),
    Fault(
        "MariaDB: a table that is locked against writes",
        on(mariadb, ALLOWED, made=True, lock="LOCK TABLES celery_taskmeta READ"),
        "store",
        "locked",
        "something holds the table",
    ),
    Fault(
        "PostgreSQL: a server that stops when a result is stored",
        stopping,
        "read",
        "no-answer",
        "no answer within 2 seconds",
        left=1,
        arguments=SHORT,
    ),
    Fault(
        "SQLite: a database that another process locks",
        sqlite(ORDERS, lock="BEGIN EXCLUSIVE"),
        "database",
        "locked",
        "something holds the table",
        arguments=SHORT,
    ),
    Fault(
        "SQLite: a database that another process writes to",
        sqlite(ORDERS, lock="BEGIN IMMEDIATE"),
        "create",
        "locked",
        "something holds the table",
        arguments=SHORT,
    ),
    Fault(
        "SQLite: a database that is opened to read only",
        sqlite(ORDERS, query="?mode=ro&uri=true"),
        "create",
        "read-only",
        "the database takes no writes",
    ),
    Fault("SQLite: a file that is no database", sqlite("0" * 2000), "database", "file-not-sqlite", "is no SQLite"),
    Fault(
        "SQLite: a folder that is missing",
        at("db+sqlite:///{folder}/nowhere/results.db"),
        "file",
        "folder-missing",
        "/nowhere of the SQLite database is not there",
    ),
    Fault("SQLite: in memory", at("db+sqlite://"), "file", "in-memory", "in the memory of one process"),
]

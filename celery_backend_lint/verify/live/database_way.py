"""The way to a database's server, and how long it is waited for; used with SQLAlchemy and with Django."""

import os
import socket
import time
from typing import Any, Callable, Dict, List, Optional, Tuple

from .protocol import Failure, Live, Step

PORTS = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306, "mssql": 1433, "oracle": 1521}
NAMES = {
    "postgresql": "PostgreSQL",
    "mysql": "MySQL or MariaDB",
    "mariadb": "MariaDB",
    "sqlite": "SQLite",
    "oracle": "Oracle",
    "mssql": "SQL Server",
}
LOCAL = ("localhost", "127.0.0.1", "::1")
ATTEMPTS = 8
"""How often a lock could be waited for within a step: Celery tries a statement four times, and pauses between."""
PATIENCE = 0.8
"""The part of a step's time that a connection is waited for."""
SHORTEST = 2
"""libpq waits no less than so many seconds for a connection."""

PACKAGES = {
    "MySQLdb": "mysqlclient",
    "psycopg2": "psycopg2-binary",
    "psycopg": "psycopg[binary]",
    "pymysql": "PyMySQL",
    "mysql": "mysql-connector-python",
    "cx_Oracle": "cx_Oracle",
    "pyodbc": "pyodbc",
}
"""What brings a driver that is imported by another name."""

TIMEOUTS = {
    "psycopg2": "connect_timeout",
    "psycopg": "connect_timeout",
    "mysqldb": "connect_timeout",
    "pymysql": "connect_timeout",
    "mysqlconnector": "connection_timeout",
}
"""The argument by which a driver is told how long to wait for a connection, in whole seconds."""


def steps_of_the_way(live: Live, host: Any, port: Any) -> List[Step]:
    """Look the host's name up and open its port; nothing where the driver finds its server in another way."""
    if not isinstance(host, str) or not host or "," in host or host.startswith(("/", "@", "\\")):
        return []
    if not str(port).isdigit():
        return []
    address = (host, int(port))
    return [Step("dns", lambda: resolve(live, *address)), Step("tcp", lambda: reach(live, *address), needs=("dns",))]


def resolve(live: Live, host: str, port: int) -> None:
    """Look the host's name up."""
    try:
        socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)
    except socket.gaierror as error:
        again = error.errno == getattr(socket, "EAI_AGAIN", None)
        raise Failure("dns-unavailable" if again else "host-unknown", text=live.text_of(error)) from None


def reach(live: Live, host: str, port: int) -> None:
    """Open a connection and close it again."""
    seconds = live.limit * PATIENCE
    try:
        socket.create_connection((host, port), timeout=seconds).close()
    except socket.timeout:
        raise Failure("tcp-timeout", seconds=seconds) from None
    except ConnectionRefusedError:
        raise Failure("refused-here" if host in LOCAL else "refused-there") from None
    except OSError as error:
        raise Failure("unreachable", text=live.text_of(error)) from None


def connect_patience(live: Live) -> Optional[int]:
    """Seconds that a driver may wait for a connection, None where it cannot wait for so short a time."""
    seconds = int(live.limit * PATIENCE)
    return seconds if seconds >= SHORTEST else None


def lock_patience(live: Live) -> float:
    """Seconds that one statement may wait for a lock."""
    return live.limit / ATTEMPTS


def statements_of_patience(name: str, live: Live) -> List[str]:
    """What bounds the wait for locks in a transaction; nothing of it stays for who gets the connection from a pooler.

    MySQL knows no such bound for a transaction: there it is the session's, which ends with the connection.
    """
    seconds = lock_patience(live)
    if name == "postgresql":
        limit = max(1, int(seconds * 1000))
        shorter = f"FROM pg_settings WHERE name = 'lock_timeout' AND (setting = '0' OR setting::bigint > {limit})"
        return [f"SELECT set_config('lock_timeout', '{limit}', true) {shorter}"]
    if name in ("mysql", "mariadb"):
        whole = max(1, int(seconds))
        names = ("lock_wait_timeout", "innodb_lock_wait_timeout")
        return ["SET " + ", ".join(f"SESSION {one} = LEAST(@@{one}, {whole})" for one in names)]
    return []


def statements_of_counting(name: str, maria: bool, seconds: float) -> List[str]:
    """What lets counting rows take no longer: on PostgreSQL in the transaction, else on the connection."""
    milliseconds = max(1, int(seconds * 1000))
    if name == "postgresql":
        return [f"SET LOCAL statement_timeout = {milliseconds}"]
    if name in ("mysql", "mariadb"):
        own = f"max_statement_time = {seconds}" if maria else f"max_execution_time = {milliseconds}"
        return ["SET SESSION " + own]
    return []


def interrupt_later(connection: Any, seconds: float) -> None:
    """The same for a connection of the module sqlite3."""
    end = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > end, 10000)


def bound_sqlalchemy(live: Live) -> None:
    """Let no connection and no lock be waited for longer than a step lasts, whichever engine waits."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    def connect(dialect: Any, _record: Any, _args: Any, options: Dict[str, Any]) -> None:
        name = TIMEOUTS.get(dialect.driver)
        seconds = connect_patience(live)
        if name and seconds and not options.get(name) and not os.environ.get("PGCONNECT_TIMEOUT"):
            options[name] = seconds

    def begin(connection: Any) -> None:
        for statement in statements_of_patience(connection.dialect.name, live):
            connection.exec_driver_sql(statement)
        if connection.dialect.name == "sqlite":
            bound_sqlite(connection.exec_driver_sql, live)

    event.listen(Engine, "do_connect", connect)
    event.listen(Engine, "begin", begin)


def bound_sqlite(execute: Callable[[str], Any], live: Live) -> None:
    """The same for a file that another process has locked."""
    limit = int(lock_patience(live) * 1000)
    if execute("PRAGMA busy_timeout").fetchone()[0] > limit:
        execute(f"PRAGMA busy_timeout = {limit}")


def place_of_server(name: str, host: Any, port: Any) -> Tuple[str, str]:
    """A server for people, in a headline and within a sentence."""
    kind = NAMES.get(name, name)
    if not host:
        return kind, "the server of this machine"
    if str(host).startswith("/"):
        return f"{kind} at the socket {host}", f"the socket {host}"
    address = f"{host}:{port}" if port else str(host)
    return f"{kind} at {address}", address

"""What a database, its driver and SQLAlchemy mean with an error: PostgreSQL, MariaDB and MySQL, SQLite."""

import re
from typing import Any, NamedTuple, Optional, Tuple

from . import generic_steps
from .error_chain import chain_of
from .protocol import Failure, Live

STATES = {
    "08001": "unreachable",
    "25006": "read-only",
    "28000": "role-refused",
    "28P01": "password-wrong",
    "3D000": "database-missing",
    "3F000": "schema-missing",
    "42501": "permission-denied",
    "42703": "column-missing",
    "42P01": "table-missing",
    "53100": "disk-full",
    "53300": "connections-full",
    "55P03": "locked",
    "57014": "cancelled",
    "57P01": "server-stops",
    "57P03": "server-starts",
}
"""SQLSTATE of PostgreSQL."""

NUMBERS = {
    1021: "disk-full",
    1040: "connections-full",
    1044: "database-forbidden",
    1045: "password-wrong",
    1046: "database-not-named",
    1049: "database-missing",
    1054: "column-missing",
    1129: "host-blocked",
    1130: "host-not-allowed",
    1142: "permission-denied",
    1143: "permission-denied",
    1146: "table-missing",
    1203: "connections-full",
    1205: "locked",
    1226: "connections-full",
    1227: "permission-denied",
    1290: "read-only",
    1370: "permission-denied",
    1698: "password-wrong",
    1792: "read-only",
    1836: "read-only",
    1969: "cancelled",
    3024: "cancelled",
}
"""Error numbers of MariaDB and MySQL."""

SAYINGS = (
    # What libpq says when there is no connection yet has no code; the server's part of it is English as a rule.
    (r"no password supplied|\(using password: NO\)", "password-missing"),
    (r"password authentication failed", "password-wrong"),
    (r"no pg_hba\.conf entry|pg_hba\.conf rejects", "host-not-allowed"),
    (r"(Peer|Ident) authentication failed", "other-account"),
    (r"role .* does not exist|is not permitted to log in", "role-refused"),
    (r"permission denied for database|User does not have CONNECT privilege", "database-forbidden"),
    (r"database .* does not exist", "database-missing"),
    (r"too many (clients|connections)|remaining connection slots", "connections-full"),
    (r"the database system is (starting up|in recovery mode|not yet accepting)", "server-starts"),
    (r"the database system is shutting down", "server-stops"),
    (r"server does not support SSL", "tls-unsupported"),
    (r"certificate verify failed|root certificate file|SSL error|ssl_error|server certificate for", "tls-failed"),
    (r"invalid (dsn|connection option)|unexpected keyword argument|Unsupported argument", "option-unknown"),
    (r"package is required for .* auth", "cryptography-missing"),
    (r"\.s\.PGSQL\.|through socket|\.sock\b", "socket-missing"),
    (r"[Cc]onnection refused|Errno 111", "refused-connection"),
    (r"timeout expired|timed out", "timed-out"),
    (r"[Cc]ould not translate host name|failed to resolve host|Name or service not known", "host-unknown"),
    (r"No route to host|Network is unreachable", "unreachable"),
    (r"server closed the connection|Lost connection|gone away|Connection reset", "closed"),
    # SQLite
    (r"readonly database", "read-only"),
    (r"unable to open database file", "file-unusable"),
    (r"database( table)? is locked|database schema is locked", "locked"),
    (r"file is not a database|malformed", "file-not-sqlite"),
    (r"database or disk is full", "disk-full"),
    (r"no such table", "table-missing"),
    (r"no such column|has no column named", "column-missing"),
    (r"^interrupted$", "cancelled"),
    # SQLAlchemy
    (r"greenlet_spawn has not been called", "driver-asynchronous"),
)

STATEMENTS = frozenset(
    ["column-missing", "locked", "permission-denied", "read-only", "schema-missing", "table-missing", "disk-full"]
)
"""Causes with which a statement failed: its transaction was rolled back, and nothing of it is stored."""

OF_THE_DATABASE = frozenset(["database-missing", "database-forbidden", "database-not-named"])
"""Causes that a server names once it knows who asks."""


class Said(NamedTuple):
    """What a driver's exception holds."""

    state: Optional[str]
    number: Optional[int]
    text: str


def explain(error: BaseException, live: Live) -> Optional[Failure]:
    """The cause of an exception, None where it is none of a database's."""
    chain = list(chain_of(error))
    for one in chain:
        if isinstance(one, ImportError):
            return generic_steps.explain(one, live)
    for one in chain:
        if getattr(one, "orig", None) is None:  # SQLAlchemy's own says the same once more, with the statement
            said = said_by(one)
            cause = cause_of(said)
            if cause is not None:
                return Failure(cause, text=live.text_of(first_line(said.text)))
    of_drivers = [one for one in chain if is_of_a_driver(one)]
    return Failure("database-error", text=live.text_of(of_drivers[0])) if of_drivers else None


def first_line(text: str) -> str:
    """What is wrong; the lines after it show the statement."""
    return text.strip().partition("\n")[0]


def cause_of(said: Said) -> Optional[str]:
    """The code of a cause."""
    if said.number == 1045 and "using password: NO" in said.text:
        return "password-missing"
    if said.number == 3024 and "execution" not in said.text:  # mysql-connector says so of a server that is silent
        return "timed-out"
    if said.state == "42501" and "for database" in said.text:
        return "database-forbidden"
    found = STATES.get(said.state or "") or NUMBERS.get(said.number or 0)
    if found is not None:
        return found
    return next((cause for saying, cause in SAYINGS if re.search(saying, said.text)), None)


def said_by(error: BaseException) -> Said:
    """What one exception says: each driver keeps it elsewhere."""
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    args: Tuple[Any, ...] = error.args
    first = args[0] if args else None
    if isinstance(first, dict):  # pg8000
        return Said(first.get("C"), None, str(first.get("M", "")))
    if isinstance(first, int) and len(args) > 1:  # the drivers of MySQL, whose SQLSTATE is of no use
        return Said(None, first, str(args[1]))
    return Said(state, None, str(error))


def is_of_a_driver(error: BaseException) -> bool:
    """Whether it is an exception of a database's driver (PEP 249), not one of a library around it."""
    names = [cls.__name__ for cls in type(error).__mro__]
    ours = type(error).__module__.startswith(("sqlalchemy", "django", "celery"))
    return not ours and "Error" in names and ("DatabaseError" in names or "InterfaceError" in names)

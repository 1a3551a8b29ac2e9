"""The tables of Celery's database backend: what is there, what its first use makes, what clean-up has to do."""
# mypy: disable-error-code="import-untyped"

import os
import sqlite3
import time
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Tuple

from .database_errors import explain
from .database_way import interrupt_later, statements_of_counting
from .protocol import Failure, Live

MOST_COUNTED = 100000
OVERDUE = timedelta(days=2)
"""How long a result is there after its time when the daily clean-up cannot have run."""
COUNTING = 0.3
"""The part of a step's time that counting rows may take."""


class Object(NamedTuple):
    """A table or a sequence that a database has, or may get."""

    what: str
    name: str
    schema: Optional[str]
    element: Any

    @property
    def full_name(self) -> str:
        """Its name with its schema."""
        return f"{self.schema}.{self.name}" if self.schema else self.name


class Tables:
    """The tables of a backend. ``connect`` gives a connection of SQLAlchemy's in a transaction."""

    def __init__(self, live: Live, engine: Callable[[], Any]) -> None:
        self.live = live
        self.engine = engine
        self.missing: List[Object] = []
        self.made: List[Object] = []
        self.begun = 0.0
        self.usable = False
        """Whether a result can be stored without a change of a table that was there before."""

    @property
    def backend(self) -> Any:
        """The backend whose tables they are."""
        return self.live.backend

    def objects(self, connection: Any = None) -> List[Object]:
        """All that Celery makes at its first use: sequences, where there are any, then the tables that use them."""
        from celery.backends.database.session import ResultModelBase
        from sqlalchemy import Sequence

        tables = list(ResultModelBase.metadata.sorted_tables)
        defaults = [column.default for table in tables for column in table.columns]
        known = connection is not None and connection.dialect.supports_sequences
        sequences = [one for one in defaults if isinstance(one, Sequence) and known]
        return [Object("sequence", one.name, one.schema, one) for one in sequences] + [
            Object("table", one.name, one.schema, one) for one in tables
        ]

    def look(self) -> None:
        """See what is there; where a table is missing, whether it may be made."""
        with self.engine().begin() as connection:
            self.missing = [one for one in self.objects(connection) if not is_there(connection, one)]
            lacking = self.lacking_columns(connection)
            names = [one.full_name for one in self.missing if one.what == "table"]
            if names and connection.dialect.name == "postgresql":
                self.see_right_to_create(connection, names)
            self.usable = not lacking or not self.migrates()
            if lacking:
                table, columns = min(lacking.items())
                if not self.migrates() or not owns(connection, table):
                    raise Failure("columns-missing", table=table, columns=columns)
                self.live.note("columns-to-come", table=table, columns=columns)
        if names:
            self.live.note("tables-to-come", tables=names)

    def foresee(self) -> None:
        """Take all for missing: the file of an SQLite database is not there, and opening it would make it."""
        self.missing = self.objects()
        self.usable = True
        self.live.note("tables-to-come", tables=[one.full_name for one in self.missing if one.what == "table"])

    def migrates(self) -> bool:
        """Whether this Celery adds columns to tables that an older one made."""
        from celery.backends.database.session import SessionManager

        return hasattr(SessionManager, "_migrate_missing_columns")

    def lacking_columns(self, connection: Any) -> Dict[str, List[str]]:
        """The columns that Celery writes and a table of an older one, or of one's own, lacks."""
        from sqlalchemy import inspect

        found: Dict[str, List[str]] = {}
        for model in (self.backend.task_cls, self.backend.taskset_cls):
            table = model.__table__
            if not is_there(connection, Object("table", table.name, table.schema, table)):
                continue
            wanted = table.columns if self.migrates() else inspect(model).columns
            there = {one["name"] for one in inspect(connection).get_columns(table.name, schema=table.schema)}
            columns = [one.name for one in wanted if one.name not in there]
            if columns:
                found[f"{table.schema}.{table.name}" if table.schema else table.name] = columns
        return found

    def see_right_to_create(self, connection: Any, tables: List[str]) -> None:
        """Ask PostgreSQL, which is no attempt: a role may lack the right since version 15."""
        from sqlalchemy import text

        for schema in {one.schema for one in self.missing}:
            found = connection.exec_driver_sql("SELECT current_schema()").scalar() if schema is None else schema
            if found is None:
                raise Failure("schema-missing", text="no schema of search_path exists")
            known = text("SELECT count(*) FROM pg_namespace WHERE nspname = :name")
            if connection.execute(known, {"name": found}).scalar() == 0:
                raise Failure("schema-missing", text=f'schema "{found}" does not exist')
            allowed = text("SELECT has_schema_privilege(:name, 'CREATE')")
            if not connection.execute(allowed, {"name": found}).scalar():
                raise Failure("may-not-create", tables=tables, schema=found)

    def create(self) -> None:
        """Make what is missing, as Celery does, without the seconds in which Celery tries again and again."""
        from celery.backends.database.session import ResultModelBase

        for one in self.missing:
            self.live.making(one.what, one.full_name, lambda one=one: self.drop([one]))  # type: ignore[misc]
        self.made = self.missing
        self.begun = time.monotonic()
        try:
            ResultModelBase.metadata.create_all(self.engine())
        finally:
            self.see_what_is_made()

    def see_what_is_made(self) -> None:
        """Of what was to be made keep in mind what is there: not all of it where that failed, or without sequences."""
        with self.engine().begin() as connection:
            there = [one for one in self.made if is_there(connection, one)]
        for one in self.made:
            if one not in there:
                self.live.removed(one.full_name)
        self.made = there

    def drop_made(self) -> None:
        """Drop what was made here."""
        tables = [one for one in self.made if one.what == "table"]
        if not self.drop(tables):
            self.live.note("tables-in-use", tables=[one.full_name for one in tables])
        else:
            self.drop([one for one in self.made if one.what == "sequence"])
            # A process looks for the tables but once: whoever found them meanwhile fails from now on.
            self.live.note("tables-dropped", seconds=round(time.monotonic() - self.begun, 1))
        for one in self.made:
            self.live.removed(one.full_name)
        self.made = []

    def drop(self, objects: List[Object]) -> bool:
        """Drop tables and sequences unless a table has rows, which are others', or belongs to such a table."""
        from sqlalchemy.schema import DropSequence, DropTable

        with locked(self.engine(), objects) as connection:
            there = [one for one in objects if is_there(connection, one)]
            if any(has_rows(connection, one) for one in there if one.what == "table"):
                return False
            for one in reversed(there):
                connection.execute(DropTable(one.element) if one.what == "table" else DropSequence(one.element))
        return True

    def see_clean_up(self) -> None:
        """Tell what clean-up would delete, and whether it can have run."""
        conf = self.live.app.conf
        expires = self.backend.expires
        if not conf.result_expires:
            self.live.note("beat-does-not-clean", expires=str(conf.result_expires))
            return
        if not isinstance(expires, timedelta):
            return
        tables = [self.backend.task_cls.__table__, self.backend.taskset_cls.__table__]
        now = datetime.now(timezone.utc).replace(tzinfo=None)
        try:
            with self.engine().begin() as connection:
                bound_counting(connection, self.live.limit * COUNTING)
                expired = sum(count_before(connection, table, now - expires) for table in tables)
                overdue = sum(count_before(connection, table, now - expires - OVERDUE) for table in tables)
        except Exception as error:
            failure = explain(error, self.live)
            if failure is None or failure.cause != "cancelled":
                raise
            self.live.note("too-many-to-count", tables=[table.name for table in tables])
            return
        tell_clean_up(self.live, expired, overdue)


def tell_clean_up(live: Live, expired: int, overdue: int) -> None:
    """Say what clean-up would delete, for any backend."""
    if overdue:
        live.note("never-cleaned", overdue=amount(overdue))
    elif expired:
        live.note("to-be-cleaned", expired=amount(expired))


def amount(number: int) -> str:
    """A number of rows for people, of which no more than so many are counted."""
    return f"more than {MOST_COUNTED}" if number > MOST_COUNTED else str(number)


def is_there(connection: Any, one: Object) -> bool:
    """Whether a database has it."""
    dialect = connection.dialect
    if one.what == "table":
        return bool(dialect.has_table(connection, one.name, schema=one.schema))
    return bool(dialect.has_sequence(connection, one.name, schema=one.schema))


def has_rows(connection: Any, one: Object) -> bool:
    """Whether a table has any row."""
    from sqlalchemy import select

    return connection.execute(select(one.element.primary_key.columns.values()[0]).limit(1)).first() is not None


def count_before(connection: Any, table: Any, moment: datetime) -> int:
    """How many of its rows are older, up to a number."""
    from sqlalchemy import func, literal_column, select

    rows: Any = select(literal_column("1")).select_from(table).where(table.c.date_done < moment).limit(MOST_COUNTED + 1)
    return int(connection.execute(select(func.count()).select_from(rows.subquery())).scalar())


def owns(connection: Any, table: str) -> bool:
    """Whether the user may add columns to a table, as far as that can be asked."""
    from sqlalchemy import text

    if connection.dialect.name != "postgresql":
        return True
    question = text("SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass(:name)")
    return connection.execute(question, {"name": table}).scalar() is not False


def bound_counting(connection: Any, seconds: float) -> None:
    """Let a statement of this connection take no longer."""
    dialect = connection.dialect
    for statement in statements_of_counting(dialect.name, getattr(dialect, "is_mariadb", False), seconds):
        connection.exec_driver_sql(statement)
    if dialect.name == "sqlite":
        raw = getattr(connection.connection, "dbapi_connection", connection.connection)
        interrupt_later(raw, seconds)


@contextmanager
def locked(engine: Any, objects: List[Object]) -> Iterator[Any]:
    """A connection to drop them with, for which nobody can begin to use them meanwhile."""
    name = engine.dialect.name
    if name == "sqlite":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("BEGIN EXCLUSIVE")
            yield connection
            connection.exec_driver_sql("COMMIT")
        return
    with engine.begin() as connection:
        there = [quoted(connection, one) for one in objects if is_there(connection, one)]
        tables = [quoted(connection, one) for one in objects if one.what == "table" and is_there(connection, one)]
        if name == "postgresql" and tables:
            connection.exec_driver_sql("LOCK TABLE " + ", ".join(tables) + " IN ACCESS EXCLUSIVE MODE")
        elif name in ("mysql", "mariadb") and there:
            connection.exec_driver_sql("LOCK TABLES " + ", ".join(one + " WRITE" for one in there))
        yield connection


def quoted(connection: Any, one: Object) -> str:
    """Its name for a statement."""
    prepare = connection.dialect.identifier_preparer
    return str(prepare.format_table(one.element) if one.what == "table" else prepare.format_sequence(one.element))


def remove_empty_file(path: str) -> None:
    """Remove the file of an SQLite database that has no table."""
    if not os.path.exists(path):
        return
    connection = sqlite3.connect(path, timeout=1, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
        [tables] = connection.execute("SELECT count(*) FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchone()
        if not tables:
            os.unlink(path)
        connection.execute("ROLLBACK")
    finally:
        connection.close()


def path_of(url: Any) -> Tuple[str, bool]:
    """The file of an SQLite URL, and whether it is in memory only; no file where the URL is SQLite's own kind."""
    name = str(url.database or "")
    if name in ("", ":memory:") or url.query.get("mode") == "memory" or name.startswith("file::memory:"):
        return "", True
    return ("" if name.startswith("file:") else os.path.abspath(name)), False

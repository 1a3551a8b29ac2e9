"""Lets no lock be waited for longer than a step lasts, whatever Django does with a connection."""
# mypy: disable-error-code="import-untyped"

from typing import Any, List

from .database_way import bound_sqlite, statements_of_patience
from .protocol import Live


def bound_statements(connection: Any, live: Live) -> None:
    """Bound each statement that is executed from now on.

    On PostgreSQL the bound is one of the transaction, and a statement on its own gets one: a bound of the session
    would stay with the connection that a pooler gives to somebody else next.
    """
    busy: List[bool] = []

    def bounded(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if busy:
            return execute(sql, params, many, context)
        busy.append(True)
        try:
            if connection.vendor != "postgresql":
                prepare(connection, live)
                return execute(sql, params, many, context)
            from django.db import transaction

            if connection.in_atomic_block:
                prepare(connection, live)
                return execute(sql, params, many, context)
            with transaction.atomic(using=connection.alias):
                prepare(connection, live)
                return execute(sql, params, many, context)
        finally:
            busy.pop()

    connection.execute_wrappers.append(bounded)


def prepare(connection: Any, live: Live) -> None:
    """Bound what follows: on PostgreSQL in the transaction, elsewhere on the connection, which ends with the run."""
    with connection.cursor() as cursor:
        for statement in statements_of_patience(connection.vendor, live):
            cursor.execute(statement)
        if connection.vendor == "sqlite":

            def execute(statement: str) -> Any:
                cursor.execute(statement)
                return cursor

            bound_sqlite(execute, live)

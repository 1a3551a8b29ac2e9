"""SQLite as a result backend: whether a URL names a file or memory, as SQLAlchemy reads it.

``sqlalchemy.dialects.sqlite.pysqlite`` (1.4 to 2.1): no database, ``:memory:``, and of a URI ``mode=memory`` or a file
called ``:memory:`` are memory; ``sqlite:///name`` is relative to the working directory, ``sqlite:////name`` is not.
"""

from __future__ import annotations

import re

from celery_backend_lint.model.urls import UNKNOWN, split_database
from celery_backend_lint.record import record


@record
class SqliteDatabase:
    """Where a SQLite database is: ``memory``, or a file, whose path is ``relative`` where that is certain."""

    memory: bool
    relative: bool


def sqlite_database(text: str) -> SqliteDatabase | None:
    """What the SQLite URL of a database backend names; None where it is no such URL, or not known enough."""
    url = split_database(text)
    if url is None or url.dialect != "sqlite" or url.driver not in ("", "pysqlite"):
        return None
    name = url.database.text if url.database is not None else ""
    query = url.query.text if url.query is not None else ""
    if not url.host.known or url.host.text:
        return None
    path = name.removeprefix("file:")
    if path == ":memory:" or not name or re.search(r"(?:^|&)mode=memory(?:&|$)", query) is not None:
        return SqliteDatabase(memory=True, relative=False)
    absolute = path.startswith(("/", "\\", UNKNOWN, "~", "$", "{")) or re.match(r"[A-Za-z]:", path) is not None
    return SqliteDatabase(memory=False, relative=not absolute)

"""A database by SQLAlchemy: driver, way, who one is, tables, a result, and what clean-up has to do there."""
# mypy: disable-error-code="import-untyped"

import os
from typing import Any, Callable, Dict, Iterator, Optional

from . import database_errors, worker_steps
from .database_tables import Tables, path_of, remove_empty_file
from .database_way import NAMES, PACKAGES, PORTS, bound_sqlalchemy, place_of_server, steps_of_the_way
from .generic_steps import Result
from .protocol import Facts, Failure, Live, Step

KIND = "database"
PERSISTENT_READS = ("REPEATABLE READ", "SERIALIZABLE", "SNAPSHOT")
explain = database_errors.explain


def where(live: Live) -> Facts:
    """The database that result_backend names, as far as its URL can be read."""
    url = url_of(live.backend)
    setting = "result_backend" if "://" in str(live.app.conf.result_backend) else "database_url"
    if url is None:
        return {"label": "a database", "address": "", "database": "", "user": "", "setting": setting}
    name = url.get_backend_name()
    if name == "sqlite":
        path, memory = path_of(url)
        label = "SQLite in memory" if memory else "SQLite at " + (path or str(url.database))
        return {"label": label, "address": path, "database": path, "user": "", "setting": setting}
    label, address = place_of_server(name, *host_and_port(live.backend, url))
    database = str(url.database or "")
    return {
        "label": f"{label}, database {database}" if database else label,
        "address": address,
        "database": database,
        "user": str(url.username or "") or "that the driver takes",
        "setting": setting,
    }


def steps(live: Live) -> Iterator[Step]:
    """Every step, in order; which there are depends on what those before found."""
    server = Server(live)
    yield Step("driver", server.make_engine)
    if not live.outcomes["driver"]:
        return
    bound_sqlalchemy(live)
    url = server.engine.url
    file = File(live, *path_of(url)) if url.get_backend_name() == "sqlite" else None
    if file is not None:
        way = [Step("file", file.look)]
        ready = "file"
    else:
        way = steps_of_the_way(live, *host_and_port(live.backend, url))
        after = tuple(step.name for step in way[-1:])
        way = [*way, Step("auth", server.authenticate, needs=after)]
        ready = "auth"
    yield from way
    if file is None or not file.missing:
        yield Step("database", server.see_database, needs=(ready,))
        ready = "database"
    tables = Tables(live, lambda: server.engine)
    look = tables.foresee if file is not None and file.missing else tables.look
    yield Step("tables", look, needs=(ready,))
    if not live.outcomes["tables"] or tables.usable:
        yield from steps_of_tables(live, server, tables, file)


def steps_of_tables(live: Live, server: "Server", tables: Tables, file: "Optional[File]") -> Iterator[Step]:
    """What is tried once it is known which tables there are."""
    new = bool(tables.missing)
    ready = "tables"
    if live.outcomes["tables"] and new:

        def create() -> None:
            if file is not None and file.missing:
                live.making("file", file.path, lambda: remove_empty_file(file.path))
            tables.create()

        yield Step("create", create, needs=("tables",), writes=True)
        ready = "create"
    yield from steps_of_result(live, server.isolation, ready)
    if ready == "create" and tables.made:

        def drop() -> None:
            tables.drop_made()
            if file is not None and file.missing:
                remove_empty_file(file.path)
                if not os.path.exists(file.path):
                    live.removed(file.path)

        yield Step("drop", drop, needs=("create",), writes=True)
    if not new:
        yield Step("clean-up", tables.see_clean_up, needs=("isolation",))


def steps_of_result(live: Live, isolation: Callable[[], None], ready: str) -> Iterator[Step]:
    """A result that is stored, read and forgotten once the step ``ready`` is done, and one of a worker."""
    result = DatabaseResult(live)
    read = Step("read", result.read, needs=("store",))
    yield Step("isolation", isolation, needs=(ready,))
    yield Step("store", result.store, needs=("isolation",), writes=True)
    yield read
    yield Step("forget", result.forget, needs=("store",), writes=True)
    if live.worker:
        yield from worker_steps.steps(live, [read])


def refusal(live: Live, connect: Callable[[], Any]) -> Optional[Failure]:
    """What a server that one logs in to says of the database; whatever else keeps one from connecting is raised."""
    try:
        connect()
    except Exception as error:
        failure = explain(error, live)
        if failure is None or failure.cause not in database_errors.OF_THE_DATABASE:
            raise
        return failure
    return None


def see_whether_postgresql_takes_writes(ask: Callable[[str], Any]) -> None:
    """Fail where it does not; ``ask`` gives the first value that a statement finds."""
    if ask("SELECT pg_is_in_recovery()"):
        raise Failure("read-only", text="it is a standby, which follows another server")
    if ask("SHOW transaction_read_only") == "on":
        raise Failure("read-only", text="default_transaction_read_only is on")


def read_first(live: Live, level: str) -> None:
    """Read the result before it is there, as who polls for it does, and note a level under which it stays away."""
    live.backend.get_task_meta(live.task_id, cache=False)
    if level in PERSISTENT_READS:
        live.note("isolation-level", level=level)


class Server:
    """The server, or the file, as the backend reaches it."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.engine: Any = None
        self.refused: Optional[Failure] = None

    def make_engine(self) -> None:
        """Make the engine that Celery uses, and the one that it makes in the processes of a worker's pool."""
        from celery.backends.database.session import SessionManager
        from sqlalchemy.exc import ArgumentError, NoSuchModuleError

        backend = self.live.backend
        callback = getattr(getattr(backend, "session_manager", None), "engine_callback", None)
        url = url_of(backend)
        if url is None:
            raise Failure("url-unreadable")
        try:
            if getattr(url.get_dialect(), "is_async", False):
                raise Failure("driver-asynchronous", text=f"{url.drivername}:// is for asyncio")
            for forked in (True, False):
                manager = SessionManager() if callback is None else SessionManager(engine_callback=callback)
                manager.forked = forked
                self.engine = manager.get_engine(backend.url, **backend.engine_options)
        except NoSuchModuleError:
            raise Failure("dialect-unknown", dialect=url.drivername) from None
        except ArgumentError as error:
            raise Failure("engine-option", text=self.live.text_of(error)) from None
        except ImportError as error:
            missing = (error.name or "").partition(".")[0]
            raise Failure(
                "driver-missing", driver=missing, package=PACKAGES.get(missing, missing), text=self.live.text_of(error)
            ) from None
        except TypeError as error:
            raise Failure("engine-option", text=self.live.text_of(error)) from None

    def authenticate(self) -> None:
        """Open a connection and log in. Whether the database is there comes after that, and is the next step's."""
        self.refused = refusal(self.live, lambda: self.engine.connect().close())

    def see_database(self) -> None:
        """Whether the database is there, and takes what is written."""
        if self.refused is not None:
            raise self.refused
        with self.engine.begin() as connection:
            name = connection.dialect.name
            if name == "sqlite":
                connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()
            if name in ("mysql", "mariadb"):
                tell_kind(self.live, connection.dialect.is_mariadb)
            if name in ("mysql", "mariadb") and not self.engine.url.database:
                raise Failure("database-not-named", text="the URL ends before the name of a database")
            if name == "postgresql":
                see_whether_postgresql_takes_writes(lambda statement: connection.exec_driver_sql(statement).scalar())

    def isolation(self) -> None:
        """Which isolation level there is; a first read, before the result is there, as who polls for it does."""
        with self.engine.connect() as connection:
            name = connection.dialect.name
            level = "" if name == "sqlite" else str(connection.get_isolation_level())
        read_first(self.live, level)


class File:
    """The file of an SQLite database."""

    def __init__(self, live: Live, path: str, memory: bool) -> None:
        self.live = live
        self.path = path
        self.memory = memory
        self.missing = False

    def look(self) -> None:
        """See that it, or its folder, is there and may be written."""
        if self.memory:
            raise Failure("in-memory")
        if not self.path:
            return
        folder = os.path.dirname(self.path)
        if not os.path.isdir(folder):
            raise Failure("folder-missing", folder=folder)
        if os.path.isdir(self.path):
            raise Failure("file-unusable", text="it is a folder")
        self.missing = not os.path.exists(self.path)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise Failure("folder-read-only", folder=folder, account=str(os.getuid()))
        if not self.missing and not os.access(self.path, os.R_OK | os.W_OK):
            raise Failure("file-read-only", account=str(os.getuid()))


class DatabaseResult(Result):
    """A row under a task id of this run's own."""

    def store(self) -> None:
        """Store it; a statement that failed has left no row."""
        try:
            super().store()
        except Exception as error:
            failure = explain(error, self.live)
            if failure is not None and failure.cause in database_errors.STATEMENTS:
                self.live.removed(self.name)
            raise


def tell_kind(live: Live, maria: bool) -> None:
    """Say in the headline which of the two it is, which the server has told."""
    live.place(label=live.where["label"].replace(NAMES["mysql"], "MariaDB" if maria else "MySQL"))


def url_of(backend: Any) -> Any:
    """The backend's URL, None where SQLAlchemy cannot read it."""
    from sqlalchemy.engine import make_url

    try:
        return make_url(backend.url)
    except Exception:
        return None


def host_and_port(backend: Any, url: Any) -> Any:
    """Where the driver is told to go; no port where something else than the URL and ``connect_args`` decides."""
    options: Dict[str, Any] = backend.engine_options or {}
    arguments: Dict[str, Any] = options.get("connect_args") or {}
    if "creator" in options or "dsn" in arguments or "service" in url.query:
        return None, None
    host = arguments.get("unix_socket") or url.query.get("unix_socket") or arguments.get("host") or url.host
    host = host or url.query.get("host")
    if isinstance(host, tuple):
        host = ",".join(host)
    port = arguments.get("port") or url.port or url.query.get("port") or PORTS.get(url.get_backend_name())
    return host, port

"""A database by Django's models (``django-db``): way, who one is, migrations, a result, what clean-up has to do."""
# mypy: disable-error-code="import-untyped"

import os
from datetime import timedelta
from typing import Any, Iterator, List, Optional, Tuple

from . import database_errors
from .database_steps import (
    File,
    read_first,
    refusal,
    see_whether_postgresql_takes_writes,
    steps_of_result,
    tell_kind,
)
from .database_tables import COUNTING, MOST_COUNTED, OVERDUE, tell_clean_up
from .database_way import (
    PORTS,
    connect_patience,
    interrupt_later,
    place_of_server,
    statements_of_counting,
    steps_of_the_way,
)
from .django_patience import bound_statements
from .protocol import Facts, Failure, Live, Step

KIND = "django"
APP = "django_celery_results"
MOST_SHOWN = 3
"""How many migrations are named."""
explain = database_errors.explain


def where(live: Live) -> Facts:
    """The database that Django's routers choose for results."""
    alias, vendor, settings = database_of(live)
    name, setting = str(settings.get("NAME") or ""), f"DATABASES[{alias!r}]"
    user = str(settings.get("USER") or "") or "that the driver takes"
    if vendor == "sqlite":
        return {"label": "SQLite at " + name, "address": name, "database": name, "user": user, "setting": setting}
    label, address = place_of_server(vendor, *host_and_port(vendor, settings))
    return {
        "label": f"{label}, database {name} (DATABASES[{alias!r}])",
        "address": address,
        "database": name,
        "user": user,
        "setting": setting,
    }


def database_of(live: Live) -> Tuple[str, str, Facts]:
    """The alias of the database that results are written to, what kind it is, and its settings."""
    from django.db import connections, router

    alias = router.db_for_write(live.backend.TaskModel)
    try:
        connection = connections[alias]
        return alias, connection.vendor, connection.settings_dict
    except Exception:  # an alias that is none, a driver that is not there: the step "driver" tells
        settings = connections.databases.get(alias, {})
        return alias, str(settings.get("ENGINE", "")).rpartition(".")[2], settings


def host_and_port(vendor: str, settings: Facts) -> Tuple[Any, Any]:
    """Where the driver is told to go."""
    options = settings.get("OPTIONS") or {}
    if "service" in options or "dsn" in options:
        return None, None
    host = options.get("host") or options.get("unix_socket") or settings.get("HOST")
    return host, options.get("port") or settings.get("PORT") or PORTS.get(vendor)


def steps(live: Live) -> Iterator[Step]:
    """Every step, in order; which there are depends on what those before found."""
    server = Server(live)
    yield Step("driver", server.load)
    if not live.outcomes["driver"]:
        return
    if server.connection.vendor == "sqlite":
        name = str(server.connection.settings_dict["NAME"])
        memory = server.connection.is_in_memory_db()
        file = File(live, "" if memory or name.startswith("file:") else os.path.abspath(name), memory)
        yield Step("file", file.look)
        if file.missing:
            yield Step("migrations", server.foresee, needs=("file",))
            return
        ready = "file"
    else:
        way = steps_of_the_way(live, *host_and_port(server.connection.vendor, server.connection.settings_dict))
        yield from way
        yield Step("auth", server.authenticate, needs=tuple(step.name for step in way[-1:]))
        ready = "auth"
    yield Step("database", server.see_database, needs=(ready,))
    yield Step("migrations", server.see_tables, needs=("database",))
    if server.of_tenants:
        return
    yield from steps_of_result(live, server.isolation, "migrations")
    yield Step("clean-up", server.see_clean_up, needs=("isolation",))


class Server:
    """The database as Django reaches it."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.connection: Any = None
        self.refused: Optional[Failure] = None
        self.of_tenants = False

    def load(self) -> None:
        """Load the driver, and let it wait no longer for a connection than a step lasts."""
        from django.db import connections, router

        self.connection = connections[router.db_for_write(self.live.backend.TaskModel)]
        seconds = connect_patience(self.live)
        ordinary = "connector" not in self.connection.settings_dict["ENGINE"]
        if seconds and ordinary and self.connection.vendor in ("postgresql", "mysql"):
            self.connection.settings_dict.setdefault("OPTIONS", {}).setdefault("connect_timeout", seconds)
        bound_statements(self.connection, self.live)

    def authenticate(self) -> None:
        """Open a connection and log in. Whether the database is there comes after that, and is the next step's."""
        self.refused = refusal(self.live, self.connection.ensure_connection)

    def see_database(self) -> None:
        """Whether the database is there, and takes what is written."""
        if self.refused is not None:
            raise self.refused
        if self.connection.vendor == "sqlite":
            self.ask("SELECT count(*) FROM sqlite_master")
        elif self.connection.vendor == "mysql":
            tell_kind(self.live, self.connection.mysql_is_mariadb)
        elif self.connection.vendor == "postgresql":
            see_whether_postgresql_takes_writes(self.ask)

    def ask(self, statement: str) -> Any:
        """The first value of what a statement gives."""
        with self.connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()[0]

    def models(self) -> List[Any]:
        """The models that the backend uses."""
        from django.apps import apps

        return [self.live.backend.TaskModel, self.live.backend.GroupModel, *apps.get_app_config(APP).get_models()]

    def see_tables(self) -> None:
        """Whether every table is there with every column, and which migrations wait."""
        from django.conf import settings

        if APP not in getattr(settings, "SHARED_APPS", [APP]):
            self.of_tenants = True
            self.live.note("of-tenants")
            return
        with self.connection.cursor() as cursor:
            introspection = self.connection.introspection
            there = introspection.table_names(cursor, include_views=True)
            lacking = []
            for model in self.models():
                table = model._meta.db_table  # noqa: SLF001 - Django documents it
                if table not in there:
                    lacking.append(table)
                    continue
                columns = {column.name for column in introspection.get_table_description(cursor, table)}
                fields = model._meta.local_concrete_fields  # noqa: SLF001
                lacking += [table + "." + field.column for field in fields if field.column not in columns]
        pending = self.pending()
        self.judge(sorted(set(lacking)), pending)

    def judge(self, lacking: List[str], pending: List[str]) -> None:
        """Tell what is missing, and what makes it."""
        alias = self.connection.alias
        command = "migrate " + APP + ("" if alias == "default" else " --database " + alias)
        if lacking and pending:
            shown = pending if len(pending) <= MOST_SHOWN else [pending[0], "…", pending[-1]]
            raise Failure("unapplied", lacking=lacking, migrations=shown, command=command)
        if lacking:
            raise Failure("tables-gone", lacking=lacking, command=command)
        if pending:
            self.live.note("migrations-pending", migrations=pending, command=command)

    def foresee(self) -> None:
        """The file of an SQLite database is not there: no migration is applied."""
        self.judge(sorted({model._meta.db_table for model in self.models()}), self.on_disk())  # noqa: SLF001

    def pending(self) -> List[str]:
        """The migrations of the app that the database does not say to have."""
        from django.db.migrations.recorder import MigrationRecorder

        applied = {name for app, name in MigrationRecorder(self.connection).applied_migrations() if app == APP}
        return [name for name in self.on_disk() if name not in applied]

    def on_disk(self) -> List[str]:
        """The names of the app's migrations; none where MIGRATION_MODULES turns them off."""
        import importlib
        import pkgutil

        from django.db.migrations.loader import MigrationLoader

        module = MigrationLoader.migrations_module(APP)[0]
        if module is None:
            return []
        names = [info[1] for info in pkgutil.iter_modules(importlib.import_module(module).__path__)]
        return sorted(name for name in names if name[0] not in "_~")

    def isolation(self) -> None:
        """Which isolation level there is; a first read, before the result is there, as who polls for it does."""
        level = ""
        if self.connection.vendor == "postgresql":
            level = self.ask("SHOW transaction_isolation")
        elif self.connection.vendor == "mysql":
            maria = getattr(self.connection, "mysql_is_mariadb", False)
            level = self.ask("SELECT @@tx_isolation" if maria else "SELECT @@transaction_isolation")
        read_first(self.live, str(level).replace("-", " ").upper())

    def see_clean_up(self) -> None:
        """Tell what clean-up would delete, and whether it can have run."""
        expires = self.live.backend.expires
        if not self.live.app.conf.result_expires:
            self.live.note("beat-does-not-clean", expires=str(self.live.app.conf.result_expires))
            return
        if not isinstance(expires, timedelta):
            expires = timedelta(seconds=expires)
        try:
            expired, overdue = self.count_before(expires), self.count_before(expires + OVERDUE)
        except Exception as error:
            failure = explain(error, self.live)
            if failure is None or failure.cause != "cancelled":
                raise
            self.live.note("too-many-to-count", tables=[model._meta.db_table for model in self.models()])  # noqa: SLF001
            return
        tell_clean_up(self.live, expired, overdue)
        self.see_what_goes_with_them()

    def count_before(self, age: timedelta) -> int:
        """How many results and groups are older, up to a number."""
        from django.db import transaction
        from django_celery_results.utils import now

        with transaction.atomic(using=self.connection.alias):
            seconds = self.live.limit * COUNTING
            maria = getattr(self.connection, "mysql_is_mariadb", False)
            with self.connection.cursor() as cursor:
                for statement in statements_of_counting(self.connection.vendor, maria, seconds):
                    cursor.execute(statement)
            if self.connection.vendor == "sqlite":
                interrupt_later(self.connection.connection, seconds)
            models = (self.live.backend.TaskModel, self.live.backend.GroupModel)
            managers = [model._default_manager.using(self.connection.alias) for model in models]  # noqa: SLF001
            return sum(manager.filter(date_done__lt=now() - age)[: MOST_COUNTED + 1].count() for manager in managers)

    def see_what_goes_with_them(self) -> None:
        """Tell of rows of other models that a result takes along when it is deleted."""
        from django.db.models import CASCADE

        models = (self.live.backend.TaskModel, self.live.backend.GroupModel)
        relations = [one for model in models for one in model._meta.related_objects]  # noqa: SLF001
        followers = sorted(
            {one.related_model._meta.label for one in relations if one.on_delete is CASCADE}  # noqa: SLF001
        )
        if followers:
            self.live.note("deleted-along", models=followers)

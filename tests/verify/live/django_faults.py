"""Faults of Django's database and caches as result backends."""

from __future__ import annotations

from tests.verify.live.database_faults import SHORT
from tests.verify.live.database_sites import SECRET, mariadb, postgresql
from tests.verify.live.django_sites import django_at, django_on
from tests.verify.live.site import Fault

SERVER = {
    "ENGINE": "django.db.backends.postgresql",
    "NAME": "shop",
    "USER": "worker",
    "PASSWORD": "hunter2-is-a-secret",
}
ALLOWED = "GRANT SELECT, INSERT, UPDATE, DELETE ON {database}.* TO {account}@'%'"
TABLES = "GRANT ALL ON ALL TABLES IN SCHEMA public TO {account}"
SEQUENCES = "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {account}"
ROWS = "django_celery_results_taskresult"
CACHE = "django.core.cache.backends."


def cache(name: str, location: str = "", **options: object) -> dict[str, object]:
    """CACHES with one cache."""
    return {"default": {"BACKEND": CACHE + name, "LOCATION": location, **options}}


FAULTS = [
    Fault(
        "django-db: an app that is not installed",
        django_at(apps=["django.contrib.contenttypes"]),
        "backend",
        "django-results-not-an-app",
        "django_celery_results is not in INSTALLED_APPS",
    ),
    Fault(
        "django-cache: an app that is not installed",
        django_at(backend="django-cache", apps=["django.contrib.contenttypes"]),
        "backend",
        "django-results-not-an-app",
        "django_celery_results is not in INSTALLED_APPS",
    ),
    Fault(
        "django-db: migrations that are not applied",
        django_at(),
        "migrations",
        "unapplied",
        "are not applied (0001_initial, …, 00",
    ),
    Fault(
        "django-db: some migrations that are not applied",
        django_at(migrated_to=["0010"]),
        "migrations",
        "unapplied",
        "lacks django_celery_results_taskresult.date_started, django_celery_results_taskresult.periodic_task_name",
    ),
    Fault(
        "django-db: a table that was dropped",
        django_at(f"DROP TABLE {ROWS}", migrated_to=[]),
        "migrations",
        "tables-gone",
        "the database lacks django_celery_results_taskresult, though all migrations",
    ),
    Fault(
        "django-db: migrations that are turned off",
        django_at(MIGRATION_MODULES={"django_celery_results": None}),
        "migrations",
        "tables-gone",
        "or turned off",
    ),
    Fault(
        "django-db: a host that does not exist",
        django_at(DATABASES={"default": {**SERVER, "HOST": "database.invalid"}}),
        "dns",
        "host-unknown",
        "the host of database.invalid:5432 does not exist",
    ),
    Fault(
        "django-db: a wrong password",
        django_on(mariadb, migrate=False, PASSWORD="an0ther-secret-word"),
        "auth",
        "password-wrong",
        "does not take the password of user cbl_",
    ),
    Fault(
        "django-db: a database that is missing",
        django_on(postgresql, migrate=False, NAME="nowhere"),
        "database",
        "database-missing",
        "has no database nowhere",
    ),
    Fault(
        "django-db: a folder that is missing",
        django_at(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "/nowhere/db.sqlite3"}}),
        "file",
        "folder-missing",
        "the folder /nowhere of the SQLite database is not there",
    ),
    Fault(
        "django-db: in memory",
        django_at(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}),
        "file",
        "in-memory",
        "in the memory of one process",
    ),
    Fault(
        "django-db: a role that may only read",
        django_on(postgresql, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {account}"),
        "store",
        "permission-denied",
        "may not do that: permission denied for",
    ),
    Fault(
        "django-db on PostgreSQL: a locked table",
        django_on(postgresql, TABLES, SEQUENCES, lock=f"LOCK TABLE {ROWS} IN ACCESS EXCLUSIVE MODE"),
        "migrations",
        "locked",
        "something holds the table",
        arguments=SHORT,
    ),
    Fault(
        "django-db on PostgreSQL: a table that is locked against writes",
        django_on(postgresql, TABLES, SEQUENCES, lock=f"LOCK TABLE {ROWS} IN EXCLUSIVE MODE"),
        "store",
        "locked",
        "something holds the table",
        arguments=SHORT,
    ),
    Fault(
        "django-db on MariaDB: a table that is locked against writes",
        django_on(mariadb, ALLOWED, lock=f"LOCK TABLES {ROWS} READ"),
        "store",
        "locked",
        "something holds the table",
    ),
    Fault(
        "django-cache: an alias that CACHES lacks",
        django_at(backend="django-cache", CACHES=cache("locmem.LocMemCache"), CELERY_CACHE_BACKEND="results"),
        "alias",
        "alias-missing",
        "CACHES has no results",
    ),
    Fault(
        "django-cache: a cache of each process",
        django_at(backend="django-cache", CACHES=cache("locmem.LocMemCache")),
        "shared",
        "not-shared",
        "another process does not see what is stored in CACHES['default']: LocMemCache",
    ),
    Fault(
        "django-cache: a cache that keeps nothing",
        django_at(backend="django-cache", CACHES=cache("dummy.DummyCache")),
        "alias",
        "keeps-nothing",
        "DummyCache keeps nothing",
    ),
    Fault(
        "django-cache: a table that is missing",
        django_at(backend="django-cache", CACHES=cache("db.DatabaseCache", "cache_table")),
        "store",
        "cache-table-missing",
        "the table cache_table of the cache is not there",
    ),
    Fault(
        "django-cache: a server that is not there",
        django_at(backend="django-cache", CACHES=cache("redis.RedisCache", f"redis://:{SECRET}@127.0.0.1:1")),
        "tcp",
        "refused-here",
        "nothing listens on 127.0.0.1:1",
    ),
]

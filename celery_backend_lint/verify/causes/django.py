"""Causes that a database which Django reaches may have (``django-db``), and a cache of it (``django-cache``)."""

from __future__ import annotations

from celery_backend_lint.verify.causes.database import CAUSES as OF_DATABASES
from celery_backend_lint.verify.causes.words import Words

OF_SQLALCHEMY = {
    "dialect-unknown",
    "driver-missing",
    "engine-option",
    "url-unreadable",
    "may-not-create",
    "tables-to-come",
    "tables-dropped",
    "tables-in-use",
    "columns-missing",
    "columns-to-come",
    "permission-denied@create",
}
"""Causes that only SQLAlchemy, or Celery's own tables, have."""

CAUSES = {
    **{cause: words for cause, words in OF_DATABASES.items() if cause not in OF_SQLALCHEMY},
    "option-unknown": Words("the driver does not know an option: {text}", "correct {setting}['OPTIONS']"),
    "connections-full": Words(
        "{address} has as many connections as it takes: {text}",
        "lower the workers' concurrency and CONN_MAX_AGE, raise max_connections, or use a pooler",
    ),
    "in-memory": Words(
        "this SQLite database is in the memory of one process: a result is read by nobody else",
        "give {setting}['NAME'] a file, or use a server",
    ),
    "folder-missing": Words(
        "the folder {folder} of the SQLite database is not there", "create it, or correct {setting}"
    ),
    "schema-missing": Words("the schema is not there: {text}", "create it, or correct search_path in {setting}"),
    "column-missing": Words(
        "a column is not there: {text}", "apply the migrations: python manage.py migrate django_celery_results"
    ),
    "table-missing": Words(
        "a table is not there: {text}", "apply the migrations: python manage.py migrate django_celery_results"
    ),
    "unapplied": Words(
        "migrations of django_celery_results are not applied ({migrations}), so that the database lacks {lacking}",
        "run `python manage.py {command}`, which the deployment has to do before the worker starts",
    ),
    "tables-gone": Words(
        "the database lacks {lacking}, though all migrations of django_celery_results are applied, or turned off",
        "see MIGRATION_MODULES and what drops tables; `{command} zero --fake`, then `{command}`, makes them again",
    ),
    "migrations-pending": Words(
        "migrations of django_celery_results wait, though all tables and columns are there: {migrations}",
        "run `python manage.py {command}`",
    ),
    "of-tenants": Words(
        "django_celery_results is no shared app: results are kept in the schema of each tenant, which were not tried"
    ),
    "isolation-level": Words(
        "transactions are {level} there: within one (transaction.atomic, ATOMIC_REQUESTS) a result that is stored "
        "later is not seen",
        "read results outside of transactions, or set isolation_level to read committed in {setting}['OPTIONS']",
    ),
    "deleted-along": Words(
        "clean-up deletes with each result the rows that point at it with CASCADE: {models}",
        "give that foreign key SET_NULL where the rows are to stay",
    ),
    # A cache
    "alias-missing": Words(
        "CACHES has no {alias}, which the setting cache_backend names", "name one of these there: {known}"
    ),
    "keeps-nothing": Words("{cache} keeps nothing", "give results a cache that other processes reach, as Redis"),
    "not-shared": Words(
        "another process does not see what is stored in CACHES['{alias}']: {cache} keeps it in its own",
        "give results a cache that all processes reach, as Redis, a memcached, a table or a folder",
    ),
    "sharing-unknown": Words("whether other processes see what is stored is not known: the one that was asked is gone"),
    "never-expires": Words("results never expire there", "set result_expires to a number of seconds"),
    "cache-table-missing": Words(
        "the table {table} of the cache is not there: {text}", "run `python manage.py createcachetable`"
    ),
}

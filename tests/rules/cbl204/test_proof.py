"""CBL204 is true: which driver SQLAlchemy imports for a URL."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from typing import TYPE_CHECKING

import pytest

from tests.oracle.environments import environment, newest_celery
from tests.proofs.real import RealCelery

if TYPE_CHECKING:
    from collections.abc import Iterator

ENGINES = """
import json, sys
from sqlalchemy import create_engine

failed = {}
for url in sys.argv[1:]:
    try:
        create_engine(url)
    except Exception as error:
        failed[url] = f"{type(error).__name__}: {error}"
print(json.dumps(failed))
"""
DRIVERS = [
    ("==1.4.54", "postgresql://h/d", "psycopg2"),
    ("==2.0.44", "postgresql://h/d", "psycopg2"),
    ("==2.1.9", "postgresql://h/d", "psycopg"),
    ("==2.0.44", "mysql://h/d", "MySQLdb"),
    ("==2.1.9", "mysql://h/d", "MySQLdb"),
    ("==2.1.9", "mariadb://h/d", "MySQLdb"),
    ("==2.0.44", "oracle://h/d", "cx_Oracle"),
    ("==2.1.9", "oracle://h/d", "oracledb"),
    ("==2.1.9", "mssql://h/d", "pyodbc"),
    ("==2.1.9", "postgresql+psycopg2://h/d", "psycopg2"),
    ("==2.1.9", "postgresql+pg8000://h/d", "pg8000"),
    ("==2.1.9", "mysql+pymysql://h/d", "pymysql"),
    ("==2.1.9", "mysql+mysqlconnector://h/d", "mysql"),
    ("==2.1.9", "mariadb+mariadbconnector://h/d", "mariadb"),
]
NO_DIALECTS = [
    ("==2.1.9", "postgres://h/d"),
    ("==2.1.9", "postgresql+psycopg3://h/d"),
    ("==2.1.9", "mysql+mysqlclient://h/d"),
    ("==1.4.54", "postgresql+psycopg://h/d"),
]


@cache
def failures(sqlalchemy: str) -> dict[str, str]:
    """What SQLAlchemy of that version says of each URL above, when no driver is installed."""
    urls = {"sqlite://"} | {case[1] for case in (*DRIVERS, *NO_DIALECTS)}
    command = [str(environment(f"sqlalchemy{sqlalchemy}")), "-c", ENGINES, *sorted(urls)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told: dict[str, str] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize(("sqlalchemy", "url", "module"), DRIVERS)
def test_this_module_is_wanted(sqlalchemy: str, url: str, module: str) -> None:
    assert failures(sqlalchemy)[url] == f"ModuleNotFoundError: No module named '{module}'"


@pytest.mark.parametrize("sqlalchemy", ["==1.4.54", "==2.0.44", "==2.1.9"])
def test_sqlite_needs_no_driver(sqlalchemy: str) -> None:
    assert "sqlite://" not in failures(sqlalchemy)


@pytest.mark.parametrize(("sqlalchemy", "url"), NO_DIALECTS)
def test_these_are_no_dialects_at_all(sqlalchemy: str, url: str) -> None:
    assert failures(sqlalchemy)[url].startswith("NoSuchModuleError")


@pytest.fixture(scope="module")
def driverless() -> Iterator[RealCelery]:
    celery = RealCelery(environment(f"celery=={newest_celery()}", "sqlalchemy==2.1.9"))
    yield celery
    celery.close()


def test_celery_fails_without_the_driver(driverless: RealCelery) -> None:
    bad = driverless.evaluate("app.backend", result_backend="db+postgresql://127.0.0.1/app")
    assert bad.fails_with("ModuleNotFoundError", "psycopg")


def test_celery_works_with_the_driver_on_postgresql(celery: RealCelery, postgresql_url: str) -> None:
    store = "app.backend.store_result('proof', 42, 'SUCCESS') and app.backend.get_result('proof')"
    assert celery.evaluate(store, result_backend="db+" + postgresql_url).value == 42


def test_celery_works_with_the_driver_on_mariadb(celery: RealCelery, mariadb_url: str) -> None:
    store = "app.backend.store_result('proof', 42, 'SUCCESS') and app.backend.get_result('proof')"
    assert celery.evaluate(store, result_backend="db+" + mariadb_url).value == 42

"""CBL204 is true: which driver SQLAlchemy imports for a URL."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.oracle.environments import environment, newest_celery
from tests.proofs.real import RealCelery

if TYPE_CHECKING:
    from collections.abc import Iterator

IMPORTED = "import sys; from sqlalchemy import create_engine; create_engine(sys.argv[1])"


def missing(sqlalchemy: str, url: str) -> str:
    """What SQLAlchemy of that version fails to import for a URL, when no driver is installed."""
    python = environment(f"sqlalchemy{sqlalchemy}")
    done = subprocess.run([str(python), "-c", IMPORTED, url], capture_output=True, text=True)
    return done.stderr.strip().splitlines()[-1] if done.returncode else ""


@pytest.mark.parametrize(
    ("sqlalchemy", "url", "module"),
    [
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
    ],
)
def test_this_module_is_wanted(sqlalchemy: str, url: str, module: str) -> None:
    assert missing(sqlalchemy, url) == f"ModuleNotFoundError: No module named '{module}'"


@pytest.mark.parametrize("sqlalchemy", ["==1.4.54", "==2.0.44", "==2.1.9"])
def test_sqlite_needs_no_driver(sqlalchemy: str) -> None:
    assert missing(sqlalchemy, "sqlite://") == ""


@pytest.mark.parametrize(
    ("sqlalchemy", "url"),
    [
        ("==2.1.9", "postgres://h/d"),
        ("==2.1.9", "postgresql+psycopg3://h/d"),
        ("==2.1.9", "mysql+mysqlclient://h/d"),
        ("==1.4.54", "postgresql+psycopg://h/d"),
    ],
)
def test_these_are_no_dialects_at_all(sqlalchemy: str, url: str) -> None:
    assert "NoSuchModuleError" in missing(sqlalchemy, url)


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

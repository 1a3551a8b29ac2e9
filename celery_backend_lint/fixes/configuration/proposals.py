"""What a project shows of the answers already, so that nobody is asked for what can be seen."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Duration, Literal
from celery_backend_lint.fixes.configuration.choices import DRIVERS, LONGEST, ONE_DAY, Choices

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.manifests.selection import Manifests

_DRIVERS = (
    ("psycopg2-binary", "postgresql", "psycopg2"),
    ("psycopg2", "postgresql", "psycopg2"),
    ("psycopg", "postgresql", "psycopg"),
    ("mysqlclient", "mysql", "mysqldb"),
    ("pymysql", "mysql", "pymysql"),
)
"""Distributions with the dialect and the driver of SQLAlchemy that they stand for."""


def proposed(manifests: Manifests, model: Model | None, app: App | None) -> Choices:
    """The answers to propose: the backend and kind of server that the app has, the database that the project uses."""
    backend, availability = "redis", "single"
    kinds = []
    if app is not None and model is not None:
        kinds = [app.result_backend.kind, *(one.kind for one in app.result_backend.alternatives)]
    for kind in kinds:
        if kind in ("redis", "rediss", "sentinel"):
            availability = {"redis": "single", "rediss": "tls"}.get(kind, "sentinel")
            break
        if kind in ("database", "rpc"):
            backend = kind
            break
    dialect, driver = "postgresql", ""
    for name, its_dialect, its_driver in _DRIVERS:
        if manifests.declares(name):
            dialect, driver = its_dialect, its_driver
            break
    its_dialect, its_driver = _of_url(app)
    if its_dialect and its_dialect != dialect:
        dialect, driver = its_dialect, its_driver
    elif its_driver:
        driver = its_driver
    expires, persistent = _held(app, "result_expires"), _held(app, "result_persistent")
    return Choices(
        backend,
        expires=int(expires) if type(expires) in (int, float) and 0 < expires <= LONGEST else ONE_DAY,
        availability=availability,
        dialect=dialect,
        driver=driver,
        persistent=persistent is True and backend == "rpc",
    )


def _of_url(app: App | None) -> tuple[str, str]:
    """The dialect and driver of the app's own URL, as far as there are; SQLite is proposed to nobody (CBL113)."""
    value = app.result_backend.value if app is not None else None
    scheme = (value or "").partition("://")[0]
    dialect, _, driver = scheme.removeprefix("db+").partition("+")
    dialect = {"mariadb": "mysql"}.get(dialect, dialect)
    if not scheme.startswith("db+") or dialect not in DRIVERS or dialect == "sqlite":
        return "", ""
    return dialect, driver if driver in DRIVERS[dialect] else ""


def _held(app: App | None, name: str) -> Any:
    """The constant that a setting is, None where it is none; a duration in seconds."""
    setting = app.settings.get(name) if app is not None else None
    value = setting.value if setting is not None else None
    if isinstance(value, Duration):
        return value.seconds
    return value.value if isinstance(value, Literal) else None

"""What a project shows of the answers already, so that nobody is asked for what can be seen."""

from __future__ import annotations

from celery_backend_lint.fixes.configuration.choices import Choices

TYPE_CHECKING = False
if TYPE_CHECKING:
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
    return Choices(backend, availability=availability, dialect=dialect, driver=driver)

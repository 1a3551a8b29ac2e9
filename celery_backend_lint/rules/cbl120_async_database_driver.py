"""CBL120: an asyncio driver under Celery's synchronous database backend."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.findings.finding import Applicability, Finding, Severity
from celery_backend_lint.model.backend_outcomes import backend_outcomes
from celery_backend_lint.model.backend_values import backend_values, settled
from celery_backend_lint.model.urls import text_of
from celery_backend_lint.model.used_backends import may_use
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.backend_values import BackendValue

RULE = Rule("CBL120", "async-database-driver", Severity.ERROR, since="0.1.0", fix=Applicability.UNSAFE)


def check_async_database_driver(model: Model) -> Iterator[Finding]:
    """The database URL of the result backend names a driver that only asyncio can use.

    ## What it does
    Looks for `+asyncpg`, `+aiosqlite`, `+aiomysql`, `+asyncmy` and the like in `db+…` URLs, and in `database_url`
    where the backend is `database`.

    ## Why is this bad?
    Celery's database backend calls SQLAlchemy the synchronous way. With an asyncio driver every use of the backend
    raises `MissingGreenlet: greenlet_spawn has not been called; can't call await_() here`: no result is stored.

    ## Example
    ```python
    result_backend = "db+postgresql+asyncpg://db.example.com/results"
    ```

    ## Use instead
    ```python
    result_backend = "db+postgresql+psycopg://db.example.com/results"
    ```

    ## Fix safety
    Unsafe: another driver connects, which has to be installed; the fix declares it beside celery. It takes one that the
    manifests have, else psycopg for PostgreSQL (psycopg2 with SQLAlchemy 1.4) and PyMySQL for MySQL. A URL that other
    code uses as well, an async engine say, stays as it is: there the setting has to change it.

    ## Known limits
    Drivers that SQLAlchemy does not bring itself are not known. Where a variable gives the URL and a file of the
    repository sets it, the finding is a warning.

    ## References
    - [SQLAlchemy: asyncio](https://docs.sqlalchemy.org/en/21/orm/extensions/asyncio.html)
    - `celery.backends.database.session`, Celery 5.3 to 5.7
    """
    for app in model.checked_apps:
        told: set[str] = set()
        for url in _database_urls(app):
            found = _driver(f"db+{text_of(url)}")
            if found:
                yield RULE.finding(url.origin, _message(found, ""), help=_help(found, ""), app=app.name)
        for value in backend_values(app):
            found = _driver(value.text or "")
            if found:
                told.add(found)
                yield RULE.finding(
                    value.location,
                    _message(found, value.clause),
                    help=_help(found),
                    app=app.name,
                    severity=None if value.effective else Severity.WARNING,
                    propose=partial(_fix, model, app, value),
                )
        for outcome in backend_outcomes(model, app) if may_use(app, ("database",)) else ():
            found = _driver(outcome.text)
            if found and found not in told:
                told.add(found)
                yield RULE.finding(
                    outcome.location,
                    _message(found, " with the URL that the repository gives"),
                    help=_help(found),
                    app=app.name,
                    severity=Severity.WARNING,
                )


def _database_urls(app: App) -> Iterator[Value]:
    """The URLs that ``database_url`` gives a bare ``database`` (celery.backends.database.DatabaseBackend, 5.7)."""
    setting = app.settings.get("database_url")
    if setting is not None and any(one.effective and one.text in ("db", "database") for one in backend_values(app)):
        yield from settled(setting.value)


def _driver(text: str) -> str:
    """``postgresql+asyncpg`` where a URL names a driver for asyncio only, else ""."""
    if not text.startswith(("db+", "database+")):
        return ""
    from celery_backend_lint.model import facts
    from celery_backend_lint.model.urls import split_database

    url = split_database(text)
    driver = url and facts.driver(url.dialect, url.driver, facts.release_of(facts.releases("sqlalchemy")[-1]))
    return f"{driver.dialect}+{driver.name}" if driver and driver.asynchronous else ""


def _message(found: str, clause: str) -> str:
    return f"`{found}` works with asyncio only{clause}: storing or asking for a result raises MissingGreenlet"


def _help(found: str, prefix: str = "db+") -> str:
    better = {"postgresql": "postgresql+psycopg", "sqlite": "sqlite", "oracle": "oracle+oracledb"}
    return f"name a synchronous driver: `{prefix}{better.get(found.partition('+')[0], 'mysql+pymysql')}://…`"


def _fix(model: Model, app: App, value: BackendValue) -> Fix:
    from celery_backend_lint.fixes.backend_urls import use_synchronous_driver

    return use_synchronous_driver(model, app, value)

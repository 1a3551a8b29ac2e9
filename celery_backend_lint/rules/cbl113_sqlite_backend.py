"""CBL113: results in a SQLite file."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Finding, Severity
from celery_backend_lint.model.backend_values import backend_values
from celery_backend_lint.model.one_process import is_for_development, is_for_tests, runs_in_one_process
from celery_backend_lint.model.sqlite import sqlite_database
from celery_backend_lint.model.urls import text_of
from celery_backend_lint.model.used_backends import is_replaced
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

RULE = Rule("CBL113", "sqlite-backend", Severity.WARNING, since="0.1.0")

FOUR_TRIES = (5, 7)
"""The Celery whose database backend tries three times more (``DatabaseBackend.__init__``, 5.7.0); the ``retry`` around
its methods makes three tries in all from 3.1.20 to 5.6.3. SQLite itself waits for 5 seconds in each."""
CHANGE_THE_WAIT = ("database_engine_options", "result_backend_always_retry", "result_backend_max_retries")
"""Settings that may change how long a try waits, or how many there are."""


def check_sqlite_backend(model: Model) -> Iterator[Finding]:
    """Results are stored in a SQLite file, which a worker's processes all write to.

    ## What it does
    Reports a SQLite file as result backend, and whether its path is relative.

    ## Why is this bad?
    One connection at a time can write to the file. A worker has a process for each core, and each writes when a task
    starts and ends. One that has to wait gives up after 5 seconds and tries again: three times in all before Celery
    5.7, four times from then on. After 15 or 20 seconds it fails with `database is locked`, and its result is lost;
    until then it runs no other task.
    Machines and containers do not share the file. A relative path is taken from the folder that each process was
    started in: a web server in another folder opens, or makes, another file, and finds no results.

    ## Example
    ```python
    result_backend = "db+sqlite:///results.db"
    ```

    ## Use instead
    ```python
    result_backend = "db+postgresql://db.example.com/results"
    ```

    ## Known limits
    Silent in test settings and examples, where tasks may run eagerly, and with a `memory://` broker. Advice in files of
    settings for development, and where the value only holds while a variable is not set; silent where the repository
    gives that variable. `django-db` on a SQLite database is not looked at.

    ## References
    - [SQLite: appropriate uses](https://www.sqlite.org/whentouse.html)
    - `sqlite3.connect(timeout=5.0)`, Python's standard library
    """
    for app in model.checked_apps:
        for value in backend_values(app):
            if not value.effective or value.text is None:
                continue
            text = _url(app) if value.text in ("db", "database") else value.text
            if "+sqlite" not in text:
                continue
            database = sqlite_database(text)
            if database is None or database.memory or is_for_tests(value.location, value.condition):
                continue
            if runs_in_one_process(model, app) or is_replaced(model, app, value):
                continue
            softer = bool(value.condition) or is_for_development(value.location)
            if softer and not model.wants_advice:
                continue
            message = (
                f"results go to a SQLite file{value.clause}: a worker's processes wait for each other to write, and "
                f"one that waits {_too_long(app, text)} loses its result (`database is locked`)"
            )
            if database.relative:
                message += "; the path is relative, so a process started in another folder has a file of its own"
            yield RULE.finding(
                value.location,
                message,
                help="use a database server or Redis" + ("; at least write the whole path" * database.relative),
                app=app.name,
                severity=Severity.ADVICE if softer else None,
            )


def _too_long(app: App, url: str) -> str:
    """How long is too long, in words: the tries of the declared Celery, five seconds each; no number where settings or
    the URL may change it.
    """
    if app.unread or "timeout" in url or any(name in app.settings for name in CHANGE_THE_WAIT):
        return "too long"
    if app.declared.version < FOUR_TRIES:
        return "more than 15 seconds (three tries of 5)"
    if app.declared.oldest < FOUR_TRIES:
        return "more than 20 seconds (four tries of 5; three before Celery 5.7)"
    return "more than 20 seconds (four tries of 5)"


def _url(app: App) -> str:
    """The URL that ``database_url`` gives a bare ``database``, as one of a result backend; "" where it is not known."""
    setting = app.settings.get("database_url")
    text = text_of(setting.value) if setting is not None else None
    return f"db+{text}" if text else ""

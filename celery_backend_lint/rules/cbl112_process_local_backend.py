"""CBL112: a result backend that no other process can see."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Finding, Related, Severity
from celery_backend_lint.model.backend_values import backend_values
from celery_backend_lint.model.one_process import is_for_development, is_for_tests, runs_in_one_process
from celery_backend_lint.model.used_backends import is_replaced
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.backend_values import BackendValue

RULE = Rule("CBL112", "process-local-backend", Severity.ERROR, since="0.1.0")

_OWN = "the worker keeps results in its own memory, and whoever sent the task waits for ever"
_LOSES = "the worker's results never reach whoever sent the task"


def check_process_local_backend(model: Model) -> Iterator[Finding]:
    """Results are kept in the memory of the process that stores them.

    ## What it does
    Reports `cache+memory://`, SQLite in memory, and `django-cache` on a cache alias that is LocMemCache or DummyCache.

    ## Why is this bad?
    A worker stores the result, another process asks for it, and each has a store of its own: the task stays `PENDING`
    there for ever, and `.get()` without a timeout never returns. SQLite in memory does not even have its tables:
    Celery opens a new connection, and with it a new empty database, for each step (`no such table: celery_taskmeta`; in
    5.7 a BackendStoreError that hides it).

    ## Example
    ```python
    result_backend = "cache+memory://"
    ```

    ## Use instead
    ```python
    result_backend = "redis://cache.example.com:6379/1"
    ```

    ## Known limits
    Silent in test settings, where tasks may run eagerly, and with a `memory://` broker: there is one process only. A
    warning in files of settings for development, and where the value only holds while a variable is not set; silent
    where the repository gives that variable. Silent where CACHES is not known.

    ## References
    - [Django: Local-memory caching](https://docs.djangoproject.com/en/stable/topics/cache/#local-memory-caching)
    - `celery.backends.cache`, `celery.backends.database.session`, Celery 5.6.3 and 5.7.0
    """
    for app in model.checked_apps:
        for value in backend_values(app):
            if not value.effective or value.text is None or not value.text.startswith(_MAY_BE):
                continue
            found = _why(model, app, value)
            if found is None or is_for_tests(value.location, value.condition) or runs_in_one_process(model, app):
                continue
            if is_replaced(model, app, value):
                continue
            what, effect, related = found
            places = (value.location, *(one.location for one in related))
            softer = bool(value.condition) or any(map(is_for_development, places))
            yield RULE.finding(
                value.location,
                f"{what}{value.clause}: {effect}",
                help=_HELP.get(value.text, "use a backend that all processes reach: Redis, a database, RPC"),
                app=app.name,
                related=related,
                severity=Severity.WARNING if softer else None,
            )


_MAY_BE = ("cache+memory", "db+sqlite", "database+sqlite", "django-cache", "cache")
_HELP = {"django-cache": "give the alias a cache that processes share: Redis, Memcached, the database"}


def _why(model: Model, app: App, value: BackendValue) -> tuple[str, str, tuple[Related, ...]] | None:
    """What keeps a value in one process, and what follows; None where nothing does."""
    text = value.text or ""
    if text.startswith("cache+memory://"):
        return "`cache+memory://` is the memory of one process", _OWN, ()
    if text == "django-cache":
        return _cache(model, app)
    if text == "cache":
        return _cache_setting(app)
    from celery_backend_lint.model.sqlite import sqlite_database

    database = sqlite_database(text)
    if database is None or not database.memory:
        return None
    return (
        "this SQLite database is in memory, a new and empty one for each connection",
        ("storing or asking for a result fails, for its table is not there"),
        (),
    )


def _cache(model: Model, app: App) -> tuple[str, str, tuple[Related, ...]] | None:
    from celery_backend_lint.model.django_project import cache_alias, caches

    outcomes = [one for alias in cache_alias(app) for one in caches(model, app, alias) or (None,)]
    local = [one for one in outcomes if one is not None and one.local and not is_for_tests(one.location)]
    if not local or len(local) < len(outcomes):
        return None
    name = local[0].backend.rpartition(".")[2]
    if not local[0].given:
        return "`django-cache` is on LocMemCache, for the settings have no CACHES", _LOSES, ()
    return (
        f"`django-cache` is on {name}, which no other process shares",
        _LOSES,
        (Related(local[0].location, "the cache"),),
    )


def _cache_setting(app: App) -> tuple[str, str, tuple[Related, ...]] | None:
    """``result_backend = "cache"`` takes its address from ``cache_backend``."""
    from celery_backend_lint.evaluate.values import Literal

    setting = app.settings.get("cache_backend")
    value = setting.value if setting is not None else None
    if isinstance(value, Literal) and isinstance(value.value, str) and value.value.partition("://")[0] == "memory":
        related = (Related(value.origin, "memory is said here"),)
        return "the `cache` backend is the memory of one process", _OWN, related
    return None

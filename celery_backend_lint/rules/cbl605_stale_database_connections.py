"""CBL605: a pool that hands out database connections which the server has closed."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.findings.finding import Applicability, Finding, Severity
from celery_backend_lint.model.backend_values import dotted, older_admitted
from celery_backend_lint.model.connection_facts import DATABASE_RETRIES_ALL, ENGINE_DEFAULTS
from celery_backend_lint.model.connection_settings import (
    DATABASE,
    NOT_KNOWN,
    constants,
    is_written,
    number,
    worker_pools,
)
from celery_backend_lint.model.database_engines import OWN_POOL, engine_options, engines, takes_pre_ping
from celery_backend_lint.model.serializers import written_name
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.database_engines import Engine, EngineOptions

RULE = Rule("CBL605", "stale-database-connections", Severity.WARNING, since="0.1.0", fix=Applicability.SAFE)

NAME = "database_engine_options"
SPELLINGS = (b"database_engine_options", b"DATABASE_ENGINE_OPTIONS", b"RESULT_ENGINE_OPTIONS")
"""The setting's names, with a namespace and old ones."""


def check_stale_database_connections(model: Model) -> Iterator[Finding]:
    """Workers keep database connections that the server may have closed, and do not check them before use.

    ## What it does
    Looks at `database_engine_options` where results go to a database server: neither `pool_pre_ping` nor
    `pool_recycle` is in force. From Celery 5.6.3 on both are the default, and setting anything replaces the whole
    default; before, nothing checks the connections unless these options say so.

    ## Why is this bad?
    The processes of a prefork worker keep their connections. After a restart of the server, a failover, or MySQL's
    `wait_timeout`, the next statement raises `OperationalError`. Celery tries to store and to read a result again, with
    a traceback in the log, and nothing is lost: where that is all, this is advice. Up to Celery 5.6 it does not try the
    nightly clean-up again: where beat runs, that fails, and old results stay. From 5.7 on it does, unless
    `result_backend_always_retry` is switched off. `database_short_lived_sessions` does not help: the pool is kept.

    ## Example
    ```python
    result_backend = "db+postgresql://db.example.com/results"
    database_engine_options = {"pool_size": 10}
    ```

    ## Use instead
    ```python
    result_backend = "db+postgresql://db.example.com/results"
    database_engine_options = {"pool_size": 10, "pool_pre_ping": True, "pool_recycle": 1800}
    ```

    ## Fix safety
    `pool_pre_ping` asks the server for a sign of life when a connection is taken out of the pool. Nothing else changes.
    An SQLAlchemy before 1.2 refuses it: there only `pool_recycle` is set.

    ## Known limits
    Silent where the dialect is not known, with SQLite, with `poolclass`, `pool` or `creator` of the project's own, with
    options that cannot be read whole, where code names the setting for an object that cannot be followed, and where no
    worker forks (`solo`, `threads`, `gevent`, `eventlet`): Celery does not pool there.

    ## References
    - [Celery: database_engine_options](https://docs.celeryq.dev/en/stable/userguide/configuration.html#database-engine-options)
    - [SQLAlchemy: dealing with disconnects](https://docs.sqlalchemy.org/en/20/core/pooling.html#dealing-with-disconnects)
    - `celery.backends.database` and its `session.SessionManager`, Celery 4.4 to 5.7
    """
    for app in model.checked_apps:
        if app.settings.get("result_backend") is None:
            continue
        engine = next((one for one in engines(model, app) if one.has_server), None)
        if engine is None:
            continue
        for options in engine_options(app):
            severity = _severity(model, app, options)
            if options.options is None and (not is_written(app, DATABASE) or _may_be_set(model, app)):
                continue
            if severity is None or (severity is Severity.ADVICE and not model.wants_advice):
                continue
            if "prefork" in worker_pools(model, app) or "processes" in worker_pools(model, app):
                yield _finding(model, app, engine, options, severity)


def _may_be_set(model: Model, app: App) -> bool:
    """Whether code names the setting though none is seen for an app: on an object that cannot be followed."""
    if NAME in app.settings:
        return False
    return any(not is_test_path(path) for path in model.project.python_files_mentioning(SPELLINGS))


def _severity(model: Model, app: App, options: EngineOptions) -> Severity | None:
    """How bad these options are; None where connections are checked, or that is not known.

    A statement that fails is tried again, but for the clean-up up to 5.6, and for all where that is switched off in 5.7
    (seen with 4.4.7, 5.3.6, 5.6.3 and 5.7.0: a PostgreSQL that is restarted under a prefork worker).
    """
    if not options.known or any(options.holds(key) for key in OWN_POOL):
        return None
    ping, recycle = options.constant("pool_pre_ping"), options.constant("pool_recycle")
    if NOT_KNOWN in (ping, recycle) or ping or (number(recycle) or 0) > 0:
        return None
    version = app.declared.version
    if options.options is None and version >= ENGINE_DEFAULTS:
        older = older_admitted(app.declared)
        return Severity.ADVICE if older is not None and older < ENGINE_DEFAULTS else None
    if version >= DATABASE_RETRIES_ALL:
        switched_off = any(plain is False for plain, _ in constants(app, "result_backend_always_retry"))
        return Severity.WARNING if switched_off else Severity.ADVICE
    return Severity.WARNING if _cleans_up(model) else Severity.ADVICE


def _cleans_up(model: Model) -> bool:
    """Whether beat runs, which sends the nightly clean-up."""
    from celery_backend_lint.model.processes import beat_sign

    return beat_sign(model.project, model.manifests, model.deployment) is not None


def _finding(model: Model, app: App, engine: Engine, options: EngineOptions, severity: Severity) -> Finding:
    version, older = app.declared.version, older_admitted(app.declared)
    written = written_name(app, NAME)
    if options.options is not None:
        what = f"`{written}` has neither `pool_pre_ping` nor `pool_recycle`"
        if version >= ENGINE_DEFAULTS:
            what += ", and replaces Celery's default, which has both"
        location = options.location
    else:
        told = older if version >= ENGINE_DEFAULTS and older is not None else version
        what = (
            f"Celery {dotted(told)}{', which is admitted too,' if told != version else ''} does not check connections"
        )
        location = engine.location
    then = "the first statement fails, and is tried again"
    if version < DATABASE_RETRIES_ALL or options.options is None:
        if _cleans_up(model):
            then += "; the nightly clean-up fails, and is not"
    elif severity is not Severity.ADVICE:
        then = "storing a result fails, and is not tried again (`result_backend_always_retry` is off)"
    return RULE.finding(
        location,
        f"{what}: after the server has closed a worker's connection, {then}",
        help=_help(model, app, options, written),
        app=app.name,
        severity=severity,
        propose=partial(_check_connections, model, app, options),
    )


def _help(model: Model, app: App, options: EngineOptions, written: str) -> str:
    """What to write; where nothing is set, a newer Celery will do as well."""
    entries = _entries(_checks(model, app))
    if options.options is not None:
        return f"put `{entries}` into `{written}`"
    admitted_too = app.declared.version >= ENGINE_DEFAULTS
    newer = f"ask for Celery {dotted(ENGINE_DEFAULTS)} or newer, which does, or " if admitted_too else ""
    return f"{newer}set `{written}` to `{{{entries}}}`"


def _checks(model: Model, app: App) -> dict[str, object]:
    """The options that keep stale connections away: ``pool_pre_ping`` only where SQLAlchemy is known to take it."""
    from celery_backend_lint.model.connection_facts import POOL_CHECKS

    if not takes_pre_ping(model, app):
        return {"pool_recycle": POOL_CHECKS["pool_recycle"]}
    return POOL_CHECKS


def _entries(options: Mapping[str, object]) -> str:
    return ", ".join(f'"{key}": {value!r}' for key, value in options.items())


def _check_connections(model: Model, app: App, options: EngineOptions) -> Fix:
    from celery_backend_lint.evaluate.values import Literal
    from celery_backend_lint.fixes.connection_settings import add_options, replace_value, set_all

    checks = _checks(model, app)
    setting = app.settings.get(NAME)
    if setting is None or not setting.assignments:
        return set_all(model, app, {NAME: checks})
    if isinstance(setting.value, Literal):  # None
        from celery_backend_lint.fixes.configuration.setting_code import setting_code

        code = setting_code(model, options.location.path, NAME, checks)
        return replace_value(model, NAME, options.location, code)
    first = next(iter(checks))
    return add_options(model, app, NAME, {first: checks[first]}, replaces=True)

"""CBL607: connections that are not checked."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.findings.finding import Applicability, Finding, Severity
from celery_backend_lint.model.connection_facts import CHECK_SECONDS, UNCHECKED_WAIT
from celery_backend_lint.model.connection_settings import (
    NOT_KNOWN,
    in_a_query,
    is_unsaid,
    is_written,
    number,
    redis_outcomes,
    worker_pools,
)
from celery_backend_lint.model.expiry import REDIS
from celery_backend_lint.model.serializers import written_name
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

RULE = Rule("CBL607", "no-health-check", Severity.ADVICE, since="0.1.0", fix=Applicability.SAFE)

NAME, ENGINE = "redis_backend_health_check_interval", "database_engine_options"


def check_no_health_check(model: Model) -> Iterator[Finding]:
    """A connection that is lost without a word is not noticed.

    ## What it does
    Looks for `redis_backend_health_check_interval` where results go to Redis and the Celery is one that makes use of it
    (5.1 to 5.6), and for `pool_pre_ping` where a database's connections are only recycled by age.

    ## Why is this bad?
    A process that waits for a result sends nothing. When a firewall, a load balancer or a failover has dropped its
    connection, it waits for ever, though the result is stored. With the interval set redis-py asks for a sign of life,
    and Celery connects anew. Celery 5.7 waits by itself and asks nothing: the setting has no effect on a wait there.

    A database's connection that is younger than `pool_recycle` is used unchecked: after a restart of the server the
    next statement fails.

    ## Example
    ```python
    result_backend = "redis://cache.example.com/0"
    ```

    ## Use instead
    ```python
    result_backend = "redis://cache.example.com/0"
    redis_backend_health_check_interval = 30
    ```

    ## Fix safety
    A connection that was idle for longer is sent a PING. Nothing else changes.

    ## Known limits
    Silent from Celery 5.7 on for Redis, where the settings cannot be read whole, on what is missing where only an env
    file says which backend it is, where the project sends tasks and none of its code waits for a result, where an
    SQLAlchemy before 1.2 refuses `pool_pre_ping`, and where CBL605 speaks of the database's connections.

    ## References
    - [Celery: redis_backend_health_check_interval](https://docs.celeryq.dev/en/stable/userguide/configuration.html#redis-backend-health-check-interval)
    - `celery.backends.redis.ResultConsumer.drain_events`, Celery 5.6 and 5.7
    """
    if not model.wants_advice:
        return
    for app in model.checked_apps:
        if app.settings.get("result_backend") is None:
            continue
        if is_unsaid(app, NAME) and app.declared.version < UNCHECKED_WAIT and is_written(app, REDIS):
            outcomes = redis_outcomes(model, app)
            if outcomes and not in_a_query(outcomes, "health_check_interval") and _may_wait(model):
                yield RULE.finding(
                    app.location,
                    "a process that waits for a result does not notice that its connection to Redis was dropped on the "
                    "way, and waits for ever",
                    help=f"set `{written_name(app, NAME)} = {CHECK_SECONDS}`",
                    app=app.name,
                    propose=partial(_check, model, app),
                )
        if ENGINE in app.settings:
            yield from _database(model, app)


def _may_wait(model: Model) -> bool:
    """Whether some process may wait for a result: code does, or the tasks are sent from elsewhere."""
    from celery_backend_lint.model.results.reads import WAITS
    from celery_backend_lint.model.results.sends import first_send

    return any(read.name in WAITS for read in model.results.reads()) or first_send(model) is None


def _database(model: Model, app: App) -> Iterator[Finding]:
    from celery_backend_lint.model.database_engines import OWN_POOL, engine_options, engines, takes_pre_ping

    if not any(engine.has_server for engine in engines(model, app)) or not takes_pre_ping(model, app):
        return
    for options in engine_options(app):
        if not options.known or options.options is None or any(options.holds(key) for key in OWN_POOL):
            continue
        ping, recycle = options.constant("pool_pre_ping"), options.constant("pool_recycle")
        recycled = recycle is not NOT_KNOWN and (number(recycle) or 0) > 0
        if ping is NOT_KNOWN or ping or not recycled or "prefork" not in worker_pools(model, app):
            continue
        yield RULE.finding(
            options.location,
            f"connections younger than `pool_recycle` ({number(recycle):g} s) are used unchecked: after a restart of "
            "the server the next statement fails",
            help=f'put `"pool_pre_ping": True` into `{written_name(app, ENGINE)}`',
            app=app.name,
            propose=partial(_ping, model, app),
        )


def _check(model: Model, app: App) -> Fix:
    from celery_backend_lint.fixes.connection_settings import set_all

    return set_all(model, app, {NAME: CHECK_SECONDS})


def _ping(model: Model, app: App) -> Fix:
    from celery_backend_lint.fixes.connection_settings import add_options

    return add_options(model, app, ENGINE, {"pool_pre_ping": True}, replaces=True)

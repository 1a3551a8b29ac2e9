"""CBL602: a connection of the result backend that nothing bounds in time."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.findings.finding import Applicability, Finding, Severity
from celery_backend_lint.model.connection_facts import (
    ANSWER_SECONDS,
    CONNECT_SECONDS,
    SENTINEL_SECONDS,
)
from celery_backend_lint.model.connection_settings import (
    DATABASE,
    constants,
    in_a_query,
    is_unsaid,
    is_written,
    number,
    redis_outcomes,
)
from celery_backend_lint.model.expiry import REDIS
from celery_backend_lint.model.serializers import written_name
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.backend_outcomes import BackendOutcome

RULE = Rule("CBL602", "missing-timeout", Severity.WARNING, since="0.1.0", fix=Applicability.SAFE)

ANSWER, CONNECT = "redis_socket_timeout", "redis_socket_connect_timeout"
TRANSPORT, ENGINE = "result_backend_transport_options", "database_engine_options"
FIRST_WITH_A_TIMEOUT = (8,)
"""The redis-py whose connections wait five seconds for an answer where nothing is said (``redis._defaults``, 8.0.0).
It matters for the sentinels only: Celery gives the connections to Redis ``redis_socket_timeout``.
"""
SILENT = {"socket_timeout": SENTINEL_SECONDS, "socket_connect_timeout": SENTINEL_SECONDS}


def check_missing_timeout(model: Model) -> Iterator[Finding]:
    """A server that does not answer holds the process for ever, or a timeout of 0 lets no connection succeed.

    ## What it does
    For Redis it looks at `redis_socket_timeout` (`None`: no limit; 0: no waiting at all) and at
    `redis_socket_connect_timeout` (0), for Sentinel at `sentinel_kwargs`, where a redis-py before 8 gets installed, and
    for PostgreSQL and PyMySQL at the timeouts in `connect_args`. The same parameters in the query of the URL count.

    ## Why is this bad?
    With `None`, a process that has sent a command to a server that hangs waits until the server is killed. With 0 the
    socket does not block: connecting raises `ConnectionError: … Operation now in progress` at once, each time. Celery
    hands `sentinel_kwargs` to redis-py in place of the timeouts of the settings: before redis-py 8, which has one of
    its own, a sentinel that accepts a connection and says nothing is waited for without a limit, as psycopg and PyMySQL
    wait for a database server.

    ## Example
    ```python
    result_backend = "redis://cache.example.com/0"
    redis_socket_timeout = None
    ```

    ## Use instead
    ```python
    result_backend = "redis://cache.example.com/0"
    redis_socket_timeout = 10
    redis_socket_connect_timeout = 5
    ```

    ## Fix safety
    The timeout bounds a single answer of the server, not the wait for a result: that goes on. What is set at all is an
    error after 10 s (60 s for a database's answer) where the process hung.

    ## Known limits
    A missing timeout for connecting to Redis is not told: an address where nothing answers is given up after
    `redis_socket_timeout`, two minutes unless it is set (where that is `None`, Linux ends it after a little more).
    Other drivers of databases are not looked at, and `PGCONNECT_TIMEOUT` is not seen. Silent where the settings cannot
    be read whole, and on what is missing where only an env file says which backend it is.

    ## References
    - [Celery: redis_socket_timeout](https://docs.celeryq.dev/en/stable/userguide/configuration.html#redis-socket-timeout)
    - `celery.backends.redis.RedisBackend`, Celery 5.3 to 5.7 with redis-py 5.2 to 8.1
    """
    for app in model.checked_apps:
        if app.settings.get("result_backend") is None:
            continue
        outcomes = redis_outcomes(model, app)
        if outcomes:
            yield from _redis(model, app, outcomes)
        if model.wants_advice and is_written(app, DATABASE):
            yield from _database(model, app)


def _redis(model: Model, app: App, outcomes: tuple[BackendOutcome, ...]) -> Iterator[Finding]:
    connects = [number(plain) for plain, _ in constants(app, CONNECT)]
    waits = any(found is None or found > 0 for found in connects) or in_a_query(outcomes, "socket_connect_timeout")
    for name, seconds in ((ANSWER, ANSWER_SECONDS), (CONNECT, CONNECT_SECONDS)):
        if in_a_query(outcomes, name.removeprefix("redis_")):
            continue
        written = written_name(app, name)
        for plain, location in constants(app, name):
            fix = partial(_replace, model, name, location, str(seconds))
            remedy = f"write `{written} = {seconds}`"
            if plain is None and name == ANSWER:
                message = f"{written} is None: when Redis hangs, each process that asks it hangs too, without a limit"
                yield RULE.finding(location, message, help=remedy, app=app.name, propose=fix)
            elif number(plain) == 0:
                severity = Severity.ERROR
                message = f"{written} is 0, which does not mean none: every connect to Redis raises ConnectionError"
                if name == ANSWER and waits:
                    severity = Severity.WARNING
                    message = f"{written} is 0: an answer of Redis that is not there at once raises ConnectionError"
                yield RULE.finding(location, message, help=remedy, app=app.name, severity=severity, propose=fix)
    if not model.wants_advice or not is_written(app, REDIS):
        return
    if any(outcome.kind == "sentinel" for outcome in outcomes) and _waits_for_sentinels(model, app):
        yield from _sentinel(model, app)


def _waits_for_sentinels(model: Model, app: App) -> bool:
    """Whether the redis-py that gets installed has no timeout of its own; False where that cannot be told."""
    from celery_backend_lint.model.fresh_install import candidates, install
    from celery_backend_lint.model.packages import Packages
    from celery_backend_lint.model.project_python import pythons

    held = Packages(model, app).set
    found = candidates(held, "redis", "redis", pythons(model.project, held)[-1])
    chosen = install(found, "redis", "redis") if found is not None else None
    return chosen is not None and chosen.package is not None and chosen.package < FIRST_WITH_A_TIMEOUT


def _sentinel(model: Model, app: App) -> Iterator[Finding]:
    from celery_backend_lint.evaluate.values import Mapping

    setting = app.settings.get(TRANSPORT)
    if is_unsaid(app, TRANSPORT):
        location, fix = app.location, partial(_set, model, app, {TRANSPORT: {"sentinel_kwargs": SILENT}})
    elif setting is not None and isinstance(setting.value, Mapping) and setting.value.complete:
        given = setting.value.get("sentinel_kwargs")
        if given is not None and not (
            isinstance(given, Mapping) and given.complete and given.get("socket_timeout") is None
        ):
            return
        location = setting.value.origin
        fix = partial(_add, model, app, TRANSPORT, "sentinel_kwargs", SILENT, given is not None)
    else:
        return
    yield RULE.finding(
        location,
        "`sentinel_kwargs` gives no `socket_timeout`, and the timeouts of the settings are not those of the sentinels: "
        "one that does not answer is waited for",
        help=f'put `"sentinel_kwargs": {{"socket_timeout": {SENTINEL_SECONDS}, '
        f'"socket_connect_timeout": {SENTINEL_SECONDS}}}` into `{written_name(app, TRANSPORT)}`',
        app=app.name,
        severity=Severity.ADVICE,
        propose=fix,
    )


def _database(model: Model, app: App) -> Iterator[Finding]:
    from celery_backend_lint.evaluate.values import Mapping
    from celery_backend_lint.model.database_engines import engine_options, engines, is_bounded, waits_for_ever

    engine = next((one for one in engines(model, app) if waits_for_ever(one)), None)
    if engine is None:
        return
    for options in engine_options(app):
        if not options.known or options.holds("creator"):
            continue
        arguments = options.options.get("connect_args") if options.options is not None else None
        if arguments is not None and not (isinstance(arguments, Mapping) and arguments.complete):
            continue
        if is_bounded(engine, arguments):
            continue
        wanted = "read_timeout" if engine.driver == "pymysql" else "connect_timeout"
        yield RULE.finding(
            app.location,
            f"a server that accepts the connection and says nothing is waited for without a limit: no `{wanted}` for "
            f"{engine.driver or engine.dialect}",
            help=f'put `"connect_args": {{"{wanted}": {_seconds(engine.dialect)[wanted]}}}` into '
            f"`{written_name(app, ENGINE)}`",
            app=app.name,
            severity=Severity.ADVICE,
            propose=partial(_bound, model, app, engine.dialect, arguments is not None),
        )


def _seconds(dialect: str) -> dict[str, Any]:
    from celery_backend_lint.model.connection_facts import timeout_arguments

    return timeout_arguments(dialect)


def _bound(model: Model, app: App, dialect: str, has_arguments: bool) -> Fix:
    from celery_backend_lint.findings.fix import CannotFixError
    from celery_backend_lint.model.connection_facts import POOL_CHECKS

    if has_arguments:
        raise CannotFixError("`connect_args` has other arguments: add the timeout to them yourself")
    arguments = {"connect_args": _seconds(dialect)}
    setting = app.settings.get(ENGINE)
    if setting is None or not setting.assignments:
        return _set(model, app, {ENGINE: {**POOL_CHECKS, **arguments}})  # what is set replaces Celery's default
    return _add(model, app, ENGINE, "connect_args", arguments["connect_args"], replaces=False)


def _set(model: Model, app: App, settings: dict[str, Any]) -> Fix:
    from celery_backend_lint.fixes.connection_settings import set_all

    return set_all(model, app, settings)


def _add(model: Model, app: App, name: str, key: str, value: object, replaces: bool) -> Fix:
    from celery_backend_lint.fixes.connection_settings import add_options

    return add_options(model, app, name, {key: value}, replaces=replaces)


def _replace(model: Model, name: str, location: Location, code: str) -> Fix:
    from celery_backend_lint.fixes.connection_settings import replace_value

    return replace_value(model, name, location, code)

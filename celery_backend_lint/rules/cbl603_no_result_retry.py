"""CBL603: results that are not read again, or a retry that does nothing."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.evaluate.values import Mapping, Missing
from celery_backend_lint.findings.finding import Applicability, Finding, Severity
from celery_backend_lint.model.backend_values import dotted
from celery_backend_lint.model.connection_facts import REDIS_RETRIES, RETRIES
from celery_backend_lint.model.connection_settings import constants, is_unsaid, is_written, redis_outcomes
from celery_backend_lint.model.expiry import REDIS
from celery_backend_lint.model.serializers import written_name
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

RULE = Rule("CBL603", "no-result-retry", Severity.ADVICE, since="0.1.0", fix=Applicability.SAFE)

ALWAYS, MAXIMUM = "result_backend_always_retry", "result_backend_max_retries"


def check_no_result_retry(model: Model) -> Iterator[Finding]:
    """A short outage of Redis is an error at once for whoever stores or reads a result.

    ## What it does
    Looks at `result_backend_always_retry` where results go to Redis: not set, or set for a Celery that does not read it
    there.

    ## Why is this bad?
    The Redis backend's own `retry_policy` covers the write alone. Storing a result begins with a read, to keep a
    success from being overwritten: that, and reading a result, raise `ConnectionError` as soon as Redis restarts or the
    connection breaks. From Celery 5.5 on `result_backend_always_retry` tries it all again; before, the Redis backend
    calls no error safe to retry, and the setting does nothing (a warning).

    ## Example
    ```python
    result_backend = "redis://cache.example.com/0"
    ```

    ## Use instead
    ```python
    result_backend = "redis://cache.example.com/0"
    result_backend_always_retry = True
    result_backend_max_retries = 10  # about ten seconds
    ```

    ## Fix safety
    What was an error at once is an error after some seconds. The number of tries is set with it, for without that
    Celery never gives up (CBL604). Where the setting does nothing it is removed.

    ## Known limits
    What is missing is told where the code itself names Redis, not where only an env file does. Databases are tried
    again without a setting. That an admitted older Celery does not read it is not told: a fresh install gets the
    newest. An explicit `False` is a decision, so is a `retry_policy` among the `result_backend_transport_options`,
    though it does not cover all of it. Nothing is tried again where kombu's Redis transport cannot be imported
    (CBL208).

    ## References
    - [Celery: result_backend_always_retry](https://docs.celeryq.dev/en/stable/userguide/configuration.html#result-backend-always-retry)
    - `celery.backends.redis.RedisBackend.exception_safe_to_retry`, Celery 5.5
    """
    for app in model.checked_apps:
        said = ALWAYS in app.settings
        if not said and not model.wants_advice:
            continue
        if app.settings.get("result_backend") is None:
            continue
        outcomes = redis_outcomes(model, app)
        if not outcomes:
            continue
        if said:
            yield from _without_effect(model, app)
        elif (
            app.declared.version >= REDIS_RETRIES
            and is_unsaid(app, ALWAYS)
            and is_written(app, REDIS)
            and not _has_policy(app)
        ):
            yield RULE.finding(
                app.location,
                "when Redis is away for a moment, storing or reading a result raises ConnectionError at once",
                help=f"set `{written_name(app, ALWAYS)} = True` and `{written_name(app, MAXIMUM)} = {RETRIES}`",
                app=app.name,
                propose=partial(_retry, model, app),
            )


def _has_policy(app: App) -> bool:
    """Whether the project has a ``retry_policy`` of its own, or may have: it has decided what is tried again."""
    setting = app.settings.get("result_backend_transport_options")
    if setting is None or isinstance(setting.value, Missing):
        return False
    value = setting.value
    return not isinstance(value, Mapping) or not value.complete or value.get("retry_policy") is not None


def _without_effect(model: Model, app: App) -> Iterator[Finding]:
    if any(kind not in ("redis", "rediss", "sentinel") for kind in _kinds(app)):
        return
    if app.declared.version >= REDIS_RETRIES:
        return
    for plain, location in constants(app, ALWAYS):
        if plain is not True:
            continue
        yield RULE.finding(
            location,
            f"{written_name(app, ALWAYS)} does nothing on Redis with Celery {dotted(app.declared.version)}: "
            "storing or reading a result raises ConnectionError at once when Redis is away",
            help="raise the requirement to `celery>=5.5`, which reads it, or remove it",
            app=app.name,
            severity=Severity.WARNING,
            propose=partial(_remove, model, app),
        )


def _kinds(app: App) -> set[str]:
    return {app.result_backend.kind, *(one.kind for one in app.result_backend.alternatives)} - {"disabled"}


def _retry(model: Model, app: App) -> Fix:
    from celery_backend_lint.fixes.connection_settings import set_all

    unsaid = is_unsaid(app, MAXIMUM)
    return set_all(model, app, {ALWAYS: True, MAXIMUM: RETRIES} if unsaid else {ALWAYS: True})


def _remove(model: Model, app: App) -> Fix:
    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.fixes.python.removal import remove_setting

    edits = [edit for one in app.settings[ALWAYS].assignments for edit in remove_setting(model, one)]
    return Fix(f"Remove `{written_name(app, ALWAYS)}`, which does nothing", Applicability.SAFE, tuple(edits))

"""CBL111: an option of the result backend that this backend never reads."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Environment, Literal
from celery_backend_lint.findings.finding import Finding, Severity
from celery_backend_lint.model import facts
from celery_backend_lint.model.backend_values import dotted
from celery_backend_lint.model.held import outcomes
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Entry
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App, Setting

RULE = Rule("CBL111", "unknown-transport-option", Severity.WARNING, since="0.1.0")

SETTING = "result_backend_transport_options"
BROKER_SETTING = "broker_transport_options"

DICT_NEEDED_SINCE = (5, 3, 0)
"""The first Celery whose key/value backends ask the options for ``global_keyprefix`` as soon as they are made."""

VISIBILITY = "visibility_timeout"

SETTINGS = {
    "socket_timeout": "redis_socket_timeout",
    "socket_connect_timeout": "redis_socket_connect_timeout",
    "socket_keepalive": "redis_socket_keepalive",
    "retry_on_timeout": "redis_retry_on_timeout",
    "max_connections": "redis_max_connections",
    "health_check_interval": "redis_backend_health_check_interval",
    "client_name": "redis_client_name",
    "credential_provider": "redis_backend_credential_provider",
    "password": "redis_password",
    "username": "redis_username",
}
"""The settings of the Redis backends that do what an option of that name is meant to."""

RETRIES = ("max_retries", "interval_start", "interval_step", "interval_max", "retry_errback")
SENTINEL_ONLY = ("master_name", "sentinel_kwargs", "min_other_sentinels")
REDIS = frozenset({"redis", "rediss", "sentinel"})

VISIBLE = REDIS | {"sqs"}
"""The brokers whose transports read ``visibility_timeout`` (kombu 5.6)."""
AMQP = frozenset({"amqp", "amqps", "pyamqp", "librabbitmq"})


def check_unknown_transport_option(model: Model) -> Iterator[Finding]:
    """A key of `result_backend_transport_options` is read by no backend that the app uses.

    ## What it does
    Compares the keys with those that the app's result backend reads in the project's Celery: `global_keyprefix`,
    `retry_policy`, `result_chord_ordered`, for Sentinels `master_name`, `sentinel_kwargs`, `min_other_sentinels`.
    Checks that the options are a dict.

    ## Why is this bad?
    The names of the broker's options look right here and do nothing: with `{"socket_timeout": 5}` the backend waits
    for the 120 seconds of `redis_socket_timeout`. Celery does not say so. `None` instead of a dict raises
    AttributeError as soon as the backend is used (Celery 5.3 and later).

    ## Example
    ```python
    result_backend = "redis://cache.example.com/0"
    result_backend_transport_options = {"socket_timeout": 5}
    ```

    ## Use instead
    ```python
    result_backend = "redis://cache.example.com/0"
    redis_socket_timeout = 5
    ```

    ## Known limits
    Celery's documentation asks for `visibility_timeout` here and in `broker_transport_options`: it is only reported
    where the latter lack it. An option that the broker takes from the same dict, and options that the project reads
    itself, are not reported. Where the backend reads none at all, CBL703 says so.

    ## References
    - [Celery: result_backend_transport_options](https://docs.celeryq.dev/en/stable/userguide/configuration.html#result-backend-transport-options)
    - `celery.backends.redis`, `celery.backends.base`, Celery 5.3 to 5.7
    """
    for app in model.checked_apps:
        setting = app.settings.get(SETTING)
        if setting is None:
            continue
        from celery_backend_lint.model.idle_settings import known_kinds
        from celery_backend_lint.model.name_reads import read_names

        kinds = known_kinds(app)
        readable = _readable(kinds, app)
        if not readable or read_names(model, (one.written for one in setting.assignments)):
            continue
        yield from _no_dict(app, setting, readable)
        yield from _keys(model, app, kinds, readable)


def _readable(kinds: frozenset[str], app: App) -> frozenset[str]:
    """The options that one of the app's backends reads; empty where one of them is not Celery's own."""
    found: set[str] = set()
    for kind in kinds:
        backend = facts.backend(kind, app.declared.version)
        if backend is None:
            return frozenset()
        found |= backend.transport_options
    return frozenset(found)


def _no_dict(app: App, setting: Setting, readable: frozenset[str]) -> Iterator[Finding]:
    if app.declared.version < DICT_NEEDED_SINCE or "global_keyprefix" not in readable:
        return
    found = list(outcomes(setting.value))
    if any(isinstance(one, Environment) for one in found):
        return
    for one in found:
        if isinstance(one, Literal):
            yield RULE.finding(
                one.origin,
                f"`{SETTING}` is no dict: Celery raises AttributeError as soon as the backend is used",
                help="write `{}`, or leave it out",
                app=app.name,
                severity=Severity.ERROR,
            )


def _keys(model: Model, app: App, kinds: frozenset[str], readable: frozenset[str]) -> Iterator[Finding]:
    from celery_backend_lint.model.broker_outcomes import broker_outcomes
    from celery_backend_lint.model.transport_options import transport_options

    broker = transport_options(app, BROKER_SETTING)
    shared = {entry.origin for one in broker for entry in one.entries}
    seen: set[Location] = set()
    for options in transport_options(app):
        for entry in options.entries:
            key = _name(entry)
            if key in readable or entry.origin in shared or entry.origin in seen or is_test_path(entry.origin.path):
                continue
            has_it = any(one.kind == "unknown" or not one.complete or one.get(key) is not None for one in broker)
            if key == VISIBILITY and has_it:
                continue
            seen.add(entry.origin)
            yield RULE.finding(
                entry.origin,
                f"`{key}` in `{SETTING}` does nothing: the {_shown(kinds)} backend of Celery "
                f"{dotted(app.declared.version)} does not read it",
                help=_remedy(key, kinds, frozenset(one.transport for one in broker_outcomes(model, app))),
                app=app.name,
            )


def _name(entry: Entry) -> str:
    return str(entry.key.value) if isinstance(entry.key, Literal) else ""


def _shown(kinds: frozenset[str]) -> str:
    return " or ".join(f"`{kind}`" for kind in sorted(kinds))


def _remedy(key: str, kinds: frozenset[str], transports: frozenset[str]) -> str:
    """What to write instead; ``transports`` are those of the broker that are known, empty where none is."""
    if key == VISIBILITY and transports and transports <= AMQP:
        return "remove it: a broker of AMQP has no such timeout (RabbitMQ's `consumer_timeout` is set in the server)"
    if key == VISIBILITY and transports and transports <= VISIBLE:
        return f"the broker reads it: write it in `{BROKER_SETTING}`"
    if key == VISIBILITY:
        return f"brokers on Redis and SQS read it: with one of these write it in `{BROKER_SETTING}`, else remove it"
    if kinds <= REDIS:
        if key in SETTINGS:
            return f"use the setting `{SETTINGS[key]}`"
        if key.startswith("ssl"):
            return "use the setting `redis_backend_use_ssl`"
        if key in RETRIES:
            return f'put it into `{{"retry_policy": {{"{key}": …}}}}`'
        if key in SENTINEL_ONLY:
            return "it belongs to a `sentinel://` backend"
        if key == "service_name":
            return "Sentinel's name of the master is `master_name`"
    return f"remove it, or write it in `{BROKER_SETTING}` where the broker is meant"

"""CBL115: RPC results through a broker that forgets no queue."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Environment, Missing
from celery_backend_lint.findings.finding import Finding, Related, Severity
from celery_backend_lint.model.held import hold, outcomes
from celery_backend_lint.model.one_process import is_for_tests
from celery_backend_lint.model.used_backends import may_use, used_backends
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

RULE = Rule("CBL115", "rpc-on-non-amqp-broker", Severity.WARNING, since="0.1.0")

_KEEPING = {
    "redis": "Redis",
    "rediss": "Redis",
    "sentinel": "Redis",
    "sqs": "SQS",
    "SQS": "SQS",
    "sqla": "the database",
    "sqlalchemy": "the database",
    "filesystem": "the folder",
}
"""The transports of kombu (5.3 to 5.7) that never remove a reply queue by themselves, and where it stays. Those that
do: AMQP, qpid, gcpubsub (a day); mongodb has an option for it."""


def check_rpc_on_non_amqp_broker(model: Model) -> Iterator[Finding]:
    """`rpc://` keeps results in the broker, and this broker does not remove what nobody fetches.

    ## What it does
    Reports `rpc://` where the broker is Redis, SQS, a database or a folder.

    ## Why is this bad?
    Each process that sends tasks has a queue for replies. RabbitMQ deletes it when the process goes, or after
    `result_expires`. The other brokers know no such thing: kombu lets the queue expire only in the process that made
    it, and what a worker puts in after that process is gone stays for ever. Redis fills up with lists that have no TTL,
    one for each process that did not stay to read its results.

    ## Example
    ```python
    broker_url = "redis://cache.example.com:6379/0"
    result_backend = "rpc://"
    ```

    ## Use instead
    ```python
    broker_url = "redis://cache.example.com:6379/0"
    result_backend = "redis://cache.example.com:6379/1"
    ```

    ## Known limits
    Silent where one of the possible brokers is AMQP or not known, in tests and in examples.

    ## References
    - [Celery: RPC backend](https://docs.celeryq.dev/en/stable/userguide/configuration.html#rpc-backend-settings)
    - `celery.backends.rpc.RPCBackend.binding`, `kombu.transport.redis.Channel` (x-expires), kombu 5.7.0
    """
    for app in model.checked_apps:
        if not may_use(app, ("rpc",)):
            continue
        brokers = _brokers(model, app)
        if not brokers:
            continue
        where = " or ".join(dict.fromkeys(name for name, _ in brokers))
        # SQS drops messages by itself, after 14 days at most, but no queue.
        what = "the queues for replies" if "SQS" in where else "results that nobody fetches"
        related = tuple(Related(place, "the broker") for place in dict.fromkeys(place for _, place in brokers))
        for _, place in used_backends(model, app, ("rpc",)):
            if not is_for_tests(place):
                yield RULE.finding(
                    place,
                    f"{what} stay in {where} for ever: only RabbitMQ removes the reply queues of `rpc://`",
                    help=_HELP.get(where, "use RabbitMQ as the broker, or another result backend"),
                    app=app.name,
                    related=related,
                )


_HELP = {"Redis": "let the results go to Redis themselves, where they expire: `redis://…`"}


def _brokers(model: Model, app: App) -> tuple[tuple[str, Location], ...]:
    """Where reply queues stay, for each outcome of the broker; empty where one is AMQP or not known."""
    setting = app.settings.get("broker_url")
    found = []
    for value in outcomes(setting.value) if setting is not None else ():
        held = hold(value, model.evidence, app.path)
        if isinstance(value, Missing) or not held.known or not isinstance(held.plain, str):
            return ()
        said = model.evidence.best(value, app.path) if isinstance(value, Environment) else None
        text = said.value if said is not None and said.strong else held.plain
        # ``sqla+sqlite://…``: what stands before a ``+`` is the transport (kombu.connection.Connection, 5.7)
        name = _KEEPING.get(text.partition("://")[0].partition("+")[0])
        if name is None:
            return ()
        found.append((name, held.origin))
    return tuple(found)

"""CBL114: broker and results in one database of a Redis."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.findings.finding import Applicability, Finding, Related, Severity
from celery_backend_lint.model.backend_kind import DISABLED
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.redis_databases import RedisDatabase

RULE = Rule("CBL114", "shared-broker-database", Severity.ADVICE, since="0.1.0", fix=Applicability.UNSAFE)

REDIS = frozenset({"redis", "rediss"})


def check_shared_broker_database(model: Model) -> Iterator[Finding]:
    """The broker's queues and the results are kept in the same database of the same Redis.

    ## What it does
    Compares `broker_url` with `result_backend`: server, port and number of the database, or the variable that both
    come from.

    ## Why is this bad?
    Whoever clears the results with `FLUSHDB` deletes the tasks that wait as well, and the other way round. Monitoring
    cannot tell the two apart, and neither can be moved to a server of its own, with a limit of memory that suits it,
    without the other.

    ## Example
    ```python
    broker_url = "redis://cache.example.com:6379/0"
    result_backend = "redis://cache.example.com:6379/0"
    ```

    ## Use instead
    ```python
    broker_url = "redis://cache.example.com:6379/0"
    result_backend = "redis://cache.example.com:6379/1"
    ```

    ## Fix safety
    The fix is unsafe: results that are stored in the old database are not found any more, and whatever else reads
    them must change as well.

    ## Known limits
    Some services have no other database than 0, and a Redis Cluster has none. Sentinels, sockets and the bare name
    `redis` are not compared.

    ## References
    - [Redis: SELECT](https://redis.io/docs/latest/commands/select/)
    """
    if not model.wants_advice:
        return
    for app in model.checked_apps:
        if "broker_url" not in app.settings or "result_backend" not in app.settings:
            continue
        kinds = {app.result_backend.kind, *(other.kind for other in app.result_backend.alternatives)}
        if not kinds & REDIS:
            continue
        from celery_backend_lint.model.redis_databases import free_number, redis_databases

        brokers = [*redis_databases(app, "broker_url")]
        for results in redis_databases(app, "result_backend"):
            broker = next((one for one in brokers if one.is_same(results)), None)
            if broker is None:
                continue
            if results.number is None and not kinds <= {*REDIS, DISABLED}:
                continue  # what the variable holds is not known
            number = free_number(model.checked_apps, results.server)
            which = f"database {results.number}" if results.number is not None else "one database"
            place = broker.value.origin
            unset = " and ".join(sorted({one.unset for one in (broker, results)} - {""}))
            when = f" while {unset} {'are' if ' and ' in unset else 'is'} not set" if unset else ""
            yield RULE.finding(
                results.value.origin,
                f"broker and results share {which} of a Redis{when}: whoever clears the one deletes the other as well",
                help=f"end the result backend's URL in `/{number or 1}`",
                app=app.name,
                related=() if place == results.value.origin else (Related(place, "the broker"),),
                propose=partial(_fix, model, results, number),
            )
            break


def _fix(model: Model, results: RedisDatabase, number: int | None) -> Fix:
    from celery_backend_lint.fixes.redis_databases import use_database

    return use_database(model, results, number)

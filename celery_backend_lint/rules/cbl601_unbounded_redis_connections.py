"""CBL601: how many connections a pool that threads share may open to Redis is left to redis-py."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.findings.finding import Applicability, Finding, Severity
from celery_backend_lint.model.connection_facts import connections
from celery_backend_lint.model.connection_settings import (
    NOT_KNOWN,
    constants,
    in_a_query,
    is_unsaid,
    is_written,
    redis_outcomes,
    worker_concurrency,
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

RULE = Rule("CBL601", "unbounded-redis-connections", Severity.ADVICE, since="0.1.0", fix=Applicability.SAFE)

NAME = "redis_max_connections"
SHARED = "result_backend_thread_safe"
CONCURRENCY = 8
"""Tasks at once where nothing says how many."""


def check_unbounded_redis_connections(model: Model) -> Iterator[Finding]:
    """Threads share a pool of connections to Redis, and nothing says how many it may open.

    ## What it does
    Looks for `redis_max_connections` (or `max_connections` in the URL) where results go to Redis and
    `result_backend_thread_safe` lets all threads, or greenlets, of a process use one pool.

    ## Why is this bad?
    Without it the limit is redis-py's: none before redis-py 8.0, 100 connections a pool from then on. A pool opens a
    connection whenever all of its own are in use; once the server's `maxclients` is reached, Redis answers every new
    client `max number of clients reached`, also those of other programs. With a limit, only the process that asks for
    too many gets `ConnectionError: Too many connections`.

    Where `result_backend_thread_safe` is not set, each thread and each greenlet has a pool of its own and uses a
    connection or two of it: a limit of the pool is none of the process there, and nothing is said.

    ## Example
    ```python
    result_backend = "redis://cache.example.com/0"
    result_backend_thread_safe = True
    ```

    ## Use instead
    ```python
    result_backend = "redis://cache.example.com/0"
    result_backend_thread_safe = True
    redis_max_connections = 20  # twice the concurrency, and some
    ```

    ## Fix safety
    The limit is twice the concurrency that the project states, at least 8, and 4: a process needs a connection for
    each task that it runs at once and for each wait. There is no fix where no concurrency is stated.

    ## Known limits
    Silent where the settings cannot be read whole, and on what is missing where
    only an env file says which backend it is.

    ## References
    - [Celery: redis_max_connections](https://docs.celeryq.dev/en/stable/userguide/configuration.html#redis-max-connections)
    - `redis.connection.ConnectionPool`, redis-py 5.2 to 8.1
    """
    if not model.wants_advice:
        return
    for app in model.checked_apps:
        if not is_unsaid(app, NAME) or not is_written(app, REDIS) or not _may_share_a_pool(app):
            continue
        outcomes = redis_outcomes(model, app)
        if outcomes and not in_a_query(outcomes, "max_connections"):
            written = written_name(app, NAME)
            yield RULE.finding(
                app.location,
                f"`{written}` is not set: how many connections a pool may open to Redis is left to redis-py, which has "
                "no limit before 8.0; Redis refuses every client once it has too many",
                help=f"set `{written} = {connections(CONCURRENCY)}`, about twice the concurrency of a process",
                app=app.name,
                propose=partial(_limit, model, app),
            )


def _may_share_a_pool(app: App) -> bool:
    """Whether threads may use one pool together: it is then as large as there are threads at work."""
    return any(plain is NOT_KNOWN or plain for plain, _ in constants(app, SHARED))


def _limit(model: Model, app: App) -> Fix:
    from celery_backend_lint.findings.fix import CannotFixError
    from celery_backend_lint.fixes.connection_settings import set_all

    stated = worker_concurrency(model, app)
    if stated is None:
        raise CannotFixError("threads share one pool, and nothing says how many there are: set it yourself")
    return set_all(model, app, {NAME: connections(max(stated or 0, CONCURRENCY))})

"""CBL122: a Redis Cluster as the result backend."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Finding, Severity
from celery_backend_lint.model.backend_values import backend_values, shown
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

RULE = Rule("CBL122", "redis-cluster-endpoint", Severity.WARNING, since="0.1.0")

SETTING = "result_backend_transport_options"


def check_redis_cluster_endpoint(model: Model) -> Iterator[Finding]:
    """The result backend is a Redis Cluster, which Celery's Redis backend does not speak.

    ## What it does
    Looks for hosts that only clusters have (`clustercfg.…`, as in ElastiCache and MemoryDB, and ElastiCache
    Serverless), for `redis+cluster://`, for parameters of the URL such as `?cluster=true`, and for options and settings
    such as `redis_cluster` beside a Redis backend.

    ## Why is this bad?
    The backend is a client of one address. Of a cluster's keys each node holds a part: for a result that belongs to
    another node the answer is MovedError, and reading several results at once raises ClusterCrossSlotError. A database
    other than 0 is refused.

    ## Example
    ```python
    result_backend = "rediss://clustercfg.results.abc123.euw1.cache.amazonaws.com:6379/0?ssl_cert_reqs=required"
    ```

    ## Use instead
    ```python
    result_backend = "rediss://master.results.abc123.euw1.cache.amazonaws.com:6379/0?ssl_cert_reqs=required"
    ```

    ## Known limits
    Other names do not tell whether a cluster answers. A cluster with one node answers as a plain Redis does, but for
    the reading of several results at once.

    ## References
    - [Redis: Cluster specification](https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/)
    - [Amazon ElastiCache: Finding connection endpoints](https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Endpoints.html)
    """
    for app in model.checked_apps:
        for value in backend_values(app):
            text = value.text or ""
            if not value.effective or ("cluster" not in text and ".serverless." not in text and "?" not in text):
                continue
            from celery_backend_lint.model.redis_clusters import cluster_sign

            sign = cluster_sign(text)
            if sign is not None:
                yield RULE.finding(
                    value.location,
                    f"`{shown(sign)}` means a Redis Cluster{value.clause}: Celery asks one node only, and raises "
                    "MovedError for each result that another node holds",
                    help="use a Redis without cluster mode, or another backend",
                    app=app.name,
                )
        kinds = {app.result_backend.kind, *(other.kind for other in app.result_backend.alternatives)}
        if not kinds <= {"redis", "rediss", "disabled"} or kinds == {"disabled"}:
            continue
        if SETTING not in app.settings and not any("cluster" in name.lower() for name in _names(app)):
            continue
        from celery_backend_lint.model.redis_clusters import cluster_settings

        for name, place in cluster_settings(model, app):
            if not is_test_path(place.path):
                yield RULE.finding(
                    place,
                    f"`{name}` makes no client of a Redis Cluster: Celery asks one node only, and raises MovedError "
                    "for each result that another node holds",
                    help="use a Redis without cluster mode, or another backend",
                    app=app.name,
                )


def _names(app: App) -> Iterator[str]:
    """The names that stand in an app's configuration."""
    for source in app.sources:
        yield from (name.name for name in source.names)
    yield from (write.written for write in app.writes)

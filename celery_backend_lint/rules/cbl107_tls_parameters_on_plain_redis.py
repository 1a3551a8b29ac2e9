"""CBL107: TLS options beside a ``redis://`` URL."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.evaluate.values import Literal
from celery_backend_lint.findings.finding import Applicability, Finding, Related, Severity
from celery_backend_lint.model.backend_kind import alias_of
from celery_backend_lint.model.backend_values import backend_values, dotted, older_admitted
from celery_backend_lint.model.redis_tls import PLAIN_URL_MAY_HAVE_OPTIONS, SSL_PARAMETERS, tls_options
from celery_backend_lint.model.urls import split
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.backend_values import BackendValue

RULE = Rule("CBL107", "tls-parameters-on-plain-redis", Severity.ERROR, since="0.1.0", fix=Applicability.SAFE)

FAILS = "raises ValueError as soon as the backend is used"


def check_tls_parameters_on_plain_redis(model: Model) -> Iterator[Finding]:
    """A `redis://` result backend carries TLS options.

    ## What it does
    Checks `redis://` result backends for `ssl_cert_reqs`, `ssl_ca_certs`, `ssl_certfile` and `ssl_keyfile` in the query
    and, where the project's Celery is older than 5.7, for a `redis_backend_use_ssl` that holds one of them.

    ## Why is this bad?
    Celery raises `ValueError: SSL connection parameters have been provided but the specified URL scheme is redis://`
    as soon as the backend is used. From 5.7 on it uses TLS where the options stand in `redis_backend_use_ssl`; those in
    the query are refused by every version.

    ## Example
    ```python
    result_backend = "redis://cache.example.com:6379/0?ssl_cert_reqs=required"
    ```

    ## Use instead
    ```python
    result_backend = "rediss://cache.example.com:6379/0?ssl_cert_reqs=required"
    ```

    ## Fix safety
    What is changed does not load, so nothing that works can break.

    ## Known limits
    Where the URL or the options depend on the environment, a `redis_backend_use_ssl` that is only set in some cases, or
    for an app that is only made in some, is not reported: the same condition may choose the URL. Other parameters that
    begin with `ssl` are handed on to redis-py and not looked at.

    ## References
    - [Celery: Redis backend settings](https://docs.celeryq.dev/en/stable/userguide/configuration.html#conf-redis-result-backend)
    - `celery.backends.redis.RedisBackend._params_from_url`, Celery 4.4 to 5.7
    """
    for app in model.checked_apps:
        for value in backend_values(app):
            if alias_of(value.text or "") not in ("redis", "rediss"):
                continue
            url = split(value.text or "")
            if url is None or url.scheme != "redis":
                continue
            given = [name for name, _ in url.parameters() if name in SSL_PARAMETERS]
            if given:
                yield RULE.finding(
                    value.location,
                    f"`{given[0]}` in the query of a `redis://` URL{value.clause}: Celery {FAILS}",
                    help="write `rediss://` to use TLS, or leave the parameters out",
                    app=app.name,
                    severity=None if value.effective else Severity.WARNING,
                    propose=partial(_fix, model, app, value),
                )
            elif value.effective:
                yield from _options(model, app, value)


def _fix(model: Model, app: App, value: BackendValue) -> Fix:
    from celery_backend_lint.fixes.backend_urls import use_tls_scheme

    users = [
        one for one in model.checked_apps if any(other.location == value.location for other in backend_values(one))
    ]
    return use_tls_scheme(model, app, value, said_elsewhere=all(_says_what_to_check(one) for one in users))


def _says_what_to_check(app: App) -> bool:
    """Whether an app's options say how the certificate is checked, so that its URL need not."""
    options = tls_options(app)
    return any(one.kind == "dict" for one in options) and all(
        one.kind == "unknown" or (one.kind == "dict" and one.cert_reqs != "invalid") for one in options
    )


def _is_made_under_a_condition(model: Model, app: App) -> bool:
    """Whether an app is one of several that a project may make (``if URL.startswith("rediss:"): app = Celery(…)``)."""
    from celery_backend_lint.model.source_nodes import node_at

    node = node_at(model.evaluator, app.location)
    while node is not None and node.type not in ("if_statement", "conditional_expression", "match_statement"):
        node = node.parent
    return node is not None


def _options(model: Model, app: App, value: BackendValue) -> Iterator[Finding]:
    version, severity, who = app.declared.version, Severity.ERROR, ""
    if version >= PLAIN_URL_MAY_HAVE_OPTIONS:
        older = older_admitted(app.declared)
        if older is None or older >= PLAIN_URL_MAY_HAVE_OPTIONS:
            return
        version, severity, who = older, Severity.WARNING, f", which `{app.celery}` admits,"
    options = tls_options(app)
    refused = [one for one in options if one.refuses_plain_url]
    always = len(refused) == len(options) and not (refused and _is_made_under_a_condition(model, app))
    if refused and (always or isinstance(app.settings["result_backend"].value, Literal)):
        under = "" if always else ", which is set under a condition"
        severity = severity if always else Severity.WARNING
        yield RULE.finding(
            value.location,
            f"a `redis://` URL beside `redis_backend_use_ssl`{under}{value.clause}: Celery {dotted(version)}{who} "
            f"{FAILS if always else f'then {FAILS}'}",
            help="write `rediss://`"
            if always
            else "set `redis_backend_use_ssl` only where the URL is one of `rediss://`",
            app=app.name,
            related=tuple(Related(one.location, "the TLS options") for one in refused),
            severity=severity,
            propose=partial(_fix, model, app, value) if always else None,
        )

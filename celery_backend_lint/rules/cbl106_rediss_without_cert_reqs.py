"""CBL106: TLS to Redis without saying how certificates are checked."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.findings.finding import Applicability, Finding, Related, Severity
from celery_backend_lint.model.backend_kind import alias_of
from celery_backend_lint.model.backend_values import backend_values, older_admitted, shown
from celery_backend_lint.model.redis_tls import (
    CERT_REQS,
    PLAIN_URL_MAY_HAVE_OPTIONS,
    REDIS_ALIASES,
    cert_reqs_of,
    nearest,
    tls_options,
)
from celery_backend_lint.model.urls import UNKNOWN, split
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.backend_values import BackendValue
    from celery_backend_lint.model.redis_tls import TlsOptions

RULE = Rule("CBL106", "rediss-without-cert-reqs", Severity.ERROR, since="0.1.0", fix=Applicability.SAFE)

FAILS = "Celery raises ValueError as soon as it is used"


def check_rediss_without_cert_reqs(model: Model) -> Iterator[Finding]:
    """A TLS connection to Redis does not say how the server's certificate is checked.

    ## What it does
    Checks each `rediss://` result backend for `ssl_cert_reqs`, in the query of the URL or in `redis_backend_use_ssl`,
    and that it is one of the six texts that Celery takes: `required`, `optional`, `none`, `CERT_REQUIRED`,
    `CERT_OPTIONAL`, `CERT_NONE`. In `redis_backend_use_ssl` the constants of `ssl` are fine too. It also checks that
    `redis_backend_use_ssl` is a dict: `True` is none.

    ## Why is this bad?
    Celery raises `ValueError: A rediss:// URL must have parameter ssl_cert_reqs` (TypeError for `True`) as soon as the
    backend is used. `broker_use_ssl` does not count for results. Other spellings (`Required`, `NONE`) are refused too.

    ## Example
    ```python
    result_backend = "rediss://cache.example.com:6379/0"
    ```

    ## Use instead
    ```python
    result_backend = "rediss://cache.example.com:6379/0?ssl_cert_reqs=required"
    ```

    ## Fix safety
    What is changed does not load, so nothing that works can break. The fix writes `required`, the spelling that
    redis-py reads as well.

    ## Known limits
    URLs that come whole from the environment are not known. A part that is not known and may hold a query keeps the
    rule silent, so does a configuration that cannot be read whole.

    ## References
    - [Celery: Redis backend settings](https://docs.celeryq.dev/en/stable/userguide/configuration.html#conf-redis-result-backend)
    - `celery.backends.redis.RedisBackend`, Celery 4.4 to 5.7
    """
    for app in model.checked_apps:
        options: tuple[TlsOptions, ...] | None = None
        seen: set[str] = {app.result_backend.kind}
        for value in backend_values(app):
            alias = alias_of(value.text or "")
            if alias not in REDIS_ALIASES:
                continue
            options = tls_options(app) if options is None else options
            if value.effective:
                seen.add(alias)
            yield from _url(model, app, value, options)
        if REDIS_ALIASES & seen:
            yield from _options(model, app, tls_options(app) if options is None else options)


def _url(model: Model, app: App, value: BackendValue, options: tuple[TlsOptions, ...]) -> Iterator[Finding]:
    url = split(value.text or "")
    if url is None or url.alias == "sentinel":
        return
    severity = None if value.effective else Severity.WARNING
    given = cert_reqs_of(url)
    # Any other scheme, ``redis+ssl`` say, is a plain connection until there is a dict, and then takes the query's word.
    checked = url.scheme == "rediss" or (
        url.scheme not in ("redis", "socket") and all(one.kind == "dict" for one in options)
    )
    if url.scheme == "rediss" and given is None:
        if not url.hidden and all(one.kind == "off" or _lacks_cert_reqs(one) for one in options):
            yield RULE.finding(
                value.location,
                f"the `rediss://` URL does not say `ssl_cert_reqs`{value.clause}: {FAILS}",
                help=_help(value.text or "", "&" if url.query is not None and url.query.text else "?"),
                app=app.name,
                related=tuple(Related(one.location, "nor does this") for one in options if one.kind == "dict"),
                severity=severity,
                propose=partial(_fix_url, model, app, value),
            )
    elif checked and given is not None and given not in CERT_REQS and UNKNOWN not in given:
        yield RULE.finding(
            value.location,
            f"`ssl_cert_reqs={shown(given)}` is none of the values that Celery takes{value.clause}: {FAILS}",
            help=f"write `ssl_cert_reqs={nearest(given)}`; upper and lower case matter",
            app=app.name,
            severity=severity,
            propose=partial(_fix_url, model, app, value),
        )
    elif url.scheme not in ("rediss", "socket") and given is None and not url.hidden and value.effective:
        before = url.scheme == "redis" and app.declared.version < PLAIN_URL_MAY_HAVE_OPTIONS
        wrong = tuple(one for one in options if _lacks_cert_reqs(one) and not (before and one.refuses_plain_url))
        yield from _dicts(model, app, wrong)


def _options(model: Model, app: App, options: tuple[TlsOptions, ...]) -> Iterator[Finding]:
    for one in options:
        if one.kind == "other":
            yield RULE.finding(
                one.location,
                "`redis_backend_use_ssl` is no dict: the backend's first use raises TypeError, ValueError for a text",
                help='write `{"ssl_cert_reqs": ssl.CERT_REQUIRED}`, or `None` for no TLS',
                app=app.name,
                propose=partial(_make_dict, model, app, one),
            )
    backends = {alias_of(value.text) for value in backend_values(app) if value.effective and value.text is not None}
    bare = any(value.text in ("redis", "rediss") for value in backend_values(app) if value.effective)
    if bare or "sentinel" in backends:
        yield from _dicts(model, app, tuple(one for one in options if _lacks_cert_reqs(one)))


def _dicts(model: Model, app: App, options: tuple[TlsOptions, ...]) -> Iterator[Finding]:
    for one in options:
        yield RULE.finding(
            one.location,
            f"`redis_backend_use_ssl` does not say a valid `ssl_cert_reqs`: {FAILS}",
            help='add `"ssl_cert_reqs": ssl.CERT_REQUIRED`',
            app=app.name,
            propose=partial(_fix_dict, model, one),
        )


def _fix_url(model: Model, app: App, value: BackendValue) -> Fix:
    from celery_backend_lint.fixes.backend_urls import say_cert_reqs

    return say_cert_reqs(model, app, value)


def _fix_dict(model: Model, options: TlsOptions) -> Fix:
    from celery_backend_lint.fixes.tls_options import check_certificates

    return check_certificates(model, options.location)


def _make_dict(model: Model, app: App, options: TlsOptions) -> Fix:
    """A dict in the place of ``True``; beside a ``redis://`` URL only a Celery that takes both has a use for it."""
    from celery_backend_lint.findings.fix import CannotFixError
    from celery_backend_lint.fixes.tls_options import make_dict

    plain = any((value.text or "").startswith("redis://") for value in backend_values(app) if value.effective)
    older = older_admitted(app.declared)
    if plain and (older or app.declared.version) < PLAIN_URL_MAY_HAVE_OPTIONS:
        raise CannotFixError("whether TLS is meant is not known: the URL in use says `redis://`")
    return make_dict(model, options.location)


def _lacks_cert_reqs(options: TlsOptions) -> bool:
    return options.kind == "dict" and options.cert_reqs == "invalid"


def _help(text: str, separator: str) -> str:
    if "#" in text:
        return f"put `{separator}ssl_cert_reqs=required` at the end of the URL, before the `#`"
    better = shown(f"{text}{separator}ssl_cert_reqs=required")
    if better.endswith("=required"):
        return f"write `{better}`"
    return f"put `{separator}ssl_cert_reqs=required` at the end of the URL"

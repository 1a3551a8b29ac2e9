"""CBL108: a connection to a server whose certificate nobody checks."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.findings.finding import Applicability, Finding, Severity
from celery_backend_lint.model.backend_values import backend_values
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.backend_values import BackendValue

RULE = Rule("CBL108", "tls-verification-disabled", Severity.WARNING, since="0.1.0", fix=Applicability.UNSAFE)

ANYBODY = "any certificate is accepted, and whoever is between Celery and the server can read and change results"
CLEAR = "the connection is not encrypted where the server lets it; the password's proof and all results are readable"


def check_tls_verification_disabled(model: Model) -> Iterator[Finding]:
    """The certificate of the result backend's server is not checked, or TLS is switched off.

    ## What it does
    Looks for `ssl_cert_reqs` that is `none` or `CERT_NONE`, in the query of a `rediss://` URL and in
    `redis_backend_use_ssl`, and for `sslmode` that is `disable` or `allow` for a PostgreSQL on another machine. Hosts
    that only this machine or a private network reaches are left out.

    ## Why is this bad?
    The connection is encrypted, with whoever answers. Who can redirect it, by DNS or in the network, gets the password
    and can hand out results of his own; with `pickle` that is code.

    ## Example
    ```python
    result_backend = "rediss://cache.acme.io:6379/0?ssl_cert_reqs=none"
    ```

    ## Use instead
    ```python
    result_backend = "rediss://cache.acme.io:6379/0?ssl_cert_reqs=required&ssl_ca_certs=/etc/ssl/cache-ca.pem"
    ```

    ## Fix safety
    The fix is unsafe: a server with a certificate that nobody known has signed is refused then, until `ssl_ca_certs`
    names its authority. For PostgreSQL the same holds of `sslrootcert`.

    ## Known limits
    `CERT_OPTIONAL` is not reported: for a client it is the same as `CERT_REQUIRED`. Whether the certificate's name is
    compared depends on redis-py and is not looked at. The TLS options of MySQL and of other backends are not known.

    ## References
    - [Python: ssl.CERT_OPTIONAL](https://docs.python.org/3/library/ssl.html#ssl.CERT_OPTIONAL)
    - [PostgreSQL: SSL Support](https://www.postgresql.org/docs/current/libpq-ssl.html)
    - `celery.backends.redis.RedisBackend`, Celery 5.3 to 5.7
    """
    for app in model.checked_apps:
        if not _may_say_it(app):
            continue
        from celery_backend_lint.model.tls_verification import unchecked_options, unchecked_urls

        for value, said in unchecked_urls(app):
            yield RULE.finding(
                value.location,
                f"`{said}` in the URL{value.clause}: {_happens(said)}",
                help=f"write `{_better(said)}`",
                app=app.name,
                propose=partial(_fix_url, model, value, said),
            )
        for option, key, setting in unchecked_options(app):
            database = setting == "database_engine_options"
            yield RULE.finding(
                _place(model, option, key),
                f"`{setting}` switches the check of certificates off: {CLEAR if database else ANYBODY}",
                help="write `verify-full`"
                if database
                else "write `ssl.CERT_REQUIRED`, and name the authority that "
                "signed the server's certificate in `ssl_ca_certs`",
                app=app.name,
                propose=partial(_fix_option, model, option, setting),
            )


def _may_say_it(app: App) -> bool:
    """Whether there is anything to look at: options, or a URL with a query."""
    return (
        "redis_backend_use_ssl" in app.settings
        or "database_engine_options" in app.settings
        or any("?" in (value.text or "") for value in backend_values(app))
    )


def _happens(said: str) -> str:
    return CLEAR if said.startswith("sslmode") else ANYBODY


def _better(said: str) -> str:
    return "sslmode=verify-full" if said.startswith("sslmode") else "ssl_cert_reqs=required"


def _place(model: Model, option: Value, key: Location) -> Location:
    """Where an option stands: its value, or its key where the value is a name that the file imports."""
    from celery_backend_lint.model.source_nodes import node_at

    node = node_at(model.evaluator, option.origin)
    while node is not None and node.type != "import_from_statement":
        node = node.parent
    return option.origin if node is None else key


def _fix_url(model: Model, value: BackendValue, said: str) -> Fix:
    from celery_backend_lint.fixes.tls_verification import check_in_url

    return check_in_url(model, value, said, _better(said))


def _fix_option(model: Model, option: Value, setting: str) -> Fix:
    from celery_backend_lint.fixes.tls_verification import check_in_options

    return check_in_options(model, option.origin, setting)

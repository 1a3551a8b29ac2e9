"""CBL125: a server on the public network that is used without a password."""

from __future__ import annotations

import re

from celery_backend_lint.findings.finding import Finding, Severity
from celery_backend_lint.model.backend_values import settled
from celery_backend_lint.model.urls import text_of
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import Setting

RULE = Rule("CBL125", "unauthenticated-public-backend", Severity.WARNING, since="0.1.0")

WHAT = {
    "result_backend": "reads and changes results",
    "broker_url": "sends tasks to the workers, and reads those that wait",
}


def check_unauthenticated_public_backend(model: Model) -> Iterator[Finding]:
    """The URL of the result backend or broker has a public address and no password.

    ## What it does
    Looks at Redis, memcached and MongoDB URLs of the result backend and the broker that name an address of the public
    network and neither a user nor a password, where no setting gives one.

    ## Why is this bad?
    Either the server lets in whoever reaches it: open Redis servers are found within hours. He reads results, writes
    his own, sends tasks; where `pickle` is accepted he runs code in the workers. Or the server asks for a password, and
    Celery gets AuthenticationError.

    ## Example
    ```python
    result_backend = "redis://51.15.0.10:6379/0"
    ```

    ## Use instead
    ```python
    result_backend = os.environ["CELERY_RESULT_BACKEND"]  # rediss://:password@cache.acme.io:6379/0?ssl_cert_reqs=required
    ```

    ## Known limits
    A host name is not looked at: it may belong to a private address. A firewall that lets only the workers in cannot be
    seen. `amqp://` without a user means RabbitMQ's `guest`, whom it lets in from its own machine only.

    ## References
    - [Redis: Security](https://redis.io/docs/latest/operate/oss_and_stack/management/security/)
    """
    for app in model.checked_apps:
        if not any(_has_address(app.settings[name]) for name in WHAT if name in app.settings):
            continue
        from celery_backend_lint.model.public_addresses import unauthenticated

        for setting, value, host in unauthenticated(app):
            if is_test_path(value.origin.path):
                continue
            yield RULE.finding(
                value.origin,
                f"`{setting}` has the public address {host} and no password: unless a firewall is in between, whoever "
                f"reaches it {WHAT[setting]}",
                help="have the server ask for a password, give it in a variable, and use TLS or a private network",
                app=app.name,
            )


def _has_address(setting: Setting) -> bool:
    """Whether a URL has an address in the place of a host's name."""
    return any(re.search(r"//[\d\[]", text_of(value) or "") for value in settled(setting.value))

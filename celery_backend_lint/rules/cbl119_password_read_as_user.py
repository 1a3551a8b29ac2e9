"""CBL119: a Redis password in the place of the user name."""

from __future__ import annotations

import re
from functools import partial

from celery_backend_lint.evaluate.values import Environment, Text
from celery_backend_lint.findings.finding import Applicability, Finding, Severity
from celery_backend_lint.model.backend_kind import alias_of
from celery_backend_lint.model.backend_values import backend_values
from celery_backend_lint.model.redis_tls import REDIS_ALIASES
from celery_backend_lint.model.urls import UNKNOWN, split_sentinels
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.backend_values import BackendValue

RULE = Rule("CBL119", "password-read-as-user", Severity.WARNING, since="0.1.0", fix=Applicability.SAFE)

DEFAULT_USER = "default"
"""The user that Redis has by itself, without a password unless one is set."""

NAMES_OF_BOTH = r"(?i)cred|auth|user"
"""Variables that may hold a user with the password, or the colon as well."""


def check_password_read_as_user(model: Model) -> Iterator[Finding]:
    """A Redis URL has something before the `@` but no colon, so that a password is taken for the user name.

    ## What it does
    Checks `redis://`, `rediss://` and `sentinel://` result backends for a user name without a password
    (`redis://SECRET@host`), where no setting gives the password either.

    ## Why is this bad?
    Celery logs in with `AUTH SECRET ""`. Redis answers `invalid username-password pair or user is disabled`, also where
    the server asks for no password at all: the first result that is stored or read raises AuthenticationError. And
    what is meant to be secret is shown where user names are: in the banner of a worker that starts.

    ## Example
    ```python
    result_backend = "redis://n0t-f0r-pr0d@cache.example.com:6379/0"
    ```

    ## Use instead
    ```python
    result_backend = "redis://:n0t-f0r-pr0d@cache.example.com:6379/0"
    ```

    ## Fix safety
    The server refuses what is changed, so nothing that works can break. Where the text is made of everyday words, it
    may be the name of a user whose password is missing: then there is no fix.

    ## Known limits
    The user `default` is left out, and so is a variable that may hold user and password together. Redis lets in a user
    that was created with `nopass`.

    ## References
    - [Redis: ACL](https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/)
    - `kombu.utils.url.url_to_parts`, kombu 5.3 to 5.7
    """
    for app in model.checked_apps:
        for value in backend_values(app):
            text = value.text or ""
            if "@" not in text or alias_of(text) not in REDIS_ALIASES:
                continue
            from celery_backend_lint.model.redis_login import is_password_elsewhere, is_password_in

            url = next(iter(split_sentinels(text)), None)
            if url is None or url.scheme == "socket" or url.user is None or is_password_in(url):
                continue
            read = _password_for_user(value)
            if (read is None and not _is_user(url.user.text)) or is_password_elsewhere(app):
                continue
            clause = value.clause.replace(f" when {read.variable} is not set", "") if read is not None else value.clause
            yield RULE.finding(
                value.location,
                f"the URL gives a user name and no password{clause}: Celery logs in as that user with an empty "
                "password, and Redis refuses it unless the user has none",
                help=f"put a colon before a password: `{url.scheme}://:<password>@…`",
                app=app.name,
                propose=partial(_fix, model, value, url.user.text),
            )


def _is_user(user: str) -> bool:
    return bool(user) and UNKNOWN not in user and user != DEFAULT_USER


def _password_for_user(value: BackendValue) -> Environment | None:
    """The read that gives what stands before the ``@``, where the name of its variable says that it is a password."""
    if not isinstance(value.value, Text):
        return None
    from celery_backend_lint.findings.masking import is_secret_name
    from celery_backend_lint.model.url_escapes import with_gaps

    plain, gaps = with_gaps(value.value)
    url = next(iter(split_sentinels(plain)), None)
    part = gaps.get(url.user.start) if url is not None and url.user is not None and url.user.text == UNKNOWN else None
    if not isinstance(part, Environment) or part.cast != "str" or not is_secret_name(part.variable):
        return None
    return part if re.search(NAMES_OF_BOTH, part.variable) is None else None


def _fix(model: Model, value: BackendValue, user: str) -> Fix:
    from celery_backend_lint.fixes.credential_urls import make_password

    return make_password(model, value, user)

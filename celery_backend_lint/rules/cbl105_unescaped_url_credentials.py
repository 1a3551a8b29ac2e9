"""CBL105: a password in a URL that its parser misreads."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.evaluate.values import Environment, Text
from celery_backend_lint.findings.finding import Applicability, Finding, Related, Severity
from celery_backend_lint.model.backend_kind import alias_of
from celery_backend_lint.model.backend_values import backend_values
from celery_backend_lint.model.urls import split, split_database
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.backend_values import BackendValue
    from celery_backend_lint.model.url_escapes import Unescaped
    from celery_backend_lint.model.urls import Piece

RULE = Rule("CBL105", "unescaped-url-credentials", Severity.ERROR, since="0.1.0", fix=Applicability.SAFE)

HAPPENS = {
    "fails": "Celery misreads the URL and raises ValueError as soon as the backend is used",
    "elsewhere": "Celery misreads the URL and connects to another host, without this credential",
    "worker": "SQLAlchemy takes it, but `celery worker` raises ValueError when it shows the URL at its start",
}


def check_unescaped_url_credentials(model: Model) -> Iterator[Finding]:
    """A user name or password in a URL holds characters that have a meaning there and are not percent-encoded.

    ## What it does
    Checks the credentials in Redis and database URLs of the result backend for `#`, `/`, `?`, `[` and `]`, in a
    database's for `@`, in a Sentinel's for `;` as well. A variable that is put into a URL as its password
    without `quote` is advice, unless an env or deployment file says that it holds nothing of the kind.

    ## Why is this bad?
    `redis://:p@ss#word@cache/0` connects to a host named `ss`, with `p` as the password. With other passwords Celery
    raises ValueError. SQLAlchemy looks for the first `@` behind the password; `#`, `/`, `?` and brackets it takes, but
    then no worker starts: `ValueError: Port could not be cast to integer value` comes from the line that shows the
    backend.

    ## Example
    ```python
    result_backend = "redis://:p@ss#word@cache.example.com:6379/0"
    ```

    ## Use instead
    ```python
    result_backend = "redis://:p@ss%23word@cache.example.com:6379/0"
    ```

    ## Fix safety
    What is changed does not work, so nothing that works can break. Only the characters that are misread are encoded.

    ## Known limits
    What a parser tolerates (`@`, `:`, `%`, blanks in a Redis password) is not reported. Other backends are not looked
    at, nor are credentials that are put together by code that cannot be read.

    ## References
    - [RFC 3986, 2.2: Reserved characters](https://www.rfc-editor.org/rfc/rfc3986#section-2.2)
    - `kombu.utils.url.url_to_parts`, kombu 5.3 to 5.7; `sqlalchemy.engine.url.make_url`, SQLAlchemy 1.4 to 2.1
    """
    for app in model.checked_apps:
        for value in backend_values(app):
            if value.text is None or "@" not in value.text:
                continue
            from celery_backend_lint.model.url_escapes import unescaped

            found = unescaped(value.text)
            if found is not None:
                yield _literal(model, app, value, found)
            elif model.wants_advice and isinstance(value.value, Text):
                yield from _interpolated(model, app, value, value.value)


def _literal(model: Model, app: App, value: BackendValue, found: Unescaped) -> Finding:
    return RULE.finding(
        value.location,
        f"a credential in the URL holds {_listed(found.signs)}, not percent-encoded{value.clause}: "
        f"{HAPPENS[found.outcome]}",
        help="write " + ", ".join(f"`%{ord(one):02X}` for {_listed(one)}" for one in found.signs),
        app=app.name,
        severity=None if value.effective else Severity.WARNING,
        propose=partial(_fix, model, value, found),
    )


def _listed(signs: str) -> str:
    return ", ".join(f"`{one}`" for one in signs)


def _interpolated(model: Model, app: App, value: BackendValue, text: Text) -> Iterator[Finding]:
    from celery_backend_lint.model.redis_tls import REDIS_ALIASES
    from celery_backend_lint.model.url_escapes import DATABASE_ALIASES, with_gaps

    plain, gaps = with_gaps(text)
    alias = alias_of(plain)
    password: Piece | None = None
    if alias in REDIS_ALIASES:
        url = split(plain)
        password = url.password if url is not None else None
    elif alias in DATABASE_ALIASES:
        database = split_database(plain)
        password = database.password if database is not None else None
    if password is None:
        return
    for at, part in gaps.items():
        if password.start <= at < password.end and isinstance(part, Environment) and part.cast == "str":
            if _is_harmless(model, app, part, plain):
                continue
            signs = "`@`" if alias in DATABASE_ALIASES else "`#`, `/` or `?`"
            yield RULE.finding(
                value.location,
                f"`{part.variable}` is put into the URL as it is: a password with {signs} is misread",
                help="put it through `urllib.parse.quote(…, safe='')`",
                app=app.name,
                related=() if part.origin == value.location else (Related(part.origin, "it is read here"),),
                severity=Severity.ADVICE,
            )


def _is_harmless(model: Model, app: App, read: Environment, plain: str) -> bool:
    """Whether a file that gives the process its variables says what this one holds, and that needs no encoding."""
    from celery_backend_lint.model.url_escapes import unescaped

    said = model.evidence.best(read, app.path)
    if said is None or not said.strong:
        return False
    scheme = plain.partition("://")[0]
    return unescaped(f"{scheme}://:{said.value}@host/0") is None


def _fix(model: Model, value: BackendValue, found: Unescaped) -> Fix:
    from celery_backend_lint.fixes.credential_urls import encode_credential

    return encode_credential(model, value, found.escaped(value.text or ""))

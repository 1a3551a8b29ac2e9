"""CBL109: a Redis URL whose path is no database number."""

from __future__ import annotations

import re

from celery_backend_lint.findings.finding import Finding, Severity
from celery_backend_lint.model.backend_kind import alias_of
from celery_backend_lint.model.backend_values import backend_values, shown
from celery_backend_lint.model.redis_tls import REDIS_ALIASES
from celery_backend_lint.model.urls import UNKNOWN, split_sentinels
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.urls import BackendURL

RULE = Rule("CBL109", "invalid-redis-database", Severity.ERROR, since="0.1.0")


def check_invalid_redis_database(model: Model) -> Iterator[Finding]:
    """The path of a Redis result backend is no database number.

    ## What it does
    Checks the path of `redis://`, `rediss://` and `sentinel://` result backends, and `db` in their query. Celery takes
    the path for a number after it has taken slashes off both ends: `/0/` and `//1` are fine, and so is no path.

    ## Why is this bad?
    `int()` raises ValueError as soon as the backend is used. A negative number loads, and Redis refuses the first
    command.

    ## Example
    ```python
    result_backend = "redis://cache.example.com:6379/results"
    ```

    ## Use instead
    ```python
    result_backend = "redis://cache.example.com:6379/1"
    ```

    ## Known limits
    How many databases the server has is not known: a number that is too high is not reported. Where another value wins
    today, the finding is a warning.

    ## References
    - [Celery: result_backend for Redis](https://docs.celeryq.dev/en/stable/userguide/configuration.html#redis-backend-settings)
    - `celery.backends.redis.RedisBackend._params_from_url`, Celery 4.4 to 5.7
    """
    for app in model.checked_apps:
        for value in backend_values(app):
            if alias_of(value.text or "") not in REDIS_ALIASES:
                continue
            for url in split_sentinels(value.text or ""):
                wrong = _wrong(url)
                if wrong is not None:
                    if "@" in wrong or "://" in wrong:
                        break  # a credential that CBL105 is about, or Sentinels joined in a wrong way: CBL110
                    yield RULE.finding(
                        value.location,
                        f"`{shown(wrong)}` is no number of a Redis database{value.clause}: {_fails(wrong)}",
                        help=_help(url),
                        app=app.name,
                        severity=None if value.effective else Severity.WARNING,
                    )
                    break


def _wrong(url: BackendURL) -> str | None:
    """What stands in the place of the database's number and is none, None where all is well or not known."""
    found = dict(url.parameters())
    path = url.path.text if url.path is not None and url.scheme != "socket" else found.get("virtual_host", "")
    for text in (path.partition(";")[0], found.get("db", "")):
        if "{{" in text or "{%" in text:
            continue  # a template
        if UNKNOWN in text:
            if "%" not in text and not re.match(r"[\s/]*[+-]?[\d_]*\s*" + UNKNOWN, text):
                return text
        elif not _is_database(text):
            return text
    return None


def _is_database(text: str) -> bool:
    """Whether Celery and the server take a text: ``int(unquote(text).strip("/"))`` that is not negative."""
    number = text.strip("/")
    if not number or number.isdecimal():
        return True
    from urllib.parse import unquote

    try:
        return int(unquote(text).strip("/") or 0) >= 0
    except ValueError:
        return False


def _fails(wrong: str) -> str:
    if re.fullmatch(r"\s*-\d+\s*", wrong):
        return "Redis refuses the first command"
    return "Celery raises ValueError as soon as the backend is used"


def _help(url: BackendURL) -> str:
    if url.scheme in ("unix", "file"):
        return "write `redis+socket:///path/of/the/socket` for a Unix socket"
    return "end the URL in a number, such as `/0`"

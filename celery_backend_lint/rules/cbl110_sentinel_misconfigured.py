"""CBL110: Redis Sentinel that Celery cannot use."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.values import Literal, Missing
from celery_backend_lint.findings.finding import Finding, Related, Severity
from celery_backend_lint.model.backend_kind import alias_of
from celery_backend_lint.model.backend_values import backend_values, settled
from celery_backend_lint.model.urls import UNKNOWN, split
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.backend_values import BackendValue
    from celery_backend_lint.model.transport_options import TransportOptions

RULE = Rule("CBL110", "sentinel-misconfigured", Severity.ERROR, since="0.1.0")


def check_sentinel_misconfigured(model: Model) -> Iterator[Finding]:
    """A result backend on Redis Sentinel lacks the master's name, or its URL is not read as it is meant.

    ## What it does
    Checks `sentinel://` result backends for `master_name` in `result_backend_transport_options`, for several Sentinels
    that are joined by anything but `;`, and for those behind a `;` that have no `sentinel://` of their own. Checks for
    `redis+sentinel://`.

    ## Why is this bad?
    Without the name each access raises `MasterNotFoundError: No master found for None`; `broker_transport_options` do
    not count for results, nor does the query of the URL. With a comma Celery raises ValueError, or takes the whole for
    one host name. Of `sentinel://a:26379;b:26379` it takes `379` for the second host: once the first Sentinel is down,
    there is no other. `redis+sentinel://` is a plain connection to Redis: it asks the Sentinel itself to store the
    result, which knows no such command.

    ## Example
    ```python
    result_backend = "sentinel://s1.example.com:26379,s2.example.com:26379/0"
    ```

    ## Use instead
    ```python
    result_backend = "sentinel://s1.example.com:26379/0;sentinel://s2.example.com:26379/0"
    result_backend_transport_options = {"master_name": "main"}
    ```

    ## Known limits
    URLs and options that come whole from the environment are not known. Whether the name is that of a master is only
    known to the Sentinels.

    ## References
    - [Celery: Redis, configuration](https://docs.celeryq.dev/en/stable/getting-started/backends-and-brokers/redis.html#configuration)
    - `celery.backends.redis.SentinelBackend`, Celery 5.3 to 5.7
    """
    for app in model.checked_apps:
        named = False
        for value in backend_values(app):
            text = value.text or ""
            alias = alias_of(text)
            if alias == "sentinel" and "://" in text:
                yield from _addresses(app, value, text)
                if value.effective and not named:
                    named = True
                    yield from _name(app, value)
            elif alias in ("redis", "rediss") and text.startswith(f"{alias}+sentinel://"):
                yield RULE.finding(
                    value.location,
                    f"`{alias}+sentinel://` is a plain connection to Redis{value.clause}: the Sentinel is asked to "
                    "store results itself, and answers `unknown command`",
                    help="write `sentinel://`, and `master_name` in `result_backend_transport_options`",
                    app=app.name,
                    severity=None if value.effective else Severity.WARNING,
                )


def _addresses(app: App, value: BackendValue, text: str) -> Iterator[Finding]:
    problem = _joined(text)
    if problem is not None:
        message, better = problem
        yield RULE.finding(
            value.location,
            f"{message}{value.clause}",
            help=better,
            app=app.name,
            severity=None if value.effective else Severity.WARNING,
        )


def _joined(text: str) -> tuple[str, str] | None:
    """What is wrong with the way in which Sentinels are put together, and what to write."""
    better = "write `sentinel://host:port/0;sentinel://host:port/0`"
    first, *others = text.split(";")
    for one in (first, *others):
        url = split(one)
        if url is None or url.scheme == "socket":
            continue
        place = one[url.host.start :].partition("/")[0].partition("?")[0].partition("#")[0]
        comma = re.search(r"[,|\s]", place) or re.search(r",\s*(?:sentinel|redis)s?://", one)
        if comma is not None and UNKNOWN not in one[: url.host.start]:
            alone = url.port is None and "://" not in one[url.host.start :]
            happens = "they are taken for one host name" if alone else "Celery raises ValueError"
            return f"Sentinels are joined by something else than `;`: {happens}", better
    for one in others:
        if one.strip() and "://" not in one and not one.startswith(UNKNOWN):
            message = (
                "of the Sentinels behind the `;` only those with a `sentinel://` of their own are read: the others "
                "give wrong hosts, and nobody is asked once the first is down"
            )
            return message, better
        if one[:1].isspace() and "://" in one:
            return "a blank stands between the Sentinels: Celery raises ValueError", better
    return None


def _name(app: App, value: BackendValue) -> Iterator[Finding]:
    from celery_backend_lint.model.transport_options import BROKER_SETTING, SETTING, transport_options

    options = transport_options(app)
    lacking = [one for one in options if _lacks_name(one)]
    if len(lacking) < len(options):
        # what sets the options may choose the URL as well
        return
    related = [Related(one.location, "these options have none") for one in lacking if one.kind == "dict"]
    broker = next(
        (one.get("master_name") for one in transport_options(app, BROKER_SETTING) if one.kind == "dict"), None
    )
    if broker is not None:
        related.append(Related(broker.origin, "the broker's does not count"))
    yield RULE.finding(
        value.location,
        f"`sentinel://` without a `master_name` in `{SETTING}`{value.clause}: every access raises "
        "`MasterNotFoundError: No master found for None`",
        help=f'`{SETTING} = {{"master_name": "…"}}`, with the name that the Sentinels monitor',
        app=app.name,
        related=tuple(related),
    )


def _lacks_name(options: TransportOptions) -> bool:
    if options.kind == "unset":
        return True
    if options.kind != "dict":
        return False
    entry = options.get("master_name")
    if entry is None:
        return options.complete
    found = settled(entry.value)
    if any(isinstance(one, Missing) for one in found) and not options.complete:
        return False
    return all(isinstance(one, Missing) or (isinstance(one, Literal) and not one.value) for one in found)

"""CBL604: a result backend that is tried for ever."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.findings.finding import Applicability, Finding, Severity
from celery_backend_lint.model.backend_outcomes import stores_results
from celery_backend_lint.model.connection_facts import (
    DATABASE_RETRIES,
    DATABASE_RETRIES_ALL,
    ENDLESS_WHEN_ASKED,
    RETRIES,
)
from celery_backend_lint.model.connection_settings import constants, is_unsaid, number
from celery_backend_lint.model.serializers import written_name
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

RULE = Rule("CBL604", "endless-result-retry", Severity.WARNING, since="0.1.0", fix=Applicability.SAFE)

ALWAYS, MAXIMUM = "result_backend_always_retry", "result_backend_max_retries"


def check_endless_result_retry(model: Model) -> Iterator[Finding]:
    """A result backend that stays away is tried again without an end.

    ## What it does
    Looks for `result_backend_always_retry = True` without `result_backend_max_retries`, or with an infinite one, where
    the backend tries again at all: Redis from Celery 5.5 on, Elasticsearch, databases from 5.6.3 on. From 5.7 on a
    database is tried four times unless the number says otherwise.

    ## Why is this bad?
    The default of `result_backend_max_retries` is infinite. A task whose result cannot be stored then never ends: the
    worker's process is held until the backend is back, and a web process that reads a result hangs with it.

    ## Example
    ```python
    result_backend = "redis://cache.example.com/0"
    result_backend_always_retry = True
    ```

    ## Use instead
    ```python
    result_backend = "redis://cache.example.com/0"
    result_backend_always_retry = True
    result_backend_max_retries = 10
    ```

    ## Fix safety
    Ten tries take about ten seconds: Celery doubles the wait each time. An outage that is longer is an error then
    (`BackendStoreError`), where the process waited.

    ## Known limits
    Values that cannot be read are not reported.

    ## References
    - [Celery: result_backend_max_retries](https://docs.celeryq.dev/en/stable/userguide/configuration.html#result-backend-max-retries)
    - `celery.backends.base.Backend`, Celery 5.3 to 5.7
    """
    for app in model.checked_apps:
        if ALWAYS not in app.settings and MAXIMUM not in app.settings:
            continue
        kind = next((one for one in stores_results(model, app) if _is_tried(app, one)), None)
        if kind is None:
            continue
        name, location = _endless(app, kind)
        if location is None:
            continue
        maximum = written_name(app, MAXIMUM)
        what = f"{maximum} is infinite" if name == MAXIMUM else f"no `{maximum}`, which is infinite"
        yield RULE.finding(
            location,
            f"{what}: while the result backend is away, storing or reading a result never ends, and holds the process",
            help=f"set `{maximum} = {RETRIES}`",
            app=app.name,
            propose=partial(_bound, model, app, name, location),
        )


def _is_tried(app: App, kind: str) -> bool:
    """Whether the app's settings make a backend of a kind try again."""
    asked = any(plain is True for plain, _ in constants(app, ALWAYS))
    version = app.declared.version
    if kind == "database":
        return version >= DATABASE_RETRIES and (asked or (version >= DATABASE_RETRIES_ALL and is_unsaid(app, ALWAYS)))
    since = ENDLESS_WHEN_ASKED.get(kind)
    return asked and since is not None and version >= since


def _endless(app: App, kind: str) -> tuple[str, Location | None]:
    """The setting to blame and its place; None where the tries have an end, or that is not known."""
    for plain, location in constants(app, MAXIMUM):
        if number(plain) == float("inf"):
            return MAXIMUM, location
    if not is_unsaid(app, MAXIMUM) or (kind == "database" and app.declared.version >= DATABASE_RETRIES_ALL):
        return MAXIMUM, None
    return ALWAYS, next((location for plain, location in constants(app, ALWAYS) if plain is True), None)


def _bound(model: Model, app: App, name: str, location: Location) -> Fix:
    from celery_backend_lint.fixes.connection_settings import replace_value, set_all

    if name == ALWAYS:
        return set_all(model, app, {MAXIMUM: RETRIES})
    return replace_value(model, MAXIMUM, location, str(RETRIES))

"""CBL503: how long results are kept is left to Celery's default."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.findings.finding import Applicability, Finding, Severity
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

RULE = Rule("CBL503", "expiry-not-explicit", Severity.ADVICE, since="0.1.0", fix=Applicability.SAFE)


def check_expiry_not_explicit(model: Model) -> Iterator[Finding]:
    """`result_expires` is not set, so that results are kept for Celery's default of one day.

    ## What it does
    Looks for apps that store results in a backend that reads `result_expires`, and that do not set it.

    ## Why is this bad?
    After a day a result is gone: `AsyncResult(id).state` says `PENDING` of a task that has long succeeded, as of one
    that never was. Who reads results later, or stores many, should decide how long they stay and not find out.

    ## Example
    ```python
    result_backend = "redis://cache/1"
    ```

    ## Use instead
    ```python
    result_backend = "redis://cache/1"
    result_expires = 86400  # one day, in seconds
    ```

    ## Fix safety
    Writing the default down is safe.

    ## Known limits
    Silent where the configuration could not be read whole, where all results are ignored, where another app of the
    project has the setting, for backends with one of their own (DynamoDB, Cassandra, Google Cloud Storage …), and, but
    for databases, where the project sends tasks and none of its code looks at a result.

    ## References
    - [Celery: result_expires](https://docs.celeryq.dev/en/stable/userguide/configuration.html#result-expires)
    """
    if not model.wants_advice:
        return
    if any("result_expires" in app.settings for app in model.checked_apps):
        return
    for app in model.checked_apps:
        if app.unread or "result_backend" not in app.settings:
            continue
        from celery_backend_lint.model.backend_outcomes import is_read, may_store_results, stores_results
        from celery_backend_lint.model.expiry import CLEANED, EXPIRING
        from celery_backend_lint.model.result_use import is_unread
        from celery_backend_lint.model.serializers import written_name

        kinds = {kind for kind in stores_results(model, app) if kind in EXPIRING}
        if may_store_results(model, app) and (kinds or is_read(app)) and (kinds & CLEANED or not is_unread(model)):
            gone = "deleted by the clean-up that beat sends" if kinds and kinds <= CLEANED else "gone"
            written = written_name(app, "result_expires")
            yield RULE.finding(
                app.location,
                f"`{written}` is not set: after one day, Celery's default, results are {gone}, and their tasks "
                "look as if they had never run",
                help=f"`{written} = 86400` says so; choose how long results are needed",
                app=app.name,
                propose=partial(_one_day, model, app),
            )


def _one_day(model: Model, app: App) -> Fix:
    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.fixes.python.insertion import insert_setting

    return Fix(
        "Write the default expiry down",
        Applicability.SAFE,
        tuple(insert_setting(model, app, "result_expires", "86400", fields=False)),
    )

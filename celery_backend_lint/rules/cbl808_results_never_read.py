"""CBL808: results are stored, and nobody reads them."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.findings.finding import Applicability, Finding, Related, Severity
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

RULE = Rule("CBL808", "results-never-read", Severity.ADVICE, since="0.1.0", fix=Applicability.UNSAFE)

MEANT = frozenset({"task_ignore_result", "result_expires", "task_track_started", "task_always_eager"})
"""Settings by which a project says what is to become of its results."""


def check_results_never_read(model: Model) -> Iterator[Finding]:
    """Every task's result is stored, and nothing in the project reads one.

    ## What it does
    For an app with a result backend it looks through the project, outside of tests, for anything that may read a
    result or need the backend otherwise: `AsyncResult`, chords and groups, `update_state`, a task's id, and any
    `delay` or `apply_async` whose result is kept. It speaks where there is none of these, and the project sends tasks.

    ## Why is this bad?
    Each task that ends costs a write to the backend, and each process connections to it. When the backend is down,
    tasks that have done their work fail or wait. Nothing is gained by it where nobody reads.

    ## Example
    ```python
    result_backend = "redis://cache:6379/1"
    ```

    ## Use instead
    ```python
    result_backend = "redis://cache:6379/1"
    task_ignore_result = True
    ```
    Single tasks can still keep theirs: `@app.task(ignore_result=False)`.

    ## Fix safety
    The fix is unsafe: whoever reads results from outside of the repository gets none any more.

    ## Known limits
    Readers outside of the repository cannot be seen: another service, Flower, a dashboard on the backend. Silent for
    django-celery-results, whose results are read in Django's admin, and where the project says what is to become of its
    results: with `task_ignore_result`, `result_expires` or `task_track_started`.

    ## References
    - [Celery: Ignore results you don't want](https://docs.celeryq.dev/en/stable/userguide/tasks.html#ignore-results-you-don-t-want)
    """
    if not model.wants_advice:
        return
    found = [app for app in model.checked_apps if _stores(model, app)]
    if not found or len(model.checked_apps) != 1:
        return
    from celery_backend_lint.model.results.sends import first_send, sign_of_reading

    if sign_of_reading(model):
        return
    sent = first_send(model)
    if sent is None:
        return
    for app in found:
        yield RULE.finding(
            app.result_backend.location or app.location,
            "every result is stored, and nothing in the project reads one",
            help="set `task_ignore_result = True`; a task that needs its result says `ignore_result=False`",
            app=app.name,
            related=(Related(sent, "a task is sent, and its result dropped"),),
            propose=partial(_ignore, model, app),
        )


def _stores(model: Model, app: App) -> bool:
    from celery_backend_lint.model.backend_outcomes import stores_results

    if app.unread or not MEANT.isdisjoint(app.settings):
        return False
    kinds = set(stores_results(model, app))
    return bool(kinds) and not kinds & {"unknown", "django-db", "django-cache"}


def _ignore(model: Model, app: App) -> Fix:
    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.fixes.python.insertion import insert_setting

    edits = tuple(insert_setting(model, app, "task_ignore_result", "True"))
    return Fix("Ignore results unless a task says otherwise", Applicability.UNSAFE, edits)

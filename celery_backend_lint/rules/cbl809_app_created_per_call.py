"""CBL809: a function that makes a Celery app each time it is called."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Finding, Severity
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model

RULE = Rule("CBL809", "app-created-per-call", Severity.ADVICE, since="0.1.0")


def check_app_created_per_call(model: Model) -> Iterator[Finding]:
    """A view or a task creates a Celery app, which becomes the current one.

    ## What it does
    Looks for `Celery(…)` without `set_as_current=False` in functions that are called again and again: tasks, views
    (with a route, or a `request` as first parameter), methods of views, and functions that only these call.

    ## Why is this bad?
    The newest app of a thread is its current app. From then on `shared_task`, `AsyncResult(id)` and `current_app` use
    it there: its broker, and its result backend, which is none if it was made to send a message only. Each app also
    brings connections of its own, and stays in memory for as long as it is current.

    ## Example
    ```python
    def status(request, number):
        app = Celery(broker=settings.BROKER_URL)
        return app.control.inspect().active()
    ```

    ## Use instead
    ```python
    app = Celery(broker=settings.BROKER_URL, set_as_current=False)


    def status(request, number):
        return app.control.inspect().active()
    ```

    ## Known limits
    Functions that are not seen to be called by a view or a task are taken for factories that are called once. Silent
    in a project without any other app, `shared_task`, `AsyncResult` or `current_app`, and in tests.

    ## References
    - [Celery: Celery(set_as_current)](https://docs.celeryq.dev/en/stable/reference/celery.html)
    - `celery._state._set_current_app`, Celery 5.2 to 5.7
    """
    if not model.wants_advice:
        return
    from celery_backend_lint.model.results.repeated_calls import creations_per_call

    for app, function in creations_per_call(model):
        yield RULE.finding(
            app.location,
            f"each call of `{function}` makes a new app, which becomes the current one of its thread: `shared_task` "
            "and `AsyncResult` use it from then on",
            help="create it once, at the level of the module, or give `set_as_current=False`",
            app=app.name,
        )

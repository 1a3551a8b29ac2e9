"""CBL801: a result is read where no result is ever kept."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Finding, Related, Severity
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.results.records import Read

RULE = Rule("CBL801", "result-without-backend", Severity.ERROR, since="0.1.0")

NOT_IMPLEMENTED = frozenset({"get", "wait", "collect", "get_leaf", "join", "join_native", "iter_native", "forget"})
"""What DisabledBackend answers with a NotImplementedError; the rest finds no method there (Celery 5.2 to 5.7)."""


def check_result_without_backend(model: Model) -> Iterator[Finding]:
    """The result of a task is read, and the task's app has no result backend.

    ## What it does
    Looks for code outside of tests that reads a result: `.get()`, `.ready()`, `.state`, `.result`, `.join()` … of what
    `delay`, `apply_async`, `send_task`, a flow or `AsyncResult(id)` gives, followed through assignments, lists,
    functions and imports. It reports those of an app for which no result backend is configured.

    ## Why is this bad?
    Celery drops the results of such an app. `.get()`, `.wait()` and `.join()` raise
    `NotImplementedError: No result backend is configured`; `.ready()`, `.state`, `.result` and the others raise
    `AttributeError: 'DisabledBackend' object has no attribute '_get_task_meta_for'`.

    ## Example
    ```python
    app = Celery("shop", broker="redis://cache:6379/0")


    def total(order):
        return add.delay(order.net, order.tax).get(timeout=10)
    ```

    ## Use instead
    ```python
    app = Celery("shop", broker="redis://cache:6379/0", backend="redis://cache:6379/1")
    ```

    ## Known limits
    Silent where the backend comes from a variable (CBL304), where the configuration cannot be read whole, where the
    repository sets `CELERY_RESULT_BACKEND` or starts workers with `--result-backend`, where `task_always_eager` is on,
    and where `except` names the error that is raised or the code looks for `DisabledBackend`. What is not certain to be
    a Celery result is never reported.

    ## References
    - [Celery: Keeping results](https://docs.celeryq.dev/en/stable/getting-started/first-steps-with-celery.html#keeping-results)
    - `celery.backends.base.DisabledBackend`, Celery 5.2 to 5.7
    """
    disabled = [app for app in model.checked_apps if app.result_backend.kind == "disabled" and not app.unread]
    if not disabled:
        return
    from celery_backend_lint.model.results.handled import is_handled
    from celery_backend_lint.model.results.records import EAGER, ID
    from celery_backend_lint.model.results.verdicts import is_refused, lacks_backend, may_be_none_at_once, runs_eagerly

    without = {app for app in disabled if lacks_backend(model, app)}
    if not without:
        return
    seen: set[object] = set()
    for read in model.results.reads():
        result = read.result
        apps = model.results.apps_of(result.owner)
        if result.kind == EAGER or not apps or not without.issuperset(apps):
            continue
        if result.made != ID and any(runs_eagerly(app) for app in apps):
            continue
        if (read.name in ("get", "wait") and may_be_none_at_once(model, result)) or is_refused(model, read):
            continue
        if is_handled(read.node, _error(read)):
            continue
        key = (read.location.path, read.scope.node.start_byte, result.origin)
        if key not in seen:
            seen.add(key)
            yield _finding(apps, read)


def _error(read: Read) -> str:
    return "NotImplementedError" if read.name in NOT_IMPLEMENTED else "AttributeError"


def _finding(apps: tuple[App, ...], read: Read) -> Finding:
    name = apps[0].name
    whose = f"the app `{name}`" if name and len(apps) == 1 else "its app"
    return RULE.finding(
        read.location,
        f"`.{read.name}` raises {_error(read)}: {whose} has no result backend, so no result is kept",
        help="set `result_backend`, or do not ask for the result",
        app=name,
        related=tuple(Related(app.location, "this app has no `result_backend`") for app in apps),
    )

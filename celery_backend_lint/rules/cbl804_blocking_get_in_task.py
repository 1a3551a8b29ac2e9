"""CBL804: a task that waits for another."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Finding, Related, Severity
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model

RULE = Rule("CBL804", "blocking-get-in-task", Severity.ERROR, since="0.1.0")

_REFUSES = (4, 0)
"""The first Celery that refuses to wait in a task: 3.1 only warns."""


def check_blocking_get_in_task(model: Model) -> Iterator[Finding]:
    """A task waits for the result of another task, which Celery refuses.

    ## What it does
    Looks in the bodies of tasks (those of the project's own decorators and of classes too) for `.get()`, `.wait()`,
    `.join()`, `.join_native()`, `.collect()` and `.get_leaf()` of a result, that of `apply()` included.

    ## Why is this bad?
    In a worker this raises `RuntimeError: Never call result.get() within a task!`, whether the result is there or not.
    A worker that waits for a task which waits for a free worker would never end. Where an `except` around it swallows
    the error, the result is simply never used.

    ## Example
    ```python
    @app.task
    def report(number):
        return render.delay(number).get()
    ```

    ## Use instead
    ```python
    @app.task
    def report(number):
        return (render.s(number) | send.s()).delay()
    ```
    To call the other task as a function, in the same worker, write `render(number)`. Where waiting is safe (another
    queue with workers of its own), say so: `.get(disable_sync_subtasks=False)` or `with allow_join_result():`.

    ## Known limits
    Only the task's own body is looked at, not the functions that it calls. Silent in modules that import what
    the project's own packages do not have, and in those that nothing names where the repository says what its workers
    load. Silent where something in the repository
    runs workers with gevent or eventlet, where Celery does not refuse to wait, and for Celery 3, which only warns.

    ## References
    - [Celery: Avoid launching synchronous subtasks](https://docs.celeryq.dev/en/stable/userguide/tasks.html#task-synchronous-subtasks)
    - `celery.result.assert_will_not_block`, Celery 5.2 to 5.7 with the pools prefork, solo and threads
    """
    found = []
    for path in model.results.waiting_files():
        for read in model.results.reads_in(path):
            from celery_backend_lint.model.results.verdicts import is_refused

            task = is_refused(model, read)
            if task is not None:
                found.append((read, task))
    if not found:
        return
    from celery_backend_lint.model.results.never_loaded import is_never_loaded
    from celery_backend_lint.model.results.records import CALL
    from celery_backend_lint.model.results.verdicts import is_always_eager, may_use_green_pool

    if may_use_green_pool(model):
        return
    idle = {path for path in {task.location.path for _, task in found} if is_never_loaded(model, path)}
    for read, task in found:
        if task.location.path in idle:
            continue
        apps = model.results.apps_of(task.owner)
        if apps and all(is_always_eager(app) for app in apps):
            continue
        if any(() < app.declared.version < _REFUSES for app in apps or model.checked_apps):
            continue
        callee = read.result.task if read.result.made == CALL else None
        instead = f"call `{callee.name}` as a function, or chain it" if callee and callee.name else "chain the tasks"
        yield RULE.finding(
            read.location,
            f"`.{read.name}()` in the task `{task.name}` raises RuntimeError in a worker: no task may wait for another",
            help=f"{instead}; where waiting is safe, give `disable_sync_subtasks=False`",
            app=apps[0].name if apps else "",
            related=(Related(task.location, "the task that waits"),),
        )

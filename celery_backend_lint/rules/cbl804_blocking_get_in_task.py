"""CBL804: a task that waits for another."""

from __future__ import annotations

import re

from celery_backend_lint.findings.finding import Finding, Related, Severity
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.results.records import Task

RULE = Rule("CBL804", "blocking-get-in-task", Severity.ERROR, since="0.1.0")

_REFUSES = (4, 0)
"""The first Celery that refuses to wait in a task: 3.1 only warns."""

_OF_ITSELF = r"\bcurrent_task\b|\b{self}\.(?:request|update_state|retry|replace|add_to_chord|send_event)\b"
_HANDED_ON = r"[(,=]\s*{self}\s*[,)]"
"""How a task's body asks for the message that it runs for, or hands itself to what may."""


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
    To call the other task as a function, in the same worker, write `render(number)`; it then has no id, and what asks
    for its own task (`self.request.id`, `self.update_state()`, `self.retry()`) fails: move the body of such a one into
    a function that both tasks call. Where waiting is safe (another queue with workers of its own), say so:
    `.get(disable_sync_subtasks=False)` or `with allow_join_result():`.

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
        instead = _instead(callee) if callee is not None and callee.name else "chain the tasks"
        yield RULE.finding(
            read.location,
            f"`.{read.name}()` in the task `{task.name}` raises RuntimeError in a worker: no task may wait for another",
            help=f"{instead}; where waiting is safe, give `disable_sync_subtasks=False`",
            app=apps[0].name if apps else "",
            related=(Related(task.location, "the task that waits"),),
        )


def _instead(callee: Task) -> str:
    """What to do instead of waiting: a task that is called as a function has no id, and can set no state nor retry."""
    if not _asks_for_itself(callee):
        return f"call `{callee.name}` as a function, or chain it"
    return (
        f"chain `{callee.name}`, or move its body into a function that both tasks call: called as a function, it has "
        "no id to store a state or to retry with"
    )


def _asks_for_itself(task: Task) -> bool:
    """Whether the body of a task uses what only a message brings: its id, its state, another try."""
    from celery_backend_lint.syntax.python import children_of, text_of

    body = task.node.child_by_field_name("body") if task.node is not None else None
    parameters = task.node.child_by_field_name("parameters") if task.node is not None else None
    given = children_of(parameters) if task.bound and parameters is not None else []
    own = re.match(r"\w+", text_of(given[0])) if given else None
    text = text_of(body) if body is not None else ""
    if own is None:
        return "current_task" in text
    return any(re.search(pattern.format(self=own[0]), text) is not None for pattern in (_OF_ITSELF, _HANDED_ON))

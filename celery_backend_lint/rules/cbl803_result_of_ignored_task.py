"""CBL803: waiting for a result that the task does not store."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Finding, Related, Severity
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.results.records import Read, Result

RULE = Rule("CBL803", "result-of-ignored-task", Severity.ERROR, since="0.1.0")

HARMLESS = frozenset({"forget", "save", "exists"})
"""Reads that do what they are meant to, whether there is a result or not."""


def check_result_of_ignored_task(model: Model) -> Iterator[Finding]:
    """The result of a task is read that says, or whose app says, that its results are ignored.

    ## What it does
    Follows each result that is read outside of tests to its task, and looks at `ignore_result`: in the call
    (`apply_async(ignore_result=…)`), in the signature, in the task's decorator or class, in `task_ignore_result`.

    ## Why is this bad?
    The worker stores nothing. `.get()` on what `delay` gives returns None at once: it does not wait, and it does not
    raise when the task fails. `.ready()` stays False and `.state` stays `PENDING` for ever. By an id, at the end of a
    chain and in a group `.get()` and `.join()` wait for ever, or for the whole timeout.

    ## Example
    ```python
    @app.task(ignore_result=True)
    def resize(picture): ...


    resize.delay(picture).get(timeout=10)
    ```

    ## Use instead
    ```python
    @app.task
    def resize(picture): ...


    resize.delay(picture).get(timeout=10)
    ```

    ## Known limits
    Silent where `ignore_result` cannot be read, where `task_annotations` are set (for what the app's setting decides),
    where `task_always_eager` is on, and on `.state` and the like where something stores states all the same:
    `update_state`, or `store_errors_even_if_ignored`.

    ## References
    - [Celery: Task.ignore_result](https://docs.celeryq.dev/en/stable/reference/celery.app.task.html#celery.app.task.Task.ignore_result)
    - `celery.app.base.Celery.send_task` and `celery.result.AsyncResult.get`, Celery 5.2 to 5.7
    """
    if not any("task_ignore_result" in app.settings for app in model.checked_apps) and not any(
        model.project.mentions(path, (b"ignore_result",)) for path in model.results.task_files()
    ):
        return
    from celery_backend_lint.model.results.records import EAGER
    from celery_backend_lint.model.results.verdicts import is_ignored, is_refused, runs_eagerly

    seen: set[object] = set()
    states: bool | None = None
    for read in model.results.reads():
        result = read.result
        if result.kind == EAGER or read.name in HARMLESS or not is_ignored(model, result) or is_refused(model, read):
            continue
        if any(runs_eagerly(app) for app in model.results.apps_of(result.owner)):
            continue
        key = (read.location.path, read.scope.node.start_byte, result.origin)
        if key in seen:
            continue
        if not _waits(read):
            states = _stores_states(model) if states is None else states
            if states:
                continue
        seen.add(key)
        yield RULE.finding(
            read.location,
            f"{_what_happens(read)}: {_why(model, result)}",
            help="let the task keep its result, or do not ask for it",
            app=next((app.name for app in model.results.apps_of(result.owner)), ""),
            related=_places(model, result),
        )


STORES = (b"update_state", b"store_result", b"store_errors_even_if_ignored", b"STORE_ERRORS_EVEN_IF_IGNORED")
"""What writes a state though the result is ignored: a call in a task, or the setting and option for failures."""


def _stores_states(model: Model) -> bool:
    """Whether something outside of tests may store a state of a task that ignores its result."""
    from celery_backend_lint.project.test_paths import is_test_path

    return any(not is_test_path(path) for path in model.project.python_files_mentioning(STORES))


def _waits(read: Read) -> bool:
    from celery_backend_lint.model.results.reads import WAITS

    return read.name in WAITS or read.name == "iter_native"


def _what_happens(read: Read) -> str:
    from celery_backend_lint.model.results.records import CALL

    if read.name in ("get", "wait") and read.result.made == CALL:
        return f"`.{read.name}()` returns None at once, without waiting, even if the task fails"
    if _waits(read):
        return f"`.{read.name}()` waits for a result that never comes"
    return f"`.{read.name}` never shows that the task has run: it stays `PENDING`"


def _why(model: Model, result: Result) -> str:
    if result.ignores == "yes":
        return "`ignore_result=True` is given with the call" if result.kind == "one" else "a task ignores its result"
    if result.task is not None and result.task.ignores == "yes":
        return f"the task `{result.task.name}` ignores its result"
    apps = model.results.apps_of(result.owner)
    return f"`task_ignore_result` is on{f' for the app `{apps[0].name}`' if apps and apps[0].name else ''}"


def _places(model: Model, result: Result) -> tuple[Related, ...]:
    task = result.task
    if result.ignores == "yes":
        return ()
    if task is not None and task.ignores == "yes":
        return (Related(task.location, "the task is defined here"),)
    settings = [app.settings["task_ignore_result"] for app in model.results.apps_of(result.owner)]
    return tuple(Related(one.assignments[0].location, "it is set here") for one in settings if one.assignments)

"""CBL805: a result by id, where only its sender gets it."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Finding, Related, Severity
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model

RULE = Rule("CBL805", "rpc-result-read-elsewhere", Severity.WARNING, since="0.1.0")

HARMLESS = frozenset({"forget", "restore", "save"})


def check_rpc_result_read_elsewhere(model: Model) -> Iterator[Finding]:
    """A result is read by its id on the RPC backend, which gives it to the sender of the task alone.

    ## What it does
    Looks outside of tests for `AsyncResult(id)`, of an app whose result backend is `rpc://`, that is then read
    (`.get()`, `.state`, `.result` …), where the id is not seen to be that of a task which the same function sent.

    ## Why is this bad?
    With RPC the worker sends the result to a queue of the very thread that sent the task. Every other process, and
    every other thread of the same one, sees `PENDING` for ever, and `.get()` waits for ever: a web server that is asked
    "is it done yet?" answers from whichever worker is free.

    ## Example
    ```python
    app = Celery("shop", backend="rpc://")


    def status(request, task_id):
        return AsyncResult(task_id).state
    ```

    ## Use instead
    ```python
    app = Celery("shop", backend="redis://cache:6379/1")
    ```

    ## Known limits
    Silent where the backend is not certain, and where coroutines of one file send every task and read the results, for
    an event loop is one thread, unless something starts the server in several processes. Another program of one thread
    that keeps the ids of what it sends is reported too.

    ## References
    - [Celery: RPC result backend](https://docs.celeryq.dev/en/stable/userguide/tasks.html#rpc-result-backend-rabbitmq-qpid)
    - `celery.backends.rpc.RPCBackend.oid` and `Celery.thread_oid`, Celery 5.2 to 5.7
    """
    asked = [app for app in model.checked_apps if app.result_backend.kind == "rpc" and not app.unread]
    if not asked:
        return
    from celery_backend_lint.model.results.one_loop import is_of_the_sending_loop
    from celery_backend_lint.model.results.records import ID
    from celery_backend_lint.model.results.verdicts import has_only

    with_rpc = {app for app in asked if has_only(model, app, "rpc")}
    seen: set[object] = set()
    for read in model.results.reads() if with_rpc else ():
        result = read.result
        apps = model.results.apps_of(result.owner)
        if result.made != ID or result.own or read.name in HARMLESS or not apps or not with_rpc.issuperset(apps):
            continue
        if result.origin in seen or is_of_the_sending_loop(model, read):
            continue
        seen.add(result.origin)
        yield RULE.finding(
            result.origin,
            f"with `rpc://` only the thread that sent the task gets its result: anywhere else `.{read.name}` "
            f"{'waits for ever' if read.name in ('get', 'wait', 'join') else 'stays `PENDING`'}",
            help="use a backend that all processes can read: Redis or a database",
            app=apps[0].name,
            related=(
                Related(read.location, "it is read here"),
                *(Related(app.result_backend.location, "the backend is set here") for app in apps
                  if app.result_backend.location is not None),
            ),
        )  # fmt: skip

"""CBL806: waiting for a result for as long as it takes."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Finding, Severity
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.results.records import Read

RULE = Rule("CBL806", "get-without-timeout", Severity.ADVICE, since="0.1.0")

WAITING = frozenset({"get", "wait", "join", "join_native"})
"""Methods whose first parameter is the timeout (``celery.result``, Celery 5.2 to 5.7)."""

ASKS = "ready|successful|failed|state|status|waiting|completed_count"
"""What says of a result, or of a group's, whether it is there."""

COMMANDS = "/management/commands/"
"""Django's commands are started by somebody who waits too, and may interrupt them."""


def check_get_without_timeout(model: Model) -> Iterator[Finding]:
    """The code waits for a result without a limit of time.

    ## What it does
    Looks for `.get()`, `.wait()`, `.join()` and `.join_native()` of a result without `timeout`, outside of tests.

    ## Why is this bad?
    Without a timeout the call waits until the result is there. When no worker runs, when the task was lost with its
    worker, when its result has expired or its id is wrong, that is never: Celery cannot tell an unknown id from a task
    that has not run yet. A web process that waits so is lost for other requests.

    ## Example
    ```python
    total = add.delay(1, 2).get()
    ```

    ## Use instead
    ```python
    total = add.delay(1, 2).get(timeout=10)
    ```
    It raises `celery.exceptions.TimeoutError` then; the task itself is not stopped.

    ## Known limits
    Silent in Django's management commands, in examples and at the level of a module: who runs such a script waits too,
    and can interrupt it. Silent inside of `with …timeout…:`, where the same function asks for the result's state first,
    where nothing is waited for (an ignored result, or that of `apply()`), and where another rule says that the call
    fails (CBL801, CBL804).

    ## References
    - [Celery: AsyncResult.get](https://docs.celeryq.dev/en/stable/reference/celery.result.html#celery.result.AsyncResult.get)
    """
    if not model.wants_advice:
        return
    for read in model.results.reads():
        if read.name not in WAITING or COMMANDS in f"/{read.location.path}" or read.scope.kind == "module":
            continue
        from celery_backend_lint.model.example_code import is_example_path
        from celery_backend_lint.model.results.records import EAGER
        from celery_backend_lint.model.results.verdicts import (
            is_always_eager,
            is_refused,
            lacks_backend,
            may_be_none_at_once,
        )

        if is_example_path(read.location.path):
            continue
        if read.result.kind == EAGER or _has_timeout(read) or _is_asked_before(read) or is_refused(model, read):
            continue
        if _stands_in_a_timeout(read):
            continue
        apps = model.results.apps_of(read.result.owner)
        if may_be_none_at_once(model, read.result) and read.result.task is not None:
            continue
        if apps and (all(lacks_backend(model, app) for app in apps) or any(is_always_eager(app) for app in apps)):
            continue
        yield RULE.finding(
            read.location,
            f"`.{read.name}()` has no `timeout`: while no worker answers, this code waits for ever",
            help=f"`.{read.name}(timeout=10)` raises TimeoutError instead; choose how long is long enough",
            app=apps[0].name if len(apps) == 1 else "",
        )


def _has_timeout(read: Read) -> bool:
    from celery_backend_lint.syntax.python import arguments_of

    for position, (name, argument) in enumerate(arguments_of(read.node)):
        if name in ("*", "**"):
            return True
        if name == "timeout" or (position == 0 and not name):
            return argument.type != "none"
    return False


def _stands_in_a_timeout(read: Read) -> bool:
    """Whether a ``with eventlet.Timeout(30):`` or its like stands around a read in its function."""
    from celery_backend_lint.syntax.python import text_of

    parent = read.node.parent
    while parent is not None and parent != read.scope.node:
        if parent.type == "with_statement":
            clause = next((child for child in parent.named_children if child.type == "with_clause"), None)
            if clause is not None and "timeout" in text_of(clause).lower():
                return True
        parent = parent.parent
    return False


def _is_asked_before(read: Read) -> bool:
    """Whether the function asks for the state of the same result before it waits."""
    import re

    from celery_backend_lint.syntax.python import text_of

    function = read.node.child_by_field_name("function")
    owner = function.child_by_field_name("object") if function is not None else None
    if owner is None or owner.type not in ("identifier", "attribute"):
        return False
    holder = read.scope.node
    before = (holder.text or b"")[: max(read.node.start_byte - holder.start_byte, 0)].decode("utf-8", "replace")
    asked = rf"(?<![\w.]){re.escape(text_of(owner))}\.(?:{ASKS})\b"
    return re.search(asked, before) is not None or _stands_behind(read, asked)


def _stands_behind(read: Read, asked: str) -> bool:
    """Whether the read stands in ``a if b else c``, or in what a comprehension makes, whose condition asks."""
    import re

    from celery_backend_lint.syntax.python import text_of

    parent = read.node.parent
    while parent is not None and not parent.type.endswith(("_statement", "_definition", "module")):
        conditions = [parent] if parent.type == "conditional_expression" else []
        if parent.type.endswith(("comprehension", "generator_expression")):
            conditions = [one for one in parent.named_children if one.type == "if_clause"]
        if any(re.search(asked, text_of(one)) is not None for one in conditions):
            return True
        parent = parent.parent
    return False

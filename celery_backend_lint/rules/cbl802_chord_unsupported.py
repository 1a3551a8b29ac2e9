"""CBL802: a chord on a backend that knows none."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Finding, Related, Severity
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

RULE = Rule("CBL802", "chord-unsupported", Severity.ERROR, since="0.1.0")

WORDS = {
    "chord": "this chord",
    "chain": "a group that another task follows in a chain is a chord, which",
    "|": "a group that is piped into a task is a chord, which",
}


def check_chord_unsupported(model: Model) -> Iterator[Finding]:
    """A chord is started on the RPC backend, or without any result backend.

    ## What it does
    Looks for `chord(…)`, for a group that is piped into something (`group(…) | task`) and for a chain in which
    something follows a group, outside of tests, and reports those of an app whose result backend is `rpc://` or none.

    ## Why is this bad?
    The callback of a chord runs once all results of the header are there, so the workers have to count them in the
    backend. RPC keeps results in the sender's own queue, where no worker can see them: starting the chord raises
    `NotImplementedError: The "rpc" result backend does not support chords!`. Without a backend it is
    `NotImplementedError: Starting chords requires a result backend to be configured`.

    ## Example
    ```python
    app = Celery("shop", backend="rpc://")

    chord([add.s(1, 1), add.s(2, 2)])(total.s())
    ```

    ## Use instead
    ```python
    app = Celery("shop", backend="redis://cache:6379/1")

    chord([add.s(1, 1), add.s(2, 2)])(total.s())
    ```

    ## Known limits
    Silent where the backend is not certain, where it is not certain that all steps are Celery's, for a chord with an
    empty header, for a group of one task inside of a chain, which Celery takes for the task, where `task_always_eager`
    is on, and where `except NotImplementedError` stands around it.

    ## References
    - [Celery: Chords](https://docs.celeryq.dev/en/stable/userguide/canvas.html#chords)
    - `ensure_chords_allowed` of `celery.backends.rpc.RPCBackend` and `celery.backends.base.DisabledBackend`
    """
    asked = [app for app in model.checked_apps if app.result_backend.kind in ("disabled", "rpc") and not app.unread]
    if not asked:
        return
    from celery_backend_lint.model.results.handled import is_handled
    from celery_backend_lint.model.results.verdicts import has_only, lacks_backend, runs_eagerly

    without = {app for app in asked if not runs_eagerly(app) and lacks_backend(model, app)}
    with_rpc = {app for app in asked if not runs_eagerly(app) and has_only(model, app, "rpc")}
    if not without and not with_rpc:
        return
    for chord in model.results.chords():
        apps = model.results.apps_of(chord.flow.owner)
        if apps and (without | with_rpc).issuperset(apps) and not is_handled(chord.node, "NotImplementedError"):
            yield RULE.finding(
                chord.location,
                f"{WORDS[chord.what]} raises NotImplementedError when it is started: {_why(apps, with_rpc)}",
                help="use a backend that knows chords: Redis, a database, memcached …",
                app=apps[0].name,
                related=tuple(
                    Related(app.result_backend.location or app.location, _where(app in with_rpc)) for app in apps
                ),
            )


def _why(apps: tuple[App, ...], with_rpc: set[App]) -> str:
    if all(app in with_rpc for app in apps):
        return "the `rpc` backend does not support chords"
    return "chords need a result backend, and the app has none"


def _where(rpc: bool) -> str:
    return "the backend is set here" if rpc else "this app has no `result_backend`"

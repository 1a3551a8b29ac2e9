"""CBL101: an app that keeps no results."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Finding, Severity
from celery_backend_lint.model.backend_kind import DISABLED
from celery_backend_lint.model.example_code import is_example_path
from celery_backend_lint.model.held import outcomes
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

RULE = Rule("CBL101", "no-result-backend", Severity.ADVICE, since="0.1.0")

_VARIABLE = "CELERY_RESULT_BACKEND"
"""The variable that Celery reads by itself (celery.app.utils.Settings.result_backend, 4.4 to 5.7)."""


def check_no_result_backend(model: Model) -> Iterator[Finding]:
    """Nothing sets a result backend for the app.

    ## What it does
    Reports apps for which the project sets no `result_backend` in any place.

    ## Why is this bad?
    Celery has no default for it: tasks run, and what they return or raise is discarded without a word. Only the code
    that asks for a result gets an error: `NotImplementedError: No result backend is configured` from `.get()`, an
    AttributeError from `.state`. Chords cannot run.

    ## Example
    ```python
    app = Celery("shop", broker="amqp://broker.example.com")
    ```

    ## Use instead
    ```python
    app = Celery("shop", broker="amqp://broker.example.com", backend="rpc://")
    ```

    ## Known limits
    Advice, for many projects want no results: `result_backend = None`, `task_ignore_result = True` or
    `Celery(…, backend="disabled")` says so. Silent where not all of the configuration could be read, in examples,
    where another file of Django settings has one, and where a deployment or env file of the project sets
    `CELERY_RESULT_BACKEND`, which Celery reads by itself.
    `celery-backend-lint configure` writes a whole configuration.

    ## References
    - [Celery: Keeping results](https://docs.celeryq.dev/en/stable/getting-started/first-steps-with-celery.html#keeping-results)
    """
    if not model.wants_advice:
        return
    for app in model.checked_apps:
        if _has_none(app) and not is_example_path(app.path) and not _is_given_elsewhere(model, app):
            yield RULE.finding(
                app.location,
                "no result backend is set: what tasks return is discarded, and asking for a result raises an error",
                help="set `result_backend`, or say that no results are wanted: `task_ignore_result = True`",
                app=app.name,
            )


def _has_none(app: App) -> bool:
    if app.unread or "result_backend" in app.settings or app.result_backend.kind != DISABLED:
        return False
    if any(write.setting == "result_backend" for write in app.writes):
        return False  # None as a keyword of Celery(…): it sets nothing, and says what is meant
    ignores = app.settings.get("task_ignore_result")
    return ignores is None or all(getattr(one, "value", True) is False for one in outcomes(ignores.value))


def _is_given_elsewhere(model: Model, app: App) -> bool:
    """Whether a file that is not code gives a process the variable, a command line the option, or other Django settings
    than those that are read here the setting.
    """
    if any(source.kind == "django" for source in app.sources):
        paths = model.project.python_files_mentioning([b"RESULT_BACKEND"])
        if any(not is_test_path(path) for path in paths):
            return True
    if _VARIABLE in app.sets_variables or model.env_files.value_of(_VARIABLE, app.path):
        return True
    if any(True for _ in model.deployment.setting(_VARIABLE)):
        return True
    return any(running.command.result_backend for running in model.deployment.commands)

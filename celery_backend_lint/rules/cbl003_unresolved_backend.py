"""CBL003: an app whose result backend could not be read."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Choice, Environment, Operation, Text, Unknown
from celery_backend_lint.findings.finding import Finding, Severity
from celery_backend_lint.model.backend_kind import alias_of
from celery_backend_lint.model.backend_values import backend_values
from celery_backend_lint.model.urls import UNKNOWN
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

RULE = Rule("CBL003", "unresolved-backend", Severity.ADVICE, since="0.1.0")


def check_unresolved_backend(model: Model) -> Iterator[Finding]:
    """An app's result backend could not be determined, so the rules about it were silent.

    ## What it does
    Says, once for each app, that its result backend is not known, and what stopped the reading: a function of another
    package, a configuration file that is no Python, a module that is not in the tree.

    ## Why is this bad?
    It need not be. But no other rule can say anything of that backend: a clean report is no promise here.

    ## Example
    ```python
    app = Celery("proj", backend=company_library.backend_url())
    ```

    ## Use instead
    ```python
    app = Celery("proj", backend=os.environ["CELERY_RESULT_BACKEND"])
    ```

    ## Known limits
    A backend that comes whole from the environment is not reported: nothing stopped the reading there.
    """
    for app in model.checked_apps:
        if not app.result_backend.unresolved:
            continue
        values = [value for value in backend_values(app) if value.effective]
        hidden = [value for value in values if value.text is None or alias_of(value.text).startswith(UNKNOWN)]
        why = next((why for value in hidden if (why := _why(value.value))), "")
        if values and not why:
            why = "which of several values holds"
        yield RULE.finding(
            _place(app),
            f"the result backend of this app cannot be determined: {_told(why or app.unread)}",
            help="rules about the result backend were silent; `celery-backend-lint config` shows what was read",
            app=app.name,
        )


def _place(app: App) -> Location:
    """The setting: its first assignment, where there is one."""
    setting = app.settings.get("result_backend")
    if setting is not None and setting.assignments:
        return setting.assignments[0].location
    return app.result_backend.location or app.location


def _told(why: str) -> str:
    """What stopped the reading, as the rest of a sentence."""
    if why == "a key":
        return "something is written to its settings under a key that is not known"
    if why == "a key of a dict":
        return "it depends on a dict that could not be read"
    if why.startswith("a key "):
        return f"it depends on {why}"
    if why.startswith(("whether ", "which ")) and " hangs on " not in why:
        return f"nothing here shows {why}"
    return why or "its value cannot be read"


def _why(value: Value) -> str:
    """What stopped the reading of a value, ``""`` where nothing in it did."""
    inner: tuple[Value, ...] = ()
    if isinstance(value, Unknown):
        return value.why
    if isinstance(value, Environment) and value.default is not None:
        inner = (value.default,)
    elif isinstance(value, Text):
        inner = value.parts
    elif isinstance(value, Operation):
        inner = value.operands
    elif isinstance(value, Choice):
        inner = tuple(one.value for one in value.alternatives)
    return next((why for why in map(_why, inner) if why), "")

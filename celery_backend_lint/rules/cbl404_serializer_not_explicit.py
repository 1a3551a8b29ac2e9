"""CBL404: what results are written in, and what is read, is left to Celery's defaults."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.evaluate.values import Literal
from celery_backend_lint.findings.finding import Applicability, Finding, Severity
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

RULE = Rule("CBL404", "serializer-not-explicit", Severity.ADVICE, since="0.1.0", fix=Applicability.SAFE)


def check_serializer_not_explicit(model: Model) -> Iterator[Finding]:
    """`result_serializer` or `accept_content` is left to Celery's default.

    ## What it does
    Looks for apps that store results and do not set `result_serializer`, `accept_content` or either.

    ## Why is this bad?
    Both are JSON in Celery 4 to 5.7; before that they were pickle, which runs whatever a message holds. What an app
    writes and reads is part of its protocol: with the settings written down, processes with another Celery, or another
    configuration of the same broker, agree or fail where it can be seen.

    ## Example
    ```python
    result_backend = "redis://cache/1"
    ```

    ## Use instead
    ```python
    result_backend = "redis://cache/1"
    result_serializer = "json"
    accept_content = ["json"]
    ```

    ## Fix safety
    Writing the defaults down is safe.

    ## Known limits
    Silent where the configuration could not be read whole, where all results are ignored, where another app of the
    project has the setting, and where the default does not go with the other setting, which CBL402 reports.

    ## References
    - [Celery: result_serializer](https://docs.celeryq.dev/en/stable/userguide/configuration.html#result-serializer)
    - [Celery: security](https://docs.celeryq.dev/en/stable/userguide/security.html)
    """
    if not model.wants_advice:
        return
    for app in model.checked_apps:
        if app.unread or "result_backend" not in app.settings:
            continue
        missing = [name for name in ("result_serializer", "accept_content") if name not in app.settings]
        if not missing or (len(missing) == 1 and not _goes_with_json(app)):
            continue
        from celery_backend_lint.model.backend_outcomes import may_store_results
        from celery_backend_lint.model.serializers import written_name

        if may_store_results(model, app) and not any(missing[0] in one.settings for one in model.checked_apps):
            are = "is" if len(missing) == 1 else "are"
            names = " and ".join(f"`{written_name(app, name)}`" for name in missing)
            yield RULE.finding(
                app.location,
                f"{names} {are} not set: what results are written in, and what "
                "is read, is whatever the installed Celery has as its default",
                help=" and ".join(f"`{written_name(app, name)} = {_CODE[name]}`" for name in missing),
                app=app.name,
                propose=partial(_write_down, model, app, missing[0]),
            )


_CODE = {"result_serializer": '"json"', "accept_content": '["json"]'}


def _goes_with_json(app: App) -> bool:
    """Whether the one setting of the two that is there goes with JSON as the other."""
    from celery_backend_lint.model.serializers import accepted, effective

    values = effective(app, "result_serializer")
    if values:
        return all(isinstance(value, Literal) and value.value in ("json", None) for value in values)
    lists = [accepted(value).entries for value in effective(app, "accept_content")]
    return all(
        entries is not None and {text for text, _ in entries} & {"json", "application/json"} for entries in lists
    )


def _write_down(model: Model, app: App, name: str) -> Fix:
    """One of the settings; the other is added once this one is there."""
    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.fixes.configuration.setting_code import inserted

    value = "json" if name == "result_serializer" else ["json"]
    edits = inserted(model, app, name, value, fields=False)
    return Fix(f"Write the default of `{name}` down", Applicability.SAFE, tuple(edits))

"""CBL704: old and new names in one configuration."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.findings.finding import Applicability, Finding, Severity
from celery_backend_lint.findings.fix import Fix
from celery_backend_lint.model import facts
from celery_backend_lint.model.names import OLD, is_below_four, once_four, uses
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App, Assignment

RULE = Rule("CBL704", "mixed-setting-names", Severity.ERROR, since="0.1.0", fix=Applicability.SAFE)


def check_mixed_setting_names(model: Model) -> Iterator[Finding]:
    """Old and new setting names stand in one configuration object.

    ## What it does
    Reports each name that Celery refuses because the rest of the configuration is written in the other style:
    `BROKER_URL` beside `result_backend`.

    ## Why is this bad?
    Without a namespace, Celery raises ImproperlyConfigured at the first use of the configuration: no worker starts,
    no task can be sent. Where the other style is only set under a condition, or in a function that just one program
    calls (the web process, not the worker), that one fails: a warning.

    ## Example
    ```python
    BROKER_URL = "amqp://"
    result_backend = "rpc://"
    task_serializer = "json"
    ```

    ## Use instead
    ```python
    broker_url = "amqp://"
    result_backend = "rpc://"
    task_serializer = "json"
    ```

    ## Fix safety
    Renaming to the new name is safe: the configuration did not load at all before. No fix where the requirement admits
    a Celery 3, which knows old names only.

    ## Known limits
    An old name whose new name stands beside it is no mix to Celery. Under a namespace nothing is refused.

    ## References
    - [Celery: New lowercase settings](https://docs.celeryq.dev/en/stable/userguide/configuration.html#new-lowercase-settings)
    """
    for app in model.checked_apps:
        if is_below_four(app.declared):
            continue
        for assignment, wanted in app.mixing:
            is_old = facts.is_old_name(assignment.written, app.declared.version)
            rest = "new" if is_old else "old"
            yield RULE.finding(
                assignment.location,
                f"`{assignment.written}` stands among {rest} setting names: Celery raises ImproperlyConfigured when "
                "the configuration is first used",
                help=_remedy(app, wanted if is_old else ""),
                app=app.name,
                propose=partial(_rename, model, app, assignment, wanted if is_old else ""),
            )
        for assignment, wanted in app.perhaps_mixing:
            is_old = facts.is_old_name(assignment.written, app.declared.version)
            yield RULE.finding(
                assignment.location,
                f"where `{assignment.written}` is set before Celery first uses the configuration, it raises "
                f"ImproperlyConfigured then: the names that are always set are {'new' if is_old else 'old'} ones",
                help=_remedy(app, wanted if is_old else ""),
                app=app.name,
                severity=Severity.WARNING,
            )


def _remedy(app: App, wanted: str) -> str:
    """What to write: the new name for an old one; for a new one among old ones, new names for those."""
    rest = f"`{wanted}`" if wanted else "rename the other settings of this configuration to their new names"
    return once_four(app.declared) + rest


def _rename(model: Model, app: App, assignment: Assignment, wanted: str) -> Fix:
    """The new name for an old one; for a new one among old ones, new names for those."""
    from celery_backend_lint.fixes.python.names import rename_setting
    from celery_backend_lint.fixes.python.setting_names import refuse_celery_three, rename_old_names

    if wanted:
        refuse_celery_three(model, app)
        edits = rename_setting(model, assignment, wanted)
        return Fix(f"Rename it to `{wanted}`", Applicability.SAFE, tuple(edits))
    names = [
        (use.written, use.meaning.setting, location)
        for use in uses(model, app)
        if use.meaning.status == OLD
        for location in use.locations
    ]
    return Fix("Rename all old names", Applicability.SAFE, tuple(rename_old_names(model, app, names)))

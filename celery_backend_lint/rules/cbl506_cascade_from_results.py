"""CBL506: the clean-up of results deletes rows of the project's own."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Finding, Related, Severity
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

RULE = Rule("CBL506", "cascade-from-results", Severity.WARNING, since="0.1.0")

_CASCADE = frozenset(
    {"django.db.models.CASCADE", "django.db.models.deletion.CASCADE", "django.contrib.gis.db.models.CASCADE"}
)


def check_cascade_from_results(model: Model) -> Iterator[Finding]:
    """A model's foreign key to a result has `on_delete=CASCADE`, and old results are cleaned up.

    ## What it does
    Looks for `ForeignKey` and `OneToOneField` to django-celery-results' `TaskResult` or `GroupResult` with `CASCADE`,
    while results are kept there (`django-db`) and anything in the repository runs beat or cleans results up.

    ## Why is this bad?
    Beat sends `celery.backend_cleanup` each night. It deletes every result that is older than `result_expires`, one day
    unless set, and Django deletes the rows that point at them along with it: orders, reports, uploads are gone without
    a word.

    ## Example
    ```python
    class Report(models.Model):
        task = models.ForeignKey("django_celery_results.TaskResult", on_delete=models.CASCADE)
    ```

    ## Use instead
    ```python
    class Report(models.Model):
        task = models.ForeignKey("django_celery_results.TaskResult", null=True, on_delete=models.SET_NULL)
    ```

    ## Fix safety
    There is no fix: the column has to take NULL, which needs a migration.

    ## Known limits
    Silent where `result_expires` switches the clean-up off, and for rows that only handlers of signals make for each
    result (`task_postrun`, `post_save` of `TaskResult`): these are to go with it. `PROTECT` and `DO_NOTHING` are not
    reported: they make the clean-up fail instead. Where nothing runs beat, CBL504 speaks of the results that stay.

    ## References
    - [Django: on_delete](https://docs.djangoproject.com/en/stable/ref/models/fields/#django.db.models.ForeignKey.on_delete)
    - [Celery: result_expires](https://docs.celeryq.dev/en/stable/userguide/configuration.html#result-expires)
    """
    if not model.project.python_files_mentioning([b"django_celery_results"]):
        return
    app = next((one for one in model.checked_apps if _is_cleaned(model, one)), None)
    if app is None:
        return
    from celery_backend_lint.model.result_references import result_references

    found = [one for one in result_references(model) if one.on_delete in _CASCADE]
    if not found:
        return
    from celery_backend_lint.model.processes import beat_sign, cleanup_sign

    sign = beat_sign(model.project, model.manifests, model.deployment) or cleanup_sign(model.project, ("django-db",))
    schedule = app.settings.get("beat_schedule")
    if sign is None and schedule is None:
        return
    from celery_backend_lint.model.result_logs import belongs_to_results

    related = (Related(sign.location, sign.what),) if sign is not None else ()
    for one in found:
        if belongs_to_results(model, one.owner):
            continue
        rows = f"rows of {one.owner}" if one.owner else "rows"
        yield RULE.finding(
            one.location,
            f"the clean-up of old results deletes the {rows} that point at them (CASCADE): each night those whose "
            f"result is older than {_age(app)}",
            help="let the field be empty: `null=True, on_delete=models.SET_NULL`",
            app=app.name,
            related=related,
        )


def _is_cleaned(model: Model, app: App) -> bool:
    """Whether results are kept in Django's database and are not kept for ever."""
    from celery_backend_lint.model.backend_outcomes import stores_results
    from celery_backend_lint.model.expiry import expiry_outcomes, verdict

    if "django-db" not in stores_results(model, app):
        return False
    outcomes = expiry_outcomes(app)
    return not outcomes or any(
        not found.never and not found.invalid
        for found in (verdict(outcome, "django-db", cleanup_scheduled=False) for outcome in outcomes)
    )


def _age(app: App) -> str:
    from celery_backend_lint.model.expiry import expiry_outcomes

    outcomes = expiry_outcomes(app)
    plain = outcomes[0].plain if len(outcomes) == 1 else None
    if "result_expires" not in app.settings:
        return "one day"
    if isinstance(plain, (int, float)) and not isinstance(plain, bool):
        days = plain / 86400
        return f"{days:g} day{'' if days == 1 else 's'}" if days >= 1 else f"{plain:g} seconds"
    return f"`{app.settings['result_expires'].assignments[0].written}`"

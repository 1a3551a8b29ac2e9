"""CBL507: a schedule for beat, and no beat."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Literal, Mapping
from celery_backend_lint.findings.finding import Finding, Severity
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import Setting

RULE = Rule("CBL507", "schedule-without-beat", Severity.ADVICE, since="0.1.0")


def check_schedule_without_beat(model: Model) -> Iterator[Finding]:
    """There is a `beat_schedule`, and nothing in the repository runs beat.

    ## What it does
    For apps with a `beat_schedule` it looks for what starts beat: a `celery … beat` or `-B` command in compose files,
    Procfile, Dockerfile, Makefile, scripts, systemd, supervisor, Kubernetes and task runners, a script of that name, or
    Python code, and for a README that tells people to start it.

    ## Why is this bad?
    Workers do not look at the schedule. Without beat none of its tasks is ever sent, Celery's own nightly clean-up of
    results among them, and nothing says so.

    ## Example
    ```python
    beat_schedule = {"report": {"task": "shop.report", "schedule": 3600}}
    ```
    ```text
    worker: celery -A shop worker
    ```

    ## Use instead
    ```text
    worker: celery -A shop worker
    beat: celery -A shop beat
    ```

    ## Fix safety
    There is no fix: how beat is run is the project's to decide.

    ## Known limits
    Beat that is started from elsewhere cannot be seen: that is why it is advice. Silent for an empty schedule.

    ## References
    - [Celery: starting the scheduler](https://docs.celeryq.dev/en/stable/userguide/periodic-tasks.html#starting-the-scheduler)
    """
    if not model.wants_advice:
        return
    told: set[Location] = set()
    for app in model.checked_apps:
        setting = app.settings.get("beat_schedule")
        if setting is None or not setting.assignments or _is_empty(setting):
            continue
        from celery_backend_lint.model.processes import beat_instruction, beat_start

        if beat_start(model.project, model.deployment) is not None or beat_instruction(model.project) is not None:
            return
        location = setting.assignments[0].location
        if location not in told:
            told.add(location)
            yield RULE.finding(
                location,
                f"nothing in the repository runs beat: no task of `{setting.assignments[0].written}` is ever sent",
                help="run `celery … beat`, with the `-A` of the workers, beside them",
                app=app.name,
            )


def _is_empty(setting: Setting) -> bool:
    value = setting.value
    if isinstance(value, Mapping):
        return value.complete and not value.entries
    return isinstance(value, Literal) and not value.value

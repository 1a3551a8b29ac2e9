"""CBL504: results that only beat would clean up, and no beat."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Literal, Mapping
from celery_backend_lint.findings.finding import Finding, Related, Severity
from celery_backend_lint.model.backend_outcomes import backend_outcomes, stores_results
from celery_backend_lint.model.expiry import CLEANED, NEVER_CLEANED, expiry_outcomes, verdict
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.backend_outcomes import BackendOutcome

RULE = Rule("CBL504", "results-never-cleaned", Severity.WARNING, since="0.1.0")

_WHERE = {
    "django-db": "django-celery-results' table",
    "mongodb": "the collection of results",
    "file": "the folder of results",
}
_TABLE_NAMES = (b"database_table_names", b"DATABASE_TABLE_NAMES", b"RESULT_DB_TABLENAMES")
_CLEANS_FILES = (5, 2)
"""The first Celery whose clean-up deletes the files of results."""
_TEMPORARY = (b"mkdtemp(", b"TemporaryDirectory(")


def check_results_never_cleaned(model: Model) -> Iterator[Finding]:
    """The backend keeps results until beat cleans them up, and nothing runs beat.

    ## What it does
    For backends that do not expire results by themselves (database, django-celery-results, MongoDB, files, ArangoDB,
    Elasticsearch, CouchDB, Cosmos DB) it looks for anything in the repository that runs beat: a schedule,
    django-celery-beat, RedBeat or rdbbeat, a `celery … beat` or `-B` command in compose files, Procfile, Dockerfile,
    Makefile, scripts, systemd, supervisor, Kubernetes and task runners, or in a README.

    ## Why is this bad?
    `result_expires` does nothing by itself there. Beat sends `celery.backend_cleanup` each night; without beat every
    result stays, and the table grows until queries or the disk give in.

    ## Example
    ```python
    result_backend = "db+postgresql://db/results"
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
    There is no fix: how beat is run is the project's to decide. Where models point at TaskResult or GroupResult, the
    clean-up deletes their rows too (`CASCADE`), or fails on them.

    ## Known limits
    Silent where any sign of beat, or of a clean-up of the project's own, stands in the repository; beat that runs from
    elsewhere cannot be seen. So it is where deployment files run other things, and nothing runs a worker; advice where
    nothing runs at all. Silent where no task is defined or sent and none can come from elsewhere, so that nothing is
    stored, where the app ignores all results, and where `result_expires` switches the clean-up
    off (CBL501), and of files in a temporary folder, which each process makes for itself. Celery deletes files from
    5.2 on.

    ## References
    - [Celery: result_expires](https://docs.celeryq.dev/en/stable/userguide/configuration.html#result-expires)
    - [Celery: starting the scheduler](https://docs.celeryq.dev/en/stable/userguide/periodic-tasks.html#starting-the-scheduler)
    """
    beat: bool | None = None
    for app in model.checked_apps:
        kinds = set(stores_results(model, app)) & (CLEANED | NEVER_CLEANED)
        if not kinds or _is_switched_off(app, kinds) or "beat_schedule" in app.settings:
            continue
        from celery_backend_lint.model.processes import beat_instruction, beat_sign, cleanup_sign
        from celery_backend_lint.model.result_deletions import deletion_of_results
        from celery_backend_lint.model.results.sends import may_have_tasks

        if beat is None:
            sign = beat_sign(model.project, model.manifests, model.deployment) or beat_instruction(model.project)
            beat = sign is not None
        if beat:
            return
        if cleanup_sign(model.project, kinds) is not None or deletion_of_results(model) is not None:
            continue
        if not may_have_tasks(model, app):
            continue
        for outcome in backend_outcomes(model, app):
            if outcome.kind in kinds and not _is_temporary(model, outcome):
                kinds.discard(outcome.kind)
                found = _finding(model, app, outcome.kind, outcome.location)
                if found is not None:
                    yield found


def _is_temporary(model: Model, outcome: BackendOutcome) -> bool:
    """Whether results lie in a folder that each process makes for itself, which nobody keeps."""
    return outcome.kind == "file" and model.project.mentions(outcome.location.path, _TEMPORARY)


def _is_switched_off(app: App, kinds: set[str]) -> bool:
    """Whether ``result_expires`` keeps beat from cleaning up; another rule speaks of that."""
    outcomes = expiry_outcomes(app)
    return bool(outcomes) and all(
        verdict(outcome, kind, cleanup_scheduled=False).never for outcome in outcomes for kind in kinds & CLEANED
    )


def _table(model: Model, app: App) -> str:
    """The table of a database that holds the results, by its name where that is known."""
    setting = app.settings.get("database_table_names")
    value = setting.value if setting is not None else None
    if isinstance(value, Mapping) and value.complete:
        name = value.get("task")
        if isinstance(name, Literal) and isinstance(name.value, str):
            return f"the table {name.value}"
        return "the table celery_taskmeta" if name is None else "the table of results"
    named = setting is not None or app.unread or model.project.python_files_mentioning(_TABLE_NAMES)
    return "the table of results" if named else "the table celery_taskmeta"


def _finding(model: Model, app: App, kind: str, location: Location) -> Finding | None:
    where = _table(model, app) if kind == "database" else _WHERE.get(kind, "the store")
    if kind in NEVER_CLEANED or (kind == "file" and app.declared.version < _CLEANS_FILES):
        which = "Celery" if kind in NEVER_CLEANED else "Celery before 5.2"
        message = f"{which} never deletes results from {kind}, with or without beat: {where} grows for ever"
        remedy = "delete old results on a schedule of your own"
        return RULE.finding(location, message, help=remedy, app=app.name)
    from celery_backend_lint.model.processes import deploys_something, runs_worker

    severity = None
    if not runs_worker(model.project, model.deployment):  # workers run from elsewhere, and so may beat
        if deploys_something(model.deployment):
            return None
        severity = Severity.ADVICE
    message = (
        f"nothing in the repository runs beat, which alone deletes old results from {kind}: {where} grows for ever"
    )
    remedy = "run `celery … beat`, with the `-A` of the workers, beside them"
    related: tuple[Related, ...] = ()
    if kind == "django-db":
        from celery_backend_lint.model.processes import references_to_results

        places = references_to_results(model.project)
        related = tuple(Related(place, "points at the results") for place in places)
        if places:
            remedy += "; models point at TaskResult or GroupResult, and the clean-up would delete their rows too"
    return RULE.finding(location, message, help=remedy, app=app.name, related=related, severity=severity)

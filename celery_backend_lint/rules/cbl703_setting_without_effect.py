"""CBL703: a setting of another result backend than the one in use."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.findings.finding import Applicability, Finding, Severity
from celery_backend_lint.findings.fix import Fix
from celery_backend_lint.model.idle_settings import having_it_too, is_idle, known_kinds, may_read
from celery_backend_lint.model.name_reads import read_names
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import Assignment, Setting

RULE = Rule("CBL703", "setting-without-effect", Severity.WARNING, since="0.1.0", fix=Applicability.UNSAFE)


def check_setting_without_effect(model: Model) -> Iterator[Finding]:
    """A setting belongs to a result backend that the app does not use.

    ## What it does
    Compares each setting that only result backends read with what the app's own backend reads: `redis_*` with a
    database, `database_*` with Redis, `result_persistent` and `result_exchange` with anything but RPC,
    `result_backend_transport_options` with a database.

    ## Why is this bad?
    Celery does not say that nobody reads a setting. A timeout or a limit that was meant to protect the workers is not
    in force, and stays behind when the backend changes.

    ## Example
    ```python
    result_backend = "db+postgresql://db.example.com/results"
    redis_socket_timeout = 5
    ```

    ## Use instead
    ```python
    result_backend = "db+postgresql://db.example.com/results"
    database_engine_options = {"pool_timeout": 5}
    ```

    ## Fix safety
    Removing the setting is unsafe in so far as another backend, chosen at run time, may read it. It stays where other
    code uses it, and where making its value may do something besides.

    ## Known limits
    Silent where one of the app's possible backends cannot be determined, where results are disabled, for settings that
    the project reads itself, and where another app that may use the setting has it from the same place.

    ## References
    - [Celery: Configuration and defaults](https://docs.celeryq.dev/en/stable/userguide/configuration.html)
    """
    for app in model.checked_apps:
        kinds = known_kinds(app)
        if not kinds:
            continue
        idle = [setting for setting in app.settings.values() if is_idle(setting.name, kinds, app.declared.version)]
        reads = read_names(model, (one.written for setting in idle for one in setting.assignments))
        for setting in idle:
            for assignment in setting.assignments:
                if assignment.written in reads or is_test_path(assignment.location.path):
                    continue
                if any(may_read(other, setting.name) for other in having_it_too(model.apps, app, assignment)):
                    continue  # it is there for that one
                yield RULE.finding(
                    assignment.location,
                    f"`{assignment.written}` has no effect: {_whose(setting)}, and this app's result backend is "
                    f"{' or '.join(f'`{kind}`' for kind in sorted(kinds))}",
                    help="remove it, or set what that backend reads",
                    app=app.name,
                    propose=partial(_remove, model, assignment),
                )


def _whose(setting: Setting) -> str:
    name = setting.name
    if name.startswith("result_") and name.partition("_")[2].startswith(("exchange", "persistent")):
        return "only the RPC backend reads it"
    if name.startswith("result_"):
        return "this backend does not read it"
    owner = {"redis": "Redis", "database": "database", "mongodb": "MongoDB", "cache": "cache"}.get(
        name.partition("_")[0]
    )
    return f"only the {owner or name.partition('_')[0]} backend reads it"


def _remove(model: Model, assignment: Assignment) -> Fix:
    from celery_backend_lint.fixes.python.removal import remove_setting

    return Fix(f"Remove `{assignment.written}`", Applicability.UNSAFE, tuple(remove_setting(model, assignment)))

"""The backend that an app has by Celery's own variable, where a tracked env file that its code loads sets that.

Where a deployment file sets it, a process has that backend, others need not: it is one of the app's alternatives.

Celery asks for ``CELERY_RESULT_BACKEND`` before any setting (``celery.app.utils.Settings``, 4.4 to 5.7). The file is in
every clone, and its variables are in the environment of whatever imports the code that loads it: what the configuration
says is not used, unless it reads the variable itself.
"""

from __future__ import annotations

from celery_backend_lint.location import Location
from celery_backend_lint.model.app import App, BackendAlternative, ResultBackend
from celery_backend_lint.model.apps.own_variables import OWN_VARIABLES
from celery_backend_lint.model.backend_kind import UNKNOWN, kind_of
from celery_backend_lint.model.env_files import EnvValue
from celery_backend_lint.model.held import variables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.env_files import EnvFile

VARIABLE = OWN_VARIABLES["result_backend"]


def sets_it(file: EnvFile) -> bool:
    """Whether git tracks an env file that sets the variable to what is written out."""
    value = file.values().get(VARIABLE) if file.tracked else None
    return bool(value) and "$" not in (value or "")


def with_given_backends(model: Model) -> tuple[App, ...]:
    """The apps of a model, those with another backend in force where an env file gives it."""
    given = {
        file.path: EnvValue(entry.value or "", Location(file.path, entry.value_span), example=False)
        for file in model.env_files.in_use
        if sets_it(file)
        for entry in file.entries
        if entry.key == VARIABLE and not entry.commented
    }
    return tuple(_given(model, app, given) for app in model.apps)


def _given(model: Model, app: App, given: dict[str, EnvValue]) -> App:
    from celery_backend_lint.findings.masking import mask
    from celery_backend_lint.model.env_loads import is_loaded

    setting = app.settings.get("result_backend")
    reads = variables(setting.value) if setting is not None else ()
    if VARIABLE in app.sets_variables or any(VARIABLE in read.variables for read in reads):
        return app
    loaded = [
        one
        for path, one in given.items()
        if not model.env_files.is_foreign(path, app.path) and is_loaded(model, app, path)
    ]
    if len(loaded) != 1:
        return _with_alternatives(model, app)
    value, place = loaded[0].value, loaded[0].location
    backend = ResultBackend(kind_of(value, app.declared.version), mask(value), "environment", VARIABLE, place)
    return _changed(app, result_backend=backend, given_backend=loaded[0])


def _with_alternatives(model: Model, app: App) -> App:
    """The app with the backends that processes have which a deployment file gives the variable."""
    from celery_backend_lint.model.process_environment import given_to_some

    backend = app.result_backend
    known = {backend.kind, UNKNOWN, *(one.kind for one in backend.alternatives)}
    found: dict[str, BackendAlternative] = {}
    for one in given_to_some(model, app, VARIABLE):
        kind = kind_of(one.value, app.declared.version) if one.value else UNKNOWN
        if kind not in known:
            found.setdefault(kind, BackendAlternative(kind, f"{one.location.path} sets {VARIABLE}"))
    if not found:
        return app
    fields = {name: getattr(backend, name) for name in ResultBackend.__match_args__}
    changed = ResultBackend(**{**fields, "alternatives": (*backend.alternatives, *found.values())})
    return _changed(app, result_backend=changed)


def _changed(app: App, **changes: object) -> App:
    fields: dict[str, object] = {name: getattr(app, name) for name in App.__match_args__}
    return App(**{**fields, **changes})  # type: ignore[arg-type]

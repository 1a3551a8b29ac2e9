"""The environment variables that Celery reads itself, whatever the configuration says.

``celery.app.utils.Settings`` (4.4 to 5.7) asks for each of these settings, as an attribute of ``app.conf``, the
environment first; an empty variable counts as none. ``app.conf["result_backend"]`` does not look there. The options
``-b``, ``--result-backend`` and ``--config`` of the ``celery`` command set the variables (celery.bin.celery, 5.7).
"""

from __future__ import annotations

from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, truth
from celery_backend_lint.evaluate.values import Alternative, Choice, Environment, Literal, Missing
from celery_backend_lint.model.app import Assignment, Setting
from celery_backend_lint.model.apps.written_variables import variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.model.app import App

OWN_VARIABLES = {
    "result_backend": "CELERY_RESULT_BACKEND",
    "broker_url": "CELERY_BROKER_URL",
    "broker_read_url": "CELERY_BROKER_READ_URL",
    "broker_write_url": "CELERY_BROKER_WRITE_URL",
}
"""Settings, and the variables that beat them."""

ALSO = {"broker_read_url": "broker_url", "broker_write_url": "broker_url"}
"""What these are where they are not set themselves, its variable included."""

READS_RESULT_BACKEND = (4, 2)
"""The first Celery that takes ``CELERY_RESULT_BACKEND`` from the environment (celery.app.utils.Settings, 4.2.0)."""


def reads_result_backend(app: App) -> bool:
    """Whether the declared Celery takes ``CELERY_RESULT_BACKEND`` by itself."""
    from celery_backend_lint.model.names import is_below_four

    return app.declared.version >= READS_RESULT_BACKEND and not is_below_four(app.declared)


def beaten_by(app: App, name: str, environment: Mapping[str, str]) -> str | None:
    """The text of Celery's own variable that decides a setting in an environment; None where none does.

    What the app's code puts into a variable stands in the setting already.
    """
    named = OWN_VARIABLES.get(name, "")
    if named not in app.sets_variables and environment.get(named):
        return environment[named]
    if name in ALSO and not _has_its_own(app.settings.get(name), name, environment):
        return beaten_by(app, ALSO[name], environment)
    return None


def _has_its_own(setting: Setting | None, name: str, environment: Mapping[str, str] | None) -> bool:
    """Whether a setting that falls back on another one has a value of its own that counts: one that is true."""
    own = [one for one in setting.assignments if name in one.written.lower()] if setting is not None else []
    try:
        return bool(own) and truth(own[0].value, environment)
    except (UndeterminedError, WouldRaiseError):
        return True


def set_by_code(ev: Evaluator, scope: Scope) -> frozenset[str]:
    """The variables of Celery's own that the module of ``scope`` sets whatever they hold."""
    values = {named: variable(ev, named, scope) for named in OWN_VARIABLES.values()}
    return frozenset(
        named for named, value in values.items() if value is not None and not isinstance(value, Environment)
    )


def written_by_code(ev: Evaluator, settings: Mapping[str, Setting], scope: Scope) -> dict[str, Setting]:
    """The settings whose variable the module of ``scope`` sets, as that makes them."""
    found: dict[str, Setting] = {}
    for name, named in OWN_VARIABLES.items():
        value = variable(ev, named, scope)
        before = settings.get(name)
        if isinstance(value, Literal) and not value.value:
            value = None  # empty: as if it were not set
        if value is None:
            other = found.get(ALSO.get(name, ""))
            if other is not None and not _has_its_own(before, name, None):
                found[name] = Setting(name, other.value, other.assignments, other.certain)
            continue
        assignment = Assignment(name, named, value, value.origin, "environment")
        if not isinstance(value, (Literal, Environment)):
            shown = before.value if before is not None else Missing(value.origin)
            value = Choice((Alternative(value, value), Alternative(shown, None)), value.origin)
        found[name] = Setting(name, value, (assignment, *(before.assignments if before is not None else ())))
    return found

"""CBL807: a Django project whose web processes never load its Celery app."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.evaluate.resolve import truth
from celery_backend_lint.evaluate.values import Environment, Literal, Mapping, Sequence
from celery_backend_lint.findings.finding import Applicability, Finding, Related, Severity
from celery_backend_lint.location import START, Location
from celery_backend_lint.model import facts
from celery_backend_lint.model.apps.own_variables import OWN_VARIABLES
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.results.unloaded_app import UnloadedApp

RULE = Rule("CBL807", "app-not-loaded", Severity.WARNING, since="0.1.0", fix=Applicability.SAFE)

SENDING = ("task_default_queue", "task_routes", "broker_use_ssl", "redis_backend_use_ssl")
"""What decides beside the URLs where a task goes, and whether a connection is made."""


def check_app_not_loaded(model: Model) -> Iterator[Finding]:
    """Nothing imports the Celery app of a Django project but its workers.

    ## What it does
    For an app that is configured by Django's settings it looks for any file outside of tests that imports the app's
    module, the `__init__.py` of its package first of all. It reports where there is none, while `shared_task`,
    `AsyncResult` or `current_app` are used.

    ## Why is this bad?
    A worker imports the app because it is started with `-A`. The web server, `manage.py` and cron jobs do not: there
    `shared_task` and `AsyncResult` belong to Celery's default app, which knows nothing of the settings. It sends tasks
    to `amqp://guest@localhost//` and has no result backend.

    ## Example
    ```python
    # shop/__init__.py is empty, shop/celery.py has
    app = Celery("shop")
    app.config_from_object("django.conf:settings", namespace="CELERY")
    ```

    ## Use instead
    ```python
    # shop/__init__.py
    from .celery import app as celery_app

    __all__ = ("celery_app",)
    ```

    ## Fix safety
    Importing the app is what Celery's documentation tells Django projects to do. It reads the settings when they are
    first asked for, not before. No fix where the app's module, or one that it imports, calls eventlet's or gevent's
    `monkey_patch()` at its top level: a web server that is patched in the middle of its imports no longer answers
    (Django 5.2 with eventlet 0.40).

    ## Known limits
    An import anywhere, also in a module that no web process loads, keeps the rule silent, so does the module's dotted
    name in a text. Packages without `__init__.py` are not looked at. `CELERY_BROKER_URL` is read by the default app as
    well: where a deployment file or a loaded env file sets it, or where the app's broker is what it holds and nothing
    else, only projects that read results are reported; where that holds for `CELERY_RESULT_BACKEND` too, only those
    that also route their tasks or set TLS options.

    ## References
    - [Celery: First steps with Django](https://docs.celeryq.dev/en/stable/django/first-steps-with-django.html)
    - `celery._state.get_current_app`, `celery.app.utils.Settings`, Celery 5.2 to 5.7
    """
    apps = [app for app in model.checked_apps if any(source.kind == "django" for source in app.sources)]
    if len(apps) != 1 or len(model.checked_apps) != 1:
        return
    from celery_backend_lint.model.results.patching import patching_of
    from celery_backend_lint.model.results.unloaded_app import unloaded_app

    for app in apps:
        found = unloaded_app(model, app)
        lacks = _lacks(model, app) if found is not None else ""
        if found is not None and lacks:
            patching = patching_of(model, app)
            related: tuple[Related, ...] = (
                Related(app.location, "the app"),
                Related(found.used, "the current app is used here"),
            )
            if patching is not None:
                related += (Related(patching, "importing the app patches the standard library here"),)
            yield RULE.finding(
                Location(found.package, START),
                f"nothing imports `{app.path}` but its workers: in web processes `shared_task` and `AsyncResult` use "
                f"Celery's default app, with {lacks}",
                help=_help(found, patching),
                app=app.name,
                related=related,
                propose=partial(_import, model, found, patching),
            )


def _help(found: UnloadedApp, patching: Location | None) -> str:
    """The line to add; where the app's module patches the standard library, what has to go before."""
    line = f"add `from .{found.module} import {found.name} as celery_app` to `{found.package}`"
    if patching is None:
        return line
    return (
        f"first take the patching in line {patching.span.line} of `{patching.path}` out of what importing the app "
        "runs: it would break web processes, and a worker that is started with `-P eventlet` or `-P gevent` patches by "
        f"itself; then {line}"
    )


def _lacks(model: Model, app: App) -> str:
    """What the default app has that is wrong, in words; "" for nothing: it takes both URLs from the environment."""
    if not _is_shared(model, app, "broker_url"):
        return "the broker on localhost" + (
            "" if _is_shared(model, app, "result_backend") else " and no result backend"
        )
    if not _is_shared(model, app, "result_backend"):
        from celery_backend_lint.model.result_use import result_use

        return "no result backend" if result_use(model) is not None else ""
    routing = [f"`{name}`" for name in SENDING if _is_set(app, name)]
    return f"none of the project's {', '.join(routing)}" if routing else ""


def _is_set(app: App, name: str) -> bool:
    """Whether a setting is surely something else than the default app has."""
    value = app.settings[name].value if name in app.settings else None
    if isinstance(value, Literal):
        return bool(value.value) and value.value != facts.default_of(name, app.declared.version)
    return isinstance(value, (Mapping, Sequence)) and value.complete and truth(value, None)


def _is_shared(model: Model, app: App, name: str) -> bool:
    """Whether the default app has the app's broker or backend, from a variable that Celery reads whatever the app is:
    the repository sets it, or it is all that the app goes by, set or not, and is read from the process's environment.
    """
    from celery_backend_lint.model.env_loads import is_in_environment, loads_of

    value = app.settings[name].value if name in app.settings else None
    if (
        isinstance(value, Environment)
        and value.variables == (OWN_VARIABLES[name],)
        and value.reader in ("os.environ", "environ")
        and (value.default is None or (isinstance(value.default, Literal) and value.default.value in (None, "")))
        and not any(True for _ in loads_of(model, app.path))  # into the environment of workers alone
    ):
        return True
    return is_in_environment(model, app, OWN_VARIABLES[name])


def _import(model: Model, found: UnloadedApp, patching: Location | None) -> Fix:
    from celery_backend_lint.findings.fix import CannotFixError, Fix
    from celery_backend_lint.fixes.python.imports import add_import
    from celery_backend_lint.fixes.text_edits import append_lines

    if patching is not None:
        raise CannotFixError(f"importing `{patching.path}` patches the standard library, which breaks web processes")
    alias = "" if found.name == "celery_app" else " as celery_app"
    edits = add_import(model, found.package, f"from .{found.module} import {found.name}{alias}")
    source = model.project.source(found.package)
    if source is not None and "__all__" not in source.text:
        edits += [append_lines(model.project, found.package, '\n__all__ = ("celery_app",)\n', "__all__")]
    return Fix("Import the app with its package", Applicability.SAFE, tuple(edits))

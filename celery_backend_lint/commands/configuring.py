"""``configure``: from whatever a project has to a whole configuration of a result backend, in memory."""

from __future__ import annotations

from celery_backend_lint.commands.fixing import Fixer
from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.configuration.backend_setting import variable_of
from celery_backend_lint.fixes.configuration.choices import BESIDE
from celery_backend_lint.fixes.configuration.new_app import new_app
from celery_backend_lint.fixes.configuration.steps import (
    BROKER_EXAMPLE,
    BROKER_VARIABLE,
    celery_argument,
    health_check_edits,
    requirement_name,
    steps,
)
from celery_backend_lint.model import read_model
from celery_backend_lint.record import record
from celery_backend_lint.report.configured import Configured

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from celery_backend_lint.commands.fixing import Fixed
    from celery_backend_lint.commands.pipeline import Plan
    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.fixes.configuration.choices import Choices
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.project.discovery import Project


class CannotConfigureError(Exception):
    """Why nothing is configured, in words that say what to do."""


@record
class Configuration:
    """What configuring came to: the files to write, and what to tell of it."""

    fixed: Fixed
    told: Configured


def configure(
    opened: Callable[[Mapping[str, bytes]], Project],
    plan: Plan,
    prefix: str,
    choices: Choices,
    wanted_app: str = "",
) -> Configuration:
    """Configure a project's result backend. ``plan`` has all rules on; its fixes finish what the steps leave.

    ``wanted_app`` is the name, path or ``path:line`` of one app where there are several. Raises CannotConfigureError.
    """
    fixer = Fixer(opened, plan, prefix)
    model = read_model(opened({}), plan.target_celery)
    app = the_app(model, wanted_app) if model is not None and model.checked_apps else None
    is_new = app is None
    if is_new:
        _create(fixer)
    undone: list[str] = []
    model, app = _again(fixer, plan, app)
    variable = variable_of(model, app)
    for step in steps(choices, variable, new_app=is_new):
        try:
            edits = step.edits(model, app)
            if edits:
                _apply(fixer, edits, step.what)
                model, app = _again(fixer, plan, app)
        except CannotFixError as error:
            if step.required:
                raise CannotConfigureError(f"{step.what}: {error}") from None
            undone.append(f"{step.what}: {error}")
    probe = ""
    if choices.health_check:
        probe = _health_check(fixer, model, app, choices, undone)
    fixed = fixer.run()
    model, app = _again(fixer, plan, app)
    told = Configured(
        choices=choices,
        app=celery_argument(app),
        app_path=app.path,
        changed=tuple(sorted(change.path for change in fixed.changes)),
        packages=_packages(model, app, choices),
        variables=_variables(choices, variable, is_new=is_new),
        undone=(*undone, *(f"{one.code}: {one.why}" for one in fixed.taken_back)),
        notes=tuple(dict.fromkeys(one.note for one in fixed.applied if one.note)),
        probe=probe,
    )
    return Configuration(fixed, told)


def _create(fixer: Fixer) -> None:
    project = fixer.project()
    name = project.root.replace("\\", "/").rstrip("/").rpartition("/")[2]
    try:
        edits = new_app(project, name or "app")
    except CannotFixError as error:
        raise CannotConfigureError(f"a Celery app: {error}") from None
    _apply(fixer, edits, "a Celery app")


def _apply(fixer: Fixer, edits: list[Edit], what: str) -> None:
    try:
        fixer.apply(edits)
    except CannotFixError as error:
        raise CannotConfigureError(f"{what}: {error}") from None


def _again(fixer: Fixer, plan: Plan, app: App | None) -> tuple[Model, App]:
    """The model of the project as it is now, and the app in it."""
    model = read_model(fixer.project(), plan.target_celery)
    apps = model.checked_apps if model is not None else ()
    found = [one for one in apps if app is None or (one.path, one.name) == (app.path, app.name)]
    if model is None or not found:
        raise CannotConfigureError("the Celery app is not found any more in what was written: please report this")
    if app is not None and len(found) > 1:
        found.sort(key=lambda one: abs(one.location.line - app.location.line))
    return model, found[0]


def the_app(model: Model, wanted: str) -> App:
    """The app that is meant: the only one, or the one of that name, path or ``path:line``.

    Raises CannotConfigureError where that is none, or several.
    """
    apps = model.checked_apps
    found = [one for one in apps if not wanted or wanted in (one.name, one.path, f"{one.path}:{one.location.line}")]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(f"{one.name or '(no name)'} at {one.path}:{one.location.line}" for one in apps)
    if not found:
        raise CannotConfigureError(f"no app is called {wanted!r}; there are: {listed}")
    raise CannotConfigureError(f"which app? Name one with --app, by its name, path or path:line: {listed}")


def _packages(model: Model, app: App, choices: Choices) -> tuple[str, ...]:
    """The requirements of the backend as the manifest has them now; as they would be where there is none."""
    held = model.manifests.for_path(app.path)
    found: dict[str, None] = {}
    for package in choices.packages:
        name = requirement_name(package)
        declared = held.declares(name) or [one for one in held.declares("celery") if name in one.extras]
        for one in declared[:1]:
            extras = f"[{','.join(sorted(one.extras))}]" if one.extras else ""
            found[f"{one.name}{extras}{one.specifier}"] = None
        if not declared:
            found[package] = None
    return tuple(found)


def _variables(choices: Choices, variable: str, *, is_new: bool) -> tuple[tuple[str, str], ...]:
    found = [(variable, choices.url)] if choices.backend != "rpc" else []
    return (*found, *([(BROKER_VARIABLE, BROKER_EXAMPLE)] if is_new else []))


def _health_check(fixer: Fixer, model: Model, app: App, choices: Choices, undone: list[str]) -> str:
    """Write the module for probes. Returns what starts it, ``""`` where it was not written."""
    from celery_backend_lint.fixes.health_check import (
        default_health_check_path,
        health_check_module,
        health_check_name,
    )
    from celery_backend_lint.fixes.python.containers import creation_statement
    from celery_backend_lint.model.apps.creations import dotted_name

    created = creation_statement(model, app)
    path = default_health_check_path(model, app) if choices.health_check == BESIDE else choices.health_check
    try:
        if created is None:
            raise CannotFixError(f"`{app.path}` keeps the app in no variable of its own")
        module, folder = health_check_name(model, app, path)
        edits = health_check_edits(
            model, path, health_check_module(dotted_name(model.evaluator, app.path), created[2], module)
        )
        if edits:
            _apply(fixer, edits, "the health check")
    except CannotFixError as error:
        undone.append(f"the health check: {error}")
        return ""
    start = f"python -m {module}"
    return start if folder == "." else f"cd {folder} && {start}"

"""``configure``: from whatever a project has to a whole configuration of a result backend, in memory."""

from __future__ import annotations

from celery_backend_lint.commands.fixing import Fixed, Fixer
from celery_backend_lint.findings.finding import Severity
from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.configuration.backend_setting import (
    BACKEND_VARIABLE,
    is_composed,
    literal_to_keep,
    variable_of,
    variable_today,
)
from celery_backend_lint.fixes.configuration.choices import BESIDE
from celery_backend_lint.fixes.configuration.cleanup_schedule import celery_command
from celery_backend_lint.fixes.configuration.left_packages import left_packages
from celery_backend_lint.fixes.configuration.new_app import new_app
from celery_backend_lint.fixes.configuration.other_apps import about_others, also_changed
from celery_backend_lint.fixes.configuration.other_urls import as_it_is, as_it_will_be, other_urls
from celery_backend_lint.fixes.configuration.own_read import own_read
from celery_backend_lint.fixes.configuration.reminders import commented, misleading, reminders, replaced
from celery_backend_lint.fixes.configuration.settings_field import is_field
from celery_backend_lint.fixes.configuration.steps import (
    BROKER_VARIABLE,
    CELERY,
    TWINS,
    health_check_edits,
    requirement_name,
    steps,
)
from celery_backend_lint.fixes.python.unused_imports import without_unused_imports
from celery_backend_lint.fixes.served_urls import as_served
from celery_backend_lint.fixes.transaction import Change
from celery_backend_lint.model import read_model
from celery_backend_lint.record import record
from celery_backend_lint.report.configured import Configured

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from celery_backend_lint.commands.pipeline import Plan
    from celery_backend_lint.findings.finding import Finding
    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.fixes.configuration.choices import Choices
    from celery_backend_lint.fixes.configuration.other_urls import OtherURL
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
    project = opened({})
    model = before = read_model(project, plan.target_celery)
    app = was = the_app(model, wanted_app) if model is not None and model.checked_apps else None
    is_other = about_others(model, app) if model is not None and app is not None else None
    elsewhere = _elsewhere(model, app, choices) if model is not None and app is not None else {}
    assumed = as_it_will_be(project, [one for found in elsewhere.values() for one in found], choices.url)
    fixer = Fixer(lambda changes: opened({**assumed, **changes}), plan, prefix)

    def is_wanted(finding: Finding) -> bool:
        if (is_other and is_other(finding)) or (finding.code, finding.severity) in LEFT_TO_PEOPLE:
            return False
        return finding.code in FIRST or settled

    settled = False
    is_new = app is None
    if app is None:
        _create(fixer)
        model, app = _again(fixer, plan, None)
    else:
        model, app = _first(fixer, plan, app, choices, is_wanted)
    variable, old, lost = variable_of(model, app, choices), variable_today(app), replaced(model, app, choices)
    undone: list[str] = []
    example = literal_to_keep(model, app, choices) or as_served(model, app, choices.url)
    switched = app.result_backend.kind not in choices.kinds
    asked = "" if is_composed(model, app, choices) else variable
    for step in steps(choices, asked, example, old=old, new_app=is_new, switched=switched):
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
    settled = True
    fixed = fixer.run(is_wanted)
    if _without_unused(fixer, fixed, plan):
        fixed = fixer.run(lambda _: False)
    fixed = _as_it_is(fixed, project, assumed)
    model, app = _again(fixer, plan, app)
    _refuse_another(app, choices, variable)
    told = Configured(
        choices=choices,
        celery=celery_command(model, app),
        app_path=app.path,
        changed=tuple(sorted(change.path for change in fixed.changes)),
        created=tuple(sorted(change.path for change in fixed.changes if change.before is None)),
        packages=_packages(model, app, choices),
        variables=_variables(choices, asked, example, as_served(model, app, choices.broker_url) if is_new else ""),
        undone=(*undone, *_left(fixed, is_other)),
        notes=(
            *reminders(model, app, choices, old, elsewhere),
            *((*misleading(model, app, choices), *commented(model, app)) if switched and fixed.changes else ()),
            *lost,
            *(left_packages(before, was, old, model, app, choices) if before and was and switched else ()),
            *dict.fromkeys(one.note for one in fixed.applied if one.note),
        ),
        probe=probe,
        other_apps=also_changed(before, model, app) if before is not None and fixed.changes else (),
        required=is_new or _is_required(app),
        fixed=tuple(dict.fromkeys(f"{one.path}: {one.code}: {one.title}" for one in fixed.applied)),
    )
    return Configuration(fixed, told)


LEFT_TO_PEOPLE = frozenset({("CBL203", Severity.ADVICE)})
"""What is told and not fixed: a pair of packages that works, of which other code may need the one that is there."""

FIRST = frozenset({"CBL701", "CBL702", "CBL704", "CBL705"})
"""Rules whose fixes come before everything else: what is put in follows the names that are there."""

CREDENTIALS = frozenset({"CBL301", "CBL302"})
"""Rules whose fixes come first where the backend stays what it is: its credential moves, it is not replaced."""


def _first(
    fixer: Fixer, plan: Plan, app: App, choices: Choices, is_wanted: Callable[[Finding], bool]
) -> tuple[Model, App]:
    """Put names and credentials right. Returns the project as it is then."""
    codes = FIRST | CREDENTIALS if app.result_backend.kind in choices.kinds else FIRST
    fixer.run(lambda finding: finding.code in codes and (is_wanted(finding) or finding.code in CREDENTIALS))
    return _again(fixer, plan, app)


def _as_it_is(fixed: Fixed, project: Project, assumed: Mapping[str, bytes]) -> Fixed:
    """What was made of the project as it will be, for the project as it is."""
    changes = []
    for change in fixed.changes:
        if change.path in assumed:
            source = project.source(change.path)
            before = source.data if source is not None else b""
            after = as_it_is(change.path, change.after, {change.path: before}, assumed)
            if after != before:
                changes.append(Change(change.path, before, after, change.takes_away, change.private))
        else:
            changes.append(change)
    return Fixed(fixed.result, fixed.crashed, tuple(changes), fixed.applied, fixed.taken_back, fixed.secrets)


def _without_unused(fixer: Fixer, fixed: Fixed, plan: Plan) -> bool:
    """Take imports away that were needed for a read that is gone. Returns whether there were any."""
    edits = []
    model = read_model(fixer.project(), plan.target_celery)
    for change in fixed.changes if model is not None else ():
        if change.path.endswith(".py") and change.before is not None and model is not None:
            try:
                edits += without_unused_imports(model, change.path, change.before)
            except CannotFixError:
                continue  # it does not parse
    if edits:
        _apply(fixer, edits, "imports that are not used any more")
    return bool(edits)


def _refuse_another(app: App, choices: Choices, variable: str) -> None:
    """Raise CannotConfigureError where the app would not have the backend that was chosen."""
    backend = app.result_backend
    if backend.kind in choices.kinds or (backend.kind == "unknown" and backend.variable == variable):
        return
    where = f" (`{backend.location.path}` line {backend.location.line})" if backend.location is not None else ""
    it = "what it would be cannot be told" if backend.kind == "unknown" else f"it would be {backend.kind}"
    raise CannotConfigureError(f"something else decides about the result backend{where}: {it}")


def _left(fixed: Fixed, is_other: Callable[[Finding], bool] | None) -> Iterator[str]:
    """What is reported of the app when all is done, and why nothing was done about it."""
    for taken in fixed.taken_back:
        yield f"{taken.code}: {taken.why}"
    for finding in fixed.result.findings:
        if not (is_other and is_other(finding)):
            place = f"{finding.location.path}:{finding.location.line}"
            yield f"{finding.code} at {place}: {finding.not_fixed or finding.message}"


def _is_required(app: App) -> bool:
    setting = app.settings.get("result_backend")
    found = own_read(setting.value) if setting is not None else None
    return found is not None and found.read.required


def _elsewhere(model: Model, app: App, choices: Choices) -> dict[str, tuple[OtherURL, ...]]:
    """What sets the variables that decide about the backend to another one, by variable.

    With RPC that is Celery's own, and the one of a settings field, which the code goes on reading.
    """
    setting = app.settings.get("result_backend")
    variable = variable_of(model, app, choices)
    decide = {variable} if choices.backend != "rpc" else {BACKEND_VARIABLE}
    if setting is not None and is_field(own_read(setting.value)):
        decide.add(variable)
    return {one: other_urls(model, app, one, choices) for one in sorted(decide)}


def _create(fixer: Fixer) -> None:
    project = fixer.project()
    name = project.root.replace("\\", "/").rstrip("/").rpartition("/")[2]
    try:
        edits = new_app(project, name or "app", BROKER_VARIABLE)
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
    """Celery and what the backend needs, as the manifest asks for them now; as it would where there is none."""
    held = model.manifests.for_path(app.path)
    found: dict[str, None] = {}
    for package in (CELERY, *choices.packages):
        name = requirement_name(package)
        declared = [
            *(one for twin in TWINS.get(name, (name,)) for one in held.declares(twin)),
            *(one for holder in ("celery", "kombu") for one in held.declares(holder) if name in one.extras),
        ]
        for one in declared[:1]:
            extras = f"[{','.join(sorted(one.extras))}]" if one.extras else ""
            found[f"{one.name}{extras}{one.specifier}"] = None
        if not declared:
            found[package] = None
    return tuple(found)


def _variables(choices: Choices, variable: str, example: str, broker_url: str) -> tuple[tuple[str, str], ...]:
    found = [(variable, example)] if variable and choices.backend != "rpc" else []
    return (*found, *([(BROKER_VARIABLE, broker_url)] if broker_url else []))


def _health_check(fixer: Fixer, model: Model, app: App, choices: Choices, undone: list[str]) -> str:
    """Write the module for probes. Returns what starts it, ``""`` where it was not written."""
    from celery_backend_lint.fixes.health_check import (
        app_reference,
        default_health_check_path,
        health_check_module,
        health_check_name,
        is_health_check,
    )

    path = default_health_check_path(model, app) if choices.health_check == BESIDE else choices.health_check
    try:
        module, folder = health_check_name(model, app, path)
        text = health_check_module(*app_reference(model, app), module)
        if not is_health_check(model, path):  # one that people changed since is theirs
            _apply(fixer, health_check_edits(model, path, text), "the health check")
    except CannotFixError as error:
        undone.append(f"the health check: {error}")
        return ""
    start = f"python -m {module}"
    return start if folder == "." else f"cd {folder} && {start}"

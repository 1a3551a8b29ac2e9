"""Where a loaded app is not what was read, each difference with its likely cause."""

from __future__ import annotations

import os

from celery_backend_lint.evaluate.resolve import UndeterminedError
from celery_backend_lint.model.apps.own_variables import OWN_VARIABLES
from celery_backend_lint.verify.comparison import WHOLE, Open, claim, claim_of_project, compare_app, normal, same
from celery_backend_lint.verify.readers_of_files import found_in_files, reads_of, unset_variables
from celery_backend_lint.verify.results import BUG, CODE, ENVIRONMENT, VERSION, AppVerification, Decided, Difference
from celery_backend_lint.verify.tags import untagged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from celery_backend_lint.location import Location
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.env_files import EnvFiles
    from celery_backend_lint.verify.connecting import Tried

CHOOSERS = ("DJANGO_SETTINGS_MODULE", "CELERY_CONFIG_MODULE", "FLASK_ENV")
"""Variables that choose a configuration."""

OVERRIDDEN = "a variable of Celery's own is set, which it reads before what the project says: {}"


def compare(
    app: App, declared: App, told: Mapping[str, Any], reply: Mapping[str, Any], files: EnvFiles, attempt: Tried | None
) -> AppVerification:
    """Compare an app as read for the Celery that is there (and as read for the declared one) with what was told.

    ``attempt`` is what came of trying its backend.
    """
    before = dict(os.environ)
    after = {**before, **{name: value for name, value in reply["changed"].items() if value is not None}}
    for name, value in reply["changed"].items():
        if value is None:
            after.pop(name, None)
    comparison = compare_app(app, told, after)
    unset = tuple(sorted(unset_variables(app, after)))
    if comparison.refusal:
        difference = Difference(WHOLE, None, None, app.location, BUG, comparison.refusal)
        return AppVerification(declared, None, (), (difference,), (), (), unset, attempt)
    if told["error"]:
        return AppVerification(declared, None, comparison.confirmed, (), (), comparison.unknown, unset, attempt)
    confirmed = list(comparison.confirmed)
    unknown = list(comparison.unknown)
    differences = []
    environments: dict[str, Mapping[str, str]] = {}
    for wrong in comparison.disagreements:
        if same(_claimed(app, wrong.setting, before), wrong.real):  # read before the project changed the variable
            confirmed.append(wrong.setting)
            continue
        from_files = found_in_files(app, wrong, after, files)
        if isinstance(from_files, Open):
            unknown.append(from_files)
        elif from_files is not None:
            confirmed.append(wrong.setting)
            environments[wrong.setting] = from_files
        else:
            cause, text = _cause(app, wrong.setting, reply)
            differences.append(
                Difference(wrong.setting, wrong.claimed, wrong.real, _place(app, wrong.setting), cause, text)
            )
    for name in comparison.overridden:
        real = normal(untagged(told["effective"][name]))
        claimed = _claimed(app, name, after, claim_of_project)
        if claimed is not None and not same(claimed, real):
            confirmed = [one for one in confirmed if one != name]
            text = OVERRIDDEN.format(", ".join(sorted(set(OWN_VARIABLES.values()) & set(after))))
            differences.append(Difference(name, claimed, real, _place(app, name), ENVIRONMENT, text))
    if declared.declared.version != app.declared.version:
        text = (
            f"Celery {reply['celery']} is installed; the project is read for {_release(declared)}"
            f" ({declared.celery or 'no version is declared'})"
        )
        for name in list(confirmed):
            real = normal(untagged(told["effective"].get(name, told["settings"][name])))
            claimed = _claimed(declared, name, environments.get(name, after))
            if name in app.settings and claimed is not None and not same(claimed, real):
                confirmed.remove(name)
                differences.append(Difference(name, claimed, real, _place(declared, name), VERSION, text))
    return AppVerification(
        declared,
        None,
        tuple(confirmed),
        tuple(sorted(differences, key=lambda one: one.setting)),
        tuple(_decided(app, told, confirmed, after, environments)),
        tuple(unknown),
        tuple(name for name in unset if not any(name in one for one in environments.values())),
        attempt,
    )


def _claimed(
    app: App,
    name: str,
    environment: Mapping[str, str],
    how: Callable[[App, str, Mapping[str, str]], object] = claim,
) -> object:
    try:
        return how(app, name, environment)
    except UndeterminedError:
        return None


def _release(app: App) -> str:
    return ".".join(str(number) for number in app.declared.version)


def _place(app: App, name: str) -> Location | None:
    setting = app.settings.get(name)
    return setting.assignments[0].location if setting is not None and setting.assignments else None


def _cause(app: App, name: str, reply: Mapping[str, Any]) -> tuple[str, str]:
    """The likely cause of a difference."""
    sources = [source.location.path for source in app.sources] + [write.location.path for write in app.writes]
    setting = app.settings.get(name)
    sources += [assignment.location.path for assignment in setting.assignments] if setting is not None else []
    missing = next((path for path in dict.fromkeys(sources) if path not in reply["imported"]), None)
    for variable in CHOOSERS if missing is not None else ():
        if os.environ.get(variable):
            return ENVIRONMENT, f"the variable {variable} is set to {os.environ[variable]}; what was read is {missing}"
    if missing is not None:
        return CODE, f"{missing}, which configures the app, is not imported here"
    return BUG, "a bug of celery-backend-lint: please report it with the lines that set it"


def _decided(
    app: App,
    told: Mapping[str, Any],
    confirmed: list[str],
    environment: Mapping[str, str],
    environments: Mapping[str, Mapping[str, str]],
) -> Iterator[Decided]:
    """The settings that agree because of variables that are set here."""
    for name in sorted(confirmed):
        setting = app.settings.get(name)
        if setting is None or name not in told["settings"]:
            continue
        here = environments.get(name, environment)
        names = {variable for read in reads_of(setting.value) for variable in read.variables if variable in here}
        if names:
            real = untagged(told["effective"].get(name, told["settings"][name]))
            yield Decided(name, tuple(sorted(names)), real)

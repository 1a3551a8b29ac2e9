"""CBL708: a result setting that another release of Celery reads otherwise."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Environment, Literal, Missing
from celery_backend_lint.findings.finding import Finding, Related, Severity
from celery_backend_lint.findings.masking import is_secret_name
from celery_backend_lint.model import facts
from celery_backend_lint.model.apps.precedence import MAPS_BEFORE_NAMES
from celery_backend_lint.model.backend_kind import DISABLED
from celery_backend_lint.model.backend_values import backend_values, dotted, older_admitted, shown
from celery_backend_lint.model.held import hold
from celery_backend_lint.model.name_reads import read_names
from celery_backend_lint.model.urls import text_of
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.record import record
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App, Assignment, Setting
    from celery_backend_lint.model.apps.declared_celery import DeclaredCelery
    from celery_backend_lint.model.data import Version
    from celery_backend_lint.model.upgrade import Change, Side

RULE = Rule("CBL708", "meaning-changes-with-version", Severity.WARNING, since="0.1.0")

BORDER = MAPS_BEFORE_NAMES
"""The release that changed all of it: 5.7.0 looks names up in another order, reads old names under a namespace, and
takes TLS options beside a ``redis://`` URL."""

OF_RESULTS = frozenset(
    {"accept_content", "task_ignore_result", "task_store_eager_result", "task_store_errors_even_if_ignored"}
)
"""Settings that decide about results beside those that are called so."""


@record
class _Compared:
    """The release beside the one that a project is read for, and how severe it is that it differs."""

    release: Version
    severity: Severity


def check_meaning_changes_with_version(model: Model) -> Iterator[Finding]:
    """The result backend or a setting of results differs between releases of Celery that the project may get.

    ## What it does
    Reads the configuration a second time, as the oldest Celery reads it that the requirement admits: a warning where
    the result backend or a setting of results comes out otherwise. Where only the newest published Celery differs from
    the locked one, or from all that the requirement admits, it is advice; so it is where that one runs on no Python
    which the project names.

    ## Why is this bad?
    Celery 5.7 looks settings up in another order and says nothing about it. Two machines that install the same
    requirement at different times, or one before and after an upgrade, keep their results in different places:

    - under a namespace, the arguments of `Celery(…)` and what is written to `app.conf` before the settings are loaded
      lose to the settings up to 5.6 and win from 5.7 on
    - under a namespace, old names such as `CELERY_TASK_RESULT_EXPIRES` are ignored up to 5.6 and read from 5.7 on
    - `redis://` beside a `redis_backend_use_ssl` raises `ValueError` up to 5.6 and connects by TLS from 5.7 on

    ## Example
    ```python
    # requirements.txt: celery>=5.4; settings.py: CELERY_RESULT_BACKEND = "redis://cache/0"
    app = Celery("shop", backend="rpc://")  # used by 5.7, not by 5.6
    app.config_from_object("django.conf:settings", namespace="CELERY")
    ```

    ## Use instead
    ```python
    app = Celery("shop")
    app.config_from_object("django.conf:settings", namespace="CELERY")
    ```

    ## Known limits
    Silent where a value is not known, where both come to the same while no variable is set, where there is no result
    backend, and where the project declares no Celery or none with a lower bound. Old names that the project reads
    itself are its own. Names that only one release knows are CBL707's, values that only one release loads CBL102's and
    CBL103's. Settings that do not concern results: `celery-backend-lint config --compare 5.6 5.7`.

    ## References
    - `celery.utils.collections.ConfigurationView`, `celery.app.base.Celery._load_config`, Celery 5.6.3 and 5.7.0
    - `celery.backends.redis.RedisBackend.__init__`, Celery 5.6.3 and 5.7.0
    """
    read: dict[Version, dict[object, App]] = {}
    for app in model.checked_apps:
        compared = _compared(app.declared)
        if compared is None or (compared.severity == Severity.ADVICE and not model.wants_advice):
            continue
        if not _may_differ(app):
            continue
        if compared.severity == Severity.WARNING and not _may_be_installed(model, app, BORDER):
            compared = _Compared(compared.release, Severity.ADVICE)
            if not model.wants_advice:
                continue
        if compared.release not in read:
            from celery_backend_lint.model.upgrade import apps_at

            read[compared.release] = {one.location: one for one in apps_at(model, dotted(compared.release))}
        other = read[compared.release].get(app.location)
        if other is not None:
            yield from _findings(model, app, other, compared)


def _compared(declared: DeclaredCelery) -> _Compared | None:
    """The release to read the project for once more; None where none lies on the other side of the border."""
    older = older_admitted(declared)
    if older is not None and older < BORDER <= declared.version:
        return _Compared(older, Severity.WARNING)
    newest = facts.celery_versions()[-1]
    if declared.text and declared.version < BORDER <= newest:
        return _Compared(newest, Severity.ADVICE)
    return None


def _may_be_installed(model: Model, app: App, release: Version) -> bool:
    """Whether a Python that the project names runs a release of Celery: pip passes over it on the others."""
    from celery_backend_lint.model.fresh_install import runs_on
    from celery_backend_lint.model.project_python import pythons

    named = pythons(model.project, model.manifests.for_path(app.path))
    return any(runs_on("celery", dotted(release), python) for python in named)


def _may_differ(app: App) -> bool:
    """Whether anything shows that the releases may differ: most projects need no second reading."""
    if "redis_backend_use_ssl" in app.settings:
        return True
    return bool(app.namespace) and any(_is_told_twice(app, one) for one in app.settings.values())


def _is_told_twice(app: App, setting: Setting) -> bool:
    """Whether a setting of results stands in several places, or by an old name that is not the namespaced new one."""
    if not _is_of_results(setting.name, app.declared.version):
        return False
    return len(setting.assignments) > 1 or any(
        facts.is_old_name(one.written, BORDER) and not _is_prefixed(app, one) for one in setting.assignments
    )


def _is_prefixed(app: App, one: Assignment) -> bool:
    return one.written.lower() == f"{app.namespace.rstrip('_')}_{one.setting}".lower()


def _is_of_results(name: str, version: Version) -> bool:
    return name.startswith("result_") or name in OF_RESULTS or facts.is_backend_setting(name, version)


def _findings(model: Model, app: App, other: App, compared: _Compared) -> Iterator[Finding]:
    from celery_backend_lint.model.upgrade import changes

    before, after = sorted((app, other), key=lambda one: one.declared.version)
    if before.result_backend.kind == after.result_backend.kind == DISABLED:
        return
    for change in changes(before, after):
        if change.kind in ("value", "alive", "dead", "default") and _matters(change, before, after):
            yield from _of_setting(model, app, change, (before, after), compared)
        elif change.name == "redis_backend_use_ssl" and change.kind == "accepted":
            yield from _of_tls(app, (before, after), compared)


def _matters(change: Change, before: App, after: App) -> bool:
    """Whether a change is one of results that a backend in use reads, in names that both releases know."""
    name = change.name
    versions = before.declared.version, after.declared.version
    if any(facts.setting(name, version) is None for version in versions):
        return False
    if name == "result_backend" or name in OF_RESULTS:
        return True
    if not _is_of_results(name, versions[1]):
        return False
    backends = [facts.backend(one.result_backend.kind, one.declared.version) for one in (before, after)]
    return any(one is None or name in one.settings for one in backends)


def _of_setting(
    model: Model, app: App, change: Change, both: tuple[App, App], compared: _Compared
) -> Iterator[Finding]:
    from celery_backend_lint.model.upgrade import WINNERS, WRITTEN, why_open

    if any(why_open(one, change.name) for one in both) or _come_to_the_same(model, app, change):
        return
    places = [side.assignment for side in (change.before, change.after) if side.assignment is not None]
    places = [one for one in places if not is_test_path(one.location.path)]
    if not places:
        return
    place = next((one for one in places if one.place not in WRITTEN), places[0])
    by_old_name = facts.is_old_name(place.written, BORDER) and not _is_prefixed(app, place)
    if by_old_name and place.written in read_names(model, [place.written]):
        return
    name = change.name
    yield RULE.finding(
        place.location,
        _message(app, f"`{name}`", _used(change.before, name), _used(change.after, name), both, compared),
        help=_help(app, place, by_old_name),
        app=app.name,
        related=tuple(
            Related(side.location, f"{WINNERS[side.place]} is the other") for side in places if side is not place
        ),
        severity=compared.severity,
    )


def _come_to_the_same(model: Model, app: App, change: Change) -> bool:
    """Whether both values are the same while no variable is set."""
    values = change.before.value, change.after.value
    if values[0] is None or values[1] is None:
        return False
    one, other = (hold(value, model.evidence, app.path) for value in values if value is not None)
    return one.known and other.known and type(one.plain) is type(other.plain) and bool(one.plain == other.plain)


def _message(app: App, what: str, older: str, newer: str, both: tuple[App, App], compared: _Compared) -> str:
    before, after = (dotted(one.declared.version) for one in both)
    if compared.severity == Severity.WARNING:
        return (
            f"{what} depends on the release of Celery: {before} {older}, {after} {newer}, "
            f"and `{app.celery}` admits both"
        )
    return f"{what} changes with Celery {after}: {before} {older}, {after} {newer}"


def _used(side: Side, name: str) -> str:
    """What a release uses, as a clause: ``uses `rpc://```."""
    value = side.value
    if value is None or isinstance(value, Missing):
        return f"uses the default, {side.text}"
    if isinstance(value, Environment):
        return f"reads the variable {value.variable}{_otherwise(value, name)}"
    if is_secret_name(name):
        return "uses this value" if side.assignment is None else f"uses the one in {side.assignment.location.path}"
    text = text_of(value)
    if text:
        return f"uses `{shown(text)}`"
    return f"uses {value.value!r}" if isinstance(value, Literal) else "uses the other value"


def _otherwise(read: Environment, name: str) -> str:
    """What holds while a variable is not set, where that can be said: two reads may differ in nothing else."""
    default = read.default
    if isinstance(default, Environment):
        return f" or {default.variable}{_otherwise(default, name)}"
    text = text_of(default) if default is not None and not is_secret_name(name) else ""
    return f" (unset: `{shown(text)}`)" if text else ""


def _help(app: App, place: Assignment, by_old_name: bool) -> str:
    if by_old_name:
        prefix = app.namespace.rstrip("_")
        name = f"{prefix}_{place.setting}"
        return f"`{name.upper() if prefix.isupper() else name.lower()}` means the same to every release"
    return "set it in one place only"


def _of_tls(app: App, both: tuple[App, App], compared: _Compared) -> Iterator[Finding]:
    setting = app.settings["redis_backend_use_ssl"]
    place = setting.assignments[0]
    url = next((value for value in backend_values(app) if value.effective), None)
    yield RULE.finding(
        place.location,
        _message(
            app,
            "a `redis_backend_use_ssl` beside a `redis://` URL",
            "raises ValueError when the result backend is used",
            "connects by TLS",
            both,
            compared,
        ),
        help="write `rediss://`",
        app=app.name,
        related=(Related(url.location, "the URL"),) if url is not None else (),
        severity=compared.severity,
    )

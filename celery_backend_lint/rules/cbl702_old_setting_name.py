"""CBL702: setting names from before Celery 4."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.evaluate import stars
from celery_backend_lint.evaluate.values import Literal
from celery_backend_lint.findings.finding import Applicability, Finding, Related, Severity
from celery_backend_lint.findings.fix import CannotFixError, Fix
from celery_backend_lint.model import facts
from celery_backend_lint.model.backend_values import older_admitted
from celery_backend_lint.model.name_reads import read_names
from celery_backend_lint.model.names import (
    OLD,
    OLD_IGNORED,
    READS_OLD_UNDER_NAMESPACE,
    admits_three,
    counted_as_old,
    is_below_four,
    once_four,
    uses,
)
from celery_backend_lint.model.namespaced_readers import has_namespaced_reader
from celery_backend_lint.model.version_branches import is_for_one_celery
from celery_backend_lint.record import record
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.data import Version
    from celery_backend_lint.model.names import NameUse

RULE = Rule("CBL702", "old-setting-name", Severity.WARNING, since="0.1.0", fix=Applicability.SAFE)

_IN_SHARED_PLACES = ("CELERY", "BROKER_")


@record
class _OldName:
    written: str
    setting: str
    ignored: bool
    shared: bool
    kind: str
    location: Location
    idle: bool = False
    """Whether Celery ignores it and has the same value anyway."""
    own: bool = False
    """Whether the project reads the name itself as well."""


def check_old_setting_name(model: Model) -> Iterator[Finding]:
    """Settings have the names that they had before Celery 4.0.

    ## What it does
    Finds the old names of `celery.app.defaults`, such as `BROKER_URL`, `CELERYD_CONCURRENCY` and, without a namespace,
    `CELERY_RESULT_BACKEND`. One finding for a file, at the first name, with the others related to it. A warning where
    Celery still reads them, an error where it does not, unless what they say is Celery's default.

    ## Why is this bad?
    Old names are deprecated and go with Celery 6. Under a namespace it is worse: Celery up to 5.6 reads none of them,
    but for those that look the same with the prefix, so the setting keeps its default; 5.7 reads them all, so an
    upgrade changes what the project does.

    ## Example
    ```python
    BROKER_URL = os.environ["BROKER_URL"]
    CELERYD_CONCURRENCY = 4
    ```

    ## Use instead
    ```python
    broker_url = os.environ["BROKER_URL"]
    worker_concurrency = 4
    ```

    ## Fix safety
    Renaming all names of a configuration at once is safe where Celery reads them. Where it does not, the settings come
    alive: unsafe. So it is in Django's settings without a namespace, for which the fix gives the names the prefix and
    the call its `namespace="CELERY"`, and where settings that are not in the repository complete them. Renaming some
    of them only makes a mix that Celery refuses (CBL704): no fix where names may be in force that are not in sight, as
    with a function that writes into the names of the module that calls it.

    ## Known limits
    Silent where only a Celery before 4.0 is declared, advice where such a one is admitted too. Silent where the project
    runs with Python 2 alone and declares none from 4.0 on: Celery 6 never comes to it, and what is installed may be a
    Celery 3; and of names in a branch of a file that asks for Celery's version. Names that CBL704 reports are not
    repeated here. Under a namespace, a name that the project reads itself is its own, and one beside the setting's new
    name is an alias. So is one that the project hands over itself, as in
    `Celery(backend=Config.CELERY_RESULT_BACKEND)`, where no other old name stands with it; one of Flask's
    configuration, but for the help beside other names; and one of Django's that another app loads under a namespace.

    ## References
    - [Celery: New lowercase settings](https://docs.celeryq.dev/en/stable/userguide/configuration.html#new-lowercase-settings)
    """
    for app in model.checked_apps:
        if is_below_four(app.declared):
            continue
        by_file: dict[str, list[_OldName]] = {}
        all_names = _old_names(model, app)
        every = [one for one in all_names if not one.own]
        if every and not app.namespace:
            if _has_no_other_names(model, app):
                continue
            every = [one for one in all_names if not one.own or not (one.shared and one.kind == "conf")]
        for old in every:
            by_file.setdefault(old.location.path, []).append(old)
        for names in by_file.values():
            first, *others = sorted(names, key=lambda one: one.location.order)
            ignored = [one for one in (first, *others) if one.ignored]
            yield RULE.finding(
                first.location,
                _message(app, first, others, ignored),
                help=_remedy(app, first, others, all_names, elsewhere=len(names) < len(every) or bool(_hidden(app))),
                app=app.name,
                related=tuple(Related(one.location, f"`{one.written}` is `{one.setting}` now") for one in others),
                severity=_severity(app, ignored),
                propose=partial(_rename, model, app, tuple(every)),
            )


def _severity(app: App, ignored: list[_OldName]) -> Severity | None:
    if any(not one.idle for one in ignored):
        return Severity.ERROR
    return Severity.ADVICE if not app.namespace and admits_three(app.declared) else None


def _has_no_other_names(model: Model, app: App) -> bool:
    """Whether Celery 6 never comes to the Python that runs the project, and what is installed may be a Celery 3."""
    from celery_backend_lint.model.python_two import may_run_celery_three

    return may_run_celery_three(model, app.declared)


def _old_names(model: Model, app: App) -> list[_OldName]:
    refused = {assignment.location for assignment, _ in (*app.mixing, *app.perhaps_mixing)}
    found = [
        use
        for use in uses(model, app)
        if use.meaning.status in (OLD, OLD_IGNORED) and (not use.shared or use.written.startswith(_IN_SHARED_PLACES))
    ]
    found = [use for use in found if not (app.namespace and _has_new_name(app, use))]
    found = [use for use in found if not has_namespaced_reader(model, app, use)]
    own = [use for use in found if app.namespace or _has_new_name(app, use) or _reaches_conf(use)]
    helpers = read_names(model, (use.written for use in own))
    counted = counted_as_old(app)  # by Celery, which refuses a mix, also what the constructor outweighs
    return [
        _OldName(
            use.written,
            use.meaning.setting,
            use.meaning.status == OLD_IGNORED,
            use.shared,
            use.kind,
            location,
            use.meaning.status == OLD_IGNORED and _is_default(model, app, use),
            use.written in helpers,
        )
        for use in found
        if use.written not in helpers or use.written in counted or _reaches_conf(use)
        for location in use.locations
        if location not in refused and not is_for_one_celery(model, location)
    ]


def _reaches_conf(use: NameUse) -> bool:
    """Whether Celery is given the name by way of Flask's configuration, whoever else reads it there."""
    return use.shared and use.kind == "conf"


def _has_new_name(app: App, use: NameUse) -> bool:
    """Whether the setting is given by its new name as well, which wins."""
    found = app.settings.get(use.meaning.setting)
    return found is not None and any(
        not facts.is_old_name(one.written, app.declared.version) for one in found.assignments
    )


def _is_default(model: Model, app: App, use: NameUse) -> bool:
    """Whether a name of a module says what the setting is anyway, for this Celery and for those that read the name."""
    if use.kind not in ("module", "django"):
        return False
    files = [model.evaluator.modules.file(location.path) for location in use.locations]
    values = [model.evaluator.read(file.scope, use.written, None) if file is not None else None for file in files]
    defaults = [
        facts.default_of(use.meaning.setting, version)
        for version in (app.declared.version, facts.celery_versions()[-1])
    ]
    return all(
        isinstance(value, Literal) and value.value is not None and _is_same(value.value, default)
        for value in values
        for default in defaults
    )


def _is_same(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other


def _message(app: App, first: _OldName, others: list[_OldName], ignored: list[_OldName]) -> str:
    count = len({one.written for one in (first, *others)})
    named = f"`{first.written}`" if count == 1 else f"`{first.written}` and {count - 1} more"
    are, them = ("is an old name", "it") if count == 1 else ("are old names", "them")
    version, oldest = app.declared.version, app.declared.oldest
    three = "" if app.namespace else admits_three(app.declared)
    if three:
        return (
            f"{named} {are} from before Celery 4, deprecated until Celery 6, which no longer reads {them}; Celery 3, "
            f"which `{three}` admits, knows no others"
        )
    if ignored:
        which = them if count == 1 or len(ignored) > len(others) else f"{len(ignored)} of them"
        if all(one.idle for one in ignored):
            return (
                f"{named} {are}: under the namespace `{app.namespace}` Celery {_dotted(version)} does not read "
                f"{which}, which changes nothing: what stands there is Celery's default"
            )
        return (
            f"{named} {are}: under the namespace `{app.namespace}` Celery {_dotted(version)} does not read {which}; "
            f"5.7 does, and then {'they take' if count > 1 and len(ignored) > 1 else 'it takes'} effect"
        )
    if app.namespace and oldest < READS_OLD_UNDER_NAMESPACE and first.kind != "conf":
        older = f"older ones, which `{app.celery}` admits, do" if older_admitted(app.declared) else "older ones do"
        return (
            f"{named} {are}: under the namespace `{app.namespace}` Celery 5.7 reads {them}, {older} not; "
            "Celery 6 reads none"
        )
    if _lacks_only_the_namespace(app, first, *others):
        old = "a name" if count == 1 else "names"
        return (
            f"without a namespace {named} {'is' if count == 1 else 'are'} read as {old} from before Celery 4, "
            f"deprecated until Celery 6, which no longer reads {them} so"
        )
    return f"{named} {are} from before Celery 4, deprecated until Celery 6, which no longer reads {them}"


def _is_without_namespace(app: App) -> bool:
    """Whether the names stand in Django's settings, whose new names take a prefix, and the app has no namespace yet."""
    return not app.namespace and any(source.kind == "django" for source in app.sources)


def _lacks_only_the_namespace(app: App, *names: _OldName) -> bool:
    """Whether the names are what they are to be under the namespace `CELERY`."""
    return _is_without_namespace(app) and all(one.written == _under_namespace(one) for one in names)


def _under_namespace(old: _OldName) -> str:
    return f"CELERY_{old.setting.upper()}"


def _hidden(app: App) -> str:
    """Why names of Celery's own configuration may be in force that are not in sight, other than by a star import."""
    if app.namespace:
        return ""  # old and new names go together there
    reasons = (source.why_unknown for source in app.sources if source.kind != "django")
    return next((why for why in reasons if why and why != stars.OUTSIDE), "")


def _remedy(app: App, first: _OldName, others: list[_OldName], every: list[_OldName], *, elsewhere: bool) -> str:
    """What to write, and what must come first where that is not known to each Celery that may be installed."""
    remedy = _new_names(app, first, others, every, elsewhere=elsewhere)
    return remedy if app.namespace else once_four(app.declared) + remedy


def _left(app: App, every: list[_OldName]) -> list[str]:
    """What else Celery takes for an old name: imported into the configuration, of other things in that place, or
    handed over with Flask's, where the project reads it itself.
    """
    told = {one.written for one in every if not (one.own and one.shared and one.kind == "conf")}
    known = told | {assignment.written for assignment, _ in app.mixing}
    return [name for name in counted_as_old(app) if name not in known]


def _new_names(app: App, first: _OldName, others: list[_OldName], every: list[_OldName], *, elsewhere: bool) -> str:
    prefix = app.namespace.rstrip("_")
    new = first.setting
    if prefix and first.kind != "conf":
        new = f"{prefix}_{new}".upper() if prefix.isupper() else f"{prefix}_{new}".lower()
    rest = ", and the others in the same way" if others else ""
    if all(one.idle for one in (first, *others)):
        return f"remove {'them' if others else 'it'}: nothing changes; or write `{new}`{rest}"
    if first.ignored:
        them = "them" if others else "it"
        return f"write `{new}`{rest}, for {them} to take effect, or remove what has done nothing so far"
    if _lacks_only_the_namespace(app, first, *others):
        return f'keep the name{"s" if others else ""}, and add `namespace="CELERY"` in config_from_object'
    if _is_without_namespace(app):
        changed = [one for one in (first, *others) if one.written != _under_namespace(one)]
        written = f"write `{_under_namespace(changed[0])}` for `{changed[0].written}`"
        rest = ", and the others in the same way" if len(changed) > 1 else ""
        return f'{written}{rest}, and add `namespace="CELERY"` in config_from_object; all at once'
    if first.shared and first.kind == "conf" and not any(source.kind == "django" for source in app.sources):
        return _of_a_dict(first, every)
    left = _left(app, every)
    read = [one.written for one in (first, *others) if one.own]
    if read:
        rest += f", and `{'`, `'.join(read)}` where the project reads {'it' if len(read) == 1 else 'them'} itself"
    if prefix or not (rest or elsewhere or left):
        return f"write `{new}`{rest}"
    those = " with those that come from elsewhere" if elsewhere else ""
    if left:
        which = "an old name" if len(left) == 1 else "old names"
        those += f"{' and' if those else ''} with `{'`, `'.join(left)}`, which Celery takes for {which} as well"
    return f"write `{new}`{rest}, all at once{those}: Celery refuses a mix of old and new names"


def _of_a_dict(first: _OldName, every: list[_OldName]) -> str:
    """New names beside Flask's: of all that comes by its configuration, for one that stays makes a mix."""
    named = {one.written: one for one in (first, *every) if one.shared and one.kind == "conf"}
    if len(named) == 1:
        names, they = f"`{first.setting}`", ""
    else:
        names = ", ".join(f"`{one.setting}` for `{one.written}`" for one in named.values())
        they = ": none of them may come from there any more, for Celery refuses a mix of old and new names"
    return (
        f"give Celery's settings a dict of their own, with new names ({names}), and hand that over in place of "
        f"`app.config`, where Flask takes capitals only{they}"
    )


def _rename(model: Model, app: App, names: tuple[_OldName, ...]) -> Fix:
    """New names for the whole configuration."""
    from celery_backend_lint.fixes.python.setting_names import is_completed_elsewhere, rename_old_names

    kinds = {source.kind for source in app.sources}
    flasks = next((one for one in names if one.shared and "django" not in kinds), None)
    if flasks is not None:
        raise CannotFixError(
            f"`{flasks.written}` in `{flasks.location.path}` is also read by something that takes capitals only: give "
            "Celery's settings a place of their own first"
        )
    hidden = _hidden(app)
    if hidden:
        raise CannotFixError(f"{hidden}, which may have old names: Celery refuses a mix of old and new ones")
    edits = rename_old_names(model, app, ((one.written, one.setting, one.location) for one in names))
    comes_alive = app.namespace and (
        any(one.ignored for one in names)
        or (app.declared.oldest < READS_OLD_UNDER_NAMESPACE and any(one.kind != "conf" for one in names))
    )
    open_ended = is_completed_elsewhere(model, {edit.location.path for edit in edits})
    safe = not comes_alive and not open_ended and (app.namespace or "django" not in kinds)
    note = "rename them in the settings that are not in the repository too" if open_ended else ""
    return Fix("Rename all old names", Applicability.SAFE if safe else Applicability.UNSAFE, tuple(edits), note)


def _dotted(version: Version) -> str:
    return ".".join(str(number) for number in version)

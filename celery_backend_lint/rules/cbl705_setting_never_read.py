"""CBL705: a setting's name where Celery does not see it."""

from __future__ import annotations

from functools import partial
from itertools import chain

from celery_backend_lint.findings.finding import Applicability, Finding, Related, Severity
from celery_backend_lint.findings.fix import CannotFixError, Fix
from celery_backend_lint.model import facts
from celery_backend_lint.model.name_reads import read_names
from celery_backend_lint.model.names import READ, UNSEEN, counted_as_old, is_below_four, meaning, once_four, uses
from celery_backend_lint.model.namespaced_readers import has_namespaced_reader
from celery_backend_lint.model.unloaded_configuration import (
    lower_case_in_django,
    lower_case_in_flask,
    unloaded_files,
    unloaded_flask_blocks,
    variables_beside,
)
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App, Assignment
    from celery_backend_lint.model.names import NameUse
    from celery_backend_lint.model.unloaded_configuration import UnloadedName

RULE = Rule("CBL705", "setting-never-read", Severity.ERROR, since="0.1.0", fix=Applicability.UNSAFE)


def check_setting_never_read(model: Model) -> Iterator[Finding]:
    """A setting has a name, or stands in a place, that Celery does not look at.

    ## What it does
    Reports the names of real settings where they have no effect:
    `CELERY_BROKER_URL` and other prefixed new names without `namespace="CELERY"`; new names in capitals
    (`RESULT_BACKEND`); lower-case names in Django settings or in a Flask config class, which expose capitals only;
    variables beside an app that nothing loads; and, as a warning, a whole configuration file that no app loads, and a
    broker or result backend in Django's settings where no app loads these.

    ## Why is this bad?
    Celery never complains about a name that it does not know. The project looks configured and runs on the defaults:
    another broker, no results, results that expire after a day.

    ## Example
    ```python
    # shop/settings.py
    CELERY_BROKER_URL = os.environ["BROKER_URL"]

    # shop/celery.py
    app.config_from_object("django.conf:settings")
    ```

    ## Use instead
    ```python
    # shop/celery.py
    app.config_from_object("django.conf:settings", namespace="CELERY")
    ```

    ## Fix safety
    Unsafe: the setting comes alive, and with `namespace="CELERY"` every setting that begins with it. There is no fix
    where the setting has a value by another name or the broker's host is set, or where old names would be lost under
    the namespace.

    ## Known limits
    A name that any code of the project reads itself (`settings.CELERY_BROKER_URL`) is the project's own. One that
    repeats the value that its setting has anyway does no harm, nor does `CELERY_ENABLE_UTC = True`, which is
    the default, nor `REDIS_HOST` where no result backend would read the setting, nor one that holds nothing but the
    variable that Celery reads itself (`CELERY_BROKER_URL = os.environ["CELERY_BROKER_URL"]`), with a default where the
    repository gives each process the variable. Nothing is said of Django's settings that another app loads under a
    namespace, be it one of a class that is not known. Some capitals are old names, which Celery reads without a
    namespace: `BROKER_URL`, `S3_BUCKET`, `RESULT_ACCEPT_CONTENT`. That no app loads Django's settings is only said
    where the app's module names the settings module, each app's configuration is known, and no code looks for names
    that begin with `CELERY`.

    ## References
    - [Celery: Configuration](https://docs.celeryq.dev/en/stable/userguide/application.html#configuration)
    """
    apps = [app for app in model.checked_apps if not is_below_four(app.declared)]
    unseen = [(app, use) for app in apps for use in uses(model, app) if use.meaning.status == UNSEEN]
    elsewhere = [(app, name) for app in apps for name in _elsewhere(model, app)]
    reads = read_names(model, [use.written for _, use in unseen] + [name.name for _, name in elsewhere])
    if unseen or elsewhere:  # else a project that is in order need not load them
        from celery_backend_lint.model.needless_names import is_a_constant, says_the_default, says_what_holds, values_of
        from celery_backend_lint.model.own_variable_instead import instead
    for app, use in unseen:
        if use.written in reads or says_what_holds(model, app, use) or has_namespaced_reader(model, app, use):
            continue
        if is_a_constant(app, use) and not any(
            other is app and one.meaning.setting == "result_backend" for other, one in unseen
        ):
            continue
        own = instead(model, app, use.meaning.setting, values_of(model, app, use))
        if own.needless or says_the_default(model, app, use):
            continue
        host = _host_in_force(app, use)
        keeps = "keeps its default or what is set elsewhere"
        if host is not None:
            keeps = f"stays unset, and `{host.written}` tells where the broker is"
        related = tuple(
            Related(source.location, "the configuration is read here")
            for source in app.sources
            if source.kind == use.kind and source.location not in use.locations
        )
        for location in use.locations:
            yield RULE.finding(
                location,
                f"{own.said(use.written)}: {_reason(app, use)}, so `{use.meaning.setting}` {keeps}",
                help=own.remedy or _remedy(model, app, use),
                app=app.name,
                related=related[:1],
                severity=Severity.WARNING if host is not None or own.in_force else None,
                propose=None if own.remedy else partial(_fix, model, app, use),
            )
    for app, name in elsewhere:
        own = instead(model, app, name.setting, [name.value])
        if name.name not in reads and not own.needless:
            yield RULE.finding(
                name.location,
                f"{own.said(name.name)}: {_WHY[name.place]}",
                help=own.remedy or _remedy_elsewhere(model, app, name),
                app=app.name,
                severity=Severity.WARNING if own.in_force else None,
                propose=None if own.remedy else partial(_fix_elsewhere, model, app, name),
            )
    for name, names in unloaded_flask_blocks(model) if apps else ():
        if not read_names(model, names):
            yield RULE.finding(
                name.location,
                f"no app is given Flask's configuration: what it sets for Celery, `{name.name}` first, has no effect",
                help="`celery.conf.update(app.config)`, or remove them",
                severity=Severity.WARNING,
            )
    for app, told in _unloaded_django(model) if apps else ():
        reads = read_names(model, [name.name for name in told])
        unread = [one for one in told if one.name not in reads]
        from celery_backend_lint.model.python_two import may_run_celery_three

        if unread and app in apps and not may_run_celery_three(model, app.declared):
            first, *others = unread
            yield RULE.finding(
                first.location,
                f"no app loads Django's settings, and nothing reads `{first.name}` in them: `{first.setting}` keeps "
                "its default or what is set elsewhere",
                help=_remedy_for_django(app, first),
                app=app.name,
                related=tuple(Related(one.location, f"nothing reads `{one.name}` either") for one in others),
                severity=Severity.WARNING,
            )
    for name in unloaded_files(model) if apps else ():
        yield RULE.finding(
            name.location,
            f"no app loads `{name.location.path}`: its settings, `{name.name}` and what follows, have no effect",
            help="load it with `app.config_from_object(…)`, or remove it",
            severity=Severity.WARNING,
        )


def _unloaded_django(model: Model) -> Iterator[tuple[App, list[UnloadedName]]]:
    if any(model.project.mentions(app.path, [b"DJANGO_SETTINGS_MODULE"]) for app in model.checked_apps):
        from celery_backend_lint.model.unloaded_django import unloaded_django_blocks  # else a service need not load it

        yield from unloaded_django_blocks(model)


_WHY = {
    "django": "`django.conf.settings` has names in capitals only",
    "flask": "`app.config.from_object` copies names in capitals only",
    "beside": "it is a variable of the module that makes the app, and nothing loads it",
}

_REMEDY = {
    "django": 'write `CELERY_{capitals}`, with `namespace="CELERY"` where the settings are loaded',
    "beside": "write `{app}.conf.{setting} = …`",
}


def _remedy_elsewhere(model: Model, app: App, name: UnloadedName) -> str:
    if name.place == "flask":
        return _remedy_for_flask(model, app, name.setting)
    if name.place == "django" and app.namespace.isupper():
        return f"write `{app.namespace.rstrip('_')}_{name.setting.upper()}`"
    from celery_backend_lint.fixes.python.containers import creation_statement

    _, _, called = creation_statement(model, app) or ("", "", "app")
    remedy = _REMEDY[name.place].format(app=called, setting=name.setting, capitals=name.setting.upper())
    return once_four(app.declared) + remedy + _all_at_once(app, "django" if name.place == "django" else "conf")


def _elsewhere(model: Model, app: App) -> Iterator[UnloadedName]:
    """The names that stand where no app looks, but for those that repeat what their setting has anyway."""
    names = (lower_case_in_django(model, app), lower_case_in_flask(model, app), variables_beside(model, app))
    for name in chain.from_iterable(names):
        from celery_backend_lint.model.needless_names import holds_anyway

        if not holds_anyway(app, name.setting, name.value):
            yield name


def _reason(app: App, use: NameUse) -> str:
    if use.written.lower().startswith("celery_") and not app.namespace:
        return "no namespace is given, and it is no old name"
    if app.namespace and not use.written.lower().startswith(app.namespace.lower()):
        return f"it does not begin with `{app.namespace.rstrip('_')}_`, the namespace"
    if app.namespace:
        return f"the namespace `{app.namespace}` is compared in its own case"
    return "new names are read in lower case"


def _remedy_for_django(app: App, name: UnloadedName) -> str:
    """Where an app has a configuration of its own the settings belong there: a second one would replace it whole."""
    if app.sources:
        own = app.sources[0].path
        return f"write it as `{name.setting}` where the app's own configuration is read from, in `{own}`, or remove it"
    new = f"CELERY_{name.setting.upper()}"
    called = f" and call it `{new}`" if name.name != new else ""
    load = 'load them with `app.config_from_object("django.conf:settings", namespace="CELERY")`'
    return f"{once_four(app.declared)}{load}{called}, or remove them"


def _remedy_for_flask(model: Model, app: App, setting: str) -> str:
    """A new name handed over beside Flask's configuration, or in place of it where old names come from there.

    Celery refuses a mix of old and new names in all that it is given (seen with 5.7.0).
    """
    from celery_backend_lint.model.python_two import may_run_celery_three

    if may_run_celery_three(model, app.declared) and not _has_new_names(app, setting):
        return f"write `{_old_name(app, setting)}`"
    beside = _old_beside(app, "conf")
    if not beside:
        remedy = f"`celery.conf.update({setting}=…)`, for Flask's configuration is one of names in capitals"
    else:
        remedy = (
            f"hand `{setting}` over in a dict of new names, in place of `app.config`: Celery refuses new names beside "
            f"old ones such as `{beside[0]}`"
        )
    return once_four(app.declared) + remedy


def _old_beside(app: App, kind: str) -> tuple[str, ...]:
    """The old names that Celery would refuse a new one beside, in a place of this kind."""
    compared = not app.sources if kind == "conf" else kind not in ("constructor", "defaults")
    return counted_as_old(app) if compared else ()


def _old_under_namespace(app: App) -> tuple[str, ...]:
    """The old names in Django's settings that some admitted Celery no longer reads once there is a namespace."""
    releases = {app.declared.version, app.declared.oldest}
    return tuple(
        name
        for name in counted_as_old(app)
        if name.startswith(("CELERY", "BROKER_"))
        and any(meaning(name, release, "CELERY").status != READ for release in releases)
    )


def _all_at_once(app: App, kind: str) -> str:
    """What a remedy adds where old names must get their new ones with it."""
    is_django = kind == "django"
    old = _old_under_namespace(app) if is_django else _old_beside(app, kind)
    rest = f" and {len(old) - 1} more" if len(old) > 1 else ""
    why = "they are not read under it" if is_django else "Celery refuses a mix of old and new names"
    return f", all at once with new names for `{old[0]}`{rest}: {why}" if old else ""


def _old_name(app: App, setting: str) -> str:
    known = facts.setting(setting, app.declared.version)
    return known.old_names[0] if known is not None and known.old_names else setting


def _has_new_names(app: App, setting: str) -> bool:
    """Whether other settings have new names; what the constructor is told has none."""
    return any(
        one.place != "constructor" and not facts.is_old_name(one.written, app.declared.version)
        for name, given in app.settings.items()
        if name != setting
        for one in given.assignments
    )


def _host_in_force(app: App, use: NameUse) -> Assignment | None:
    """What names the broker's host, where the broker's URL has a name that is not read and would beat it."""
    from celery_backend_lint.fixes.python.setting_names import in_force_instead

    found = in_force_instead(app, use.meaning.setting)
    return found if found is not None and found.setting == "broker_host" else None


def _remedy(model: Model, app: App, use: NameUse) -> str:
    from celery_backend_lint.fixes.python.setting_names import is_old_style

    setting, host = use.meaning.setting, _host_in_force(app, use)
    if host is not None:
        return f"remove it: as `{setting}` it would give the app another broker than that of `{host.written}`"
    if use.shared and use.kind == "conf":
        return _remedy_for_flask(model, app, setting)
    if app.namespace:
        prefixed = f"{app.namespace.rstrip('_')}_{setting}"
        return f"write `{prefixed.upper() if app.namespace.isupper() else prefixed.lower()}`"
    from celery_backend_lint.model.python_two import may_run_celery_three

    if may_run_celery_three(model, app.declared) and (use.kind == "django" or is_old_style(app, use)):
        return f"write `{_old_name(app, setting)}`"
    if use.kind != "django":
        return f"{once_four(app.declared)}write `{setting}`{_all_at_once(app, use.kind)}"
    remedy = f'write `CELERY_{setting.upper()}` with `namespace="CELERY"`'
    if use.written.startswith("CELERY_"):
        remedy = 'load them with `app.config_from_object("django.conf:settings", namespace="CELERY")`'
    return once_four(app.declared) + remedy + _all_at_once(app, use.kind)


def _fix(model: Model, app: App, use: NameUse) -> Fix:
    """The name that is read in this place; for ``CELERY_…`` in Django's settings the namespace."""
    from celery_backend_lint.fixes.python.setting_names import add_namespace, rename_to_setting

    if use.kind == "django" and not app.namespace:
        if use.written.startswith("CELERY_"):
            edits = add_namespace(model, app)
            return Fix('Read the settings under the namespace "CELERY"', Applicability.UNSAFE, tuple(edits))
        known = facts.setting(use.meaning.setting, app.declared.version)
        if known is None or f"CELERY_{use.meaning.setting.upper()}" not in known.old_names:
            where = f"`{use.locations[0].path}`"
            raise CannotFixError(f"Django's settings in {where} are read without a namespace: which names are meant?")
    if use.shared and use.kind == "conf" and not app.namespace and _has_new_names(app, use.meaning.setting):
        raise CannotFixError(
            "Flask's configuration takes capitals only, and an old name beside the app's new ones is a mix that Celery "
            "refuses"
        )
    new, edits = rename_to_setting(model, app, use, use.meaning.setting)
    return Fix(f"Rename it to `{new}`", Applicability.UNSAFE, tuple(edits))


def _fix_elsewhere(model: Model, app: App, name: UnloadedName) -> Fix:
    from celery_backend_lint.fixes.python.names import rename
    from celery_backend_lint.fixes.python.setting_names import prefixed
    from celery_backend_lint.fixes.python.variables import make_setting

    present = app.settings.get(name.setting)
    if present is not None and present.assignments:
        where = present.assignments[0].location
        raise CannotFixError(f"`{name.setting}` is set already, in `{where.path}` line {where.line}")
    if name.place == "django" and app.namespace.isupper():
        new = prefixed(app.namespace, name.setting)
        return Fix(f"Rename it to `{new}`", Applicability.UNSAFE, tuple(rename(model, [name.location], name.name, new)))
    if name.place == "beside":
        edits = make_setting(model, app, name.location, name.name, name.setting)
        return Fix("Make it a setting of the app", Applicability.UNSAFE, tuple(edits))
    raise CannotFixError(f"`{name.name}` in `{name.location.path}` can be given to the app in more than one way")

"""CBL701: the name of no setting."""

from __future__ import annotations

import re
from functools import partial

from celery_backend_lint.evaluate.values import (
    Choice,
    Class,
    Duration,
    Environment,
    External,
    Function,
    Literal,
    Mapping,
    Method,
    Module,
    Operation,
    Sequence,
    Text,
)
from celery_backend_lint.findings.finding import Applicability, Finding, Severity
from celery_backend_lint.findings.fix import CannotFixError, Fix
from celery_backend_lint.model import facts
from celery_backend_lint.model.celery_variables import URLS
from celery_backend_lint.model.name_reads import read_names
from celery_backend_lint.model.names import UNKNOWN, begins_like_a_setting, is_below_four, uses
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.names import NameUse

RULE = Rule("CBL701", "unknown-setting", Severity.WARNING, since="0.1.0", fix=Applicability.UNSAFE)

_ADD_ONS = (
    r"(?i)^(?:django_celery_|(?:celery_|task_)?(?:redbeat|once|singleton|haystack|email|progress|flower|prometheus|sentry"
    r"|mongodb_scheduler|rabbitmq_scheduler|lockbeat|batches|dedupe|slack|beat_dburi|beat_schema|opentelemetry|otel"
    r"|health_?check|queue_once|tenant))"
)
"""What the settings of well-known add-ons begin with: redbeat, celery-once, celery-singleton, celery-haystack,
django-celery-email, celerybeat-mongo, celery-sqlalchemy-scheduler (``beat_dburi``) and others."""

_SLIPS = {
    "backend": "result_backend",
    "backend_url": "result_backend",
    "result_backend_url": "result_backend",
    "results_backend": "result_backend",
    "result_url": "result_backend",
    "result_backend_retry_on_timeout": "redis_retry_on_timeout",
    "broker": "broker_url",
    "brokerurl": "broker_url",
    "broker_uri": "broker_url",
    "timezone_name": "timezone",
    "serializer": "task_serializer",
}
"""What people write for a setting, further from it than a slip of a key."""

_TASK_OPTIONS = {
    "max_retries": "max_retries",
    "default_max_retries": "max_retries",
    "default_retry_delay": "default_retry_delay",
    "retry_delay": "default_retry_delay",
    "autoretry_for": "autoretry_for",
    "retry_backoff": "retry_backoff",
    "retry_backoff_max": "retry_backoff_max",
    "retry_jitter": "retry_jitter",
}
"""What people take for settings, while only tasks have it. The app's class of tasks holds the default of it; an
annotation for all (``task_annotations = {"*": …}``) beats what a task sets itself (seen in 5.3 to 5.7)."""

_WORKER_OPTIONS = {
    "worker_autoscale": "--autoscale",
    "worker_heartbeat": "--heartbeat-interval",
    "worker_heartbeat_interval": "--heartbeat-interval",
    "worker_hostname": "--hostname",
    "worker_log_level": "--loglevel",
    "worker_loglevel": "--loglevel",
    "worker_queues": "--queues",
}
"""What people take for settings, while only the command `celery worker` has it (tried with 5.7, read in 4.4 to 5.7)."""

_OF_HEARTBEATS = ("broker_heartbeat", "broker_heartbeat_checkrate")
_WITH_HEARTBEATS = frozenset({"amqp", "amqps", "pyamqp", "librabbitmq"})
"""The transports of kombu that have heartbeats (``Transport.implements``, 4.6 to 5.7): others pass over the settings
(celery.worker.loops)."""

_PLAIN = ("string", "int", "float", "bool")
"""Types of settings that hold one plain value."""

_OF_CELERY_THREE = frozenset(
    {
        "CELERY_SEND_TASK_ERROR_EMAILS",
        "CELERY_CHORD_PROPAGATES",
        "CELERYD_AUTORELOADER",
        "CELERYD_FORCE_EXECV",
        "CELERYD_LOG_FILE",
        "CELERYD_LOG_LEVEL",
        "CELERYBEAT_LOG_FILE",
        "CELERYBEAT_LOG_LEVEL",
        "CELERYMON_LOG_FILE",
        "CELERYMON_LOG_FORMAT",
        "CELERYMON_LOG_LEVEL",
        "CELERY_BROADCAST_EXCHANGE",
        "CELERY_BROADCAST_EXCHANGE_TYPE",
        "CELERY_BROADCAST_QUEUE",
        "CASSANDRA_COLUMN_FAMILY",
        "CASSANDRA_DETAILED_MODE",
    }
)
"""Settings in celery.app.defaults of 3.1.26, and neither in that of 4.0.2 nor in any later one."""

MOST_NAMED = 3
"""How many settings a remedy names whose names end like the one that is written."""

_VERY_CLOSE = 0.9
"""How alike a name in Django's or Flask's settings must be to a setting's (difflib's ratio) to be a slip of it."""


def check_unknown_setting(model: Model) -> Iterator[Finding]:
    """The configuration holds a name that no supported Celery reads.

    ## What it does
    Checks the names in places that hold Celery's settings only: a celeryconfig module, a class or dict given to
    `config_from_object`, writes to `app.conf`, keywords of `Celery(…)`. In Django's and Flask's settings only names
    that are very close to a setting's are reported.

    ## Why is this bad?
    Celery ignores unknown names without a word: a mistyped `result_backend` is no result backend.

    ## Example
    ```python
    app.conf.update(results_backend="redis://localhost/0", worker_send_task_event=True)
    ```

    ## Use instead
    ```python
    app.conf.update(result_backend="redis://localhost/0", worker_send_task_events=True)
    ```

    ## Fix safety
    Unsafe: the setting comes alive. There is no fix where the name is not very close to it, where the value is none for
    it, where it has a value already, or where the name is also that of a variable (a field of a pydantic class).

    ## Known limits
    A name that the project reads itself is its own, and so are one that begins with a word of no setting
    (`app.conf.shop_metrics`), and those of known add-ons (redbeat, celery-once, celery-singleton, …). In Django's and
    Flask's settings a name beside the right one is no slip of it. A setting that only another Celery has is CBL707's.

    ## References
    - [Celery: Configuration and defaults](https://docs.celeryq.dev/en/stable/userguide/configuration.html)
    """
    for app in model.checked_apps:
        if is_below_four(app.declared):
            continue
        found = []
        for use in uses(model, app):
            if use.meaning.status == UNKNOWN and not re.match(_ADD_ONS, _bare(use.written, app)):
                if not _may_be_a_setting(model, app, use):
                    continue
                setting = _meant(app, use)
                if setting and not _fits(_value(model, app, use), setting, app):
                    setting = setting if _is_very_close(_bare(use.written, app), setting) else ""
                setting = setting or _of_an_old_name(model, app, use)
                is_option = _bare(use.written, app) in _WORKER_OPTIONS
                if setting or is_option or (_is_a_setting_by_its_place(use) and _is_meant_for_celery(use, app)):
                    found.append((use, setting))
        reads = read_names(model, (use.written for use, _ in found))
        for use, meant in found:
            is_of_three = use.written in _OF_CELERY_THREE
            if use.written in reads or (is_of_three and _may_be_read(model, app)):
                continue
            # A setting that has a value of its own is not what something else is meant for, unless that says its name.
            bare = _bare(use.written, app)
            is_taken = meant in app.settings and not (bare.startswith(meant) or _is_slip_of(app, use, meant))
            is_idle = meant in _OF_HEARTBEATS and _without_heartbeats(model, app)
            setting = "" if is_taken or is_of_three or is_idle else meant
            remedy = _write(app, use, setting) if setting else _instead(use, app)
            if is_idle:
                remedy = f"remove it: `{meant}` does nothing either with this broker, which has no heartbeats"
            what = "has had no setting `{}` since 4.0" if is_of_three else "knows no setting `{}`"
            for location in use.locations:
                yield RULE.finding(
                    location,
                    f"Celery {what.format(use.written)} and ignores it",
                    help=remedy,
                    app=app.name,
                    propose=partial(_rename, model, app, use, setting) if setting else None,
                )


def _without_heartbeats(model: Model, app: App) -> bool:
    """Whether every broker of an app is known, and none has heartbeats."""
    from celery_backend_lint.model.broker_outcomes import broker_outcomes

    transports = {one.transport for one in broker_outcomes(model, app)}
    return bool(transports) and not transports & _WITH_HEARTBEATS


def _may_be_read(model: Model, app: App) -> bool:
    """Whether the Celery that reads a setting of Celery 3 may be what runs."""
    from celery_backend_lint.model.python_two import may_run_celery_three

    return may_run_celery_three(model, app.declared)


def _instead(use: NameUse, app: App) -> str:
    """What to do about a name that is meant for no setting."""
    if use.written in _OF_CELERY_THREE:
        return "remove it: what it did is no setting any more"
    bare = _bare(use.written, app)
    if bare in _WORKER_OPTIONS:
        return f"it is an option of the worker's command: `celery … worker {_WORKER_OPTIONS[bare]}=…`"
    option = _TASK_OPTIONS.get(bare.removeprefix("task_"))
    if option is not None:
        return (
            f"it is an option of each task: `@app.task({option}=…)`; for all that set none, "
            f"`app.Task.{option} = …` where the app is made"
        )
    longer = [name for name in sorted(facts.setting_names(app.declared.version)) if name.endswith(f"_{bare}")]
    if 0 < len(longer) <= MOST_NAMED:
        return f"write {' or '.join(f'`{_as_written(app, use, name)}`' for name in longer)}, or remove it"
    return "remove it: no setting has a name like it"


def _bare(name: str, app: App) -> str:
    """A name without the namespace, in lower case."""
    folded = name.lower()
    prefix = f"{app.namespace.rstrip('_')}_".lower() if app.namespace else "celery_"
    return folded.removeprefix(prefix)


def _meant(app: App, use: NameUse) -> str:
    """The setting that a name is probably meant for; "" for none."""
    begin = ("celery", "broker_", "result_", app.namespace.lower() or "celery")
    if use.shared and not use.written.lower().startswith(begin):
        return ""
    bare = _bare(use.written, app)
    if bare in _WORKER_OPTIONS:
        return ""
    names = facts.setting_names(app.declared.version)
    setting = _SLIPS.get(bare) or (bare if bare in names else "")
    if not setting:
        close = facts.close_names(bare, names, 1)
        setting = close[0] if close else ""
        if setting and use.shared and not _is_very_close(bare, setting):
            return ""
    return "" if use.shared and setting in app.settings else setting


def _of_an_old_name(model: Model, app: App, use: NameUse) -> str:
    """The setting by whose name from before Celery 4 a name is a slip (``CELERYD_SEND_EVENTS``); "" for none.

    Only where nothing but Celery's settings stand: ``CELERY_QUEUE`` in Django's is a project's own. A constant is not
    meant for one of the settings that are lists or dicts.
    """
    if use.shared or not use.written.isupper():
        return ""
    version = app.declared.version
    value = _value(model, app, use)
    for setting in sorted(facts.setting_names(version)):
        is_plural = facts.type_of(setting, version) in ("list", "tuple", "dict")
        if _is_slip_of_old(app, use, setting) and not (is_plural and isinstance(value, Literal)):
            return setting if _fits(value, setting, app) else ""
    return ""


def _is_slip_of(app: App, use: NameUse, setting: str) -> bool:
    """Whether a name is very close to a setting's, or to the one that it had before Celery 4."""
    return _is_very_close(_bare(use.written, app), setting) or (not use.shared and _is_slip_of_old(app, use, setting))


def _is_slip_of_old(app: App, use: NameUse, setting: str) -> bool:
    known = facts.setting(setting, app.declared.version)
    return known is not None and any(_is_very_close(use.written, old) for old in known.old_names)


def _write(app: App, use: NameUse, setting: str) -> str:
    """What to write for a name; among old names the new one as well, for whoever gives all of them their new names."""
    written = _as_written(app, use, setting)
    if app.namespace or use.kind == "django" or written == setting:
        return f"write `{written}`"
    return f"write `{written}`, or `{setting}` all at once with new names for the others: Celery refuses a mix"


def _as_written(app: App, use: NameUse, setting: str) -> str:
    """A setting's name as this configuration needs it."""
    if app.namespace and use.kind in ("django", "module", "class", "instance", "mapping"):
        prefixed = f"{app.namespace.rstrip('_')}_{setting}"
        return prefixed.upper() if app.namespace.isupper() else prefixed.lower()
    known = facts.setting(setting, app.declared.version)
    if known is None or not known.old_names:
        return setting
    from celery_backend_lint.fixes.python.setting_names import is_old_style

    # Celery refuses a mix of old and new names.
    return known.old_names[0] if use.kind == "django" or is_old_style(app, use) else setting


def _rename(model: Model, app: App, use: NameUse, setting: str) -> Fix:
    from celery_backend_lint.fixes.new_variable import show_reads
    from celery_backend_lint.fixes.python.setting_names import rename_to_setting

    where = f"`{use.locations[0].path}` line {use.locations[0].line}"
    bare = _bare(use.written, app)
    if setting not in (_SLIPS.get(bare), bare) and not _is_slip_of(app, use, setting):
        raise CannotFixError(f"`{use.written}` in {where} may be meant for something else than `{setting}`")
    value = _value(model, app, use)
    if not _fits(value, setting, app):
        raise CannotFixError(f"the value in {where} is none for `{setting}`")
    new, edits = rename_to_setting(model, app, use, setting)
    shown = show_reads(model, use.locations[0].path, setting, value)
    return Fix(f"Rename it to `{new}`", Applicability.UNSAFE, (*shown, *edits))


def _value(model: Model, app: App, use: NameUse) -> Value | None:
    """What a name is given, as far as it can be told."""
    for write in app.writes:
        if write.location in use.locations:
            return write.value
    file = model.evaluator.modules.file(use.locations[0].path) if use.kind in ("module", "django") else None
    return model.evaluator.read(file.scope, use.written, None) if file is not None else None


def _fits(value: Value | None, setting: str, app: App) -> bool:
    """Whether a value may be one of a setting; what is not known may, and the broker's URL may be several."""
    kind = facts.type_of(setting, app.declared.version) or ""
    if isinstance(value, Literal) and value.value is not None:
        plain = type(value.value).__name__
        wanted = {"string": ("str",), "int": ("int",), "float": ("int", "float"), "bool": ("bool", "int")}.get(kind)
        return wanted is None or plain in wanted
    if isinstance(value, Sequence) and setting in URLS:
        return True
    return kind not in _PLAIN or not isinstance(value, (Class, Function, Method, Module, Mapping, Sequence))


def _is_very_close(one: str, other: str) -> bool:
    import difflib

    return difflib.SequenceMatcher(None, one, other).ratio() >= _VERY_CLOSE


def _may_be_a_setting(model: Model, app: App, use: NameUse) -> bool:
    """Whether a name stands where Celery would take it, and holds what a setting can be."""
    if use.kind == "module":
        return _is_plain_value(model, use)
    return use.kind != "constructor" or _is_plain_celery(model, app)


def _is_a_setting_by_its_place(use: NameUse) -> bool:
    """Whether a name can only be meant for Celery, though it is close to none that Celery knows."""
    if use.shared:
        return False
    return (
        use.kind in ("conf", "constructor", "defaults")
        or use.written.islower()
        or use.written.upper().startswith("CELERY")
    )


def _is_meant_for_celery(use: NameUse, app: App) -> bool:
    """Whether an unknown name may have been meant for Celery, rather than for the project (``shop_metrics``)."""
    if use.kind == "constructor" or use.written.lower().startswith("celery"):
        return True
    bare = _bare(use.written, app)
    return bare.removeprefix("task_") in _TASK_OPTIONS or begins_like_a_setting(bare, app.declared.version)


def _is_plain_celery(model: Model, app: App) -> bool:
    """Whether an app is made by Celery's own class: a project's may take keywords of its own."""
    file = model.evaluator.modules.file(app.path)
    from celery_backend_lint.model.source_nodes import node_at

    call = node_at(model.evaluator, app.location)
    function = call.child_by_field_name("function") if call is not None else None
    if file is None or function is None:
        return False
    return isinstance(model.evaluator.ask(function, model.evaluator.scope_at(function, file.scope)), External)


def _is_plain_value(model: Model, use: NameUse) -> bool:
    """Whether a module's name holds something that a setting could be, rather than an object to work with."""
    file = model.evaluator.modules.file(use.locations[0].path)
    value = model.evaluator.read(file.scope, use.written, None) if file is not None else None
    return isinstance(value, (Literal, Environment, Text, Operation, Sequence, Mapping, Choice, Duration))

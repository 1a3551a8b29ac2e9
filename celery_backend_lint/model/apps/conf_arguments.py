"""What the arguments of ``Celery()`` and of ``conf.update()`` set."""

from __future__ import annotations

from celery_backend_lint.evaluate.calls import as_known_mapping, spread
from celery_backend_lint.evaluate.objects import classes
from celery_backend_lint.evaluate.values import Choice, Class, Entry, External, Instance, Literal, Sequence, Unknown
from celery_backend_lint.model import facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model.data import Version

PARAMETERS = (
    "main", "loader", "backend", "amqp", "events", "log", "control", "set_as_current", "tasks", "broker", "include",
    "changes", "config_source", "fixups", "task_cls", "autofinalize", "namespace", "strict_typing",
    "config_source_silent",
)  # fmt: skip
"""The parameters of ``Celery.__init__`` in order (celery.app.base, 5.7; the same before, but for the last one)."""

KEYWORDS_ARE_SETTINGS = (5, 1, 0)
"""The release from which every other keyword is a setting; before, these are the only ones (celery.app.base, 5.0.5)."""

_ALWAYS_SETTINGS = frozenset({"broker_use_ssl", "redis_backend_use_ssl"})


def is_setting(keyword: str, version: Version) -> bool:
    """Whether a keyword of ``Celery()`` that is none of its parameters is a setting to this Celery."""
    return keyword not in PARAMETERS and (version >= KEYWORDS_ARE_SETTINGS or keyword in _ALWAYS_SETTINGS)


def loader_of(ev: Evaluator, cls: Value, given: Value | None) -> Value | None:
    """The ``loader`` argument of ``Celery()``, else the ``loader_cls`` of a subclass; None for neither."""
    if given is not None and not is_none(given):
        return given
    for base in classes.lineage(ev, cls) if isinstance(cls, Class) else ():
        found = ev.read(ev.scope_of(base), "loader_cls", None) if isinstance(base, Class) else None
        if found is not None:
            return found
    return None


def update_entries(ev: Evaluator, argument: Value, where: Location, version: Version) -> list[Entry]:
    """What ``conf.update(argument)`` writes: a mapping's entries, pairs; one with an Unknown key for the rest."""
    is_flask = False
    if isinstance(argument, (Choice, Instance)):
        from celery_backend_lint.evaluate.flask import config as flask

        is_flask = flask.is_config(argument)
        argument = flask.snapshot(ev, argument, where)
    if isinstance(argument, Instance) and isinstance(argument.type, External):
        return [Entry(Unknown("an object from outside", where), Unknown("", where), where)]
    if isinstance(argument, Sequence) and argument.complete:
        pairs = [one.items for one in argument.items if isinstance(one, Sequence) and one.complete]
        if len(pairs) == len(argument.items) and all(len(pair) == 2 for pair in pairs):
            return [Entry(pair[0], pair[1], pair[0].origin) for pair in pairs]
    entries = spread(as_known_mapping(argument, where), where)
    if is_flask:
        # ``conf.update(app.config)`` hands Celery everything that Flask has; only Celery's names are about Celery.
        return [entry for entry in entries if _may_be_celerys(entry.key, version)]
    return entries


def _may_be_celerys(key: Value, version: Version) -> bool:
    if not isinstance(key, Literal) or not isinstance(key.value, str):
        return True
    return key.value.startswith("CELERY") or facts.canonical(key.value, version) is not None


def is_none(value: Value) -> bool:
    """Whether a value is None itself."""
    return isinstance(value, Literal) and value.value is None


def is_true(value: Value | None) -> bool:
    """Whether an option is given as something true."""
    return isinstance(value, Literal) and bool(value.value)

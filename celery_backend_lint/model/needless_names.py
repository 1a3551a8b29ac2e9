"""Names that Celery does not read, and that change nothing: each says what its setting has anyway, or is no setting."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Literal
from celery_backend_lint.model import facts
from celery_backend_lint.model.conflicts import identity
from celery_backend_lint.model.held import outcomes
from celery_backend_lint.model.source_nodes import node_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.names import NameUse

ONCE_DOCUMENTED = ("CELERY_ENABLE_UTC",)
"""What Celery 3's documentation calls a setting, and no table of old names has."""
_OF_THE_URL = ("redis_host", "redis_db", "database_url")


def says_what_holds(model: Model, app: App, use: NameUse) -> bool:
    """Whether all that a name is given repeats the value that its setting has anyway."""
    values = values_of(model, app, use)
    return bool(values) and all(holds_anyway(app, use.meaning.setting, value) for value in values)


def holds_anyway(app: App, name: str, value: Value | None) -> bool:
    """Whether a value is the one that a setting has: without the line that gives it nothing would differ."""
    setting = app.settings.get(name)
    wanted = identity(value) if value is not None else None
    if setting is None or wanted is None or identity(setting.value) != wanted:
        return False
    if setting.certain:
        return True
    given = setting.assignments  # which of them wins is not certain, what it says is
    return any(one.certain for one in given) and all(identity(one.value) == wanted for one in given)


def is_a_constant(app: App, use: NameUse) -> bool:
    """Whether a name such as ``REDIS_HOST`` is more likely the project's own: its setting would not be read either.

    Redis' host and database, and a database's URL, are those of the ``result_backend`` where that is a URL.
    """
    from celery_backend_lint.model.backend_values import backend_values
    from celery_backend_lint.model.idle_settings import is_idle, known_kinds

    setting, version = use.meaning.setting, app.declared.version
    if use.written.lower().startswith("celery") or not is_idle(setting, (), version):
        return False
    kinds = known_kinds(app)
    if not kinds or is_idle(setting, kinds, version):
        return True
    texts = [value.text or "" for value in backend_values(app)] if setting in _OF_THE_URL else []
    return bool(texts) and all("://" in text for text in texts)


def says_the_default(model: Model, app: App, use: NameUse) -> bool:
    """Whether a name that Celery's documentation once had is given what holds by default."""
    setting = app.settings.get(use.meaning.setting)
    if use.written not in ONCE_DOCUMENTED or (setting is not None and setting.assignments):
        return False
    lines = {(one.path, one.line) for one in use.locations}
    written = [
        one.value
        for value in values_of(model, app, use)
        for one in (outcomes(value) if value is not None else ())
        if isinstance(one, Literal) and (one.origin.path, one.origin.span.line) in lines
    ]
    default = facts.default_of(use.meaning.setting, app.declared.version)
    return bool(written) and all(one is default for one in written)


def values_of(model: Model, app: App, use: NameUse) -> list[Value | None]:
    """What a name is given at each of its places: as what the app is told, or in the object that it is read from."""
    written = [write.value for write in app.writes if write.location in use.locations]
    return list(written) or [_value_at(model.evaluator, use.written, location) for location in use.locations]


def _value_at(ev: Evaluator, name: str, location: Location) -> Value | None:
    """What a name has that stands in a module, in a class or in a dict; None where it is no such name."""
    node, file = node_at(ev, location), ev.modules.file(location.path)
    if node is None or file is None:
        return None
    scope = ev.scope_at(node, file.scope)
    pair = node.parent if node.type == "string" else None
    value = pair.child_by_field_name("value") if pair is not None and pair.type == "pair" else None
    return ev.ask(value, scope) if value is not None else ev.read(scope, name, None)

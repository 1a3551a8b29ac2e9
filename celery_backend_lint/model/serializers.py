"""Serializers as Celery's configuration names them: which kombu knows, and what each setting may come to.

Seen with Celery 5.3.6 to 5.7.0: a serializer setting must be a registered *name*; an entry of the accept lists may be
a name or a content type, which is any text with a slash. ``None`` as accepted content leaves what kombu does not
disable by itself: JSON (pickle, yaml and msgpack are disabled content).
"""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, resolve
from celery_backend_lint.evaluate.values import (
    Environment,
    Literal,
    Mapping,
    Missing,
    Operation,
    Sequence,
)
from celery_backend_lint.model import facts
from celery_backend_lint.model.held import outcomes, variables
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

RAW_TYPES = frozenset({"application/data", "text/plain", "application/octet-stream"})
"""Content types without a serializer's name (kombu.serialization, raw data)."""

_REGISTER = r"\bregister\w*\(\s*(?:name\s*=\s*)?(?:[rbuf]?[\"']([^\"'\n]+)[\"']|([A-Za-z_][\w.]*))\s*,"
_TYPE = r"[\"']([a-z]+/[\w.+-]+)[\"']"

NEEDLES = (b"serialization", b"setup_security")
"""Bytes of files that may register a serializer."""


@record
class Serializers:
    """What kombu has registered in an app's processes.

    ``types`` are the content types by name, "" for one that the project registers itself. ``open`` is True where more
    may be registered than can be seen.
    """

    types: dict[str, str]
    own_types: frozenset[str]
    open: bool

    def name_of(self, text: str) -> str | None:
        """The serializer that an entry of an accept list stands for; None for none that is known."""
        if text in self.types:
            return text
        return next((name for name, content_type in self.types.items() if content_type == text), None)


@record
class Accepted:
    """One outcome of an accept list: the entries with their places, None for a list that could not be read whole."""

    entries: tuple[tuple[str, Location], ...] | None
    location: Location


def serializers_of(model: Model, app: App) -> Serializers:
    """What kombu registers itself in the Celery that an app has, and what the project registers."""
    kombu = facts.kombu_of(app.declared.version)
    types = {name: found.content_type for name, found in facts.serializers(kombu).items()}
    own_types: set[str] = set()
    undetermined = False
    for path in model.project.python_files_mentioning(NEEDLES):
        source = model.project.source(path)
        text = source.text if source is not None else ""
        if "setup_security" in text:
            types["auth"] = "application/data"
        if "kombu" not in text or "register" not in text or "serialization" not in text:
            continue
        for found in re.finditer(_REGISTER, text):
            if found[1]:
                types[found[1]] = ""
            else:
                undetermined = True
        own_types.update(re.findall(_TYPE, text))
    named = {one.name for manifest in model.manifests.manifests.values() for one in manifest.requirements}
    undetermined = undetermined or any("serializ" in name or name.startswith("kombu-") for name in named)
    return Serializers(types, frozenset(own_types), undetermined or _has_entry_point(model))


def _has_entry_point(model: Model) -> bool:
    """Whether the project's own package registers serializers through ``kombu.serializers``."""
    for path in model.manifests.manifests:
        source = model.project.source(path)
        if source is not None and b"kombu.serializers" in source.data:
            return True
    return False


def effective(app: App, name: str) -> tuple[Value, ...]:
    """The outcomes of a setting, defaults of environment reads in their place; empty where the project sets nothing."""
    setting = app.settings.get(name)
    found = outcomes(setting.value) if setting is not None else ()
    return tuple(one for one in found if not (isinstance(one, Environment) and one.default is not None))


def reads_with_default(value: Value, outcome: Value) -> tuple[Environment, ...]:
    """The reads of variables whose default an outcome of a value is, outermost first: while none of them is set it
    holds.
    """
    return tuple(
        read
        for read in variables(value)
        if read.default is not None and any(inner is outcome for inner in outcomes(read.default))
    )


def accepted(value: Value) -> Accepted:
    """What one outcome of an accept list holds."""
    if isinstance(value, Sequence):
        items = value.items if value.complete else None
    elif isinstance(value, Mapping):
        items = tuple(entry.key for entry in value.entries) if value.complete else None
    elif isinstance(value, Operation):
        return Accepted(_computed(value), value.origin)
    else:
        items = None
    if items is None:
        return Accepted(None, value.origin)
    entries = []
    for item in items:
        if not isinstance(item, Literal) or not isinstance(item.value, str):
            return Accepted(None, value.origin)
        entries.append((item.value, item.origin))
    return Accepted(tuple(entries), value.origin)


def _computed(value: Operation) -> tuple[tuple[str, Location], ...] | None:
    """``os.getenv("ACCEPT", "json,yaml").split(",")`` while the variable is not set."""
    try:
        plain = resolve(value, {})
    except (UndeterminedError, WouldRaiseError):
        return None
    if not isinstance(plain, (list, tuple, set, frozenset)) or not all(isinstance(one, str) for one in plain):
        return None
    return tuple((one, value.origin) for one in sorted(plain))


def is_unset(value: Value) -> bool:
    """Whether an outcome leaves a setting to Celery's default."""
    return isinstance(value, Missing)


def written_name(app: App, setting: str) -> str:
    """How the project writes a setting, else how it would have to: the new name, under the namespace of the app, or
    the old one where those are in force.
    """
    found = app.settings.get(setting)
    if found is not None and found.assignments:
        return found.assignments[0].written
    if app.old_style:
        known = facts.setting(setting, app.declared.version)
        return known.old_names[0] if known is not None and known.old_names else setting
    name = f"{app.namespace.rstrip('_')}_{setting}" if app.namespace else setting
    return name.upper() if app.namespace.isupper() else name

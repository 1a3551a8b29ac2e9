"""What an app's ``result_backend_transport_options`` hold: every outcome, with the keys as far as they are known.

Read in celery.backends.base (``KeyValueStoreBackend``) and celery.backends.redis, 5.3 to 5.7.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Literal, Mapping, Missing, Sequence
from celery_backend_lint.model.backend_values import settled
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Entry, Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model.app import App

SETTING = "result_backend_transport_options"
BROKER_SETTING = "broker_transport_options"


@record
class TransportOptions:
    """One outcome of the options.

    ``kind`` is ``unset``, ``dict``, ``other`` (no dict) or ``unknown``. ``entries`` are those whose key is a known
    text, ``complete`` says that there are no others.
    """

    kind: str
    location: Location
    entries: tuple[Entry, ...] = ()
    complete: bool = True

    def get(self, key: str) -> Entry | None:
        """The entry of a key, None where it is not there as far as is known."""
        return next((one for one in reversed(self.entries) if _text(one.key) == key), None)

    @property
    def keys(self) -> frozenset[str]:
        """The keys that are known."""
        return frozenset(_text(one.key) for one in self.entries)


def transport_options(app: App, setting: str = SETTING) -> tuple[TransportOptions, ...]:
    """Every outcome of an app's transport options, of the result backend unless the broker's are named."""
    found = app.settings.get(setting)
    if found is None:
        return (TransportOptions("unknown" if app.unread else "unset", app.location),)
    return tuple(_options(value) for value in settled(found.value))


def _options(value: Value) -> TransportOptions:
    if isinstance(value, Missing):
        return TransportOptions("unset", value.origin)
    if isinstance(value, (Literal, Sequence)):
        return TransportOptions("other", value.origin)
    if not isinstance(value, Mapping):
        return TransportOptions("unknown", value.origin, complete=False)
    entries = tuple(entry for entry in value.entries if _text(entry.key))
    return TransportOptions("dict", value.origin, entries, value.complete and len(entries) == len(value.entries))


def _text(key: Value) -> str:
    return key.value if isinstance(key, Literal) and isinstance(key.value, str) else ""

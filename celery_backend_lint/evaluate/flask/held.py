"""What a Flask configuration holds while the steps of its timeline are applied to it, one after the other."""

from __future__ import annotations

from celery_backend_lint.evaluate.alternatives import combine, filled, may_be_missing
from celery_backend_lint.evaluate.flask.outcomes import both
from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Entry,
    Environment,
    Instance,
    Literal,
    Mapping,
    Missing,
    Operation,
    Unknown,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location

_DEFAULTS = {
    "TESTING": False, "PROPAGATE_EXCEPTIONS": None, "SECRET_KEY": None, "SERVER_NAME": None, "APPLICATION_ROOT": "/",
    "SESSION_COOKIE_NAME": "session", "PREFERRED_URL_SCHEME": "http", "MAX_CONTENT_LENGTH": None,
    "USE_X_SENDFILE": False, "TRAP_HTTP_EXCEPTIONS": False, "EXPLAIN_TEMPLATE_LOADING": False,
}  # fmt: skip
"""Entries of ``Flask.default_config`` that are the same in 1.1 to 3.1."""

_OTHERS = ("DEBUG", "ENV", "PERMANENT_SESSION_LIFETIME", "TEMPLATES_AUTO_RELOAD", "JSON_AS_ASCII", "JSON_SORT_KEYS",
           "SEND_FILE_MAX_AGE_DEFAULT", "TRAP_BAD_REQUEST_ERRORS", "SESSION_COOKIE_DOMAIN", "SESSION_COOKIE_PATH",
           "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_SAMESITE")  # fmt: skip
"""Entries that differ between releases, or that the environment decides (``FLASK_DEBUG``)."""

_ABSENT = "a key of app.config that is not in sight"


class Held:
    """A configuration while steps are applied to it."""

    def __init__(self, app: Instance, only: str | None) -> None:
        self.app = app
        self.only = only
        """The one key that is asked for, None for all."""
        self.entries: dict[str, Entry] = {}
        self.open: list[Value] = []
        """The conditions under which more keys may be there."""
        self.always_open = False
        for name, plain in _DEFAULTS.items():
            self.entries[name] = Entry(Literal(name, app.origin), Literal(plain, app.origin), app.origin)
        for name in _OTHERS:
            why = Unknown(f"Flask's own {name}", app.origin)
            self.entries[name] = Entry(Literal(name, app.origin), why, app.origin)

    def value(self) -> Mapping:
        """What it holds as a dict."""
        is_open = self.always_open or bool(self.open)
        when = None
        if self.open and not self.always_open:
            when = self.open[0] if len(self.open) == 1 else Operation("or", tuple(self.open), self.open[0].origin)
        return Mapping(tuple(self.entries.values()), self.app.origin, complete=not is_open, open_when=when)

    def put(self, entry: Entry, condition: Value | None) -> None:
        """Set a key, for certain or under a condition."""
        if not isinstance(entry.key, Literal) or not isinstance(entry.key.value, str):
            why = entry.key.why if isinstance(entry.key, Unknown) else "a key that is not known"
            open_when = entry.value if isinstance(entry.value, (Operation, Environment)) else None
            self.blur(Unknown(why, entry.origin), both(open_when, condition, entry.origin))
            return
        name = entry.key.value
        if self.only is not None and name != self.only:
            return
        before = self.entries.get(name)
        value = entry.value
        other: Value = before.value if before is not None else self.absent(entry.origin)
        if may_be_missing(value):
            value = filled(value, other)
        if condition is not None:
            value = combine([Alternative(value, condition), Alternative(other, None)], entry.origin)
        self.entries.pop(name, None)
        self.entries[name] = Entry(entry.key, value, entry.origin)

    def remove(self, name: str, condition: Value | None, origin: Location) -> None:
        """Take a key out, for certain or under a condition."""
        before = self.entries.get(name)
        if before is None:
            return
        if condition is None:
            del self.entries[name]
        else:
            value = combine([Alternative(Missing(origin), condition), Alternative(before.value, None)], origin)
            self.entries[name] = Entry(before.key, value, before.origin)

    def absent(self, origin: Location) -> Value:
        """What is there under a key that nothing in sight set."""
        missing = Missing(origin)
        if self.always_open:
            return Unknown(_ABSENT, origin)
        if not self.open:
            return missing
        when = self.open[0] if len(self.open) == 1 else Operation("or", tuple(self.open), origin)
        return Choice((Alternative(Unknown(_ABSENT, origin), when), Alternative(missing, None)), origin)

    def blur(self, doubt: Unknown, condition: Value | None) -> None:
        """Anything may have been set, under a condition or always."""
        if condition is None:
            self.always_open = True
        else:
            self.open.append(condition)
        for name, entry in self.entries.items():
            value = Choice((Alternative(doubt, condition or doubt), Alternative(entry.value, None)), doubt.origin)
            self.entries[name] = Entry(entry.key, value, entry.origin)

"""Which database of which Redis a URL names, comparable between the broker's and the result backend's.

Parts that variables give are the same where the same is read. Celery and kombu (``Channel._connparams``) read the path
in the same way: slashes off both ends, a number, 0 where there is none.
"""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.values import Environment, Literal, Text, Unknown, walk
from celery_backend_lint.model.outcomes import outcomes
from celery_backend_lint.model.url_escapes import with_gaps
from celery_backend_lint.model.urls import UNKNOWN, split
from celery_backend_lint.model.value_identity import form_of
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.model.app import App

NUMBERS = 16
"""The databases that a Redis has unless it is configured otherwise."""

PORT = ("6379",)
LOCAL = (("localhost",), (), ("127.0.0.1",), ("[::1]",))


@record
class RedisDatabase:
    """A database of a Redis: ``server`` is its address, equal for the same one, ``number`` None where not known.

    ``value`` is where that stands, ``condition`` the form of what it depends on, None for nothing. ``unset`` is the
    variable whose default it is, "" for none.
    """

    server: Hashable
    number: int | None
    value: Value
    condition: Hashable
    unset: str = ""

    def is_same(self, other: RedisDatabase) -> bool:
        """Whether both are the same database at the same time."""
        together = None in (self.condition, other.condition) or self.condition == other.condition
        return together and self.server == other.server and self.number == other.number


def redis_databases(app: App, setting: str) -> Iterator[RedisDatabase]:
    """The databases that a setting's URLs name; what is no plain Redis, or not known, is left out.

    A read of a variable that has no default, or one that is set, is a server of its own kind: the same for each setting
    that takes it whole.
    """
    found = app.settings.get(setting)
    if found is None:
        return
    for value, condition in outcomes(found.value):
        form = form_of(condition)
        inner: Value | None = value
        unset = ""
        while isinstance(inner, Environment):
            yield RedisDatabase(("variable", form_of(inner)), None, inner, form)
            unset, inner = inner.variable, inner.default
        place = _place(inner) if inner is not None else None
        if inner is not None and place is not None:
            yield RedisDatabase(*place, inner, form, unset)


def _place(value: Value) -> tuple[Hashable, int | None] | None:
    """Server and number of a URL that is known but for parts that variables give."""
    parts: dict[int, Value] = {}
    if isinstance(value, Literal) and isinstance(value.value, str):
        text = value.value
    elif isinstance(value, Text):
        text, parts = with_gaps(value)
    else:
        return None
    url = split(text)
    if url is None or url.scheme not in ("redis", "rediss") or (url.query is not None and not url.query.known):
        return None
    if any(name in ("db", "virtual_host") for name, _ in url.parameters()):
        return None
    if any(at >= url.host.start and _is_unknown(part) for at, part in parts.items()):
        return None  # two calls of one function may give different ones
    forms = iter([form_of(part) for _, part in sorted(parts.items())])
    _named(text[: url.host.start], forms)  # a credential says nothing of the server
    host = _named(url.host.text, forms)
    port = _named(url.port.text if url.port is not None else "", forms)
    path = url.path.text.strip("/") if url.path is not None else ""
    server = (LOCAL[0] if host in LOCAL else host, port or PORT)
    if path.isdecimal() or not path:
        return server, int(path or 0)
    if UNKNOWN in path:
        return (server, _named(path, forms)), None
    return None


def _is_unknown(value: Value) -> bool:
    return any(isinstance(one, Unknown) for one in walk(value))


def _named(text: str, forms: Iterator[Hashable]) -> tuple[Hashable, ...]:
    """The pieces of a text, each unknown part as what it comes from."""
    pieces = [piece for piece in re.split(f"({UNKNOWN})", text) if piece]
    return tuple(next(forms) if piece == UNKNOWN else piece.lower() for piece in pieces)


def free_number(apps: Iterable[App], server: Hashable) -> int | None:
    """The lowest number of a database that no app of the project names on a server; None where all are taken."""
    taken = {
        one.number
        for app in apps
        for setting in ("broker_url", "result_backend")
        for one in redis_databases(app, setting)
        if one.server == server
    }
    return next((number for number in range(1, NUMBERS) if number not in taken), None)

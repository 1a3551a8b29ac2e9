"""Result-backend URLs taken apart, as Celery, kombu and SQLAlchemy each read them. Unknown parts stay unknown.

A text that is not known whole holds ``UNKNOWN`` in place of each part that is not. Such a part may hide anything, a
``?`` or an ``@`` included, so what stands behind one is only said where it cannot.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Environment, Literal, Text
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Value

UNKNOWN = "\ue000"
"""Stands for a part of a text that is not known: a character of Unicode's private use area."""


@record
class Piece:
    """A part of a URL as written, percent-encoding included, and where in the text it stands (end exclusive).

    The repr hides the text, which may be a credential.
    """

    text: str
    start: int
    end: int

    @property
    def known(self) -> bool:
        """Whether all of it is known."""
        return UNKNOWN not in self.text

    def __repr__(self) -> str:
        return f"Piece({len(self.text)} characters, {self.start}, {self.end})"


@record
class BackendURL:
    """A URL of a result backend. A piece is None where its separator is missing: ``redis://h/`` has an empty path.

    ``alias`` is what Celery looks the backend up by, ``scheme`` that of the URL which the backend is given (``rediss``
    in ``redis+rediss://h``; the alias where nothing follows a ``+``). ``path`` is without its first ``/``, ``query``
    without ``?``.
    """

    alias: str
    scheme: str
    user: Piece | None
    password: Piece | None
    host: Piece
    port: Piece | None
    path: Piece | None
    query: Piece | None

    @property
    def hidden(self) -> bool:
        """Whether an unknown part may hide a query. One that is the whole port or database number does not."""
        if self.query is not None:
            return not self.query.known
        last = self.path or self.port
        if last is None:
            return not self.host.known
        return last.text != UNKNOWN and not last.known

    def parameters(self) -> tuple[tuple[str, str], ...]:
        """The parameters of the query, decoded, empty ones left out (``urllib.parse.parse_qsl``)."""
        if self.query is None or not self.query.text:
            return ()
        from urllib.parse import parse_qsl

        return tuple(parse_qsl(self.query.text))


def text_of(value: Value) -> str | None:
    """The text of one outcome, ``UNKNOWN`` for each part that is not known; None where it is no text or all unknown.

    A part that a variable gives counts as its default, where it has one that is no None: that is what holds while the
    variable is not set.
    """
    if isinstance(value, Literal):
        return value.value if isinstance(value.value, str) else None
    if not isinstance(value, Text):
        return None
    text = "".join(_part(part) for part in value.parts)
    return text if text.strip(UNKNOWN) else None


def _part(part: Value) -> str:
    if isinstance(part, Environment) and part.default is not None:
        return _part(part.default)
    if isinstance(part, Literal) and part.value is not None and not isinstance(part.value, bytes):
        return str(part.value)
    if isinstance(part, Text):
        return "".join(_part(one) for one in part.parts)
    return UNKNOWN


def split(text: str) -> BackendURL | None:
    """Take a URL apart as Celery and kombu do (``celery.app.backends.by_url``, ``kombu.utils.url.url_to_parts``, 5.7).

    None where ``text`` is no URL or its scheme is not known.
    """
    scheme, separator, _ = text.partition("://")
    if not separator or UNKNOWN in scheme:
        return None
    alias, _, inner = scheme.partition("+")
    start = len(scheme) + 3
    end = _end(text, "#", start, len(text))
    question = _end(text, "?", start, end)
    query = Piece(text[question + 1 : end], question + 1, end) if question < end else None
    slash = _end(text, "/", start, question)
    path = Piece(text[slash + 1 : question], slash + 1, question) if slash < question else None
    user = password = None
    at = text.rfind("@", start, slash)  # urllib.parse: the last one ends the credential
    if at >= 0:
        colon = _end(text, ":", start, at)
        user = Piece(text[start:colon], start, colon)
        password = Piece(text[colon + 1 : at], colon + 1, at) if colon < at else None
        start = at + 1
    host, port = _host(text, start, slash)
    return BackendURL(alias, inner or alias, user, password, host, port, path, query)


def split_sentinels(text: str) -> tuple[BackendURL, ...]:
    """The URLs of ``sentinel://…;sentinel://…``, positions counted in each; one for any other backend.

    Parts that are no URL themselves are left out (``celery.backends.redis.SentinelBackend._params_from_url``, 5.7).
    """
    first = split(text)
    if first is None:
        return ()
    if first.alias != "sentinel":
        return (first,)
    return tuple(url for chunk in text.split(";") if (url := split(chunk)) is not None)


def _end(text: str, character: str, start: int, end: int) -> int:
    at = text.find(character, start, end)
    return end if at < 0 else at


def _host(text: str, start: int, end: int) -> tuple[Piece, Piece | None]:
    bracket = text.find("]", start, end) if text.startswith("[", start) else -1
    colon = text.find(":", max(start, bracket), end)
    if colon < 0:
        return Piece(text[start:end], start, end), None
    return Piece(text[start:colon], start, colon), Piece(text[colon + 1 : end], colon + 1, end)


@record
class DatabaseURL:
    """An SQLAlchemy URL, without Celery's ``db+``: ``driver`` is "" where the dialect's default is meant."""

    dialect: str
    driver: str
    user: Piece | None
    password: Piece | None
    host: Piece
    port: Piece | None
    database: Piece | None
    query: Piece | None


def split_database(text: str) -> DatabaseURL | None:
    """Take the SQLAlchemy URL of a database backend apart as ``sqlalchemy.engine.url.make_url`` (1.4 to 2.1) does.

    ``text`` is the value of ``result_backend`` with its ``db+`` or ``database+``; positions are counted in it. None
    where it is no such URL or its dialect is not known.
    """
    scheme, separator, _ = text.partition("://")
    alias, plus, name = scheme.partition("+")
    if not separator or not plus or UNKNOWN in scheme or alias not in ("db", "database"):
        return None
    dialect, _, driver = name.partition("+")
    start = len(scheme) + 3
    user: Piece | None
    password = database = query = None
    # A user holds neither ":" nor "/", a password no "@"; without a password the user goes on to the last "@".
    stop = min(_end(text, ":", start, len(text)), _end(text, "/", start, len(text)))
    at = text.find("@", stop) if text.startswith(":", stop) else -1
    if at >= 0:
        user = Piece(text[start:stop], start, stop)
        password = Piece(text[stop + 1 : at], stop + 1, at)
    else:
        at = text.rfind("@", start, stop)
        user = Piece(text[start:at], start, at) if at >= 0 else None
    start = max(start, at + 1)
    slash = min(_end(text, "/", start, len(text)), _end(text, "?", start, len(text)))
    host, port = _host(text, start, slash)
    if slash < len(text) and text[slash] == "/":
        end = _end(text, "?", slash, len(text))
        database = Piece(text[slash + 1 : end], slash + 1, end)
        slash = end
    if slash < len(text):
        query = Piece(text[slash + 1 :], slash + 1, len(text))
    return DatabaseURL(dialect, driver, user, password, host, port, database, query)

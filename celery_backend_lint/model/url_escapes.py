"""Credentials in URLs that are not percent-encoded: which signs each parser trips over, and what then happens.

Celery's Redis backends take a URL apart with kombu's ``url_to_parts``: ``urllib.parse`` on what stands behind the
scheme. A database's is read by SQLAlchemy's ``make_url``; kombu's parser still sees it when a worker that starts shows
its backend (``Backend.as_uri``). Tried with Celery 5.3.6 to 5.7.0, SQLAlchemy 2.1.
"""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.values import Literal, Text
from celery_backend_lint.model.backend_kind import alias_of
from celery_backend_lint.model.redis_tls import REDIS_ALIASES
from celery_backend_lint.model.urls import UNKNOWN
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value

SPLITS = "#/?"
"""Signs that end the part of a URL which holds credential and host, for ``urllib.parse``."""

DATABASE_ALIASES = ("db", "database")
SQLITE = ("db+sqlite", "database+sqlite")
LARGEST_PORT = 65535

_ADDRESS = r"\[[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*\]"
_HOST = rf"@(?:[\w.{UNKNOWN}-]+|\[[0-9A-Fa-f:.%]+\])(?::[\w{UNKNOWN}]*)?(?=[/?#;]|$)"
"""What follows a credential."""

FAILS, ELSEWHERE, WORKER = "fails", "elsewhere", "worker"


@record
class Unescaped:
    """Signs of a credential that have to be percent-encoded and are not.

    ``signs`` are they, in order of appearance. ``spans`` are the ranges of characters of ``text`` they are searched in.
    ``outcome`` says what happens: ``FAILS`` (the backend raises ValueError), ``ELSEWHERE`` (it connects to another
    host) or ``WORKER`` (a database is connected, but a worker does not start: ValueError).
    """

    signs: str
    spans: tuple[tuple[int, int], ...]
    outcome: str

    def escaped(self, text: str) -> str:
        """The text with the signs percent-encoded, nothing else."""
        for start, end in reversed(self.spans):
            inner = "".join(f"%{ord(one):02X}" if one in self.signs else one for one in text[start:end])
            text = text[:start] + inner + text[end:]
        return text

    def __repr__(self) -> str:
        return f"Unescaped({len(self.signs)} signs, {self.outcome!r})"


def unescaped(text: str) -> Unescaped | None:
    """What of the credentials of a ``result_backend`` text is not percent-encoded and needs it; None for nothing.

    A text whose backend has another parser, or whose credential is not clearly one, gives None.
    """
    alias = alias_of(text)
    database = alias in DATABASE_ALIASES
    if (alias not in REDIS_ALIASES and not database) or "@" not in text or text.startswith(SQLITE):
        return None
    beside_address = (
        "@[" in text
    )  # urllib.parse then looks at the outermost brackets only, which depends on its version
    found = [
        (start, end, one)
        for start, end, is_user in _credentials(text)
        for one in _signs(text[start:end], database and not is_user, alias)
        if one not in "[]" or not beside_address
    ]
    outcome = _database_outcome(text, found) if database else _outcome(text, alias)
    if not found or outcome is None:
        return None
    signs = "".join(dict.fromkeys(one for _, _, one in found))
    return Unescaped(signs, tuple(dict.fromkeys((start, end) for start, end, _ in found)), outcome)


def _credentials(text: str) -> Iterator[tuple[int, int, bool]]:
    """The ranges of users and passwords in a text, known ones only, and whether each is a user."""
    from celery_backend_lint.findings.url_passwords import secrets_of_urls

    for start, end in secrets_of_urls(text):
        if re.compile(_HOST).match(text, end) is None or UNKNOWN in text[start:end]:
            continue
        user = max(text.rfind("://", 0, start) + 3, text.rfind(";", 0, start) + 1)
        if text[start - 1] == ":" and user < start - 1 and not text.startswith("://", start - 1):
            # ``host:6379/0?name=a@b`` and ``///database?user=a:b@c`` have no credential
            if re.match(r"\d{1,5}[/?#]", text[start:end]) or re.match(r"/|[^:]*=", text[user : start - 1]):
                continue
            if UNKNOWN not in text[user : start - 1]:
                yield user, start - 1, True
        yield start, end, False


def _signs(credential: str, first_at_ends: bool, alias: str) -> Iterator[str]:
    reserved = SPLITS + ("@" if first_at_ends else "") + (";" if alias == "sentinel" else "")
    brackets = re.sub(_ADDRESS, "", credential)
    for one in credential:
        if one in reserved or (one in "[]" and one in brackets):
            yield one


def _outcome(text: str, alias: str) -> str:
    """What becomes of a Redis backend: kombu's reading of each of its URLs."""
    urls = text.split(";") if alias == "sentinel" else [text]
    return FAILS if any(not _is_readable(url) for url in urls) else ELSEWHERE


def _is_readable(url: str) -> bool:
    """Whether kombu and the Redis backend read a URL without an error: the port and the database are numbers."""
    body = url.partition("://")[2].partition("#")[0].partition("?")[0]
    place, _, path = body.partition("/")
    parameters = path.find(";", path.rfind("/") + 1)  # urllib.parse takes them off the last segment
    path = path if parameters < 0 else path[:parameters]
    if re.search(r"[\[\]]", re.sub(_ADDRESS, "", place)):
        return False
    port = re.sub(_ADDRESS, "", place.rpartition("@")[2]).partition(":")[2]
    if port.isdecimal() and int(port) > LARGEST_PORT:
        return False
    return re.fullmatch(rf"\d*|{UNKNOWN}", port) is not None and re.fullmatch(r"\d*", path.strip("/")) is not None


def _database_outcome(text: str, found: list[tuple[int, int, str]]) -> str | None:
    """What becomes of a database; None where nothing fails: kombu takes what it sees for host and port."""
    body = text.partition("://")[2]
    if any(one == "@" for _, _, one in found) or "/" in body.partition(":")[0]:
        return ELSEWHERE
    place = re.split(r"[#/?]", body, maxsplit=1)[0]
    port = place.rpartition("@")[2].partition(":")[2]
    if re.fullmatch(r"\d*", port) and not re.search(r"[\[\]]", re.sub(_ADDRESS, "", place)):
        return None
    return WORKER


def with_gaps(value: Text) -> tuple[str, dict[int, Value]]:
    """The text of a value with one ``UNKNOWN`` for each part that is no constant, and the part for each position.

    Unlike ``urls.text_of`` it leaves out what a variable holds while it is not set.
    """
    text = ""
    gaps: dict[int, Value] = {}
    for part in value.parts:
        if isinstance(part, Literal):
            text += str(part.value)
        else:
            gaps[len(text)] = part
            text += UNKNOWN
    return text, gaps

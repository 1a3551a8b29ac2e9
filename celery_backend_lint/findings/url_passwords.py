"""Where the passwords stand in the URLs of a text, however badly the URLs are written.

This is for hiding them, not for what Celery makes of a URL: of two readings the one with the longer password wins.
"""

from __future__ import annotations

import re

QUOTES = "\"'`"
SEPARATORS = " \t\r\n;,|=()[]{}<>&?" + QUOTES
"""What may stand before the scheme of a second URL in one text; after anything else ``://`` belongs to a password."""

LONE_USER_SCHEMES = r"(?i)(?:redis|rediss|sentinel|.*\+?https?|amqps?\+token)$"
"""Schemes where a user name without a password is a secret itself: Redis takes one, web services a token."""

PORT = r"(?:\d{1,5}|port)?(?=[/?#;,\s\"'`)\]}>\\]|$)"
INTERPOLATION = (
    r"(?:\$\{[A-Za-z_]\w*(?::?\?[^}]*)?\}|\$\{\{[^{}\"']*\}\}|\$\([A-Za-z_]\w*\)|\{\{[^{}\"']*\}\}"
    r"|\{(?:[A-Za-z_][\w.]*\()*[\w.]*(?:[\[(][\"']?[A-Z][A-Z0-9_]*[\"']?[\])])?\)*(?:![rsa])?\}"
    r"|%s|%\(\w+\)s|<[\w -]+>|\*+)"
)
"""A part that is filled in elsewhere and holds no secret itself; one with a default may."""

HOST_WITH_DEFAULT = (
    r"\$\{(?!\w*(?i:pass|pwd|secret|token|key|auth|cred))[A-Za-z_]\w*:-[A-Za-z0-9.-]*\}(?=[:/?#\s\"'`]|$)"
)
"""A host that a variable may name: where no ``@`` follows, its default is a host as well."""

WEB_PAGE = r"[\w-]+(?:\.[\w-]+)+/[^#]*#[\w-]*"
"""A web page up to its fragment, which no server is sent: a colon there (``#std:setting-…``) is before no password."""

QUERY_AFTER_HOST = r"[\w.%{}$\[\]-]+(?::[\w{}$]+)?(?:/[^?@\s]*)?\?[\w.-]+="
MORE_HOSTS = r"@[\w.{}$-]+:\d+[;,]"
MORE_SENTINELS = r"@[\w.{}$-]+(?::\d+)?;"


def secrets_of_urls(text: str) -> list[tuple[int, int]]:
    """Find the credentials of the URLs in ``text``: ranges of characters, in order."""
    spans: list[tuple[int, int]] = []
    at = text.find("://")
    while at >= 0:
        start = _scheme_start(text, at)
        following = _next_url(text, at + 3)
        end = _url_end(text, start, at + 3, following)
        scheme = text[start:at].lstrip("+-._0123456789")  # of ${X:-redis://…} the default begins after the hyphen
        _credentials(text, scheme, at + 3, end, spans)
        at = following
    return spans


def _scheme_start(text: str, at: int) -> int:
    while at > 0 and (text[at - 1].isalnum() or text[at - 1] in "+.-_"):
        at -= 1
    return at


def _next_url(text: str, at: int) -> int:
    """Find the ``://`` of the next URL: one whose scheme does not follow a character that a password might end with."""
    found = text.find("://", at)
    while found >= 0:
        start = _scheme_start(text, found)
        if start < found and (start <= at or text[start - 1] in SEPARATORS) and start >= at:
            return found
        found = text.find("://", found + 3)
    return -1


def _url_end(text: str, start: int, body: int, following: int) -> int:
    limit = len(text) if following < 0 else _scheme_start(text, following)
    quote = text[start - 1] if start and text[start - 1] in QUOTES else ""
    if quote:
        at = body
        while at < limit:
            if text[at] == "\\":
                at += 1
            elif text[at] == quote or text[at] == "\n":
                return at
            at += 1
        return limit
    found = re.compile(r"\s|[\"'`](?=[\s,;:)\]}]|$)").search(text, body, limit)
    if found is None:
        return limit
    end = found.start()
    if _needs_more(text[body:end]):
        line_end = text.find("\n", end, limit)
        line_end = limit if line_end < 0 else line_end
        more = text.rfind("@", end, line_end)
        if more >= 0:
            found = re.compile(r"\s").search(text, more, limit)
            return found.start() if found else limit
    return end


def _needs_more(body: str) -> bool:
    """Whether ``body`` breaks off inside a password: it has a colon that starts no port, and no ``@`` after it."""
    _, colon, rest = body.partition(":")
    if not colon or "@" in rest or "@" in body or body.startswith("["):
        return False
    return not re.match(PORT, rest) and not re.match(INTERPOLATION, rest)


def _credentials(text: str, scheme: str, start: int, end: int, spans: list[tuple[int, int]]) -> None:
    """Find the credential of each host between ``start``, after ``://``, and ``end``."""
    while start < end:
        body = text[start:end]
        more = re.search(MORE_SENTINELS if scheme.startswith("sentinel") else MORE_HOSTS, body)
        if more and re.match(r"[^:@]*:.*@", body[more.end() :], re.DOTALL):
            _credential(text, scheme, start, start + more.end() - 1, spans)
            start += more.end()
        else:
            _credential(text, scheme, start, end, spans)
            return


def _credential(text: str, scheme: str, start: int, end: int, spans: list[tuple[int, int]]) -> None:
    body = text[start:end]
    colon = body.find(":")
    address = re.match(r"\[[0-9A-Fa-f:.%]*\]", body)
    if address:
        colon = body.find(":", address.end())
    last = _last_at(body)
    if last < 0 or colon < 0 or colon > last:
        if 0 <= last < min((at for at in (body.find(c) for c in "/?#") if at >= 0), default=len(body)):
            if re.match(LONE_USER_SCHEMES, scheme) and not filled_in(body[:last]):
                spans.append((start, start + last))
        elif last < 0 <= colon:
            default_host = re.match(HOST_WITH_DEFAULT, body)
            if default_host:
                colon = default_host.end()
                if body[colon : colon + 1] != ":":
                    return
            password = body[colon + 1 :]
            page = re.match(r"https?$", scheme, re.IGNORECASE) and re.fullmatch(WEB_PAGE, body[:colon])
            if password and not page and not re.match(PORT, password) and not re.match(r"[{$%<*]", password):
                spans.append((start + colon + 1, end))
        return
    host = body[:colon]
    password = body[colon + 1 : last]
    if scheme.lower() in ("http", "https") and ("." in host or host == "localhost") and re.match(r"\d{1,5}/", password):
        return  # a web address with a port and an @ in its path
    if password and not filled_in(password):
        spans.append((start + colon + 1, start + last))
    elif not password and host and re.match(LONE_USER_SCHEMES, scheme) and not filled_in(host):
        spans.append((start, start + colon))


def _last_at(body: str) -> int:
    """Find the ``@`` that ends the credential: the last one, except those in the query of a host already seen."""
    last = body.rfind("@")
    first = body.find("@")
    while last > first:
        before = body.rfind("@", 0, last)
        if not re.match(QUERY_AFTER_HOST, body[before + 1 : last]):
            break
        last = before
    return last


def filled_in(text: str) -> bool:
    """Whether ``text`` holds nothing but parts that are filled in elsewhere."""
    return text.startswith(("$", "{", "%", "<", "*")) and re.fullmatch(f"(?:{INTERPOLATION})+", text) is not None

"""No credential is ever printed: every message, value and source line goes through here first.

Masking fails closed. Where a text can be read in two ways, the reading with the longer secret wins: a port or a path
may be lost with it, a scheme, the first host and the last host never are. What is written instead is always ``***``,
so that not even the length of a secret is told, and masking twice changes nothing.

Patterns are given as text and compiled when first needed: a clean run masks nothing.
"""

from __future__ import annotations

import re

from celery_backend_lint.findings.literal_ranges import literal_end, literals, operands_end
from celery_backend_lint.findings.url_passwords import filled_in, secrets_of_urls

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

MASK = "***"

_PRIVATE_KEYS = (
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\Z)"
    r"|\A(?:(?!-----BEGIN ).)*-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----"
    r"|^[ \t]*[\"']?[A-Za-z0-9+/]{60,76}={0,2}(?:\\[nr])*[\"']?[ \t,\\]*$"
)
"""A private key in PEM, what is shown of it, or a line from its middle."""

_LINE_OF_A_KEY = 60

LONGEST = 5_000
"""Characters of a line or text that are shown; what follows is masked whole, so that no input takes long."""

AHEAD = 1_000
"""Characters read beyond ``LONGEST``, for a credential that begins before it."""

TELLING_WORD = (
    r"(?:passw(?:or)?d|passphrase|passwort|contrase(?:ñ|n)a|pwd|secret|token|credential|requirepass"
    r"|(?:api|access|account|private|encryption|signing|fernet|auth|shared|storage|license|master)[_-]?key"
    r"|(?<![a-z])pass(?![a-z])|sharedaccess(?:key|signature)|(?<![a-z])sig(?![a-z]))"
)
_IN_TELLING_WORD = ("pass", "contrase", "pwd", "secret", "token", "credential", "key", "sig")
"""One of them stands in whatever `TELLING_WORD` fits: the pattern takes half a millisecond to compile."""

_HARMLESS_ENDINGS = frozenset(
    """
    file path dir url uri host port name names expire expires expiry expiration in at minute minutes hour hours day
    days second seconds sec secs age ttl timeout lifetime type types algorithm algorithms length min max header
    headers headertypes prefix validator validators hasher hashers enabled required limit count class classes
    backend backends endpoint scope scopes regex pattern policy input field fields form forms view views serializer
    template reset change version field_name issuer audience admin model models
    """.split()  # noqa: SIM905
)

TOKENS = (
    r"(?<![A-Za-z0-9])(?:(?:AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}"
    r"|xox[abprs]-[\w-]{10,}|[sr]k_(?:live|test)_\w{16,}|AIza[\w-]{35}|SG\.[\w-]{16,}\.[\w-]{16,}"
    r"|eyJ[\w-]{10,}\.[\w-]{10,}(?:\.[\w-]*)?|\d{8,10}:[A-Za-z0-9_-]{35}(?![\w-])|sk-[A-Za-z0-9_-]{20,})"
)
"""Tokens that are known by their look: AWS, GitHub, GitLab, Slack, Stripe, Google, SendGrid, JWT, Telegram, OpenAI."""

_TOKEN_SIGNS = ("AKIA", "ASIA", "gh", "github_pat_", "glpat-", "xox", "k_live_", "k_test_", "AIza", "SG.", "eyJ", "sk-")
_TELEGRAMS = len("12345678:") + 35
"""How long Telegram's are at least: all that is telling in them is a colon after a digit."""


def may_hold_token(text: str) -> bool:
    """Whether what stands in whatever TOKENS fits is in a text: without it the pattern is not compiled."""
    if any(sign in text for sign in _TOKEN_SIGNS):
        return True
    return len(text) >= _TELEGRAMS and any(before[-1:].isdigit() for before in text.split(":")[:-1])


def mask(text: str) -> str:
    """Return ``text`` with every credential in it replaced by ``***``.

    Those are passwords of URLs (several URLs, several hosts, a password without a user), ``name=value`` secrets in
    queries and connection strings, and tokens known by their look.
    """
    return _replace(text, secrets_of_text(text))


def mask_line(line: str, path: str = "") -> str:
    """Return a source line with every credential in it replaced by ``***``.

    Besides what :func:`mask` does: what is assigned or passed to a name such as ``password``, in Python, env files,
    YAML, TOML and INI. ``path`` tells Python (where a bare word is a variable) from the rest (where it is a value);
    without it bare words are masked. Reads of the environment stay, their defaults do not.
    """
    return _replace(line, secrets_of_line(line, path))


def is_secret_name(name: str) -> bool:
    """Whether ``name`` is a secret's: that of ``redis_password``, not that of ``PASSWORD_RESET_URL``."""
    lowered = name.lower()
    if not any(part in lowered for part in _IN_TELLING_WORD) or not re.search(TELLING_WORD, lowered):
        return False
    last = re.split(r"[_.\s-]", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower())[-1]
    return last not in _HARMLESS_ENDINGS


def secrets_of_text(text: str) -> list[tuple[int, int]]:
    """Find the credentials in ``text``: ranges of characters, in order, not overlapping."""
    shown = text[: LONGEST + AHEAD]
    spans = _by_look(shown) + _of_connection_strings(shown)
    return _merged(spans + _beyond(text))


def secrets_of_line(line: str, path: str = "") -> list[tuple[int, int]]:
    """Find the credentials in a source line: ranges of characters, in order, not overlapping."""
    rest = _beyond(line)
    line = line[: LONGEST + AHEAD]
    spans = rest + _by_look(line) + _joined(line)
    if re.search(TELLING_WORD, line.lower()):
        python = path.endswith((".py", ".pyi"))
        spans += _assigned(line, python=python)
        strings = _of_connection_strings(line)
        if python and strings:  # outside of its literals, `password=word` passes a variable
            inside = literals(line)
            strings = [span for span in strings if any(start < span[0] < end for start, end in inside)]
        spans += strings
    return _merged(spans)


def secrets_of_lines(lines: Sequence[str], path: str) -> list[list[tuple[int, int]]]:
    """Find the credentials in lines that follow each other: a list of ranges for each.

    Sees what one line alone does not tell: a literal below the name that it is assigned to, a ``value:`` below the
    ``name:`` of a secret in YAML.
    """
    spans = [secrets_of_line(line, path) for line in lines]
    block = "\n".join(line if len(line) <= LONGEST else "" for line in lines)
    found: list[tuple[int, int]] = []
    if path.endswith((".py", ".pyi")):
        found = _assigned(block, python=True) + _joined(block)
    elif path.endswith((".yml", ".yaml")):
        pattern = r"name:[ \t]*[\"']?([\w.-]+)[\"']?[ \t]*\n[ \t]*value:[ \t]*([^\s].*)"
        found = [
            pair.span(2) for pair in re.finditer(pattern, block) if is_secret_name(pair[1]) and not _stays(pair[2])
        ]
    found += _private_keys(block)
    at = 0
    for index, line in enumerate(lines):
        end = at + (len(line) if len(line) <= LONGEST else 0)
        more = [(max(start, at) - at, min(stop, end) - at) for start, stop in found if start < end and stop > at]
        spans[index] = _merged(spans[index] + more)
        at = end + 1
    return spans


def mask_lines(lines: Sequence[str], path: str) -> list[str]:
    """Return source lines that follow each other with every credential in them replaced by ``***``."""
    return [_replace(line, spans) for line, spans in zip(lines, secrets_of_lines(lines, path), strict=True)]


def mask_spans(line: str, spans: Sequence[tuple[int, int]], columns: tuple[int, ...]) -> tuple[str, tuple[int, ...]]:
    """Replace ``spans`` of a line by ``***``, and tell where ``columns`` (from 1) of it are then."""
    moved = []
    for column in columns:
        at = column - 1
        shift = 0
        for start, end in spans:
            if at >= end:
                shift += len(MASK) - (end - start)
            elif at > start:
                shift += min(at - start, len(MASK)) - (at - start)
        moved.append(column + shift)
    return _replace(line, spans), tuple(moved)


def _beyond(text: str) -> list[tuple[int, int]]:
    return [(LONGEST, len(text))] if len(text) > LONGEST + len(MASK) else []


def _by_look(text: str) -> list[tuple[int, int]]:
    """Find what is a credential by its look: in URLs, before hosts, tokens."""
    spans: list[tuple[int, int]] = []
    if "://" in text:
        spans += secrets_of_urls(text)
    if "@" in text and ":" in text:
        for found in re.finditer(r"(?<![\w/:@.+%-])[\w.+%-]*:([^\s\"'`@/:]+)@(?=[\w\[{$])", text):
            required = text[: found.start()].endswith("${") and re.fullmatch(r"\?[^{}]*\}", found[1])
            if not filled_in(found[1]) and not required:
                spans.append(found.span(1))
    if may_hold_token(text):
        spans += (found.span() for found in re.finditer(TOKENS, text))
    return spans + _private_keys(text)


def _private_keys(text: str) -> list[tuple[int, int]]:
    """Find private keys in PEM, in one line or several."""
    if "PRIVATE KEY" not in text and len(text) < _LINE_OF_A_KEY:
        return []
    return [found.span() for found in re.finditer(_PRIVATE_KEYS, text, re.DOTALL | re.MULTILINE)]


def _of_connection_strings(text: str) -> list[tuple[int, int]]:
    """Find the values of ``name=value`` pairs whose name is a secret's."""
    spans: list[tuple[int, int]] = []
    if "=" in text:
        for found in re.finditer(r"(?<![\w.-])([\w.-]+)=(?!=)(?=([^\s&;\"'`,]+))", text):
            value = found[2]
            if not re.search(r"[(\[{]", value):
                value = value.rstrip(")]}:.")
            if value and is_secret_name(found[1]) and not _stays(value):
                spans.append((found.start(2), found.start(2) + len(value)))
    return spans


def _stays(value: str) -> bool:
    """Whether a bare value may be shown: it is filled in elsewhere, or is code that reads it from somewhere."""
    if filled_in(value) or value in ("None", "null", "True", "False", "true", "false"):
        return True
    return (
        re.match(r"(?:os\.|self\.|settings\.|config[.(]|env[.(]|getenv\(|environ|[A-Za-z_][\w.]*\()", value) is not None
    )


def _assigned(line: str, *, python: bool) -> list[tuple[int, int]]:
    """Find what is assigned or passed to a name that is a secret's."""
    spans: list[tuple[int, int]] = []
    pattern = (
        r"(?P<name>[A-Za-z_][\w.-]*)(?:[\"']\s*\]?|\s*\])?(?P<type>\s*:\s*[\w\[\]., |]+(?==[^=]))?"
        r"\s*(?P<sign>:=|=(?!=)|:(?!:)|,|\s(?=[^\s=:,]))"
    )
    written = literals(line) if python else []
    spans += _in_literals(line, written)
    at = 0
    while found := re.compile(pattern).search(line, at):
        at = max(found.end("name"), found.start() + 1)
        if not is_secret_name(found["name"]):
            continue
        if line.startswith("${", found.start() - 2) and re.match(
            r":?\?", line[found.end("name") : found.end("name") + 2]
        ):
            continue  # ${NAME:?message} has no value
        sign = found["sign"]
        if any(start < found.start("sign") < end for start, end in written):
            continue  # text, which is searched for connection strings
        quoted = line[found.start() - 1 : found.start()] in ("'", '"')
        if sign == "," and (not quoted or "]" in line[found.end("name") : found.start("sign")]):
            continue
        if sign.isspace() and (python or not _is_option(line, found.start())):
            continue
        spans += _values(line, found.end(), python=python or sign == ",", to_bracket=sign == ",")
    return spans


def _in_literals(line: str, written: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Find what is given to a secret's name inside of string literals: JSON in a string."""
    spans: list[tuple[int, int]] = []
    for start, end in written:
        text = line[start + 1 : end - 1]
        inner = text.replace('\\"', '" ').replace("\\'", "' ")
        if re.search(TELLING_WORD, inner.lower()) and re.search(r"[\"']", inner):
            for first, last in _assigned(inner, python=True):
                escaped = first < last and inner[first] == " " and text[first] in "\"'"
                spans.append((start + 1 + first + escaped, start + 1 + last))
    return spans


def _is_option(line: str, start: int) -> bool:
    """Whether the name at ``start`` takes its value after a space: ``--requirepass x``, ``ENV PASSWORD x``."""
    before = line[:start]
    return (
        before.endswith("-")
        or re.search(r"(?i)(?:^|\s)(?:env|set|requirepass|masterauth)\s+$", before) is not None
        or not before.strip()
    )


def _values(line: str, start: int, *, python: bool, to_bracket: bool) -> list[tuple[int, int]]:
    """Find the literals of the expression at ``start``, up to the comma or bracket that ends it."""
    spans: list[tuple[int, int]] = []
    depth = 0
    at = start
    bare = -1
    while at < len(line):
        character = line[at]
        if character in "\"'" and bare < 0:
            end = literal_end(line, at)
            inner = (at + 1, end - 1 if end - 1 > at and line[end - 1] == character else end)
            triple = line.startswith(character * 3, at)
            if triple:
                inner = (at + 3, max(at + 3, end - 3 if line.endswith(character * 3, at + 3, end) else end))
            if not _is_name_read(line, start, at, line[slice(*inner)]):
                spans.append(inner)
            at = end
            continue
        if python and character == "#":
            end = line.find("\n", at)
            at = len(line) if end < 0 else end
            continue
        ends = character == "\n" and depth == 0 and not to_bracket and line[start:at].strip()
        if ends and not re.compile(r"\s*[rbfuRBFU]{0,2}[\"']").match(line, at):  # else the literal goes on
            break
        if python or depth:
            if character in "([{":
                depth += 1
            elif character in ")]}":
                depth -= 1
                if depth < 0:
                    break
            elif character == "," and depth == 0 and not to_bracket:
                break
        elif bare < 0 and not character.isspace():
            bare = at
        at += 1
    if bare >= 0:
        end = len(line.rstrip())
        value = line[bare:end]
        code = re.match(r"(?:[rbfuRBFU]{1,2})(?=[\"'])", value)
        if code:
            spans += _values(line, bare + code.end(), python=True, to_bracket=to_bracket)
        elif re.match(r"[A-Za-z_][\w.]*[(\[]", value):
            spans += _values(line, bare, python=True, to_bracket=to_bracket)
        elif not _stays(value) and value not in ("|", ">", "[", "{", ""):
            spans.append((bare, _bare_end(line, bare, end)))
    return [(first, last) for first, last in spans if first < last and not filled_in(line[first:last])]


def _bare_end(line: str, start: int, end: int) -> int:
    """Find the end of a value without quotes: the line's, or what closes a call or a mapping it stands in."""
    opened = line[:start]
    if "(" in opened or "{" in opened:
        found = re.compile(r"[,)}]").search(line, start)
        if found:
            return found.start()
    return end


def _is_name_read(line: str, start: int, at: int, inner: str) -> bool:
    """Whether the literal at ``at`` names a variable that is read there: ``os.environ["REDIS_PASSWORD"]``."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", inner):
        return False
    before = line[start:at]
    return (
        re.search(r"(?i)(?:env\w*(?:\.\w+)?|config|get|get_?secret|conf|setting\w*|alias|choices)\s*[\[(=]\s*$", before)
        is not None
    )


def _joined(line: str) -> list[tuple[int, int]]:
    """Find a password in a literal of its own: ``"redis://:" + "s3cret" + "@host"``, ``"redis://:%s@h" % "s3cret"``.

    What is filled in after a colon and before the path, where no ``@`` follows, is a port.
    """
    spans: list[tuple[int, int]] = []
    for found in re.finditer(
        r"://[^\"'\s@/]*:(?:([\"'])|(?:%s|\{\w*\}|%\(\w+\)s)(?!/[^@\"'\n]*[\"'])[^\"'\n]*[\"']\)?\s*(?:%|\.format\())",
        line,
    ):
        at = found.end()
        limit = len(line) if found[1] else operands_end(line, at)
        while opening := re.compile(r"[\w.\s+()\\,=:{\[]*?([\"'])" if not found[1] else r"[\w.\s+()\\]*?([\"'])").match(
            line, at, limit
        ):
            start = opening.end()
            end = literal_end(line, start - 1)
            inner = line[start:end]
            stop = inner.rfind("@") if found[1] else -1
            if stop < 0:
                stop = len(inner) - (1 if inner.endswith(opening[1]) else 0)
            if stop > 0 and not _is_name_read(line, 0, start - 1, inner[:-1]) and not filled_in(inner[:stop]):
                spans.append((start, start + stop))
            if found[1] and "@" in inner:
                break
            at = end
    return spans


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end:
            merged.append((start, end))
    return merged


def _replace(text: str, spans: Sequence[tuple[int, int]]) -> str:
    if not spans:
        return text
    parts: list[str] = []
    at = 0
    for start, end in spans:
        parts += (text[at:start], MASK)
        at = end
    return "".join((*parts, text[at:]))

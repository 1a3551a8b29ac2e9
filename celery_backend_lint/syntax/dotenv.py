"""Env files (``.env``) with positions: what stands in each line, and where.

python-dotenv's parser decides what a value is. Importing it takes 30 ms, so lines without escapes are read here by the
same rules (a property test holds the two together). From the first line on that has a backslash in quotes, a value over
several lines, a quoted name or no sense, the file is given to it. Commented entries, which it passes
over, are read here too: for an example they count as present.
"""

from __future__ import annotations

import re

from celery_backend_lint.location import Span
from celery_backend_lint.record import record


@record
class Entry:
    """One ``NAME=value``. ``value`` is None for a name alone; the span of the value is without its quotes.

    ``${…}`` in a value stays as written. ``commented`` entries stand behind a ``#``.
    """

    key: str
    value: str | None
    key_span: Span
    value_span: Span
    commented: bool = False
    export: bool = False

    def __repr__(self) -> str:
        """Leave out the value, which may be a secret."""
        return f"Entry({self.key!r}, line {self.key_span.line})"


@record
class BadLine:
    """A line that no reader of env files takes."""

    line: int
    message: str


COLON_MESSAGE = "has a colon between its name and its value"
"""What is wrong with a line that compose takes."""

LONGEST = 200_000
"""Characters of an env file that are read; python-dotenv takes seconds for a mebibyte."""

WHITE = r"[^\S\r\n]*"
PLAIN = (
    rf"{WHITE}(?:(?P<export>export[^\S\r\n]+)|(?!export[^\S\r\n]))(?P<key>[^=#\s'][^=#\s]*){WHITE}"
    rf"(?:={WHITE}(?:\"(?P<double>[^\\\"\r\n]*)\"|'(?P<single>[^\\'\r\n]*)'){WHITE}(?:#[^\r\n]*)?"
    r"|=[^\S\r\n]+(?P<nothing>)#[^\r\n]*"
    rf"|={WHITE}(?P<value>(?:[^\s\"'][^\r\n]*)?)"
    r"|(?:#[^\r\n]*)?)"
    r"(?:\r\n|\n|\r|$)"
)
"""A line that can be read without python-dotenv, by the expressions of its parser (1.2)."""

COMMENTED = rf"{WHITE}#(?:#|[^\S\r\n])*(?=(?:export[^\S\r\n]+)?[A-Za-z_][A-Za-z0-9_]*{WHITE}=)"
QUOTED = rf"{WHITE}(?:export[^\S\r\n]+)?[^=#\s'][^=#\s]*{WHITE}={WHITE}([\"'])(?:\\.|(?!\1)[^\\])*"
EMPTY = rf"{WHITE}(?:#[^\r\n]*)?(?:\r\n|\n|\r|$)"
COLON = (
    rf"^{WHITE}(?:(?P<export>export[^\S\r\n]+)|(?!export[^\S\r\n]))(?P<key>[A-Za-z_][A-Za-z0-9_.]*){WHITE}:{WHITE}"
    rf"(?:\"(?P<double>[^\\\"\r\n]*)\"|'(?P<single>[^\\'\r\n]*)'|(?P<value>(?:[^\s\"'#][^\r\n]*)?)){WHITE}(?:#[^\r\n]*)?(?=[\r\n]|\Z)"
)
"""A line as compose takes it besides those with ``=`` (``dotenv/parser.go`` of compose-go, as godotenv's)."""
TEMPLATE = r"\s*(?:\{%|\{\{|\{#|%\}|#\}|<%)"
"""How a line begins that a template engine takes away (cookiecutter, Jinja, ERB)."""


def read_dotenv(text: str) -> tuple[tuple[Entry, ...], tuple[BadLine, ...]]:
    """Read an env file's text (without byte order mark). Returns its entries and its bad lines, each in order."""
    entries: list[Entry] = []
    bad: list[BadLine] = []
    lines = Lines(text)
    plain = re.compile(PLAIN)
    empty = re.compile(EMPTY)
    at = 0
    whole, text = text, text[:LONGEST]
    while at < len(text):
        if found := empty.match(text, at):
            _read_comment(text, at, found.end(), lines, entries)
        elif found := plain.match(text, at):
            entries.append(_entry(found, lines))
        else:
            _read_with_dotenv(text, at, lines, entries, bad)
            break
        at = found.end()
    if len(whole) > LONGEST:
        bad.append(BadLine(text.count("\n") + 1, "and what follows is not read: no env file is that long"))
    return tuple(entries), tuple(bad)


def read_colons(text: str, others: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The lines ``NAME: value`` of an env file, which compose takes and python-dotenv passes over, in order.

    ``others`` are what `read_dotenv` has found: what stands in a value of theirs is none.
    """
    text = text[:LONGEST]
    found = list(re.finditer(COLON, text, re.MULTILINE)) if ":" in text else []
    if not found:
        return ()
    taken = {
        line
        for one in others
        if one.value is not None and not one.commented
        for line in range(one.key_span.line, one.value_span.end_line + 1)
    }
    lines = Lines(text)
    entries = (_entry(one, lines) for one in found)
    return tuple(one for one in entries if one.key_span.line not in taken)


class Lines:
    """Turns offsets in a text, asked for in rising order, into lines and columns."""

    __slots__ = ("_at", "_line", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1

    def position(self, offset: int) -> tuple[int, int]:
        """Return line and column, from 1, of an offset not below the last one's line."""
        self._line += self._text.count("\n", self._at, offset)
        self._at = offset
        return self._line, offset - self._text.rfind("\n", 0, offset)

    def span(self, start: int, end: int) -> Span:
        """Return the range between two offsets."""
        return Span(*self.position(start), *self.position(end))


def _entry(found: re.Match[str], lines: Lines, *, commented: bool = False) -> Entry:
    key_span = lines.span(*found.span("key"))
    value: str | None = None
    start = end = found.end("key")
    group = found.lastgroup
    if group in ("double", "single", "nothing"):
        value = found[group]
        start, end = found.span(group)
    elif group == "value":
        value = re.sub(r"\s+#.*", "", found["value"]).rstrip()
        start = found.start("value")
        end = start + len(value)
    return Entry(found["key"], value, key_span, lines.span(start, end), commented, found["export"] is not None)


def _read_comment(text: str, start: int, end: int, lines: Lines, entries: list[Entry]) -> None:
    """Read the entry that is commented out between ``start`` and ``end``, where there is one."""
    comment = re.compile(COMMENTED).match(text, start, end)
    if comment:
        entry = re.compile(PLAIN).match(text, comment.end())
        if entry:
            entries.append(_entry(entry, lines, commented=True))


def _read_with_dotenv(text: str, at: int, lines: Lines, entries: list[Entry], bad: list[BadLine]) -> None:
    """Have python-dotenv read from ``at`` to the end."""
    from io import StringIO

    from dotenv.parser import parse_stream

    before = "\n"  # what begins the stream is not taken for a byte order mark then
    at -= len(before)
    for binding in parse_stream(StringIO(before + text[at + len(before) :], newline="")):
        end = at + len(binding.original.string)
        start = at + len(binding.original.string) - len(binding.original.string.lstrip())
        if binding.error:
            if not re.compile(TEMPLATE).match(text, start, end):
                bad.append(BadLine(lines.position(max(start, 0))[0], _what_is_wrong(text, max(start, 0), end)))
        elif binding.key is None:
            _read_comment(text, max(start, 0), end, lines, entries)
        else:
            entries.append(_binding_entry(text, start, end, binding.key, binding.value, lines))
        at = end


def _what_is_wrong(text: str, start: int, end: int) -> str:
    if re.compile(rf"{QUOTED}\1[^\r\n]*[^\s#]").match(text, start, end):
        return "goes on after the closing quote of its value"
    if re.compile(QUOTED).match(text, start, end):
        return "opens a quote that nothing closes"
    if re.compile(COLON, re.MULTILINE).match(text, start, end):
        return COLON_MESSAGE
    return "is neither NAME=value nor a comment"


def _binding_entry(text: str, start: int, end: int, key: str, value: str | None, lines: Lines) -> Entry:
    export = re.compile(r"export[^\S\r\n]+").match(text, start, end)
    first = text.index(key, export.end() if export else start)
    key_span = lines.span(first, first + len(key))
    first += len(key)
    last = first
    if value is not None:
        found = re.compile(rf"'?{WHITE}={WHITE}").match(text, first, end)
        first = last = found.end() if found else first
        quote = text[first : first + 1]
        if quote in ("'", '"'):
            inner = re.compile(rf"(?:\\.|[^{quote}\\])*", re.DOTALL).match(text, first + 1, end)
            first, last = inner.span() if inner else (first, last)
        else:
            last = first + len(value)
    return Entry(key, value, key_span, lines.span(first, last), export=export is not None)

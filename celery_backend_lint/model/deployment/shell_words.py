"""Shell text as statements of words, each word with the bytes it stands in.

Enough of POSIX sh to find commands and assignments: quotes, continued lines, comments, the operators between
statements, here documents (which are passed over). Nothing is expanded.
"""

from __future__ import annotations

import re

from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_WORDS = 50_000
"""Words of a file that are read."""


@record
class Word:
    """A word without its quotes, and its range of bytes; ``literal`` where nothing in it may be expanded."""

    text: str
    start: int
    end: int
    literal: bool = False

    def __repr__(self) -> str:
        """Leave out the text, which may be a secret."""
        return f"Word({self.start}, {self.end})"


_TOKEN = (
    rb"(?s)(?P<space>(?:[ \t\r]|\\\r?\n)+)"
    rb"|(?P<comment>#[^\n]*)"
    rb"|<<-?[ \t]*(?P<here>\\?\w+|'[^'\n]*'|\"[^\"\n]*\")"
    rb"|(?P<ends>\n|;|&&?(?!>)|\|\|?|\(|\)|\{(?=[ \t\r\n])|\}(?=[ \t\r\n;]|$))"
    rb"|(?P<other>&?[0-9]*[<>]+&?(?:[0-9-](?![\w/.]))?)"
    rb"|(?P<word>(?:\{\{[^\n]{0,200}?\}\}|%\(\w+\)[sd\d]*|[^\s\"'\\;&|()<>$`]|\\(?!\r?\n).|\\\r?\n"
    rb"|\"(?:[^\"\\]|\\.)*\"|'[^']*'|\$\{[^}\n]{0,500}\}|\$\([^()\n]{0,500}\)"
    rb"|\$|`[^`\n]*`)+)"
)
_PIECE = rb"(?s)\\\r?\n|\\(.)|\"((?:[^\"\\]|\\.)*)\"|'([^']*)'|[^\\\"']+"


def statements(text: bytes, start: int = 0, end: int | None = None) -> Iterator[list[Word]]:
    """The statements of a shell text between two offsets, each a list of words; keywords are words too."""
    end = len(text) if end is None else end
    words: list[Word] = []
    waiting: list[bytes] = []
    at, count = start, 0
    token = re.compile(_TOKEN)
    while at < end and count < MOST_WORDS:
        found = token.match(text, at, end)
        if found is None:  # a quote that nothing closes
            at += 1
            continue
        kind = found.lastgroup
        at = found.end()
        if kind == "word":
            count += 1
            words.append(_word(text, *found.span()))
        elif kind == "here":
            waiting.append(found["here"].strip(b"\\'\""))
        elif kind == "ends":
            if found[0] == b"\n" and waiting:
                at = _after_documents(text, at, end, waiting)
                waiting = []
            if words:
                yield words
            words = []
    if words:
        yield words


def _after_documents(text: bytes, at: int, end: int, names: list[bytes]) -> int:
    for name in names:
        closing = re.compile(rb"^[ \t]*" + re.escape(name) + rb"[ \t\r]*$", re.MULTILINE).search(text, at, end)
        if closing is None:
            return at
        at = min(closing.end() + 1, end)
    return at


def _word(text: bytes, start: int, end: int) -> Word:
    made: list[bytes] = []
    literal = True
    for piece in re.compile(_PIECE).finditer(text, start, end):
        escaped, double, single = piece.groups()
        if single is not None:
            made.append(single)
            literal = literal and b"$" not in single
        elif double is not None:
            literal = literal and b"$" not in double and b"`" not in double
            made.append(re.sub(rb"\\(?:\r?\n|([\"\\]))", lambda found: found[1] or b"", double))
        elif escaped is not None:
            made.append(escaped if escaped != b"$" else b"\\$")
            literal = False if escaped == b"$" else literal
        elif not piece[0].startswith(b"\\"):
            literal = literal and b"$" not in piece[0] and b"`" not in piece[0]
            made.append(piece[0])
    single_quoted = (
        text[start : start + 1] == b"'" and text[end - 1 : end] == b"'" and b"'" not in text[start + 1 : end - 1]
    )
    return Word(b"".join(made).decode("utf-8", "replace"), start, end, literal or single_quoted)

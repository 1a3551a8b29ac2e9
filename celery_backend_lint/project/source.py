"""One file of the project: its bytes, its text, and where a byte stands in it. Read once, whoever asks."""

from __future__ import annotations

import os
from bisect import bisect_right
from stat import S_ISREG

from celery_backend_lint.location import Span
from celery_backend_lint.record import record

MAXIMUM_SIZE = 2 * 1024 * 1024
"""Bytes; larger files are skipped, and said at ``-v``."""

OPEN_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NONBLOCK", 0)  # opening a FIFO would wait for a writer
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_NOFOLLOW", 0)  # whoever may follow a link resolves it first
)
"""How any file of a project is opened: in no way that can block, and never through a link."""


@record
class Unreadable:
    """Why a file's text cannot be had: ``reason`` for people, ``skipped`` when by choice (size, binary)."""

    path: str
    reason: str
    skipped: bool
    line: int = 1


class SourceFile:
    """A file below the root. ``path`` is relative with ``/``; nothing is read before it is asked for."""

    __slots__ = ("_ascii", "_data", "_problem", "_starts", "_utf8", "absolute", "parsed", "path")

    def __init__(
        self, root: str, path: str, data: bytes | None = None, *, absolute: str = "", problem: Unreadable | None = None
    ) -> None:
        """Take ``data`` where the content is known already.

        ``absolute`` is the place to read it from where that is not ``root/path`` (a link's target); ``problem`` says
        why there is nothing to read.
        """
        self.path = path
        self.absolute = absolute or os.path.join(root, path)
        self._data = b"" if problem else data
        self._utf8: bytes | None = None
        self._starts: list[int] | None = None
        self._ascii = False
        self._problem = problem
        self.parsed: object = None
        """The syntax, for who has parsed it; the text does not change."""

    @property
    def data(self) -> bytes:
        """The raw bytes; empty when the file cannot be read (``problem`` says why)."""
        if self._data is None:
            self._data = b""
            try:
                self._data = read_regular(self.absolute)
            except OSError as error:
                self._problem = unreadable(self.path, error)
            except ValueError as error:
                self._problem = Unreadable(self.path, str(error), skipped=True)
        return self._data

    @property
    def utf8(self) -> bytes:
        """The text as UTF-8 without BOM, which is what the parsers take; empty when there is none."""
        if self._utf8 is None:
            self._utf8 = self._decode(self.data)
        return self._utf8

    @property
    def text(self) -> str:
        """The text, line endings as they are."""
        return self.utf8.decode("utf-8")

    @property
    def problem(self) -> Unreadable | None:
        """Why the text cannot be had, or None when it can."""
        _ = self.utf8
        return self._problem

    def give_up(self, reason: str) -> None:
        """Treat the file as one that cannot be read, for a reason that shows only when it is parsed."""
        self._problem = Unreadable(self.path, reason, skipped=True)
        self._utf8 = b""

    def _decode(self, data: bytes) -> bytes:
        if data.startswith(b"\xef\xbb\xbf"):
            data = data[3:]
        elif data.startswith((b"\xff\xfe", b"\xfe\xff")):
            try:
                data = data.decode("utf-16").encode("utf-8")
            except UnicodeError:
                self._problem = Unreadable(self.path, "is not valid UTF-16", skipped=False)
                return b""
        if b"\0" in data:
            self._problem = Unreadable(self.path, "is binary (it holds NUL bytes)", skipped=True)
            return b""
        try:
            data.decode("utf-8")
            return data
        except UnicodeDecodeError as error:
            declared = declared_encoding(data) if self.path.endswith(".py") else None
            if declared:
                try:
                    return data.decode(declared).encode("utf-8")
                except (UnicodeError, LookupError):
                    pass
            line = data.count(b"\n", 0, error.start) + 1
            byte = data[error.start]
            self._problem = Unreadable(
                self.path, f"is not UTF-8 (byte 0x{byte:02x} in line {line})", skipped=False, line=line
            )
            return b""

    def span(self, start: int, end: int) -> Span:
        """Return the range between two byte offsets of ``utf8``."""
        starts = self._line_starts()
        if self._ascii and 0 <= start <= end <= len(self.utf8):  # a reading asks for tens of thousands of places
            line, end_line = bisect_right(starts, start), bisect_right(starts, end)
            return Span(line, start - starts[line - 1] + 1, end_line, end - starts[end_line - 1] + 1)
        line, column = self._position(start)
        end_line, end_column = self._position(end)
        return Span(line, column, end_line, end_column)

    def offset(self, line: int, column: int) -> int:
        """Return the byte offset in ``utf8`` of a line and a column, both from 1."""
        starts = self._line_starts()
        start = starts[min(line, len(starts)) - 1]
        text = self.utf8[start : start + 4 * column].decode("utf-8", "replace")
        return start + len(text[: column - 1].encode("utf-8", "replace"))

    def line(self, number: int) -> str:
        """Return the text of a line, counted from 1, without its line ending; empty when there is no such line."""
        starts = self._line_starts()
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self.utf8)
        return self.utf8[starts[number - 1] : end].decode("utf-8", "replace").rstrip("\r\n")

    def _position(self, offset: int) -> tuple[int, int]:
        starts = self._line_starts()
        line = bisect_right(starts, offset)
        start = starts[line - 1]
        if self._ascii:  # as most files are
            return line, max(min(offset, len(self.utf8)) - start, 0) + 1
        return line, len(self.utf8[start:offset].decode("utf-8", "replace")) + 1

    def _line_starts(self) -> list[int]:
        if self._starts is None:
            utf8 = self.utf8
            starts = [0]
            at = utf8.find(b"\n")
            while at >= 0:
                starts.append(at + 1)
                at = utf8.find(b"\n", at + 1)
            self._starts = starts
            self._ascii = utf8.isascii()
        return self._starts


def read_regular(absolute: str) -> bytes:
    """Read a regular file of at most ``MAXIMUM_SIZE`` bytes, not through a link, without ever blocking.

    Raises OSError when it cannot be read, ValueError (the reason, for people) when it is nothing to be read.
    """
    descriptor = os.open(absolute, OPEN_FLAGS)
    try:
        status = os.fstat(descriptor)
        if not S_ISREG(status.st_mode):
            raise ValueError("is not a regular file")
        data = b""
        while len(data) <= MAXIMUM_SIZE:
            part = os.read(descriptor, min(status.st_size, MAXIMUM_SIZE) + 1 - len(data) if not data else MAXIMUM_SIZE)
            if not part:
                return data
            data += part
        raise ValueError("is larger than 2 MiB")
    finally:
        os.close(descriptor)


def unreadable(path: str, error: OSError) -> Unreadable:
    """Make the problem of a file that the system would not open or read."""
    return Unreadable(path, f"cannot be read: {error.strerror or error}", skipped=False)


def declared_encoding(data: bytes) -> str | None:
    """Find the encoding that a Python file declares in its first two lines (PEP 263), or None."""
    import re

    for line in data.split(b"\n", 2)[:2]:
        found = re.match(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", line)
        if found:
            return found[1].decode("ascii")
    return None

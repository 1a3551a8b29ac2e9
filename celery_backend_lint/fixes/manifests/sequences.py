"""Items put into a list between brackets: of TOML, of Python, of YAML's flow style. They differ in nothing that counts.

tomlkit was tried and left: its ``Array.insert`` puts an item behind the comments that head the next ones, and a table
has no public way to say where a key goes.
"""

from __future__ import annotations

import re

from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.manifests.slots import block_starts, slot
from celery_backend_lint.fixes.text_edits import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.project.source import SourceFile

_REST = re.compile(rb"[ \t]*(,)?[ \t]*(?:#[^\r\n]*)?")
_LEADING_COMMA = re.compile(r"[ \t]*,[ \t]*")


def insert(
    source: SourceFile,
    items: Sequence[tuple[int, int]],
    names: Sequence[str],
    anchor: int,
    name: str,
    text: str,
    subject: str,
) -> Edit:
    """Put an item into a list.

    ``items`` are the byte ranges of those that are there, with their quotes, ``names`` what they are sorted by,
    ``anchor`` the index of the one that the new one goes behind where the list is not sorted. ``text`` is the new item,
    quoted. Raises CannotFixError where the list is laid out in a way that is not understood.
    """
    starts = block_starts(source, items)
    at = slot(names, starts, anchor, name)
    if at <= anchor and starts[at]:
        return _before(source, items, at, text, subject)
    return _behind(source, items, at - 1, text, subject)


def _prefix(data: bytes, start: int) -> str:
    """What stands before an item on its line."""
    return data[data.rfind(b"\n", 0, start) + 1 : start].decode("utf-8", "replace")


def _before(source: SourceFile, items: Sequence[tuple[int, int]], index: int, text: str, subject: str) -> Edit:
    start = items[index][0]
    prefix = _prefix(source.utf8, start)
    line = start - len(prefix.encode())
    if not prefix.strip():
        return replace(source, line, line, f"{prefix}{text},\n", subject)
    if _LEADING_COMMA.fullmatch(prefix):
        return replace(source, line, line, f"{prefix}{text}\n", subject)
    return replace(source, start, start, f"{text}, ", subject)


def _behind(source: SourceFile, items: Sequence[tuple[int, int]], index: int, text: str, subject: str) -> Edit:
    data = source.utf8
    start, end = items[index]
    prefix = _prefix(data, start)
    last = index == len(items) - 1
    rest = _REST.match(data, end)
    stop = rest.end() if rest is not None else end
    ends_line = data[stop : stop + 1] in (b"\r", b"\n")
    alone = not prefix.strip()
    if not ends_line and last and alone and len(items) > 1:  # "last"] of a list with one item a line
        return replace(source, end, end, f",\n{prefix}{text}", subject)
    others_before = index > 0 and items[index - 1][1] > start - len(prefix.encode())
    if not ends_line or others_before:
        return replace(source, end, end, f", {text}", subject)
    following = data.find(b"\n", stop) + 1
    beside = "" if last else _prefix(data, items[index + 1][0])
    indent = prefix if alone else beside if beside and not beside.strip() else " " * len(prefix)
    if rest is not None and rest[1]:
        return replace(source, following, following, f"{indent}{text},\n", subject)
    leading = prefix if last else beside
    if _LEADING_COMMA.fullmatch(leading):
        return replace(source, following, following, f"{leading}{text}\n", subject)
    if not last:
        raise CannotFixError(f"the list in `{source.path}` is laid out in a way that is not changed")
    comment = data[end:stop].decode()
    return replace(source, end, stop, f",{comment}\n{indent}{text}", subject)

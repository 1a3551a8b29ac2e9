"""Where in a list of requirements a new one belongs: by name where the list is sorted, else behind a given entry."""

from __future__ import annotations

import re
from itertools import pairwise

from celery_backend_lint.fixes.text_edits import replace
from celery_backend_lint.model.manifests.declared import normalized

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.requirements import RequirementText

SUBJECT = "a requirement"
"""The subject of every edit that adds one: a second one waits for the next pass, so that sorted lists stay sorted."""

NEARLY_SORTED = 10
"""Entries of a list for each that is out of order, at least, for the list to count as sorted."""

_EMPTY_LINE = re.compile(rb"\n[ \t]*\r?\n")


def slot(names: Sequence[str], starts_block: Sequence[bool], anchor: int, new: str) -> int:
    """The index before which a new name goes.

    ``names`` are those of the entries, ``starts_block`` tells before which of them an empty line (or something that is
    no entry) stands. Only the block around the entry ``anchor`` counts: by name where it is sorted, or all but one of
    many are, else the new one goes right behind the anchor.
    """
    first = anchor
    while first and not starts_block[first]:
        first -= 1
    end = anchor + 1
    while end < len(names) and not starts_block[end]:
        end += 1
    block = names[first:end]
    for key in (normalized, str):  # many lists have their capitals first
        keys = [key(name) for name in block]
        if all(one <= other for one, other in pairwise(keys)):
            return first + sum(1 for one in keys if one <= key(new))
    keys = [normalized(name) for name in block]
    if sum(one > other for one, other in pairwise(keys)) * NEARLY_SORTED <= len(keys):
        return first + next((index for index, one in enumerate(keys) if one > normalized(new)), len(keys))
    return anchor + 1


def block_starts(source: SourceFile, ranges: Sequence[tuple[int, int]]) -> list[bool]:
    """Before which of some entries (byte ranges, in order) an empty line stands, or nothing at all."""
    return [
        not index or _EMPTY_LINE.search(source.utf8, ranges[index - 1][1], start) is not None
        for index, (start, _) in enumerate(ranges)
    ]


def put_line(
    source: SourceFile,
    ranges: Sequence[tuple[int, int]],
    names: Sequence[str],
    starts_block: Sequence[bool],
    anchor: int,
    name: str,
    line: str,
) -> Edit:
    """Put a line, indented as it shall be, among entries that have lines of their own (byte ranges in order)."""
    data = source.utf8
    place = slot(names, starts_block, anchor, name)
    if place <= anchor and starts_block[place]:
        begin = data.rfind(b"\n", 0, ranges[place][0]) + 1
        return replace(source, begin, begin, f"{line}\n", SUBJECT)
    end = data.find(b"\n", ranges[place - 1][1]) + 1
    if not end:  # the file has no line ending at its end, and keeps that
        return replace(source, len(data), len(data), f"\n{line}", SUBJECT)
    return replace(source, end, end, f"{line}\n", SUBJECT)


def same(read: RequirementText | None, name: str, extras: tuple[str, ...], specifier: str) -> bool:
    """Whether a requirement that was read is what a manifest's reader made of it."""
    return (
        read is not None
        and normalized(read.name) == name
        and tuple(normalized(extra) for extra in read.extras) == extras
        and read.specifier == specifier
    )

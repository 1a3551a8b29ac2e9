"""Where the string literals of a line of code are, and where what fills them in ends: read by signs, for masking.

No parser: the line may be one of any language, broken off, or no code at all.
"""

from __future__ import annotations

import re


def literals(line: str) -> list[tuple[int, int]]:
    """Find the string literals of a line, quotes included."""
    spans = []
    at = 0
    while opening := re.compile(r"[\"']").search(line, at):
        at = literal_end(line, opening.start())
        spans.append((opening.start(), at))
    return spans


def literal_end(line: str, at: int) -> int:
    """Find the end of the string literal at ``at``, closing quotes included; the line's end when it is not closed."""
    quote = line[at] * 3 if line.startswith(line[at] * 3, at) else line[at]
    at += len(quote)
    while at < len(line):
        if line[at] == "\\":
            at += 1
        elif line.startswith(quote, at):
            return at + len(quote)
        at += 1
    return len(line)


def operands_end(line: str, at: int) -> int:
    """Find where what fills in a text ends, that of ``.format(`` or ``%`` just before ``at``.

    Without brackets that is the next ``,`` or ``=``; where it cannot be told, the end of the line.
    """
    depth = 1 if line[at - 1] == "(" else 0
    within = depth
    while at < len(line):
        character = line[at]
        if character in "\"'":
            at = literal_end(line, at)
            continue
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
            if depth < within:
                return at
        elif character in ",=" and not depth:
            return at
        at += 1
    return len(line)

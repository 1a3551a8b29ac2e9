"""Masking a text that is put together from constant parts and variables: ``amqp://${USER:-guest}:${WORD:-***}@mq//``.

What a credential is shows only in the whole text, with ``:`` and ``@`` in their places, and ``${USER:-guest}`` has a
``:`` of its own. So masking looks at the text as it is while the variables hold their defaults, and while they do not,
and what it finds there is hidden in each part.
"""

from __future__ import annotations

from celery_backend_lint.findings.masking import mask, mask_spans, secrets_of_text
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_READS = 20
"""More variables than this are no URL: such a text is masked as it is written."""


@record
class Read:
    """A variable in a text: as it is shown (``${USER:-guest}``), and without its default, and that default."""

    shown: str
    hidden: str
    default: str


def composed(parts: Iterable[str | Read]) -> str:
    """The text with every credential in it replaced by ``***``; a default that is one is hidden, not its variable."""
    pieces = _joined(parts)
    reads = [number for number, piece in enumerate(pieces) if isinstance(piece, Read)]
    if len(reads) > MOST_READS:
        return mask("".join(piece.hidden if isinstance(piece, Read) else piece for piece in pieces))
    found: list[set[tuple[int, int]]] = [set() for _ in pieces]
    hidden: set[int] = set()
    for held in [reads, [], *([number] for number in reads)]:
        texts = [_while_held(piece, number in held) for number, piece in enumerate(pieces)]
        for number, spans in enumerate(_spans(texts)):
            found[number] |= spans
            if number in held and spans != set(secrets_of_text(texts[number])):
                hidden.add(number)
    shown = []
    for number, piece in enumerate(pieces):
        if isinstance(piece, Read):
            shown.append(piece.hidden if number in hidden else mask(piece.shown))
        else:
            shown.append(mask_spans(piece, _merged(found[number]), ())[0])
    return "".join(shown)


def _joined(parts: Iterable[str | Read]) -> list[str | Read]:
    """The parts with constant ones that follow each other put together, so that none hides what the next one shows."""
    joined: list[str | Read] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return joined


def _while_held(piece: str | Read, held: bool) -> str:
    if isinstance(piece, Read):
        return piece.default if held else "${VARIABLE}"
    return piece


def _spans(texts: Sequence[str]) -> list[set[tuple[int, int]]]:
    """What masking hides of each of the texts when they stand behind each other."""
    spans = secrets_of_text("".join(texts))
    found = []
    start = 0
    for text in texts:
        end = start + len(text)
        inside = {(max(first, start) - start, min(last, end) - start) for first, last in spans}
        found.append({(first, last) for first, last in inside if first < last})
        start = end
    return found


def _merged(spans: set[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged

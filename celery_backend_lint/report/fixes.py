"""What ``--fix`` did and ``--diff`` would do, for people. A diff shows no credential."""

from __future__ import annotations

import re

from celery_backend_lint.findings.masking import MASK, mask_spans, secrets_of_lines
from celery_backend_lint.report.style import BOLD, printable
from celery_backend_lint.report.text import counted, sentence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from celery_backend_lint.report.style import Style

ADDED, REMOVED, RANGE = "32", "31", "36"
CONTEXT = 3
"""Lines shown before and after a change, as diff and git do."""


def render_applied(applied: Sequence[tuple[str, str, str]], prefix: str, style: Style) -> Iterator[str]:
    """The fixes that were applied, by file: triples of path, code and title (``--show-fixes``)."""
    by_path: dict[str, list[str]] = {}
    for path, code, title in applied:
        by_path.setdefault(path, []).append(f"{code}: {sentence(title)}")
    if applied:
        yield f"Fixed {counted(len(applied), 'finding')}:"
    for path in sorted(by_path):
        yield f"- {style.paint(printable(prefix + path), BOLD)}:"
        lines = by_path[path]
        for line in dict.fromkeys(lines):
            times = lines.count(line)
            yield f"    {line}" if times == 1 else f"    {times} × {line}"


def render_diff(
    changes: Iterable[tuple[str, bytes | None, bytes]], secrets: Iterable[str], prefix: str, style: Style
) -> Iterator[str]:
    """The difference of each file as a unified diff: path, content before (None: no file), content after.

    ``secrets`` are credentials that are known beside those that names and URLs give away.
    """
    from difflib import unified_diff

    known = sorted({secret for secret in secrets if secret}, key=len, reverse=True)
    for path, before, after in sorted(changes):
        old, new = _masked_lines(before or b"", path, known), _masked_lines(after, path, known)
        name = printable(prefix + path)
        lines = unified_diff(old, new, "/dev/null" if before is None else name, name, n=CONTEXT, lineterm="")
        for number, line in enumerate(lines):
            text = printable(line)
            if number < 2:
                yield style.paint(text, BOLD)
            elif line.startswith("@@"):
                yield style.paint(text, RANGE)
            elif line.startswith(("+", "-")):
                yield style.paint(text, ADDED if line[0] == "+" else REMOVED)
            else:
                yield text


def _is_placeholder(text: str) -> bool:
    """Whether a text is one that fixes write in place of a credential: a reader must see that it is none."""
    return re.fullmatch(r"your_[a-z0-9_]+_here", text) is not None


def _masked_lines(data: bytes, path: str, known: Sequence[str]) -> list[str]:
    """The lines of a file, whatever its encoding, without credentials. Lines that only differ in one look the same."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    lines = data.decode(encoding, "replace").splitlines()
    masked = [
        mask_spans(line, [span for span in spans if not _is_placeholder(line[slice(*span)])], (1, 1))[0]
        for line, spans in zip(lines, secrets_of_lines(lines, path), strict=True)
    ]
    for secret in known:
        masked = [line.replace(secret, MASK) for line in masked]
    return masked

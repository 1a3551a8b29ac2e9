"""The format for people at a terminal: message, place, source frame, help."""

from __future__ import annotations

from celery_backend_lint.findings.masking import mask_spans, secrets_of_lines
from celery_backend_lint.report.credentials import repeated_secrets, secret_texts
from celery_backend_lint.report.style import BOLD, FRAME, HELP, SEVERITY, displayed
from celery_backend_lint.report.text import FIXABLE, place, sentence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from celery_backend_lint.findings.finding import Finding
    from celery_backend_lint.report.result import CheckResult
    from celery_backend_lint.report.style import Style

ABOVE = 8
"""How many lines above what is shown are looked at for the name of a secret that stands below it."""

CONTEXT = 2
"""Lines shown before and after the reported one."""

MAXIMUM_WIDTH = 200
"""Columns of a source line that are shown; generated files have lines of megabytes."""


def render(result: CheckResult, style: Style) -> Iterator[str]:
    """The lines of the report, without line endings."""
    secrets, repeated = secret_texts(result), repeated_secrets(result)
    for finding in result.findings:
        color = SEVERITY[finding.severity]
        code = style.link(style.paint(finding.code, color), finding.url)
        severity = style.paint(f"[{finding.severity.label}]", color)
        fixable = f"{style.paint(FIXABLE, HELP)} " if result.is_fixable(finding) else ""
        yield f"{code} {severity} {fixable}{style.paint(sentence(finding.message), BOLD)}"
        yield from _frame(finding, result, style, secrets, repeated)
        if finding.help:
            yield f"{style.paint('help', HELP)}: {sentence(finding.help)}"
        for related in finding.related:
            yield f"{style.paint('note', HELP)}: {place(related.location, result.prefix)}: {sentence(related.message)}"
        if result.fixing and finding.not_fixed:
            yield f"{style.paint('not fixed', HELP)}: {sentence(finding.not_fixed)}"
        yield ""


def _frame(
    finding: Finding,
    result: CheckResult,
    style: Style,
    secrets: dict[tuple[str, int], list[str]],
    repeated: Sequence[str],
) -> Iterator[str]:
    """The place and the source around it; only the place where there is no such line."""
    location = finding.location
    first = max(1, location.line - CONTEXT)
    lines = [(number, result.line_of(location.path, number)) for number in range(first, location.line + CONTEXT + 1)]
    while lines and not lines[-1][1].strip():
        lines.pop()
    while lines and not lines[0][1].strip():
        lines.pop(0)
    width = len(str(lines[-1][0])) if lines else 1
    yield f"{' ' * width}{style.paint('-->', FRAME)} {place(location, result.prefix)}"
    if not any(number == location.line for number, _ in lines):
        return
    bar = style.paint("|", FRAME)
    yield f"{' ' * width} {bar}"
    span = location.span
    hidden = _hidden(location.path, [number for number, _ in lines], result)
    for number, line in lines:
        columns = (span.column, span.end_column if span.end_line == number else len(line.rstrip()) + 1)
        known = [*secrets.get((location.path, number), ()), *repeated]
        masked, (begin, end) = _masked(line, columns, hidden[number], known)
        text, offsets = displayed(masked)
        label = style.paint(f"{number:>{width}}", FRAME)
        yield f"{label} {bar} {_cut(text)}".rstrip()
        if number == location.line:
            start, stop = (offsets[min(max(column - 1, 0), len(masked))] for column in (begin, end))
            start, stop = min(start, MAXIMUM_WIDTH), min(stop, MAXIMUM_WIDTH)
            carets = style.paint("^" * max(1, stop - start), SEVERITY[finding.severity])
            yield f"{' ' * width} {bar} {' ' * start}{carets}"
    yield f"{' ' * width} {bar}"


def _hidden(path: str, numbers: list[int], result: CheckResult) -> dict[int, list[tuple[int, int]]]:
    """The ranges of credentials in some lines of a file; what stands above them may name a secret that follows."""
    first = max(1, numbers[0] - ABOVE)
    every = list(range(first, numbers[-1] + 1))
    spans = secrets_of_lines([result.line_of(path, number) for number in every], path)
    return {number: list(found) for number, found in zip(every, spans, strict=True)}


def _masked(
    line: str, columns: tuple[int, int], hidden: list[tuple[int, int]], secrets: Iterable[str]
) -> tuple[str, tuple[int, ...]]:
    """A line without credentials, and where two of its columns are then."""
    spans = list(hidden)
    for secret in secrets:
        at = line.find(secret)
        while at >= 0:
            if not any(start < at + len(secret) and at < end for start, end in spans):
                spans.append((at, at + len(secret)))
            at = line.find(secret, at + len(secret))
    return mask_spans(line, sorted(spans), columns)


def _cut(text: str) -> str:
    return text if len(text) <= MAXIMUM_WIDTH else text[:MAXIMUM_WIDTH] + "…"

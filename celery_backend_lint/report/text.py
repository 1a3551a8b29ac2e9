"""What the formats for people share: places, the summary, the statistics."""

from __future__ import annotations

from celery_backend_lint.findings.masking import mask
from celery_backend_lint.report.style import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.location import Location
    from celery_backend_lint.report.result import CheckResult


FIXABLE = "[*]"
"""What marks a finding that ``--fix`` would fix, as ruff has it."""


def place(location: Location, prefix: str) -> str:
    """``path:line:column`` as seen from the working directory."""
    return printable(f"{prefix}{location.path}:{location.span.line}:{location.span.column}")


def sentence(text: str) -> str:
    """A message for people: no credential, no raw control character."""
    return printable(mask(text))


def counted(number: int, noun: str, plural: str = "") -> str:
    """``1 error``, ``2 errors``."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def summary_lines(result: CheckResult) -> Iterator[str]:
    """The last lines of a run: what was found, silenced and left undecided."""
    summary = result.summary
    found = [
        counted(number, noun, plural)
        for number, noun, plural in (
            (summary.errors, "error", "errors"),
            (summary.warnings, "warning", "warnings"),
            (summary.advice, "piece of advice", "pieces of advice"),
        )
        if number
    ]
    suppressed = f" ({summary.suppressed} suppressed)" if summary.suppressed else ""
    fixed = f"Fixed {counted(summary.fixed, 'finding')}" if summary.fixed else ""
    if found:
        yield (
            f"{fixed}; {', '.join(found)} remaining{suppressed}." if fixed else f"Found {', '.join(found)}{suppressed}."
        )
    elif fixed:
        yield f"{fixed}, none remaining{suppressed}."
    elif result.apps:
        yield f"All checks passed!{suppressed}"
    else:
        yield f"All checks passed: no Celery app was found.{suppressed}"
    unsafe = result.only_unsafe
    more = f"{unsafe} {'more' if summary.fixable else 'fixable'} with `--unsafe-fixes`" if unsafe else ""
    if summary.fixable and not result.fixing:
        hidden = f" ({more})" if more else ""
        yield f"{FIXABLE} {summary.fixable} fixable with the `--fix` option{hidden}."
    elif more:
        yield f"{more}."
    if summary.unresolved:
        apps = counted(summary.unresolved, "app")
        yield f"The result backend of {apps} could not be read; `--select CBL003 --min-severity advice` says why."

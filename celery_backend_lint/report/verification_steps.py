"""What came of trying a result backend, for people and for programs: a line for each step."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Severity
from celery_backend_lint.findings.masking import mask
from celery_backend_lint.report.style import BOLD, HELP, SEVERITY, printable
from celery_backend_lint.report.text import sentence
from celery_backend_lint.verify.connecting import OK, SKIPPED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from celery_backend_lint.report.style import Style
    from celery_backend_lint.verify.connecting import Left, StepOutcome, Told, Tried

_RED = SEVERITY[Severity.ERROR]
_WIDTH = 12
"""Columns of a step's name; a longer one pushes its time to the right."""


def render_tried(tried: Tried, style: Style) -> Iterator[str]:
    """The lines for people, without line endings."""
    yield style.paint(printable(mask(tried.label)) or "its result backend", BOLD) + ":"
    for step in tried.steps:
        if step.status != SKIPPED:
            yield from (f"  {line}" for line in _step(step, style))
    for why, names in _skipped(tried.steps).items():
        yield f"  skipped {', '.join(names)}: {why}"
    for line in left_lines(tried.left):
        yield f"  {style.paint('left behind', _RED)}: {line}"


def left_lines(left: Iterable[Left]) -> Iterator[str]:
    """One line for each thing that could not be removed."""
    for one in left:
        fate = "stays until you remove it" if one.expires is None else f"expires after {one.expires:g} seconds"
        yield sentence(f"the {one.what} {one.name} could not be removed; if it was stored, it {fate}")


def _step(step: StepOutcome, style: Style) -> Iterator[str]:
    name = printable(step.name).ljust(_WIDTH)
    if step.status == OK:
        yield f"ok      {name} {_time(step.seconds)}"
    else:
        yield f"{style.paint('failed', _RED)}  {name} {_time(step.seconds)}"
    if step.why is not None:
        yield f"  {style.paint('cause', HELP)}: {sentence(step.why.message)}"
        if step.why.help:
            yield f"  {style.paint('help', HELP)}: {sentence(step.why.help)}"
    for note in step.notes:
        yield f"  {style.paint('note', HELP)}: {sentence(note.message)}"
        if note.help:
            yield f"    {style.paint('help', HELP)}: {sentence(note.help)}"


def _skipped(steps: Iterable[StepOutcome]) -> dict[str, list[str]]:
    """Why steps were skipped, in words, and which. One that needs a skipped one has the reason of that."""
    reasons: dict[str, str] = {}
    found: dict[str, list[str]] = {}
    for step in steps:
        if step.status == SKIPPED and step.why is not None:
            reasons[step.name] = reasons.get(str(step.why.facts.get("step"))) or sentence(step.why.message)
            found.setdefault(reasons[step.name], []).append(printable(step.name))
    return found


def _time(seconds: float) -> str:
    return f"{seconds * 1000:8.1f} ms" if seconds < 1 else f"{seconds:8.1f} s"


def tried_as_json(tried: Tried | None) -> dict[str, Any] | None:
    """The same for programs; schema/verify.schema.json has its shape."""
    if tried is None:
        return None
    return {
        "kind": tried.kind or None,
        "backend": tried.backend or None,
        "label": mask(tried.label) or None,
        "steps": [
            {
                "name": step.name,
                "status": step.status,
                "seconds": step.seconds,
                "cause": None if step.why is None else step.why.cause,
                "message": None if step.why is None else mask(step.why.message),
                "help": (mask(step.why.help) or None) if step.why is not None else None,
                "facts": {} if step.why is None else _masked(step.why.facts),
                "notes": [_note_as_json(note) for note in step.notes],
            }
            for step in tried.steps
        ],
        "left": [{"what": one.what, "name": mask(one.name), "expires": one.expires} for one in tried.left],
    }


def _note_as_json(note: Told) -> dict[str, Any]:
    return {
        "cause": note.cause,
        "message": mask(note.message),
        "help": mask(note.help) or None,
        "facts": _masked(note.facts),
    }


def _masked(fact: Any) -> Any:
    if isinstance(fact, str):
        return mask(fact)
    if isinstance(fact, dict):
        return {name: _masked(one) for name, one in fact.items()}
    return [_masked(one) for one in fact] if isinstance(fact, list) else fact

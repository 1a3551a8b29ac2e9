"""What came of trying a result backend: the probe's events, in words."""

from __future__ import annotations

from celery_backend_lint.record import record
from celery_backend_lint.verify.causes import word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

OK = "ok"
FAILED = "failed"
SKIPPED = "skipped"


@record
class Told:
    """A cause in words, with its code and its facts, as a step tells it."""

    cause: str
    message: str
    help: str
    facts: Mapping[str, Any]


@record
class StepOutcome:
    """How a step ended: ``status`` is ok, failed or skipped, ``why`` is set where it is not ok."""

    name: str
    status: str
    seconds: float
    why: Told | None
    notes: tuple[Told, ...]


@record
class Left:
    """What a step made and could not remove. ``expires`` is in seconds, None: it stays."""

    what: str
    name: str
    expires: float | None


@record
class Tried:
    """What came of trying an app's result backend.

    ``kind`` names its steps, ``backend`` is its class and ``label`` where it is, as far as that was found out.
    """

    kind: str
    backend: str
    label: str
    steps: tuple[StepOutcome, ...]
    left: tuple[Left, ...]


def tried(events: Iterable[Mapping[str, Any]], app: int, ended: float) -> Tried | None:
    """What the events say of one app, None where nothing was tried of it.

    ``ended`` is when waiting for events ended: a step that began and has no end was hanging then.
    """
    kind, backend, where = "", "", {}
    steps: list[StepOutcome] = []
    begun: Mapping[str, Any] | None = None
    done = False
    mine = [event for event in events if event.get("app") == app]
    for event in mine:
        match event["event"]:
            case "backend":
                kind, backend, where = event["kind"], event["class"], event["facts"]
            case "where":
                where = {**where, **event["facts"]}
            case "begin":
                begun = event
            case "end":
                begun = None
                steps.append(_outcome(event, kind, where))
            case "crash":
                facts = {"text": event["text"], "place": event["place"]}
                steps.append(
                    StepOutcome("steps", FAILED, 0.0, _told(kind, {"cause": "error", "facts": facts}, where), ())
                )
            case "done":
                done = True
    if begun is None and mine and not done:
        begun = {"step": "steps", "at": ended, "limit": ended}
    if begun is not None:
        seconds = ended - begun["at"]
        hung = not done and seconds >= begun["limit"]
        cause, facts = ("no-answer", {"seconds": begun["limit"]}) if hung else ("ended", {})
        steps.append(
            StepOutcome(
                begun["step"],
                FAILED,
                round(seconds, 6),
                _told(kind, {"cause": cause, "facts": facts}, where, begun["step"]),
                (),
            )
        )
    return Tried(kind, backend, where.get("label", ""), tuple(steps), left_behind(mine)) if mine else None


def left_behind(events: Iterable[Mapping[str, Any]]) -> tuple[Left, ...]:
    """What was made and not removed again."""
    there: dict[tuple[int, str], Left] = {}
    for event in events:
        if event["event"] == "making":
            there[event["app"], event["name"]] = Left(event["what"], event["name"], event["expires"])
        elif event["event"] == "removed":
            there.pop((event["app"], event["name"]), None)
    return tuple(there.values())


def step_failed(attempt: Tried) -> bool:
    """Whether any step failed."""
    return any(step.status == FAILED for step in attempt.steps)


def _outcome(event: Mapping[str, Any], kind: str, where: Mapping[str, Any]) -> StepOutcome:
    why = None if event["cause"] is None else _told(kind, event, where, event["step"])
    return StepOutcome(event["step"], event["status"], event["seconds"], why, _notes(kind, event["notes"], where))


def _notes(kind: str, notes: Sequence[Mapping[str, Any]], where: Mapping[str, Any]) -> tuple[Told, ...]:
    return tuple(_told(kind, note, where) for note in notes)


def _told(kind: str, told: Mapping[str, Any], where: Mapping[str, Any], step: str = "") -> Told:
    facts = {**where, **told["facts"]}
    worded = word(kind, told["cause"], facts, step)
    return Told(told["cause"], worded.message, worded.remedy, told["facts"])

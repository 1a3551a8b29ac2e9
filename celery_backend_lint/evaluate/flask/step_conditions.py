"""When a step of a Flask configuration's timeline is taken, as seen from a place that reads the configuration."""

from __future__ import annotations

from celery_backend_lint.evaluate.flask.steps import beyond
from celery_backend_lint.evaluate.reached import conjunction, taken
from celery_backend_lint.evaluate.values import Literal, Mapping, Operation, Sequence
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.flask.steps import Reader, Step
    from celery_backend_lint.evaluate.scopes import Branch, Path, Scope
    from celery_backend_lint.evaluate.values import Value


def condition_of(ev: Evaluator, step: Step, reader: Reader | None, held: list[Value]) -> Value | None:
    """When a step is taken, as seen from a reader: None always, a Literal never."""
    shared = reader is not None
    for level, frame in enumerate(step.frames):
        mine = reader.frames[level] if reader is not None and level < len(reader.frames) else None
        shared = shared and mine is not None and mine.definition == frame.definition and mine.scope is frame.scope
        path = frame.scope.path_at(frame.start)
        there = mine.scope.path_at(mine.start) if shared and mine is not None else ()
        if not shared and frame.entry is not None:
            held.append(frame.entry)
        rest = beyond(path, there)
        if rest is None:
            return Literal(False, ev.location(step.node, step.scope))
        held += _conditions(ev, rest, frame.scope)
        for left in frame.scope.returns:
            if left.at < frame.start and left.path and not (shared and mine is not None and left.at < mine.start):
                inner = _conditions(ev, beyond(left.path, path) or (), frame.scope)
                if inner:
                    both = inner[0] if len(inner) == 1 else Operation("and", tuple(inner), inner[0].origin)
                    held.append(Operation("not", (both,), both.origin))
        shared = shared and mine is not None and mine.start == frame.start
    return conjunction(held)


def _conditions(ev: Evaluator, path: Path, scope: Scope) -> list[Value]:
    """The conditions of the arms of a path of branches."""
    held: list[Value] = []
    for branch, number in path:
        if branch.kind == "loop" and _runs_over_nothing(ev, branch, scope):
            held.append(Literal(False, ev.location(branch.node, scope)))
        else:
            held += taken(ev, branch, number, scope)
    return held


def _runs_over_nothing(ev: Evaluator, branch: Branch, scope: Scope) -> bool:
    over = branch.node.child_by_field_name("right")
    if over is not None and over.type == "call":
        function = over.child_by_field_name("function")
        name = function.child_by_field_name("attribute") if function is not None else None
        if function is not None and name is not None and text_of(name) in ("items", "keys", "values"):
            over = function.child_by_field_name("object")
    value = ev.value(over, scope) if over is not None else None
    if isinstance(value, Mapping):
        return value.complete and not value.entries
    return isinstance(value, Sequence) and value.complete and not value.items

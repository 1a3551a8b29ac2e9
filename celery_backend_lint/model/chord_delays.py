"""How far apart the parts of a chord may come back, as far as the project itself says so in numbers."""

from __future__ import annotations

import math
import re

from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, resolve
from celery_backend_lint.evaluate.values import Duration, Mapping, Unknown
from celery_backend_lint.model.results.names import held_by
from celery_backend_lint.model.results.records import Many, Signature, Task
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import arguments_of, nodes_in, text_of, without_parentheses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.results.reads import Chord
    from celery_backend_lint.syntax.python import Node

RETRY_SECONDS = 180.0
"""What a task waits before ``retry()`` that names no countdown (celery.app.task.Task.default_retry_delay, 5.3 to 5.7).
"""

_NOW = r"\b(?:utc)?now\("
_LIMITS = ("soft_time_limit", "time_limit")
_SETS_OPTIONS = frozenset({"set", "signature", "subtask", "Signature"})
"""What takes keywords as options of the message; ``s`` and ``si`` hand them to the task (celery.canvas, 5.2 to 5.7)."""


@record
class Delay:
    """Seconds by which a part of a chord may come back later than another, what says so, and where."""

    seconds: float
    what: str
    location: Location


def chord_delays(model: Model, app: App, chord: Chord) -> Iterator[Delay]:
    """What delays the parts of a chord: countdowns and ETAs of the header's signatures, retries and time limits of its
    tasks.

    Where a task has no time limit of its own, the app's holds.
    """
    tasks: dict[Task, None] = {}
    for node, scope in _header(chord):
        for one in nodes_in(node):
            if one.type == "keyword_argument" and _is_option(one):
                value = one.child_by_field_name("value")
                if _key(one) == "countdown":
                    yield from _number(model, value, scope, "its countdown")
                elif _key(one) == "eta":
                    yield from _from_now(model, value, scope)
            if one.type in ("call", "identifier", "attribute"):
                tasks.update(dict.fromkeys(_tasks_of(model.results.things.thing(one, scope))))
    for task in tasks:
        yield from _of_task(model, app, task)


def _header(chord: Chord) -> Iterator[tuple[Node, Scope]]:
    """What a chord's parts stand in: the call's first argument, a chain's steps but the last, what is left of ``|``.

    Of a name it is also what the name holds.
    """
    if chord.what == "|":
        left = chord.node.child_by_field_name("left")
        header = [left] if left is not None else []
    else:
        given = list(arguments_of(chord.node))
        header = [node for name, node in given if name == "header"] or [node for name, node in given if not name]
        header = header[:-1] if chord.what == "chain" else header[:1]
    for node in header:
        yield node, chord.scope
        for held in (held_by(node, chord.scope) or ()) if node.type == "identifier" else ():
            if held.kind in ("value", "appended"):
                yield held.node, held.scope


def _is_option(keyword: Node) -> bool:
    """Whether a keyword is an option of a signature."""
    call = keyword.parent.parent if keyword.parent is not None else None
    function = call.child_by_field_name("function") if call is not None and call.type == "call" else None
    return function is not None and text_of(function).rpartition(".")[2] in _SETS_OPTIONS


def _tasks_of(thing: object) -> Iterator[Task]:
    if isinstance(thing, Many):
        yield from _tasks_of(thing.of)
    elif isinstance(thing, Signature) and thing.kind == "task" and thing.task is not None:
        yield thing.task


def _of_task(model: Model, app: App, task: Task) -> Iterator[Delay]:
    if task.node is None or task.scope is None:
        return
    options = _options(task.node)
    yield from _of_autoretry(model, task, options)
    for name in ("default_retry_delay", *_LIMITS):
        if name in options and (name != "default_retry_delay" or _retries(task.node)):
            what = f"the {name} of {task.name}" if name in _LIMITS else f"a retry of {task.name}"
            yield from _number(model, options[name], task.scope, what)
    for call in _retries(task.node):
        named = dict(arguments_of(call))
        if "countdown" in named:
            yield from _number(model, named["countdown"], model.evaluator.function_scope(task.node, task.scope),
                               f"a retry of {task.name}")  # fmt: skip
        elif "eta" not in named and "default_retry_delay" not in options:
            yield Delay(RETRY_SECONDS, f"a retry of {task.name}", model.evaluator.location(call, task.scope))
    if not any(name in options for name in _LIMITS):
        yield from _limit_of_app(app)


def _of_autoretry(model: Model, task: Task, options: dict[str, Node]) -> Iterator[Delay]:
    """What ``autoretry_for`` waits: ``retry_kwargs["countdown"]``, else the task's delay (celery.app.autoretry).

    With ``retry_backoff`` it is chance.
    """
    errors, scope = options.get("autoretry_for"), task.scope
    if errors is None or scope is None or "retry_backoff" in options or not errors.named_children:
        return
    what = f"a retry of {task.name}"
    given = options.get("retry_kwargs")
    delay = options.get("default_retry_delay")
    if given is not None:
        held = model.evaluator.ask(given, scope)
        if not isinstance(held, Mapping) or not held.complete:
            return
        countdown = held.get("countdown")
        if countdown is not None:
            seconds = _seconds(countdown)
            if seconds is not None:
                yield Delay(seconds, what, model.evaluator.location(given, scope))
            return
    if delay is not None:
        yield from _number(model, delay, scope, what)
    else:
        yield Delay(RETRY_SECONDS, what, model.evaluator.location(errors, scope))


def _from_now(model: Model, node: Node | None, scope: Scope) -> Iterator[Delay]:
    """How far off an ``eta`` is: ``timezone.now() + timedelta(hours=1)``, or a name that holds that."""
    held = held_by(node, scope) if node is not None and node.type == "identifier" else None
    if held is not None and len(held) == 1 and held[0].kind == "value":
        node, scope = held[0].node, held[0].scope
    if node is None or without_parentheses(node).type != "binary_operator":
        return
    node = without_parentheses(node)
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    sign = node.child_by_field_name("operator")
    if left is not None and sign is not None and text_of(sign) == "+" and re.search(_NOW, text_of(left)) is not None:
        yield from _number(model, right, scope, "its eta")


def _limit_of_app(app: App) -> Iterator[Delay]:
    for name in _LIMITS:
        setting = app.settings.get(f"task_{name}")
        if setting is not None and setting.certain:
            seconds = _seconds(setting.value)
            if seconds is not None and setting.assignments:
                yield Delay(seconds, f"`{setting.assignments[0].written}`", setting.assignments[0].location)
                return


def _options(function: Node) -> dict[str, Node]:
    """The keywords of a task's decorators."""
    around = function.parent
    found: dict[str, Node] = {}
    for decorator in around.named_children if around is not None and around.type == "decorated_definition" else ():
        for call in decorator.named_children if decorator.type == "decorator" else ():
            if call.type == "call":
                found.update({name: node for name, node in arguments_of(call) if name and not name.startswith("*")})
    return found


def _retries(function: Node) -> list[Node]:
    """The calls of ``self.retry()`` in a task's body."""
    calls = [one for one in nodes_in(function) if one.type == "call"]
    return [one for one in calls if text_of(one.child_by_field_name("function") or one).endswith(".retry")]


def _number(model: Model, node: Node | None, scope: Scope, what: str) -> Iterator[Delay]:
    seconds = _seconds(model.evaluator.ask(node, scope)) if node is not None else None
    if node is not None and seconds is not None:
        yield Delay(seconds, what, model.evaluator.location(node, scope))


def _seconds(value: object) -> float | None:
    if isinstance(value, Duration):
        return value.seconds
    if isinstance(value, Unknown):
        return None
    try:
        plain = resolve(value, {})  # type: ignore[arg-type]
    except (UndeterminedError, WouldRaiseError):
        return None
    if not isinstance(plain, (int, float)) or isinstance(plain, bool) or not math.isfinite(plain):
        return None
    return float(plain)


def _key(keyword: Node) -> str:
    name = keyword.child_by_field_name("name")
    return text_of(name) if name is not None else ""

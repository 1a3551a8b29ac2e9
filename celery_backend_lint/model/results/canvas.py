"""Flows of several tasks: group, chain, chord and ``|``, as ``celery.canvas`` puts them together (5.2 to 5.7).

A group that something follows in a chain becomes the header of a chord, ``Signature.__or__`` and ``chain`` alike.
"""

from __future__ import annotations

from celery_backend_lint.model.results.records import Many, Signature, Task, common_owner
from celery_backend_lint.syntax.python import arguments_of, children_of, without_parentheses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.location import Location
    from celery_backend_lint.model.results.records import Thing
    from celery_backend_lint.model.results.things import Things
    from celery_backend_lint.syntax.python import Node

FLOWS = {f"{home}.{name}": name for home in ("celery", "celery.canvas") for name in ("group", "chain", "chord")}
FLOWS["celery.canvas._chain"] = "chain"
FLOWS["celery.canvas._chord"] = "chord"
"""The classes of flows by their dotted names."""

ALONE = "alone"
"""The tail of a group of one task: inside of a chain Celery takes it for the task (``maybe_unroll_group``)."""


def flow(things: Things, kind: str, call: Node, scope: Scope) -> Signature:
    """The signature that a call of ``group``, ``chain`` or ``chord`` makes."""
    steps = steps_of(things, call, scope)
    owner = common_owner([_owner(step) for step in steps])
    if kind == "group":
        says = "yes" if any(_surely_ignores(step) for step in steps) else "unknown"
        return Signature("group", owner, None, ALONE if _has_one_step(call, steps) else "", says)
    if kind == "chord":
        callback = body_of(call)
        body = things.thing(callback, scope) if callback is not None else None
        return Signature("chord", owner, body.task if isinstance(body, Signature) else None)
    last = steps[-1] if steps else None
    if isinstance(last, Signature):
        return Signature("chain", owner, last.task, last.tail or last.kind, last.ignores)
    return Signature("chain", owner, None, "unknown", "unknown")


def piped(left: Thing | None, right: Thing | None) -> Signature | None:
    """What ``left | right`` makes; None where one of them is no signature for sure."""
    if not isinstance(left, Signature) or not isinstance(right, Signature):
        return None
    owner = common_owner([left.owner, right.owner])
    return Signature("chain", owner, right.task, right.tail or right.kind, right.ignores)


def steps_of(things: Things, call: Node, scope: Scope) -> list[Thing | None]:
    """What the arguments of a flow's call come to: several, or those of one list. Of a list by comprehension it is one
    item; the callback of a chord comes last.
    """
    given = [(name, argument) for name, argument in arguments_of(call) if name in ("", "*", "header", "body")]
    found: list[Thing | None] = []
    for name, argument in given:
        if argument.type in ("list", "tuple", "set") and name != "*":
            found += [things.thing(one, scope) for one in children_of(argument)]
            continue
        thing = things.thing(argument, scope)
        found.append(thing.of if isinstance(thing, Many) else thing)
    return found


def body_of(call: Node) -> Node | None:
    """The callback in the call of a chord: the second argument, or ``body``."""
    given = list(arguments_of(call))
    positional = [argument for name, argument in given if not name]
    named = next((argument for name, argument in given if name == "body"), None)
    return named if named is not None or len(positional) < 2 else positional[1]


def has_no_header(call: Node) -> bool:
    """Whether a chord's header is an empty list: Celery then runs the callback alone."""
    first = next((argument for name, argument in arguments_of(call) if name in ("", "header")), None)
    first = without_parentheses(first) if first is not None else None
    empty = first is not None and first.type in ("list", "tuple")
    return first is None or (empty and not children_of(first))


def makes_chord(things: Things, node: Node, scope: Scope) -> Signature | None:
    """The flow that an expression makes if it starts a chord: ``chord(…)``, a group before another step of a chain.

    ``node`` is the call or the ``|``; the steps of what it is made of are not looked into.
    """
    if node.type == "binary_operator":
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return None
        first, second = things.thing(left, scope), things.thing(right, scope)
        whole = piped(first, second)
        return whole if whole is not None and isinstance(first, Signature) and ends_in_group(first) else None
    whole_thing = things.thing(node, scope)
    if not isinstance(whole_thing, Signature):
        return None
    if whole_thing.kind == "chord":
        return whole_thing if not has_no_header(node) else None
    if whole_thing.kind != "chain":
        return None
    steps = steps_of(things, node, scope)
    if len(steps) > 1 and all(isinstance(step, Signature) for step in steps):
        groups = [step for step in steps[:-1] if isinstance(step, Signature) and ends_in_group(step)]
        return whole_thing if any(step.tail != ALONE for step in groups) else None
    return None


def ends_in_group(signature: Signature) -> bool:
    """Whether the last step of a flow is a group."""
    return signature.kind == "group" or (signature.kind == "chain" and signature.tail == "group")


def _has_one_step(call: Node, steps: list[Thing | None]) -> bool:
    """Whether a group is written with one task alone: ``group(add.s(1))``, ``group([add.s(1)])``."""
    given = list(arguments_of(call))
    if len(given) != 1 or given[0][0] or len(steps) != 1 or not isinstance(steps[0], Signature):
        return False
    node = without_parentheses(given[0][1])
    return node.type in ("list", "tuple", "call") and b"*" not in (node.text or b"") and steps[0].kind == "task"


def _surely_ignores(step: Thing | None) -> bool:
    """Whether a step of a group says itself that its result is ignored: who waits for the group waits for it."""
    if not isinstance(step, Signature):
        return False
    by_task = step.task is not None and step.task.ignores == "yes"
    return step.ignores == "yes" or (step.ignores == "unset" and by_task)


def _owner(step: Thing | None) -> Location | None:
    return step.owner if isinstance(step, (Signature, Task)) else None

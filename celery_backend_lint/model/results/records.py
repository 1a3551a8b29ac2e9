"""What an expression can be for Celery: a task, a signature, a result, an app, or a list of such."""

from __future__ import annotations

from celery_backend_lint.location import Location
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.syntax.python import Node

CURRENT = Location("")
"""Stands for the app of whatever is bound to Celery's current app: ``shared_task``, ``AsyncResult(id)``."""

ONE, GROUP, EAGER = "one", "group", "eager"
"""The kinds of results: AsyncResult, GroupResult, and EagerResult, which asks no backend."""

CALL, FLOW, ID = "call", "flow", "id"
"""How a result was made: by calling one task, by running a flow of several, by an id."""


@record
class App:
    """An app: ``owner`` is where it is created, CURRENT for the current app, None where that is not known."""

    owner: Location | None


@record
class Task:
    """A task. ``owner`` as in App.

    ``ignores`` says what the definition says of ``ignore_result``: ``yes``, ``no``, ``unset`` (the app's setting
    decides) or ``unknown``. ``node`` is the function that runs, ``scope`` the scope it stands in; both are None for a
    task that is only named. ``bound`` says that its first parameter is the task itself.
    ``own_sending`` says that its class sends in a way of its own: what that gives need not be a result of Celery's.
    """

    name: str
    location: Location
    owner: Location | None
    ignores: str = "unknown"
    node: Node | None = None
    scope: Scope | None = None
    bound: bool = False
    own_sending: bool = False

    def __hash__(self) -> int:
        return hash((self.name, self.location))


@record
class Signature:
    """A task with arguments, or a flow. ``kind``: ``task``, ``group``, ``chain``, ``chord``, ``chunks``.

    ``task`` is the one whose return value is the result, None where that is no single task. ``tail`` is the kind of a
    chain's last step; of a group it may be canvas.ALONE. ``ignores`` is what the signature's own options say, as in
    Task.
    """

    kind: str
    owner: Location | None
    task: Task | None = None
    tail: str = ""
    ignores: str = "unset"


@record
class Result:
    """A result. ``kind`` and ``made`` as above; ``task`` as in Signature; ``origin`` is what makes it.

    ``ignores`` as in Signature; ``unsaid`` where the sender does not ignore it, and the task is not known.

    ``own`` says of a result by id that the id is that of a result that the same code was given.
    """

    kind: str
    made: str
    owner: Location | None
    origin: Location
    task: Task | None = None
    ignores: str = "unset"
    own: bool = False


@record
class Many:
    """A list, or something else to go through, whose items are all such a thing; None for an empty one."""

    of: Task | Signature | Result | App | None


@record
class Read:
    """A place that reads a result.

    ``name`` is the method or attribute, ``node`` the whole expression (of a method its call), ``scope`` the scope it
    stands in, ``location`` its place.
    """

    name: str
    result: Result
    node: Node
    scope: Scope
    location: Location

    def __hash__(self) -> int:
        return hash((self.name, self.location))


if TYPE_CHECKING:
    Thing: TypeAlias = App | Task | Signature | Result | Many


def common_owner(owners: list[Location | None]) -> Location | None:
    """The one app that all belong to; None where they differ, where one is not known, and for none."""
    return owners[0] if owners and all(owner == owners[0] for owner in owners) else None


def many(item: Thing | None) -> Many | None:
    """A list of such items; None where they are nothing of Celery's, or lists themselves."""
    return Many(item) if item is not None and not isinstance(item, Many) else None


def merged(things: list[Thing]) -> Thing | None:
    """One thing for what a name may hold: what all have in common; None where they are of different sorts."""
    if not things:
        return None
    first = things[0]
    if all(thing == first for thing in things):
        return first
    if all(isinstance(thing, Many) for thing in things):
        return _merged_lists([thing for thing in things if isinstance(thing, Many)])
    if all(isinstance(thing, Result) for thing in things):
        return _merged_results([thing for thing in things if isinstance(thing, Result)])
    if all(isinstance(thing, Task) for thing in things):
        tasks = [thing for thing in things if isinstance(thing, Task)]
        says = {task.ignores for task in tasks}
        owner = common_owner([task.owner for task in tasks])
        own = any(task.own_sending for task in tasks)
        return Task("", tasks[0].location, owner, says.pop() if len(says) == 1 else "unknown", own_sending=own)
    if all(isinstance(thing, Signature) for thing in things):
        signatures = [thing for thing in things if isinstance(thing, Signature)]
        kinds = {(one.kind, one.tail) for one in signatures}
        kind, tail = kinds.pop() if len(kinds) == 1 else ("chain", "unknown")
        owner = common_owner([one.owner for one in signatures])
        return Signature(kind, owner, None, tail, "unknown")
    return None


def _merged_lists(lists: list[Many]) -> Many | None:
    items = [one.of for one in lists if one.of is not None]
    if not items:
        return Many(None)
    return many(merged(list(items)))


def _merged_results(results: list[Result]) -> Result:
    first = results[0]
    kinds = {one.kind for one in results}
    if EAGER in kinds and len(kinds) > 1:
        return Result(EAGER, FLOW, None, first.origin, None, "unknown")  # it may ask no backend
    made = {one.made for one in results}
    says = {one.ignores for one in results}
    tasks = {one.task for one in results}
    return Result(
        kinds.pop() if len(kinds) == 1 else ONE,
        made.pop() if len(made) == 1 else FLOW,
        common_owner([one.owner for one in results]),
        first.origin,
        tasks.pop() if len(tasks) == 1 else None,
        says.pop() if len(says) == 1 else "unknown",
        any(one.own for one in results),
    )

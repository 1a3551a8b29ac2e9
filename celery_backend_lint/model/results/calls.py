"""What calls give: results by ``delay`` and its like, signatures, results by id, flows that are run."""

from __future__ import annotations

from celery_backend_lint.evaluate.objects import classes
from celery_backend_lint.evaluate.values import Class, External, Function
from celery_backend_lint.model.results.canvas import FLOWS
from celery_backend_lint.model.results.canvas import flow as flow_of
from celery_backend_lint.model.results.own_ids import is_own_id
from celery_backend_lint.model.results.records import (
    CALL,
    CURRENT,
    EAGER,
    FLOW,
    GROUP,
    ID,
    ONE,
    App,
    Many,
    Result,
    Signature,
    Task,
)
from celery_backend_lint.model.results.tasks import made, maker_of, said, task_of_class
from celery_backend_lint.syntax.python import arguments_of, text_of, without_parentheses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.location import Location
    from celery_backend_lint.model.results.records import Thing
    from celery_backend_lint.model.results.things import Things
    from celery_backend_lint.syntax.python import Node

_CURRENT_CALLS = frozenset(
    {"celery._state.get_current_app", "celery.app.app_or_default", "celery.app.base.get_current_app"}
)
_BY_ID = {
    "celery.result.AsyncResult": ONE,
    "celery.result.BaseAsyncResult": ONE,
    "celery.result.GroupResult": GROUP,
    "celery.result.ResultSet": GROUP,
    "celery.result.result_from_tuple": ONE,
}
_SIGNATURES = frozenset(
    {"celery.signature", "celery.canvas.signature", "celery.subtask", "celery.canvas.subtask",
     "celery.canvas.Signature", "celery.canvas.maybe_signature", "celery.Signature"}
)  # fmt: skip
_SAME_SIGNATURE = frozenset({"clone", "on_error", "set_immutable", "replace"})
_WRAPS = frozenset({"builtins.list", "builtins.tuple", "builtins.set", "builtins.reversed", "builtins.sorted"})
_METHODS_OF_APPS = frozenset(
    {"send_task", "AsyncResult", "GroupResult", "ResultSet", "signature", "subtask", "register_task"}
)
_METHODS = _METHODS_OF_APPS | _SAME_SIGNATURE | frozenset(
    {"delay", "apply_async", "apply", "s", "si", "map", "starmap", "chunks", "set"}
)  # fmt: skip
"""The methods that give something of Celery's. What is called by another name is not looked at."""


def called(things: Things, node: Node, scope: Scope) -> Thing | None:
    """What a call gives; None where that is nothing of Celery's, or not certain."""
    function = node.child_by_field_name("function")
    if function is None:
        return None
    function = without_parentheses(function)
    if function.type in ("identifier", "attribute"):
        value = things.value_of(function, scope)
        if isinstance(value, External):
            found = _external(things, value.name, node, scope) or _decorated(things, node, function, scope)
            if found is not None:
                return found
        if isinstance(value, Class):
            return task_of_class(things, value)
        if isinstance(value, Function) and things.task_of(value) is None:
            return _function(things, value)
    if function.type == "attribute":
        owner, name_node = function.child_by_field_name("object"), function.child_by_field_name("attribute")
        found = _method(things, node, owner, text_of(name_node), scope) if owner and name_node else None
        if found is not None:
            return found
    flow = things.thing(function, scope)
    if isinstance(flow, Signature):
        return _run(things, flow, node, scope, "")
    return _decorated(things, node, function, scope)


def _decorated(things: Things, node: Node, function: Node, scope: Scope) -> Task | None:
    """``app.task(function)``, ``shared_task(bind=True)(function)``."""
    given = [argument for name, argument in arguments_of(node) if not name]
    if len(given) != 1 or b"task" not in (function.text or b""):
        return None
    maker = maker_of(things, function, scope)
    held = things.value_of(given[0], scope) if maker is not None else None
    return made(things, maker, held) if maker is not None and isinstance(held, Function) else None


def _method(things: Things, call: Node, owner: Node, name: str, scope: Scope) -> Thing | None:
    if name not in _METHODS:
        return None
    app = things.app_of(owner, scope) if name in _METHODS_OF_APPS else None
    held = app if app is not None else things.thing(owner, scope)
    if isinstance(held, App):
        return _of_app(things, call, held, name, scope)
    if isinstance(held, Task):
        return _of_task(things, call, held, name, scope)
    if isinstance(held, Signature):
        if name in ("delay", "apply_async", "apply"):
            return _run(things, held, call, scope, name)
        if name == "set":
            given = _said_by_call(things, call, scope)
            says = held.ignores if given == "unset" else given
            return Signature(held.kind, held.owner, held.task, held.tail, says)
        return held if name in _SAME_SIGNATURE else None
    return None


def _of_app(things: Things, call: Node, app: App, name: str, scope: Scope) -> Thing | None:
    if name == "send_task":
        says = "yes" if _said_by_call(things, call, scope) == "yes" else "unsaid"
        return Result(ONE, CALL, app.owner, things.ev.location(call, scope), None, says)
    if name in ("AsyncResult", "GroupResult", "ResultSet"):
        return _by_id(things, call, ONE if name == "AsyncResult" else GROUP, app.owner, scope)
    if name in ("signature", "subtask"):
        return Signature("task", app.owner, None, "", "unknown")
    if name == "register_task":
        given = next((argument for key, argument in arguments_of(call) if not key), None)
        task = things.thing(given, scope) if given is not None else None
        if isinstance(task, Task) and task.owner is None:
            return Task(
                task.name, task.location, app.owner, task.ignores, task.node, task.scope, task.bound, task.own_sending
            )
    return None


def _of_task(things: Things, call: Node, task: Task, name: str, scope: Scope) -> Thing | None:
    if task.own_sending:
        return None
    if name in ("delay", "apply_async"):
        says = _said_by_call(things, call, scope) if name == "apply_async" else "unset"
        return Result(ONE, CALL, task.owner, things.ev.location(call, scope), task, says)
    if name == "apply":
        return Result(EAGER, CALL, task.owner, things.ev.location(call, scope), task)
    if name in ("s", "si", "signature", "subtask"):
        return Signature("task", task.owner, task)
    if name in ("map", "starmap"):
        return Signature("task", task.owner, None, "", "unknown")
    if name == "chunks":
        return Signature("chunks", task.owner, None, "", "unknown")
    if name == "AsyncResult":
        return _by_id(things, call, ONE, task.owner, scope, task)
    return None


def _external(things: Things, name: str, call: Node, scope: Scope) -> Thing | None:
    kind = FLOWS.get(name)
    if kind is not None:
        return flow_of(things, kind, call, scope)
    if name in _BY_ID:
        given = next((value for key, value in arguments_of(call) if key == "app"), None)
        app = things.app_of(given, scope) if given is not None else None
        owner = CURRENT if given is None else (app.owner if app is not None else None)
        return _by_id(things, call, _BY_ID[name], owner, scope)
    if name == "celery.result.GroupResult.restore":
        return _by_id(things, call, GROUP, CURRENT, scope)
    if name in _SIGNATURES:
        return Signature("task", CURRENT, None, "", "unknown")
    if name in _CURRENT_CALLS:
        return App(CURRENT)
    if name in _WRAPS:
        given = next((value for key, value in arguments_of(call) if not key), None)
        held = things.thing(given, scope) if given is not None else Many(None)
        return held if isinstance(held, Many) else None
    return None


def _by_id(
    things: Things, call: Node, kind: str, owner: Location | None, scope: Scope, task: Task | None = None
) -> Result:
    """A result that is made by an id; ``task`` where it is said whose."""
    given = next((value for key, value in arguments_of(call) if key in ("", "id", "task_id")), None)
    own = given is not None and is_own_id(things, given, scope)
    if kind == GROUP and given is not None:
        held = things.thing(given, scope)
        if isinstance(held, Many):  # ``ResultSet([…])``
            one = held.of
            made_by = one.made if isinstance(one, Result) else CALL
            return Result(GROUP, made_by, owner, things.ev.location(call, scope), None, "unknown", True)
    return Result(kind, ID, owner, things.ev.location(call, scope), task, "unset" if task else "unknown", own)


def _run(things: Things, flow: Signature, call: Node, scope: Scope, method: str) -> Result | None:
    """The result of running a signature: by ``delay``, ``apply_async``, ``apply``, or of a flow by calling it."""
    where = things.ev.location(call, scope)
    if method == "apply":
        return Result(EAGER, FLOW, flow.owner, where, flow.task)
    if flow.kind == "task":
        given = _said_by_call(things, call, scope) if method == "apply_async" else "unset"
        says = flow.ignores if given == "unset" else given
        return Result(ONE, CALL, flow.owner, where, flow.task, says) if method else None
    kind = flow.tail if flow.kind == "chain" else flow.kind
    if kind in ("group", "chunks"):
        return Result(GROUP, FLOW, flow.owner, where, None, flow.ignores if flow.kind == "group" else "unknown")
    return Result(ONE, FLOW, flow.owner, where, flow.task, flow.ignores)


def _function(things: Things, function: Function) -> Thing | None:
    """What a function of the project returns: all its ways through must give the same sort of thing."""
    node = function.node
    if node.type != "function_definition" or classes.decorators(function):
        return None
    if any(child.type == "async" for child in node.children) or b"yield" in (node.text or b""):
        return None
    scope = things.ev.function_scope(node, function.scope)
    returns = [one.node for one in scope.returns if one.node.type not in ("none", "return_statement")]
    return things.one_of(returns, scope) if returns else None


def _said_by_call(things: Things, call: Node, scope: Scope) -> str:
    """What the arguments of a call say of ``ignore_result``, as in Task."""
    says = "unset"
    for name, argument in arguments_of(call):
        if name == "ignore_result":
            return said(things.ev.ask(argument, scope))
        if name == "**":
            says = "unknown"
    return says

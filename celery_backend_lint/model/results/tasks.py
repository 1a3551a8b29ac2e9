"""Task definitions: which decorators and classes make a task, of which app, and what they say of its result."""

from __future__ import annotations

from celery_backend_lint.evaluate.objects import classes
from celery_backend_lint.evaluate.values import Class, External, Function, Literal, Unknown
from celery_backend_lint.location import Location
from celery_backend_lint.model.results.names import held_by
from celery_backend_lint.model.results.own_classes import has_own_backend, sends_itself
from celery_backend_lint.model.results.records import CURRENT, Task, common_owner
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import arguments_of, children_of, text_of, without_parentheses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.model.results.things import Things
    from celery_backend_lint.syntax.python import Node

MAKERS = frozenset(
    {
        "celery.shared_task", "celery.app.shared_task", "celery.task", "celery.task.task", "celery.task.base.task",
        "celery.decorators.task", "celery.decorators.periodic_task", "celery.task.periodic_task",
        "celery.task.base.periodic_task",
    }
)  # fmt: skip
"""What makes tasks of the current app; all but ``shared_task`` until Celery 5 removed them."""

BASES = frozenset(
    {"celery.Task", "celery.app.task.Task", "celery.app.Task", "celery.task.Task", "celery.task.base.Task",
     "celery.task.base.PeriodicTask", "celery.task.PeriodicTask"}
)  # fmt: skip
"""The classes that class-based tasks descend from."""

MOST_MAKERS = 4
"""How many of the project's own decorators one may be made of."""


@record
class Maker:
    """What makes a task of a function: the app's owner, and the calls that give options, the outermost first.

    With each call stands whether it passes on, as ``**``, what the one before it is given.
    """

    owner: Location | None
    calls: tuple[tuple[Node, Scope, bool], ...] = ()

    def __hash__(self) -> int:
        return hash(self.owner)


def task_of_function(things: Things, function: Function) -> Task | None:
    """The task that a decorated function is; None for one that no decorator is known to make a task."""
    for decorator in classes.decorators(function):
        maker = maker_of(things, decorator, function.scope)
        if maker is not None:
            return made(things, maker, function)
    return None


def made(things: Things, maker: Maker, function: Function) -> Task:
    """The task that a maker makes of a function."""
    where = things.ev.location(function.node, function.scope)
    bound = _option(things, maker, "bind")
    base = _option(things, maker, "base")
    cls = base if isinstance(base, Class) else None
    given = any(name == "backend" for call, _, _ in maker.calls for name, _ in arguments_of(call))
    own_backend = given or (cls is not None and has_own_backend(things, cls))
    return Task(
        function.name,
        where,
        None if own_backend else maker.owner,
        _ignores(things, maker),
        function.node,
        function.scope,
        isinstance(bound, Literal) and bound.value is True,
        sends_itself(things, cls),
    )


def maker_of(things: Things, node: Node, scope: Scope, depth: int = 0) -> Maker | None:
    """The maker that an expression is, or that its call gives: ``app.task``, ``shared_task(bind=True)``, the project's
    own ``urgent_task``; None for anything else.
    """
    node = without_parentheses(node)
    if depth > MOST_MAKERS:
        return None
    if node.type == "call":
        function = node.child_by_field_name("function")
        if function is None:
            return None
        maker, partial = maker_of(things, function, scope, depth + 1), False
        if maker is None:
            maker, partial = _partial(things, node, scope, depth), True
        return Maker(maker.owner, ((node, scope, partial), *maker.calls)) if maker is not None else None
    if node.type not in ("attribute", "identifier"):
        return None
    value = things.value_of(node, scope)
    if isinstance(value, External) and value.name in MAKERS:
        return Maker(CURRENT)
    if node.type == "attribute":
        owner, name = node.child_by_field_name("object"), node.child_by_field_name("attribute")
        asked = owner is not None and name is not None and text_of(name) == "task"
        app = things.app_of(owner, scope) if owner is not None and asked else None
        if app is not None:
            return Maker(app.owner)
    if isinstance(value, Function):
        return _own(things, value, depth)
    if node.type == "identifier":
        held = held_by(node, scope)
        if held is not None and len(held) == 1 and held[0].kind == "value" and held[0].node.type != "lambda":
            return maker_of(things, held[0].node, held[0].scope, depth + 1)
    return None


def _partial(things: Things, call: Node, scope: Scope, depth: int) -> Maker | None:
    """The maker in ``functools.partial(app.task, queue="high")``."""
    function = call.child_by_field_name("function")
    given = [argument for name, argument in arguments_of(call) if not name]
    if function is None or not given or text_of(function).rpartition(".")[2] != "partial":
        return None
    return maker_of(things, given[0], scope, depth + 1)


def _own(things: Things, function: Function, depth: int) -> Maker | None:
    """The maker that a decorator of the project's own comes to: each of its ways through gives one of Celery's."""
    if depth > MOST_MAKERS or function.node.type != "function_definition" or classes.decorators(function):
        return None
    if b"task" not in (function.node.text or b""):
        return None
    scope = things.ev.function_scope(function.node, function.scope)
    found: list[Maker] = []
    for node in _ways(scope):
        maker = _returned(things, node, scope, depth)
        if maker is None:
            return None
        found.append(maker)
    if not found:
        return None
    calls = [
        (call, inner, passes_on or any(name == "**" for name, _ in arguments_of(call)))
        for maker in found
        for call, inner, passes_on in maker.calls
    ]
    return Maker(common_owner([maker.owner for maker in found]), tuple(calls))


def _ways(scope: Scope) -> Iterator[Node]:
    """The expressions that a function may return, those of a conditional each on its own."""
    left = [without_parentheses(returned.node) for returned in scope.returns]
    while left:
        node = left.pop(0)
        parts = children_of(node)
        if node.type == "conditional_expression" and len(parts) == 3:
            left += [without_parentheses(parts[0]), without_parentheses(parts[2])]
        else:
            yield node


def _returned(things: Things, node: Node, scope: Scope, depth: int) -> Maker | None:
    if node.type == "call":
        return maker_of(things, node, scope, depth + 1)
    if node.type != "identifier":
        return None
    value = things.value_of(node, scope)
    if isinstance(value, Function) and value.scope is scope:
        for decorator in classes.decorators(value):
            maker = maker_of(things, decorator, scope, depth + 1)
            if maker is not None:
                return maker
        return _own(things, value, depth + 1)
    return maker_of(things, node, scope, depth + 1)


def task_of_class(things: Things, cls: Class) -> Task | None:
    """The task that a class is which descends from Celery's; None for another class."""
    if not any(_is_base(one) for one in classes.lineage(things.ev, cls)) and not _app_task(things, cls):
        return None
    run = things.ev.scope_of(cls).bindings.get("run", [])
    node = run[-1].node if run and run[-1].kind == "def" else None
    scope = things.ev.scope_of(cls) if node is not None else None
    where = things.ev.location(cls.node, cls.scope)
    own = sends_itself(things, cls)
    return Task(cls.name, where, None, _said_by_class(things, cls), node, scope, node is not None, own)


def _is_base(base: object) -> bool:
    return isinstance(base, External) and base.name in BASES


def _app_task(things: Things, cls: Class) -> bool:
    """Whether a class descends from ``app.Task``."""
    superclasses = cls.node.child_by_field_name("superclasses")
    for base in superclasses.named_children if superclasses is not None else ():
        owner, name = base.child_by_field_name("object"), base.child_by_field_name("attribute")
        if base.type == "attribute" and owner is not None and name is not None and text_of(name) == "Task":
            return things.app_of(owner, cls.scope) is not None
    return False


def _said_by_class(things: Things, cls: Class) -> str:
    """What a class says of ``ignore_result``, as in Task."""
    for base in classes.lineage(things.ev, cls):
        if isinstance(base, Class):
            held = things.ev.read(things.ev.scope_of(base), "ignore_result", None)
            if held is not None:
                return said(held)
        elif not isinstance(base, External) or not (base.name in BASES or base.name in ("abc.ABC", "builtins.object")):
            return "unset" if _app_task(things, cls) else "unknown"
    return "unset"


def said(value: object) -> str:
    """What a value for ``ignore_result`` says, as in Task; None leaves it to the setting (``Task.from_config``)."""
    if isinstance(value, Literal) and isinstance(value.value, bool):
        return "yes" if value.value else "no"
    return "unset" if isinstance(value, Literal) and value.value is None else "unknown"


def _ignores(things: Things, maker: Maker) -> str:
    given = _option(things, maker, "ignore_result")
    if given is not None:
        return said(given)
    base = _option(things, maker, "base")
    if base is None or (isinstance(base, External) and base.name in BASES):
        return "unset"
    return _said_by_class(things, base) if isinstance(base, Class) else "unknown"


def _option(things: Things, maker: Maker, wanted: str) -> Value | None:
    """The value of an option of the maker; None where no call gives it, Unknown where one may.

    The innermost call decides; it passes on what it is given where a decorator of the project's own writes ``**``,
    and ``partial`` always does.
    """
    for call, scope, passes_on in reversed(maker.calls):
        spread = False
        for name, argument in arguments_of(call):
            if name == wanted:
                return things.ev.ask(argument, scope)
            spread = spread or name == "**"
        if not passes_on:
            return Unknown("options from elsewhere", Location("")) if spread else None
    return None

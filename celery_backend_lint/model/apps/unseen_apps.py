"""What is done to an object that is not followed, and that may be an app of the project: it makes settings unknown.

``Jobs().conf.result_backend = …``, where the class's ``__new__``, a metaclass or ``__getattr__`` says what that is, may
set it of any app. Nothing is known of it but the names.
"""

from __future__ import annotations

from celery_backend_lint.evaluate import access
from celery_backend_lint.evaluate.calls import read_arguments
from celery_backend_lint.evaluate.objects.making import MADE_OTHERWISE
from celery_backend_lint.evaluate.values import Choice, Class, External, Instance, Literal, Unknown
from celery_backend_lint.model.apps.code_shapes import call_with
from celery_backend_lint.model.apps.conf_arguments import update_entries
from celery_backend_lint.model.apps.conf_targets import assigned_to, is_changed_in_place, is_deleted, is_given_otherwise
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.model.apps.places import Point
    from celery_backend_lint.model.apps.step import Step
    from celery_backend_lint.model.data import Version
    from celery_backend_lint.syntax.python import Node

UNSEEN = "unseen"
"""The attribute of the steps that are done to such an object."""

_ALL = frozenset({"clear", "popitem", "swap_with", "add_defaults"})
"""Methods of ``app.conf`` that change whatever is set."""

_BY_NAME = frozenset({"setdefault", "pop", "__setitem__", "__setattr__", "__delitem__", "__delattr__"})
"""Methods whose first argument is the name of what they change."""


def may_be_app(ev: Evaluator, value: Value, point: Point) -> bool:
    """Whether what a place does something to may be an app, while none that is seen.

    Where it is read as None it is something else by then: None has no ``conf``.
    """
    if isinstance(value, Choice):
        return any(may_be_app(ev, one.value, point) for one in value.alternatives)
    if isinstance(value, Instance) and isinstance(value.type, Class):
        name = text_of(point.node).rpartition(".")[2]
        return isinstance(access.attribute(ev, value, name, value.origin), Unknown)
    return isinstance(value, Unknown) or (isinstance(value, Literal) and value.value is None)


def is_run(node: Node) -> bool:
    """Whether Python can run the file that a node is of: in one that does not parse nothing is done to any app."""
    root = node
    while root.parent is not None:
        root = root.parent
    return not root.has_error


def is_of_parameter(node: Node, scope: Scope) -> bool:
    """Whether an expression begins with a parameter of the function around it."""
    first: Node | None = node
    while first is not None and first.type in ("attribute", "subscript", "call"):
        first = (
            first.child_by_field_name("object")
            or first.child_by_field_name("value")
            or first.child_by_field_name("function")
        )
    inner: Scope | None = scope
    while inner is not None and first is not None:
        if text_of(first) in inner.parameters:
            return True
        inner = inner.parent
    return False


def changed(ev: Evaluator, step: Step, version: Version) -> Iterator[Value]:
    """The names of the settings that a step on such an object may change; an Unknown for any."""
    node, scope, parent = step.node, step.scope, step.node.parent
    where = ev.location(node, scope)
    anything = Unknown("something is done to what may be this app", where)
    if parent is None:
        return
    if node.type == "attribute" and text_of(node).rpartition(".")[2] != "conf":
        if parent.type == "call" and not text_of(node).endswith("add_periodic_task"):
            yield anything
        elif parent.type == "call":
            yield Literal("beat_schedule", where)
        return
    outer = parent.parent
    if parent.type == "attribute" and outer is not None and outer.type == "call":
        method = text_of(parent).rpartition(".")[2]
        arguments, keywords = read_arguments(ev, outer, scope)
        if method == "update":
            entries = [one for given in arguments for one in update_entries(ev, given, where, version)]
            yield from (entry.key for entry in [*entries, *keywords])
        elif method in _BY_NAME:
            yield arguments[0] if arguments else anything
        elif method in _ALL:
            yield anything
    elif parent.type in ("attribute", "subscript"):
        written = assigned_to(parent)[0] is not None or is_given_otherwise(parent) or is_changed_in_place(parent)
        if written or (outer is not None and (outer.type == "delete_statement" or is_deleted(outer))):
            keys = parent.children_by_field_name("subscript")
            name = parent.child_by_field_name("attribute")
            if name is not None:
                yield Literal(text_of(name), where)
            elif len(keys) == 1:
                key = ev.value(keys[0], scope)
                is_name = isinstance(key, Literal) and isinstance(key.value, str)
                yield from (key,) if is_name or (isinstance(key, Unknown) and _is_ours(step.owner)) else ()
    elif (call := call_with(parent)) is not None:
        function = call.child_by_field_name("function")
        target = ev.ask(function, scope) if function is not None else None
        if not isinstance(target, External):
            yield from (anything,) if _is_ours(step.owner) else ()
        elif target.name in ("builtins.setattr", "builtins.delattr"):
            arguments, _ = read_arguments(ev, call, scope)
            yield arguments[1] if len(arguments) > 1 else anything
    elif parent.type == "augmented_assignment":
        yield anything


def _is_ours(owner: Value) -> bool:
    """Whether an object comes of a class of the project: other things have a ``conf`` too, a model's confidence say."""
    return isinstance(owner, Instance) or is_made_otherwise(owner)


def is_made_otherwise(owner: Value) -> bool:
    """Whether an object is what a class of the project itself says that calling it gives."""
    return isinstance(owner, Unknown) and owner.why == MADE_OTHERWISE

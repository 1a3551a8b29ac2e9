"""What the constructor of a plain class leaves in the attributes of its instances."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.alternatives import with_fallback
from celery_backend_lint.evaluate.functions import call_scope, changing_decorator
from celery_backend_lint.evaluate.objects import classes
from celery_backend_lint.evaluate.objects.self_assignments import MethodCall, partial, reads_later, sets_unseen
from celery_backend_lint.evaluate.values import Choice, Class, Function, Method, Unknown
from celery_backend_lint.syntax.python import children_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Entry, Instance, Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.syntax.python import Node


def set_by_init(ev: Evaluator, instance: Instance, cls: Class, name: str) -> Value | None:
    """What the constructor leaves in ``self.name``: the nearest ``__init__``, and those it calls with ``super()``."""
    arguments, keywords = [instance, *instance.arguments], list(instance.keywords)
    later: Value | None = None
    for base in classes.lineage(ev, cls):
        new = ev.scope_of(base).bindings.get("__new__") if isinstance(base, Class) else None
        if new and re.search(rf"\.{re.escape(name)}\b\s*(?:=[^=]|:)|setattr|__dict__", text_of(new[-1].node)):
            place = _only_set(ev, base, new[-1].node, name) if isinstance(base, Class) else None
            return Unknown("the class makes its instances itself", place or instance.origin)
    for base in classes.lineage(ev, cls):
        init = ev.read(ev.scope_of(base), "__init__", None) if isinstance(base, Class) else None
        if not isinstance(init, Function):
            continue
        scope = call_scope(ev, init, arguments, keywords)
        if _set_by_method(ev, cls, scope, name):
            return Unknown("a method that the constructor calls sets it", instance.origin)
        if sets_unseen(text_of(init.node), name):
            return Unknown("the constructor sets attributes by name", instance.origin)
        found = _in_order(ev, init, scope, instance, name, arguments, keywords)
        changing = changing_decorator(init)
        if found is None and changing:
            return with_fallback(later, Unknown(f"the decorator {changing} of the constructor may set it", init.origin))
        above = _call_of_base(scope)
        if above is None:
            return with_fallback(later, found)
        if _last_set(scope, name) > above.start_byte:
            # Set after the base's constructor, or perhaps: what that one sets shows through where it is not.
            later = found if later is None else with_fallback(later, found)
            if not isinstance(later, Choice):
                return later
        elif found is not None:
            fallback = Unknown("whether a base class sets it", found.origin)
            return with_fallback(later, fallback)
        from celery_backend_lint.evaluate.calls import read_arguments

        given, keywords = read_arguments(ev, above, scope)
        arguments = [instance, *given]
    return later


def _only_set(ev: Evaluator, cls: Class, new: Node, name: str) -> Location | None:
    """Where ``__new__`` sets an attribute of what it makes; None where it does not, or in several places."""
    found = []
    left = [new]
    while left:
        node = left.pop()
        target = node.child_by_field_name("left") if node.type == "assignment" else None
        attribute = target.child_by_field_name("attribute") if target is not None else None
        if target is not None and attribute is not None and text_of(attribute) == name:
            found.append(target)
        left.extend(node.named_children)
    return ev.location(found[0], cls.scope) if len(found) == 1 else None


def _set_by_method(ev: Evaluator, cls: Class, init: Scope, name: str) -> bool:
    """Whether a method that a constructor calls on its own object may set an attribute."""
    parameters = init.node.child_by_field_name("parameters")
    first = next(iter(children_of(parameters)), None) if parameters is not None else None
    if first is None:
        return False
    own = re.escape(text_of(first).encode())
    for match in re.finditer(rb"(?<!\w)" + own + rb"\.(\w+)\(", init.node.text or b""):
        method = classes.class_attribute(ev, cls, match[1].decode(), cls.origin, None)
        function = method.function if isinstance(method, Method) else method
        if isinstance(function, Function) and re.search(
            rb"\." + name.encode() + rb"\s*(?::[^=\n]*)?=(?!=)", function.node.text or b""
        ):
            return True
    return False


def _in_order(
    ev: Evaluator, init: Function, scope: Scope, instance: Instance, name: str, arguments: list[Value],
    keywords: list[Entry],
) -> Value | None:  # fmt: skip
    """What an ``__init__`` leaves in an attribute, reading what it set before as it is by then."""
    own = first_parameter(scope)
    if not own or not reads_later(scope, own, name):
        return attributes_set(ev, scope, name)
    if _call_of_base(scope) is not None:
        return Unknown("it is set more than once", init.origin)
    rest = arguments[1:]
    called = MethodCall(ev, init, own, lambda so_far: [*partial(instance, classes.PARTIAL, so_far), *rest], keywords)
    return called.leaves(name)


def first_parameter(scope: Scope) -> str:
    """The name that a method gives to its object; "" without one."""
    parameters = scope.node.child_by_field_name("parameters")
    first = next(iter(children_of(parameters)), None) if parameters is not None else None
    return text_of(first) if first is not None else ""


def _call_of_base(scope: Scope) -> Node | None:
    """The call of a base's constructor in an ``__init__``, wherever it stands; None without one."""
    body = scope.node.child_by_field_name("body")
    for statement in body.named_children if body is not None else ():
        call = statement.named_children[0] if statement.type == "expression_statement" else None
        function = call.child_by_field_name("function") if call is not None and call.type == "call" else None
        if call is not None and function is not None and text_of(function).startswith("super("):
            return call
    return None


def _last_set(scope: Scope, name: str) -> int:
    """The offset of the last assignment to an attribute of that name; -1 without one."""
    return max((b.at for b in scope.attributes if text_of(b.target).endswith(f".{name}")), default=-1)


def attributes_set(ev: Evaluator, scope: Scope, name: str) -> Value | None:
    """What ``self.name`` holds at the end of a method's scope; None when the method never sets it."""
    own = first_parameter(scope)
    return attributes_set_by_name(ev, scope, own, name) if own else None


def attributes_set_by_name(ev: Evaluator, scope: Scope, own: str, name: str) -> Value | None:
    """What ``own.name`` holds at the end of a method's scope; None when the method never sets it."""
    target = f"{own}.{name}"
    bindings = [b for b in scope.attributes if b.target.type == "attribute" and text_of(b.target) == target]
    return ev.flow(bindings, scope) if bindings else None

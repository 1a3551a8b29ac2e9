"""What a method leaves in the attributes of its object: ``self.url = …`` in validators and constructors."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.alternatives import with_fallback
from celery_backend_lint.evaluate.functions import call_scope
from celery_backend_lint.evaluate.values import Entry, Literal, Mapping, Unknown
from celery_backend_lint.syntax.python import arguments_of, string_value, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Function, Instance, Value
    from celery_backend_lint.syntax.python import Node

MOST_ATTRIBUTES = 40
"""How many attributes a method may set for their order to be followed."""

_SETTERS = ("object.__setattr__", "setattr", "super().__setattr__")


class MethodCall:
    """A method as it is called: ``made`` gives the object that it is called with for the attributes set so far."""

    __slots__ = ("_ev", "_function", "_known", "_made", "_rest", "own")

    def __init__(
        self, ev: Evaluator, function: Function, own: str, made: Callable[[Mapping], list[Value]], rest: list[Entry]
    ) -> None:
        self._ev = ev
        self._function = function
        self._made = made
        self._rest = rest
        self._known: dict[tuple[str, int | None], Value | None] = {}
        self.own = own

    def scope(self, so_far: Mapping) -> Scope:
        """The scope of its body for one call, with the object as it is by then."""
        return call_scope(self._ev, self._function, self._made(so_far), self._rest)

    def leaves(self, name: str, until: int | None = None) -> Value | None:
        """What it leaves in the attribute, or has put there before the byte offset ``until``; None where it sets none.

        What it reads of attributes is what they hold by then: the object is given to it with what it has set so far.
        """
        key = (name, until)
        if key not in self._known:
            self._known[key] = Unknown("several attributes that depend on each other", self._function.origin)
            self._known[key] = self._left(name, until)
        return self._known[key]

    def _left(self, name: str, until: int | None) -> Value | None:
        origin = self._function.origin
        structure = self.scope(Mapping((), origin))
        target = f"{self.own}.{name}"
        before = [b for b in structure.attributes if until is None or b.target.start_byte < until]
        if any(text_of(binding.target).startswith(f"{target}[") for binding in before):
            return Unknown("it is changed in place", origin)
        mine = [binding for binding in before if text_of(binding.target) == target]
        called = self._set_by_call(structure, name)
        if called is not None:
            return called if not mine else Unknown("it is set more than once", origin)
        others = dict.fromkeys(text_of(binding.target).removeprefix(f"{self.own}.") for binding in before)
        names = [other for other in others if other.isidentifier()]
        if mine and len(names) > MOST_ATTRIBUTES:
            return Unknown("too many attributes to follow", origin)
        value: Value | None = None
        while mine:
            branch = mine[0].path[0][0] if mine[0].path else None
            group = [b for b in mine if branch is not None and b.path and b.path[0][0] is branch] or mine[:1]
            mine = [binding for binding in mine if binding not in group]
            start = branch.node.start_byte if branch is not None else group[0].target.start_byte
            if branch is not None and self._depends_inside(structure, branch.node, len(group), target):
                return Unknown("several attributes that depend on each other", origin)
            overlay = []
            for other in names:
                held = value if other == name else self.leaves(other, start)
                if held is not None:
                    overlay.append(Entry(Literal(other, origin), held, origin))
            scope = self.scope(Mapping(tuple(overlay), origin))
            arms = [b for b in scope.attributes if any(b.target == one.target for one in group)]
            found = self._ev.flow(arms, scope)
            value = found if value is None else with_fallback(found, value)
        return value

    def _depends_inside(self, scope: Scope, node: Node, count: int, target: str) -> bool:
        """Whether a branch reads attributes that it sets itself, of which it is not said in which order."""
        text = text_of(node)
        for other in {text_of(binding.target) for binding in scope.attributes}:
            inside = [b for b in scope.attributes if text_of(b.target) == other and _is_inside(b.target, node)]
            read = len(re.findall(rf"(?<![\w.]){re.escape(other)}\b", text)) - len(inside)
            condition = node.child_by_field_name("condition")
            read -= (
                len(re.findall(rf"(?<![\w.]){re.escape(other)}\b", text_of(condition))) if condition is not None else 0
            )
            if inside and read > 0 and not (other == target and count == len(inside) == 1):
                return True
        return False

    def _set_by_call(self, scope: Scope, name: str) -> Value | None:
        """``object.__setattr__(self, "name", value)``, at the top of the body; Unknown where it stands elsewhere."""
        body = scope.node.child_by_field_name("body")
        if body is None or b"setattr" not in (body.text or b""):
            return None
        found: Value | None = None
        seen = 0
        for statement in body.named_children:
            call = statement.named_children[0] if statement.type == "expression_statement" else None
            function = call.child_by_field_name("function") if call is not None and call.type == "call" else None
            if call is None or function is None or text_of(function) not in _SETTERS:
                continue
            given = [value for key, value in arguments_of(call) if not key]
            seen += 1
            if len(given) >= 2 and given[-2].type == "string":
                if string_value(given[-2]) == name:
                    found = self._ev.value(given[-1], scope)
            else:
                return Unknown("attributes whose names are not known are set", self._function.origin)
        if (body.text or b"").count(b"setattr") > seen:
            return Unknown("attributes are set under conditions", self._function.origin)
        return found


def calls_setter(methods: Callable[[str], list[str]], text: str, name: str, depth: int = 3) -> bool:
    """Whether a function of this text calls a method of its object that sets the attribute.

    ``methods`` gives the texts of the methods of a name.
    """
    for method in dict.fromkeys(re.findall(r"\b\w+\.(\w+)\(", text)):
        for body in methods(method) if depth else ():
            if re.search(rf"\.{re.escape(name)}\b\s*(?:[-+*/|]?=[^=]|:)|setattr|__dict__", body):
                return True
            if calls_setter(methods, body, name, depth - 1):
                return True
    return False


def reads_later(scope: Scope, own: str, name: str) -> bool:
    """Whether what a method sets ``own.name`` to depends on attributes that it sets again afterwards, or on itself."""
    places: dict[str, list[int]] = {}
    for binding in scope.attributes:
        places.setdefault(text_of(binding.target), []).append(binding.target.start_byte)
    for binding in scope.attributes:
        if text_of(binding.target) != f"{own}.{name}":
            continue
        parts = [binding.node, *(arm.condition for branch, _ in binding.path for arm in branch.arms if arm.condition)]
        for part in parts:
            for found in re.findall(rf"\b{own}\.\w+", text_of(part)):
                if found == f"{own}.{name}" or any(at > part.start_byte for at in places.get(found, [])):
                    return True
    return False


def _is_inside(node: Node, around: Node) -> bool:
    return around.start_byte <= node.start_byte and node.end_byte <= around.end_byte


def sets_unseen(text: str, name: str) -> bool:
    """Whether a constructor of this text may set an attribute by other means than an assignment."""
    if re.search(rf"""setattr(?:__)?\(\s*\w+,\s*["']{re.escape(name)}["']""", text):
        return True
    literal = len(re.findall(r"""setattr(?:__)?\(\s*\w+,\s*["']\w+["']""", text))
    return len(re.findall(r"setattr", text)) > literal or bool(re.search(r"__dict__|\bvars\(", text))


def partial(instance: Instance, marker: str, so_far: Mapping) -> list[Value]:
    """The arguments of a method whose object is still being made: only what is in ``so_far`` is set on it."""
    from celery_backend_lint.evaluate.values import External
    from celery_backend_lint.evaluate.values import Instance as Made

    return [Made(instance.type, (External(marker, instance.origin), so_far), (), instance.origin)]

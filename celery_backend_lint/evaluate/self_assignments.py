"""What a method leaves in the attributes of its object: ``self.url = …`` in validators and constructors."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.functions import call_scope
from celery_backend_lint.evaluate.values import Entry, Literal, Mapping, Unknown
from celery_backend_lint.syntax.python import arguments_of, string_value, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Binding, Scope
    from celery_backend_lint.evaluate.values import Function, Instance, Value

_SETTERS = ("object.__setattr__", "setattr", "super().__setattr__")


class Method:
    """A method as it is called: ``made`` gives the object that it is called with for the attributes set so far."""

    __slots__ = ("_ev", "_function", "_made", "_rest", "own")

    def __init__(
        self, ev: Evaluator, function: Function, own: str, made: Callable[[Mapping], list[Value]], rest: list[Entry]
    ) -> None:
        self._ev = ev
        self._function = function
        self._made = made
        self._rest = rest
        self.own = own

    def scope(self, so_far: Mapping) -> Scope:
        """The scope of its body for one call, with the object as it is by then."""
        return call_scope(self._ev, self._function, self._made(so_far), self._rest)

    def leaves(self, name: str, above: tuple[str, ...] = ()) -> Value | None:
        """What it leaves in the attribute; None where it never sets it by itself.

        What it reads of attributes that it has set before is what it set: the object is given to it as it is by then.
        """
        origin = self._function.origin
        nothing = Mapping((), origin)
        scope = self.scope(nothing)
        target = f"{self.own}.{name}"
        places: dict[str, list[Binding]] = {}
        for binding in scope.attributes:
            places.setdefault(text_of(binding.target), []).append(binding)
        if any(key.startswith(f"{target}[") for key in places):
            return Unknown("it is changed in place", origin)
        mine = places.get(target, [])
        called = self._set_by_call(scope, name)
        if called is not None:
            return called if not mine else Unknown("it is set more than once", origin)
        if not mine:
            return None
        start, end = min(b.target.start_byte for b in mine), max(b.at for b in mine)
        overlay: list[Entry] = []
        for other, bindings in places.items():
            attribute = other.removeprefix(f"{self.own}.")
            starts = [binding.target.start_byte for binding in bindings]
            if other == target or not attribute.isidentifier() or attribute == other or min(starts) >= end:
                continue
            if attribute in above or any(start <= at < end for at in starts) or max(starts) > end:
                if not re.search(rf"\b{re.escape(other)}\b", self._text_between(scope, start, end)):
                    continue
                return Unknown("several attributes that depend on each other", origin)
            held = self.leaves(attribute, (*above, name))
            if held is not None:
                overlay.append(Entry(Literal(attribute, origin), held, origin))
        if len(mine) > 1 and text_of(scope.node).count(target) > len(mine) + 1:
            return Unknown("it is set more than once", origin)
        from celery_backend_lint.evaluate.classes import attributes_set_by_name

        if overlay:
            scope = self.scope(Mapping(tuple(overlay), origin))
        return attributes_set_by_name(self._ev, scope, self.own, name)

    def _text_between(self, scope: Scope, start: int, end: int) -> str:
        text = scope.node.text or b""
        before = scope.node.start_byte
        return text[max(start - before, 0) : end - before].decode("utf-8", "replace")

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
                if any(at > part.start_byte for at in places.get(found, [])):
                    return True
    return False


def partial(instance: Instance, marker: str, so_far: Mapping) -> list[Value]:
    """The arguments of a method whose object is still being made: only what is in ``so_far`` is set on it."""
    from celery_backend_lint.evaluate.values import External
    from celery_backend_lint.evaluate.values import Instance as Made

    return [Made(instance.type, (External(marker, instance.origin), so_far), (), instance.origin)]

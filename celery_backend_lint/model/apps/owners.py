"""Whose app, and whose conf, an expression is."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate import access
from celery_backend_lint.evaluate.calls import read_arguments
from celery_backend_lint.evaluate.library_calls import CURRENT_OBJECT
from celery_backend_lint.evaluate.values import CONF, Choice, Class, Entry, External, Instance, Literal, Unknown
from celery_backend_lint.model.apps.creations import is_celery_class
from celery_backend_lint.syntax.python import arguments_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.model.apps.places import Places, Point
    from celery_backend_lint.syntax.python import Node


CURRENT = "celery.current_app"
_CURRENT = frozenset({CURRENT, "celery.app.current_app", "celery._state.current_app", "celery.app.default_app"})
_OR_DEFAULT = frozenset({"celery.app.app_or_default", "celery._state.get_current_app", "celery.app_or_default"})


class Owners:
    """Finds the app that an expression is. ``current`` is what ``current_app`` is by now, None for no app of ours."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.ev = places.ev
        self.current: Value | None = None
        for creation in places.creations.values():
            if creation.node.type != "call":  # the default app, which no call makes: it is current from the beginning
                self.current = Instance(
                    External("celery.Celery", creation.location), (), creation.keywords, creation.location
                )
        self._default = self.current

    def owner(self, point: Point, scope: Scope) -> Value | None:
        """The app that a place does something to, as far as it is known; None for a name that is no app's conf."""
        if point.kind == "alias":
            return self.conf_owner(point.node, scope)
        owner = point.node.child_by_field_name("object")
        if owner is None:
            return self.ev.unknown("an incomplete expression", point.node, scope)
        value = self.ev.ask(owner, scope)
        if not self.may_be_app(value):
            value = self.held(owner, scope) or self._given_to_global(owner, scope) or value
        if isinstance(value, Instance) and isinstance(value.type, Class) and not self.may_be_app(value):
            value = self._handing_on(value) or value
        return value if self.may_be_app(value) else self._current(_current(self.ev, owner, value, scope))

    def _handing_on(self, value: Instance) -> Instance | None:
        """The app whose ``conf`` an object of the project's own has as its own: by a property or by ``__getattr__``."""
        conf = access.attribute(self.ev, value, "conf", value.origin)
        if isinstance(conf, Instance) and isinstance(conf.type, External) and conf.type.name == CONF:
            return Instance(External("celery.Celery", conf.origin), (), (), conf.origin)
        return None

    def _current(self, value: Value) -> Value:
        """The app of ours that a value is by now, where it is the current one; else the value itself."""
        if isinstance(value, External) and value.name == CURRENT:
            return self.current or value
        if isinstance(value, External) and value.name == CURRENT_OBJECT and self.current is self._default:
            return self.current or value
        return value

    def held(self, node: Node, scope: Scope) -> Value | None:
        """The app that is kept as an attribute of another object, where an expression is that attribute, or makes the
        instance of a class whose ``__new__`` returns it.
        """
        if node.type == "attribute" and (found := self.places.held.get((scope.file.path, text_of(node)))) is not None:
            return found
        value = self.ev.value(node, scope)
        if not isinstance(value, Unknown):
            return None
        return self.places.held_at.get(value.origin) or self.places.only.get(value.origin)

    def _given_to_global(self, node: Node, scope: Scope) -> Value | None:
        """The app that a function has just made and given to a name of the module: ``global app; app = Celery()``."""
        name = text_of(node) if node.type == "identifier" else ""
        while scope.kind == "round" and scope.parent is not None:
            scope = scope.parent
        if scope.kind != "function" or name not in scope.globals:
            return None
        given = re.findall(
            rb"(?m)^[ \t]*" + re.escape(name.encode()) + rb"[ \t]*(?::[^=\n]*)?=(?!=)", scope.node.text or b""
        )
        for creation in self.places.creations.values() if len(given) == 1 else ():
            statement = creation.node.parent
            if (
                creation.file is scope.file
                and scope.node.start_byte <= creation.node.start_byte < node.start_byte < scope.node.end_byte
                and statement is not None
                and statement.type == "assignment"
                and (left := statement.child_by_field_name("left")) is not None
                and text_of(left) == name
                and isinstance(creation.cls, (Class, External))
            ):
                return Instance(creation.cls, creation.arguments, creation.keywords, creation.location)
        return None

    def conf_owner(self, node: Node, scope: Scope) -> Value | None:
        """The app whose conf a name holds: a parameter that was given it, or a name that is bound to it once. None for
        a name for something else.
        """
        name = text_of(node)
        inner: Scope | None = scope
        while inner is not None:
            given = inner.parameters.get(name)
            if isinstance(given, Instance) and isinstance(given.type, External) and given.type.name == CONF:
                return Instance(External("celery.Celery", given.origin), (), (), given.origin)
            bindings = [one for one in inner.bindings.get(name, ()) if one.kind not in ("item", "method")]
            if bindings:
                source = bindings[0].node
                if len(bindings) == 1 and bindings[0].kind == "assign" and source.type == "attribute":
                    holder, attribute = source.child_by_field_name("object"), source.child_by_field_name("attribute")
                    if holder is not None and attribute is not None and text_of(attribute) == "conf":
                        return self._current(_current(self.ev, holder, self.ev.ask(holder, inner), inner))
                break
            inner = inner.parent
        return None

    def may_be_app(self, value: Value | None) -> bool:
        """Whether an outcome of a value is an app."""
        if isinstance(value, Choice):
            return any(self.may_be_app(one.value) for one in value.alternatives)
        return isinstance(value, Instance) and is_celery_class(self.ev, value.type)

    def arguments(self, call: Node, scope: Scope) -> tuple[list[Value], list[Entry]]:
        """The arguments of a call, ``app.conf`` among them as an instance of its type that has the app's place."""
        arguments, keywords = read_arguments(self.ev, call, scope)
        nodes = arguments_of(call)
        position = 0
        for name, node in nodes:
            if name in ("*", "**"):
                break
            special: Value | None = self.conf_argument(node, scope)
            if special is None and not self.may_be_app(self.ev.value(node, scope)):
                special = self.held(node, scope)
            if special is not None and name:
                keywords = [Entry(one.key, special, one.origin) if is_key(one, name) else one for one in keywords]
            elif special is not None:
                arguments[position] = special
            position += not name
        return arguments, keywords

    def conf_argument(self, node: Node, scope: Scope) -> Instance | None:
        """``app.conf`` or a name for it as an instance of its type that has the app's place; None for anything else."""
        owner: Value | None = None
        if node.type == "attribute":
            attribute, holder = node.child_by_field_name("attribute"), node.child_by_field_name("object")
            if attribute is not None and holder is not None and text_of(attribute) == "conf":
                owner = self.ev.ask(holder, scope)
                if not self.may_be_app(owner):
                    owner = self.held(holder, scope) or self._current(_current(self.ev, holder, owner, scope))
        elif node.type == "identifier":
            owner = self.conf_owner(node, scope)
        if isinstance(owner, Instance) and self.may_be_app(owner):
            return Instance(External(CONF, owner.origin), (), (), owner.origin)
        return None


def is_current_app(ev: Evaluator, node: Node, scope: Scope) -> bool:
    """Whether an expression is the app that is current, whichever that is."""
    value = _current(ev, node, ev.ask(node, scope), scope)
    return isinstance(value, External) and value.name in (CURRENT, CURRENT_OBJECT)


def _current(ev: Evaluator, node: Node, value: Value, scope: Scope) -> Value:
    """An expression with a value that is no app we see made: `CURRENT` for the current app, what ``app_or_default`` is
    given, `CURRENT_OBJECT` for what was current when it was asked for; else the value itself.
    """
    function = node.child_by_field_name("function") if node.type == "call" else None
    target = ev.value(function, scope) if function is not None else value
    if isinstance(target, External):
        if function is not None and target.name in _OR_DEFAULT:
            return next((ev.value(one, scope) for _, one in arguments_of(node)), External(CURRENT, value.origin))
        asked = target.name.rpartition(".")[0] if function is not None else target.name
        if asked in _CURRENT:  # ``current_app`` itself, or a call of ``current_app._get_current_object``
            return External(CURRENT, value.origin)
    return value


def is_key(entry: Entry, name: str) -> bool:
    """Whether the key of an entry is a name."""
    return isinstance(entry.key, Literal) and entry.key.value == name

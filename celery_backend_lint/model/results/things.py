"""What an expression is for Celery, as far as that is certain: a task, a signature, a result, an app."""

from __future__ import annotations

from celery_backend_lint.evaluate.library_calls import CURRENT_OBJECT
from celery_backend_lint.evaluate.stars import module_path
from celery_backend_lint.evaluate.values import Class, External, Function, Instance, Module
from celery_backend_lint.model.apps.creations import is_celery_class
from celery_backend_lint.model.results.calls import called
from celery_backend_lint.model.results.canvas import piped
from celery_backend_lint.model.results.names import held_by, held_in_module
from celery_backend_lint.model.results.own_classes import class_for_all
from celery_backend_lint.model.results.records import (
    CURRENT,
    GROUP,
    ONE,
    App,
    Many,
    Result,
    Signature,
    Task,
    many,
    merged,
)
from celery_backend_lint.model.results.tasks import task_of_class, task_of_function
from celery_backend_lint.syntax.python import children_of, text_of, without_parentheses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.model.results.names import Held
    from celery_backend_lint.model.results.records import Thing
    from celery_backend_lint.syntax.python import Node

DEEPEST = 12
"""How many names and calls deep an expression is followed."""

MOST_IMPORTS = 8
"""How many modules a name is followed through that import it from one another."""

_CURRENT_APPS = frozenset({"celery.current_app", "celery._state.current_app", "celery.app.current_app", CURRENT_OBJECT})
_MAY_BE_APPS = frozenset({"call", "attribute", "subscript", "identifier", "conditional_expression"})
_LISTS = frozenset({"list", "tuple", "set", "expression_list"})
_COMPREHENSIONS = frozenset({"list_comprehension", "set_comprehension", "generator_expression"})


class Things:
    """Answers what expressions of one project are. Everything asked once is remembered."""

    __slots__ = ("_depth", "_has_class", "_known", "_tasks", "ev")

    def __init__(self, ev: Evaluator) -> None:
        self.ev = ev
        self._depth = 0
        self._known: dict[tuple[str, int, int, str], Thing | None] = {}
        self._tasks: dict[tuple[str, int], Task | None] = {}
        self._has_class: bool | None = None

    @property
    def has_class_for_all(self) -> bool:
        """Whether tasks without a class of their own may send in a way of their own (own_classes.class_for_all)."""
        if self._has_class is None:
            self._has_class = class_for_all(self)
        return self._has_class

    def thing(self, node: Node, scope: Scope) -> Thing | None:
        """What an expression is where it stands in ``scope``; None where that is nothing of Celery's, or not sure."""
        node = without_parentheses(node)
        key = (scope.file.path, node.start_byte, node.end_byte, node.type)
        if key in self._known:
            return self._known[key]
        if self._depth >= DEEPEST:
            return None
        self._known[key] = None  # what refers back to this is not certain
        self._depth += 1
        try:
            found = self._read(node, scope)
        finally:
            self._depth -= 1
        self._known[key] = found
        return found

    def app_of(self, node: Node, scope: Scope) -> App | None:
        """The app that an expression is for sure. Its ``owner`` is None where it is not known which."""
        node = without_parentheses(node)
        thing = self.thing(node, scope)
        if isinstance(thing, App):
            return thing
        if thing is not None or node.type not in _MAY_BE_APPS:
            return None
        value = self.ev.ask(node, scope)
        made = value
        if not isinstance(made, Instance) and node.type == "identifier":
            made = self._made(held_by(node, scope), 0) or value
        if isinstance(made, Instance) and is_celery_class(self.ev, made.type):
            return App(made.origin)
        if node.type not in ("identifier", "attribute"):
            return None
        # What cannot be followed is still no other library's when it is called so.
        name = value.name if isinstance(value, External) else text_of(node)
        known = isinstance(value, External) and name.partition(".")[0] == "celery"
        return App(None) if "celery" in name.rpartition(".")[2].lower() and not known else None

    def _made(self, held: list[Held] | None, depth: int) -> Value | None:
        """The value of the one expression that a name holds, whatever is done to the object later: it stays an app."""
        if held is None or len(held) != 1 or depth > MOST_IMPORTS:
            return None
        if held[0].kind == "import":
            return self._made(self._there(held[0]), depth + 1)
        return self.ev.ask(held[0].node, held[0].scope) if held[0].kind == "value" else None

    def value_of(self, node: Node, scope: Scope) -> Value | None:
        """What a name means that is defined or imported: a function, a class, a module, something from outside.

        None for a name that holds a value: working that out may take the evaluator long, and nearly all are nothing of
        Celery's.
        """
        if node.type == "identifier":
            held = held_by(node, scope)
            if held is None or any(one.kind not in ("definition", "import") for one in held):
                return None
            return None if any(self._imports_value(one, 0) for one in held) else self.ev.ask(node, scope)
        owner, name = node.child_by_field_name("object"), node.child_by_field_name("attribute")
        if node.type != "attribute" or owner is None or name is None:
            return None
        base = self.value_of(owner, scope)
        if isinstance(base, Module) and base.scope is not None:
            there = held_in_module(base.scope, text_of(name))
            plain = there is not None and all(one.kind in ("definition", "import") for one in there)
            return self.ev.ask(node, scope) if plain else None
        external = isinstance(base, External) and base.name != "django.conf.settings"
        return self.ev.ask(node, scope) if external else None

    def _imports_value(self, held: Held, depth: int) -> bool:
        """Whether an import brings what another module of the project has by an assignment."""
        there = self._there(held) if held.kind == "import" else []
        if there is None or depth > MOST_IMPORTS:
            return True
        return any(one.kind not in ("definition", "import") or self._imports_value(one, depth + 1) for one in there)

    def task_of(self, function: Function) -> Task | None:
        """The task that a function of the project is; None for one that is none."""
        key = (function.scope.file.path, function.node.start_byte)
        if key not in self._tasks:
            self._tasks[key] = None
            self._tasks[key] = task_of_function(self, function)
        return self._tasks[key]

    # kinds of expressions

    def _read(self, node: Node, scope: Scope) -> Thing | None:
        kind = node.type
        if kind == "identifier":
            return self._name(node, scope)
        if kind == "call":
            return called(self, node, scope)
        if kind == "attribute":
            return self._attribute(node, scope)
        if kind == "binary_operator":
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            operator = node.child_by_field_name("operator")
            if left is None or right is None or operator is None or text_of(operator) != "|":
                return None
            return piped(self.thing(left, scope), self.thing(right, scope))
        if kind in _LISTS:
            items = [self.thing(one, scope) for one in children_of(node)]
            known = [one for one in items if one is not None]
            if not items:
                return Many(None)
            return many(merged(known)) if len(known) == len(items) else None
        if kind in _COMPREHENSIONS:
            body = node.child_by_field_name("body")
            return many(self.thing(body, scope)) if body is not None else None
        if kind == "subscript":
            owner, keys = node.child_by_field_name("value"), node.children_by_field_name("subscript")
            held = self.thing(owner, scope) if owner is not None else None
            if isinstance(held, Many) and len(keys) == 1:
                return held if keys[0].type == "slice" else held.of
            return self._registered(owner, scope, keys)
        if kind == "conditional_expression":
            parts = children_of(node)
            return self.one_of([parts[0], parts[2]], scope) if len(parts) == 3 else None
        if kind == "named_expression":
            value = node.child_by_field_name("value")
            return self.thing(value, scope) if value is not None else None
        return None

    def one_of(self, nodes: list[Node], scope: Scope) -> Thing | None:
        """What several expressions are, each of them; None where one is not certain."""
        found = [self.thing(node, scope) for node in nodes if node.type != "none"]
        known = [one for one in found if one is not None]
        return merged(known) if len(known) == len(found) else None

    def _registered(self, owner: Node | None, scope: Scope, keys: list[Node]) -> Task | None:
        """``app.tasks["name"]``."""
        inner = owner.child_by_field_name("object") if owner is not None and owner.type == "attribute" else None
        name = owner.child_by_field_name("attribute") if owner is not None and inner is not None else None
        if owner is None or inner is None or name is None or text_of(name) != "tasks" or len(keys) != 1:
            return None
        app = self.app_of(inner, scope)
        return Task("", self.ev.location(owner, scope), app.owner) if app is not None else None

    def _name(self, node: Node, scope: Scope) -> Thing | None:
        held = held_by(node, scope)
        if held is None:
            return None
        if held and all(one.kind not in ("definition", "import") for one in held):
            return self._of_held(held)
        value = self.value_of(node, scope)
        return self._of_value(value) if value is not None else self._of_held(held)

    def _of_held(self, held: list[Held]) -> Thing | None:
        found: list[Thing] = []
        for one in held:
            thing = self._of_one(one)
            if thing is None:
                return None
            found.append(thing)
        return merged(found)

    def _of_one(self, held: Held) -> Thing | None:
        if held.kind == "parameter":
            return self._parameter(held)
        if held.kind == "import":
            return self._imported(held)
        if held.kind == "definition":
            return self._of_value(self.ev.ask(held.node, held.scope))
        thing = self.thing(held.node, held.scope)
        if held.kind == "item":
            return thing.of if isinstance(thing, Many) else None
        if held.kind == "appended":
            return many(thing)
        return thing

    def _parameter(self, held: Held) -> Task | None:
        """The task itself, as the first parameter of a bound one."""
        node = held.scope.node
        parent = held.scope.parent
        names = node.child_by_field_name("parameters")
        first = names.named_children[0] if names is not None and names.named_children else None
        if parent is None or first is None or node.type != "function_definition":
            return None
        if text_of(first).partition(":")[0].strip() != text_of(held.node):
            return None
        if parent.kind == "class":
            holder = parent.node.child_by_field_name("name")
            cls = Class(text_of(holder) if holder is not None else "", parent.node, parent.parent or parent,
                        self.ev.location(parent.node, parent))  # fmt: skip
            return task_of_class(self, cls)
        name = node.child_by_field_name("name")
        where = self.ev.location(node, parent)
        task = self.task_of(Function(text_of(name) if name is not None else "", node, parent, where))
        return task if task is not None and task.bound else None

    def _imported(self, held: Held) -> Thing | None:
        """What another module of the project holds under the name that is imported from it."""
        there = self._there(held)
        return self._of_held(there) if there else None

    def _there(self, held: Held) -> list[Held] | None:
        """How a name got its value in the module of the project that it is imported from; as ``held_by`` answers."""
        statement = held.node.parent
        module = statement.child_by_field_name("module_name") if statement is not None else None
        if module is None:
            return []
        path = module_path(self.ev, module, held.scope)
        file = self.ev.modules.file(path) if path is not None and path.endswith(".py") else None
        name = held.node.child_by_field_name("name") if held.node.type == "aliased_import" else held.node
        if file is None or file.path == held.scope.file.path or name is None:
            return []
        return held_in_module(file.scope, text_of(name))

    def _of_value(self, value: Value) -> Thing | None:
        if isinstance(value, Function):
            return self.task_of(value)
        if isinstance(value, Instance):
            return task_of_class(self, value.type) if isinstance(value.type, Class) else None
        if isinstance(value, External) and value.name in _CURRENT_APPS:
            return App(CURRENT)
        return None

    def _attribute(self, node: Node, scope: Scope) -> Thing | None:
        owner, name_node = node.child_by_field_name("object"), node.child_by_field_name("attribute")
        if owner is None or name_node is None:
            return None
        name = text_of(name_node)
        held = self.thing(owner, scope)
        if isinstance(held, Task):
            return App(held.owner) if name in ("app", "_app") else None
        if isinstance(held, (Signature, Many, App)):
            return None
        if isinstance(held, Result):
            if name in ("results", "children") and held.kind == GROUP:
                return Many(Result(ONE, held.made, held.owner, held.origin))
            return Result(ONE, held.made, held.owner, held.origin) if name == "parent" else None
        if owner.type == "identifier" and text_of(owner) == "self":
            found = self._own_attribute(name, scope)
            if found is not None:
                return found
        module = self.value_of(owner, scope)
        if isinstance(module, Module) and module.scope is not None and module.scope is not scope:
            there = held_in_module(module.scope, name)
            if there and all(one.kind not in ("definition", "import") for one in there):
                return self._of_held(there)
        value = self.value_of(node, scope) if module is not None else None
        return self._of_value(value) if value is not None else None

    def _own_attribute(self, name: str, scope: Scope) -> Thing | None:
        """``self.name``: what every assignment to it in the class gives."""
        holder = scope
        while holder.kind != "class" and holder.parent is not None:
            holder = holder.parent
        if holder.kind != "class" or name in holder.bindings:
            return None
        found: list[Thing] = []
        wanted = f"self.{name}"
        for method in _methods(self.ev, holder):
            for one in method.attributes:
                if text_of(one.target) != wanted or one.node.type == "none":
                    continue
                thing = self.thing(one.node, method) if one.kind == "assign" and not one.index else None
                if thing is None:
                    return None
                found.append(thing)
        return merged(found)


def _methods(ev: Evaluator, holder: Scope) -> Iterator[Scope]:
    """The scopes of a class's methods."""
    for bindings in holder.bindings.values():
        for binding in bindings:
            if binding.kind == "def":
                yield ev.function_scope(binding.node, holder)

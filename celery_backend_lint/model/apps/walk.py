"""What a project does to its apps, in the order in which importing the app's module would run it.

The places that do something are found by their bytes; what leads to them (imports, calls of functions, loops over
literals, constructors of subclasses) is followed the way Python would, a few calls deep.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.calls import read_arguments
from celery_backend_lint.evaluate.functions import call_scope
from celery_backend_lint.evaluate.imported_modules import imported, packages_above
from celery_backend_lint.evaluate.loops import rounds_of
from celery_backend_lint.evaluate.objects import classes
from celery_backend_lint.evaluate.reached import condition_at, conjunction
from celery_backend_lint.evaluate.scopes import Scope
from celery_backend_lint.evaluate.values import (
    CONF,
    Alternative,
    Choice,
    Class,
    Entry,
    External,
    Function,
    Instance,
    Literal,
    Method,
    Unknown,
)
from celery_backend_lint.model.apps.code_shapes import call_of_base, call_with, connected, loop_names
from celery_backend_lint.model.apps.creations import is_celery_class
from celery_backend_lint.model.apps.owners import Owners
from celery_backend_lint.model.apps.places import DEEPEST_CALLS, Places, Point, definition_around, uses_of
from celery_backend_lint.model.apps.step import Step, changed, uncertain
from celery_backend_lint.model.apps.unseen_apps import UNSEEN, is_run, may_be_app
from celery_backend_lint.syntax.python import arguments_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from celery_backend_lint.evaluate.project_modules import ModuleFile
    from celery_backend_lint.evaluate.scopes import Branch
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model.apps.creations import Creation
    from celery_backend_lint.syntax.python import Node

MOST_STEPS = 2_000
"""How many places are looked at from one module."""


class Walk:
    """Follows the project from one module: ``steps`` is what happens to the apps, in order."""

    def __init__(self, places: Places, *, alone: bool = False) -> None:
        """``alone``: nothing else calls the functions that make apps, as in the process that the module starts."""
        self.places = places
        self.alone = alone
        self.repeated: set[tuple[str, int]] = set()
        self.ev = places.ev
        self.steps: list[Step] = []
        self.seen: set[tuple[str, int]] = set()
        self.started: set[str] = set()
        self.certain: set[str] = set()
        self.made: set[Location] = set()
        self.owners = Owners(places)
        self._created: dict[tuple[str, int], list[Step]] = {}
        self._entered: set[tuple[str, int]] = set()
        self._calls: list[tuple[Scope, int]] = []
        self._ways: dict[Location, tuple[tuple[Scope, int], ...]] = {}
        self._depth = 0
        self._count = 0

    def module(self, path: str, condition: Value | None = None) -> None:
        """What importing the module at a path does, once.

        A package may import the module that is asked for under a condition: it is imported in any case.
        """
        imported = (*packages_above(self.ev, path), path)
        if condition is None:
            self.certain.update(imported)
        for one in imported:
            if one not in self.started:
                self.started.add(one)
                file = self.places.files.get(one)
                if file is not None:
                    where = None if one in self.certain else condition
                    self._run(file, self.places.within(one, None), file.scope, where)

    @property
    def is_cut(self) -> bool:
        """Whether more is done to apps than is followed."""
        return self._count > MOST_STEPS

    def create(self, creation: Creation) -> list[Step]:
        """What happens where an app is made, in a place that nothing is seen to lead to: in its function, once."""
        around = definition_around(creation.node)
        key = (creation.file.path, around.start_byte if around is not None else creation.node.start_byte)
        if key not in self._created:
            outer, self.steps = self.steps, []
            scope = creation.scope
            while scope.kind == "class" and scope.parent is not None:
                scope = scope.parent
            if around is None:  # importing its module never comes to it: running it as a script does
                self._make(creation.node, creation.scope, None)
                path = scope.path_at(creation.node.start_byte)
                points = self.places.within(creation.file.path, None)
                beside = [one for one in points if scope.path_at(one.offset)[: len(path)] == path]
                self._run(creation.file, [one for one in beside if one.offset > creation.node.end_byte], scope, None)
            else:
                self._run(creation.file, self.places.within(creation.file.path, around), scope, None)
            self._created[key], self.steps = self.steps, outer
        return self._created[key]

    def _run(self, file: ModuleFile, points: Iterable[Point], scope: Scope, condition: Value | None) -> None:
        left = list(points)
        while left:
            point = left.pop(0)
            loop = next((branch for branch, arm in scope.path_at(point.node.start_byte) if branch.kind == "loop"), None)
            if loop is None:
                self._at(file, point, scope, condition)
                continue
            inside = [point, *(one for one in left if one.offset <= loop.node.end_byte)]
            left = left[len(inside) - 1 :]
            self._loop(file, loop, inside, scope, condition)

    def _loop(self, file: ModuleFile, loop: Branch, points: list[Point], scope: Scope, outer: Value | None) -> None:
        """Run what stands in a loop: in each of its rounds, where they are known."""
        rounds = rounds_of(self.ev, loop, scope)
        condition = self._both(outer, loop.node, scope)
        if not rounds.why:
            for inside, end in zip(rounds.scopes, rounds.ends, strict=True):
                self._run(file, [one for one in points if end is None or one.offset <= end], inside, condition)
            return
        right = loop.node.child_by_field_name("right")
        over = " ".join(text_of(right).split())[:60] if right is not None else ""
        unknown = Unknown(f"a loop over {over}" if over else "a loop", self.ev.location(loop.node, scope))
        inside = Scope("round", loop.node, file, scope, dict.fromkeys(loop_names(loop.node), unknown))
        self._run(file, points, inside, unknown)

    def _both(self, outer: Value | None, node: Node, scope: Scope, given: Location | None = None) -> Value | None:
        """``outer`` and the condition under which a node is reached; an app's own place is known to be reached."""
        way = self._ways.get(given, ()) if given is not None else ()
        since = next((offset for other, offset in way if other.node == scope.node), 0)
        inner = condition_at(self.ev, node, scope, scope.path_at(since) if since else (), since)
        if inner is None or outer is None:
            return inner or outer
        return conjunction([outer, inner])

    def _at(self, file: ModuleFile, point: Point, scope: Scope, condition: Value | None) -> None:
        self._count += 1
        if self._count > MOST_STEPS:
            return
        inner = self._class_body(point.node, scope)
        if point.kind in ("touch", "alias"):
            self.seen.add((file.path, point.offset))
            self._touch(point, inner, condition)
            return
        where = self._both(condition, point.node, inner)
        if isinstance(where, Literal):
            return
        if point.kind == "import":
            for path in imported(self.ev, point.node, inner):
                self.module(path, where)
        elif point.kind == "made":
            self._make(point.node, inner, where)
        elif point.kind == "call":
            self._call(point.node, inner, where)

    def _class_body(self, node: Node, scope: Scope) -> Scope:
        """The scope of the class body that a node stands in, below ``scope``."""
        around: list[Node] = []
        parent = node.parent
        while parent is not None and parent != scope.node:
            if parent.type == "class_definition":
                body = parent.child_by_field_name("body")
                if body is not None and body.start_byte <= node.start_byte:
                    around.append(parent)
            parent = parent.parent
        for definition in reversed(around):
            name = definition.child_by_field_name("name")
            where = self.ev.location(definition, scope)
            scope = self.ev.scope_of(Class(text_of(name) if name is not None else "", definition, scope, where))
        return scope

    # What is done to an app ------------------------------------------------------------------------------------------

    def _touch(self, point: Point, scope: Scope, outer: Value | None) -> None:
        owner = self.owners.owner(point, scope)
        if owner is None or not self.owners.may_be_app(owner):
            if owner is not None and not point.name.startswith("on_") and may_be_app(self.ev, owner, point):
                self._unseen(point, scope, outer, owner)
            return
        given = owner.origin if isinstance(owner, Instance) else None
        condition = self._both(outer, point.node, scope, given)
        if isinstance(condition, Literal):
            return
        if point.name.startswith("on_"):
            self._handler(point, scope, condition, owner)
            return
        step = Step(point.node, point.name if point.kind == "touch" else "conf", scope, condition, True, owner)
        parent = point.node.parent
        if step.attribute == "conf" and parent is not None:
            if parent.type in ("assignment", "named_expression") and self._is_followed_alias(parent, point.node, scope):
                return
            call = call_with(parent)
            if call is not None:
                self._conf_given(call, step, scope, condition)
                return
        if owner is self.owners.current and isinstance(owner, Choice):
            step = uncertain(step, "which app is the current one")
        self.steps.append(step)

    def _unseen(self, point: Point, scope: Scope, outer: Value | None, owner: Value) -> None:
        """Something is done to what is not followed and may be an app."""
        if is_run(point.node) and not isinstance(self._both(outer, point.node, scope), Literal):
            self.steps.append(Step(point.node, UNSEEN, scope, None, True, owner))

    def _is_followed_alias(self, statement: Node, node: Node, scope: Scope) -> bool:
        """Whether ``name = app.conf`` gives a name that is followed: it is bound once, and no attribute."""
        left = statement.child_by_field_name("left") or statement.child_by_field_name("name")
        if left is None or left == node or left.type != "identifier":
            return False
        return self.owners.conf_owner(left, scope) is not None

    def _conf_given(self, call: Node, step: Step, scope: Scope, condition: Value | None) -> None:
        """``f(app.conf)``: followed into a function of the project, a read or a write of builtins, else unknown."""
        function = call.child_by_field_name("function")
        target = self.ev.ask(function, scope) if function is not None else None
        followed = self.owners.conf_argument(step.node, scope) is not None
        if isinstance(target, (Function, Method)) and followed:
            self._call(call, scope, condition, conf=True)
        elif not isinstance(target, External):
            self.steps.append(changed(step, "given"))
        else:
            self.steps.append(step)

    def _handler(self, point: Point, scope: Scope, condition: Value | None, owner: Value) -> None:
        """``@app.on_after_configure.connect``: what the handler does, kept until the signal is sent."""
        function = connected(self.ev, point.node, scope)
        outer, self.steps = self.steps, []
        if function is not None:
            sender = Literal("sender", self.ev.location(point.node, scope))
            inside = call_scope(self.ev, function, [], [Entry(sender, owner, sender.origin)])
            self._inside(function, inside, condition)
        inner, self.steps = tuple(self.steps), outer
        step = Step(point.node, point.name, scope, condition, function is not None, owner)
        self.steps.append(changed(step, point.name, inner=inner))

    # What leads there ------------------------------------------------------------------------------------------------

    def _call(self, call: Node, scope: Scope, condition: Value | None, *, conf: bool = False) -> None:
        function = call.child_by_field_name("function")
        target = self.ev.ask(function, scope) if function is not None else None
        if not isinstance(target, (Function, Method, Class)) or self._depth >= DEEPEST_CALLS:
            return
        has_conf = any(self.owners.conf_argument(node, scope) is not None for _, node in arguments_of(call))
        if has_conf and not conf and not isinstance(target, Class):
            return  # followed where ``app.conf`` stands
        self._calls.append((scope, call.start_byte))
        self._follow_call(target, call, scope, condition)
        self._calls.pop()

    def _follow_call(
        self, target: Function | Method | Class, call: Node, scope: Scope, condition: Value | None
    ) -> None:
        arguments, keywords = self.owners.arguments(call, scope)
        if isinstance(target, Class):
            if not is_celery_class(self.ev, target):
                made = Instance(target, tuple(arguments), tuple(keywords), self.ev.location(call, scope))
                init = self._method(target, "__init__")
                if init is not None:
                    self._enter(init, [made, *arguments], keywords, condition)
            return
        if isinstance(target, Method):
            arguments, target = [target.bound, *arguments], target.function
        self._enter(target, arguments, keywords, condition)

    def _enter(
        self, function: Function, arguments: list[Value], keywords: list[Entry], condition: Value | None
    ) -> None:
        """Run a function of the project. One that makes an app is run once, with what all its callers give it, where
        the walk is not alone; those that are called again are ``repeated``.
        """
        makes = any(
            creation.file is function.scope.file and definition_around(creation.node) == function.node
            for creation in self.places.creations.values()
        )
        if makes:
            key = (function.scope.file.path, function.node.start_byte)
            if key in self._entered:
                self.repeated.add(key)
                return
            self._entered.add(key)
            condition = None  # where it is not called there is no app
            if function.scope.kind != "class" and not self.alone:
                self._inside(function, self.ev.function_scope(function.node, function.scope), condition)
                return
        self._inside(function, call_scope(self.ev, function, arguments, keywords), condition)

    def _inside(self, function: Function, scope: Scope, condition: Value | None) -> None:
        file = function.scope.file
        points = self.places.within(file.path, function.node)
        points += [
            Point(node.end_byte, "alias", node, name, function.node.start_byte)
            for name, value in scope.parameters.items()
            if isinstance(value, Instance) and isinstance(value.type, External) and value.type.name == CONF
            for node in uses_of(function.node, name.encode())
            if definition_around(node) == function.node
        ]
        if self._depth < DEEPEST_CALLS:
            self._depth += 1
            self._run(file, sorted(points, key=lambda point: point.offset), scope, condition)
            self._depth -= 1

    # An app is made --------------------------------------------------------------------------------------------------

    def _make(self, call: Node, scope: Scope, where: Value | None) -> None:
        creation = self.places.creations.get(self.ev.location(call, scope))
        if creation is None or creation.location in self.made:
            return
        self.made.add(creation.location)
        self._ways[creation.location] = (*self._calls, (scope, call.start_byte))
        cls = creation.cls
        arguments, keywords = list(creation.arguments), list(creation.keywords)
        if self.alone:
            given, named = read_arguments(self.ev, call, scope)
            if len(given) == len(arguments) and len(named) == len(keywords):  # of functools.partial there are more
                arguments, keywords = given, named
        if not isinstance(cls, (Class, External)):
            return
        made = Instance(cls, creation.arguments, creation.keywords, creation.location)
        bases: list[Class | External | Unknown] = classes.lineage(self.ev, cls) if isinstance(cls, Class) else [cls]
        self._construct(bases, made, arguments, keywords, call, scope)
        current = creation.argument("set_as_current", 7)
        if not (isinstance(current, Literal) and current.value is False):
            before = self.owners.current or Unknown("the default app", creation.location)
            perhaps = Choice((Alternative(made, where), Alternative(before, None)), where.origin) if where else None
            self.owners.current = perhaps or made

    def _construct(
        self,
        bases: list[Class | External | Unknown],
        made: Instance,
        arguments: list[Value],
        keywords: list[Entry],
        call: Node,
        scope: Scope,
    ) -> None:
        """Run the constructors of a class and its bases, down to Celery's own."""
        for position, base in enumerate(bases):
            if not isinstance(base, Class):
                continue
            init = self.ev.read(self.ev.scope_of(base), "__init__", None)
            if not isinstance(init, Function):
                continue
            inside = call_scope(self.ev, init, [made, *arguments], keywords)
            above = call_of_base(self.ev, init, inside)
            points = self.places.within(init.scope.file.path, init.node)
            file = init.scope.file
            if above is None:
                break
            before = [point for point in points if point.offset <= above.start_byte]
            self._run(file, before, inside, None)
            given, named = read_arguments(self.ev, above, inside)
            function = above.child_by_field_name("function")
            if function is not None and not text_of(function).startswith("super"):
                given = given[1:]
            condition = condition_at(self.ev, above, inside)
            if condition is not None:
                named = [*named, Entry(Unknown("whether it is given", condition.origin), condition, condition.origin)]
            self._construct(bases[position + 1 :], made, given, named, call, scope)
            self._run(file, [point for point in points if point.offset > above.end_byte], inside, None)
            return
        else:
            above = call
        if above is None:
            why = Unknown("the arguments that a subclass gives to Celery", made.origin)
            keywords = [Entry(why, why, made.origin)]
        self.steps.append(
            Step(call, "made", scope, None, True, made, arguments=tuple(arguments), keywords=tuple(keywords))
        )
        hook = self._method(made.type, "on_init") if isinstance(made.type, Class) else None
        if hook is not None:
            self._enter(hook, [made], [], None)

    def _method(self, cls: Class, name: str) -> Function | None:
        for base in classes.lineage(self.ev, cls):
            found = self.ev.read(self.ev.scope_of(base), name, None) if isinstance(base, Class) else None
            if isinstance(found, Function):
                return found
        return None

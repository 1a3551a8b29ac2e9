"""What a project does to the configuration of one Flask app, in the order in which it runs.

The app is followed from the call that makes it: through the rest of that function or module, into functions that it is
given to, and on where its factory is called. What a place reads of ``app.config`` is what was done before it.
"""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.flask.step_conditions import condition_of
from celery_backend_lint.evaluate.flask.steps import (
    STATEMENTS,
    Frame,
    Reader,
    Step,
    Visit,
    definition_of,
    function_around,
    nodes_of,
    unwrapped,
)
from celery_backend_lint.evaluate.values import (
    Choice,
    Class,
    Function,
    Instance,
    Literal,
    Method,
    Unknown,
)
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.syntax.python import arguments_of, children_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.syntax.python import Node

MOST_STEPS = 500
"""How many changes of one configuration are followed."""

MOST_VISITS = 100
"""How many calls that are given the app are gone into."""

DEEPEST = 6
"""How deep such calls are followed, and how many factories one around the other."""

METHODS = frozenset(
    {"from_object", "from_mapping", "update", "setdefault", "from_pyfile", "from_envvar", "from_prefixed_env",
     "from_file", "from_json", "pop", "clear", "popitem", "__setitem__"}
)  # fmt: skip
"""Methods of ``flask.config.Config`` that change it."""

_READS = rb"\bconfig\s*[\[.]|\.config\b"
"""What a function holds that reads or changes a configuration without being given one."""

_PROXIES = {"testing": "TESTING", "secret_key": "SECRET_KEY", "debug": "DEBUG"}
"""Attributes of a Flask app that are entries of its configuration (``ConfigAttribute``; ``debug`` is one)."""

_FOREIGN = (
    rb"\.\s*config\s*(?:\[|\.\s*(?:from_\w+|update|setdefault|pop|clear)\s*\()"
    rb"|\bconfig\s*(?:\[[^\]]*\]\s*=|\.\s*from_\w+\s*\()"
)


class Timeline:
    """The steps of one app's configuration and the runs that they belong to."""

    def __init__(self, ev: Evaluator, app: Instance) -> None:
        self.ev = ev
        self.app = app
        self.steps: list[Step] = []
        self.visits: list[Visit] = []
        self.covered: set[tuple[str, int]] = set()
        self.main = MOST_STEPS
        """How many steps follow from the app's creation; what other modules do comes after."""
        self.complete = False
        """Whether everything was followed; before that only places that were reached can be read for."""

    def follow(self) -> None:
        """Follow everything that is done to the configuration."""
        ev, app = self.ev, self.app
        file = ev.modules.file(app.origin.path)
        if file is None:
            return
        span = app.origin.span
        start = file.source.offset(span.line, span.column)
        end = file.source.offset(span.end_line, span.end_column)
        node = file.scope.node.named_descendant_for_byte_range(start, end)
        if node is None:
            return
        scope = ev.scope_at(node, file.scope)
        self._run(scope, end, (), (), None)
        self._go_on_in_callers(scope, (), 0)
        self.main = len(self.steps)
        self._elsewhere()
        self.complete = True

    # Following

    def _run(
        self, scope: Scope, after: int, outer: tuple[Frame, ...], world: tuple[int, ...], entry: Value | None
    ) -> None:
        definition = definition_of(scope)
        first, place = len(self.steps), len(self.visits)
        if place >= MOST_VISITS:
            return
        self.visits.append(Visit(definition, scope, outer, world, first, MOST_STEPS, entry))
        for node in nodes_of(scope):
            if node.end_byte > after and len(self.steps) < MOST_STEPS:
                frames = (*outer, Frame(definition, scope, node.start_byte, node.end_byte, entry))
                self._node(node, scope, frames, world)
        self.visits[place] = Visit(definition, scope, outer, world, first, len(self.steps), entry)

    def _go_on_in_callers(self, scope: Scope, world: tuple[int, ...], depth: int) -> None:
        """What happens to the app after the factory that makes it returned it."""
        from celery_backend_lint.evaluate.callers import calls_of

        if scope.kind != "function" or scope.parent is None or depth >= DEEPEST:
            return
        for number, (call, where) in enumerate(calls_of(self.ev, scope.node, scope.parent)):
            inner = (*world, number)
            if any(visit.definition == definition_of(where) and visit.world == inner for visit in self.visits):
                continue
            self._run(where, call.end_byte, (), inner, None)
            self._go_on_in_callers(where, inner, depth + 1)

    def _elsewhere(self) -> None:
        """What other functions and modules do to the app: the rest of the project, by path and place."""
        own = self.app.origin.path
        paths = self.ev.modules.project.python_files_mentioning((b"config",))
        in_test = is_test_path(own)
        for path in sorted(paths, key=lambda one: (one != own, one)):
            if is_test_path(path) and not in_test:
                continue  # what tests do to the project's app holds in tests only
            file = self.ev.modules.file(path)
            if file is None:
                continue
            for match in re.finditer(_FOREIGN, file.source.utf8):
                start = file.source.utf8.index(b"config", match.start())
                node = file.scope.node.descendant_for_byte_range(start, start + 6)
                while node is not None and node.type not in STATEMENTS:
                    node = node.parent if node.type != "block" else None
                if node is None or (path, node.start_byte) in self.covered:
                    continue
                scope = self.ev.scope_at(node, file.scope)
                if scope.kind == "class" or any(v.definition == definition_of(scope) for v in self.visits):
                    continue
                if self._touches(node, scope):
                    self._run(scope, -1, (), (), self._called(scope))

    def _touches(self, node: Node, scope: Scope) -> bool:
        held = len(self.steps)
        self._node(node, scope, (Frame(definition_of(scope), scope, node.start_byte, node.end_byte),), ())
        found = len(self.steps) > held
        del self.steps[held:]
        return found

    def _called(self, scope: Scope) -> Value | None:
        """The condition under which a function is run that nothing on the app's way calls."""
        from celery_backend_lint.evaluate.callers import calls_of

        if scope.kind == "module":
            return None
        name = scope.node.child_by_field_name("name")
        word = text_of(name) if name is not None else "a function"
        # Flask's own commands call the factories of these names (flask.cli.find_best_app).
        if word in ("create_app", "make_app") or (
            scope.parent is not None and calls_of(self.ev, scope.node, scope.parent)
        ):
            return None
        return Unknown(f"whether {word}() is called", self.ev.location(scope.node, scope))

    # Recognising

    def _node(self, node: Node, scope: Scope, frames: tuple[Frame, ...], world: tuple[int, ...]) -> None:
        if node.type == "call":
            self._call(node, scope, frames, world)
            return
        if node.type == "delete_statement":
            for child in node.named_children:
                for target in child.named_children if child.type == "expression_list" else (child,):
                    self._target("delete", target, node, scope, frames, world)
            return
        left = node.child_by_field_name("left")
        kind = "set" if node.type == "assignment" else "augment"
        if left is None or (kind == "set" and node.child_by_field_name("right") is None):
            return
        several = left.type in ("pattern_list", "tuple_pattern", "list_pattern", "tuple", "list")
        for target in children_of(left) if several else (left,):
            self._target("augment" if several else kind, target, node, scope, frames, world)

    def _target(
        self, kind: str, target: Node, node: Node, scope: Scope, frames: tuple[Frame, ...], world: tuple[int, ...]
    ) -> None:
        base, keys = unwrapped(target)
        if not keys:
            self._whole(kind, target, node, scope, frames, world)
            return
        found = self._of_config(base, scope)
        if found is not None:
            self._add(Step(kind, node, keys, frames, world, found))

    def _whole(
        self, kind: str, target: Node, node: Node, scope: Scope, frames: tuple[Frame, ...], world: tuple[int, ...]
    ) -> None:
        """A target without subscripts: the configuration, or an attribute of the app that stands for an entry."""
        owner, name = target.child_by_field_name("object"), target.child_by_field_name("attribute")
        if kind == "augment" and target.type in ("attribute", "identifier"):
            found = self._of_config(target, scope)
            if found is not None:
                self._add(Step("augment", node, (), frames, world, found))
        elif target.type == "attribute" and owner is not None and name is not None:
            word = text_of(name)
            if word == "config" or word in _PROXIES:
                found = self._is_app(self.ev.value(owner, scope))
                if found is not None:
                    self._add(Step("replace" if word == "config" else "attribute", node, (), frames, world, found))

    def _call(self, node: Node, scope: Scope, frames: tuple[Frame, ...], world: tuple[int, ...]) -> None:
        function = node.child_by_field_name("function")
        if function is None:
            return
        if function.type == "attribute":
            owner, name = function.child_by_field_name("object"), function.child_by_field_name("attribute")
            if owner is not None and name is not None and text_of(name) in METHODS | {"append", "extend"}:
                base, keys = unwrapped(owner)
                found = self._of_config(base, scope)
                if found is not None:
                    self._add(Step("call", node, keys, frames, world, found))
                    return
        self._go_into(node, function, scope, frames, world)

    def _go_into(
        self, node: Node, function: Node, scope: Scope, frames: tuple[Frame, ...], world: tuple[int, ...]
    ) -> None:
        """Follow a call into a function of the project that is given the app, or that reads a configuration."""
        from celery_backend_lint.evaluate.calls import read_arguments
        from celery_backend_lint.evaluate.flask import celeryext
        from celery_backend_lint.evaluate.functions import call_scope

        if len(frames) > DEEPEST or len(self.visits) >= MOST_VISITS:
            return
        found = self.ev.value(function, scope)
        bound: list[Value] = []
        if isinstance(found, Method):
            bound, found = [found.bound], found.function
        elif isinstance(found, Class):
            init = self.ev.read(self.ev.scope_of(found), "__init__", None)
            if isinstance(init, Function):
                bound, found = [Instance(found, (), (), self.ev.location(node, scope))], init
        if isinstance(found, Function):
            if not (re.search(_READS, found.node.text or b"") or self._is_given(node, bound, scope)):
                return
            target: Value | None = found
            arguments, keywords = read_arguments(self.ev, node, scope)
            arguments = [*bound, *arguments]
        else:
            extension = celeryext.extension_called(self.ev, node, scope)
            if extension is None or extension[1] is None:
                return
            target, arguments, keywords = celeryext.factory_of(extension[0]), [extension[1]], []
        if not isinstance(target, Function):
            return
        body = target.node.child_by_field_name("body")
        key = (target.scope.file.path, target.node.start_byte)
        if body is None or any(frame.definition == key for frame in frames) or target.node.type == "lambda":
            return
        inner = call_scope(self.ev, target, arguments, keywords)
        self._run(inner, -1, frames, world, None)

    def _is_given(self, call: Node, bound: list[Value], scope: Scope) -> bool:
        """Whether a call is given the app or its configuration."""
        for _, argument in arguments_of(call):
            if argument.type in ("identifier", "attribute", "call"):
                value = self.ev.value(argument, scope)
                if self._is_app(value) is not None or self._is_config(value) is not None:
                    return True
        return any(self._is_app(value) is not None for value in bound)

    def _may_be_config(self, node: Node, scope: Scope) -> bool:
        """Whether an expression is worth asking: by its words, or by those that its name is bound to."""
        if node.type != "identifier" or b"conf" in (node.text or b""):
            return b"conf" in (node.text or b"")
        name = text_of(node)
        if name in scope.parameters:
            return True
        return any(b"conf" in (binding.node.text or b"") for binding in scope.bindings.get(name, ()))

    def _of_config(self, node: Node, scope: Scope) -> bool | None:
        """Whether an expression is the app's configuration: certainly, perhaps (False), or not (None)."""
        if node.type not in ("attribute", "identifier", "call", "subscript") or not self._may_be_config(node, scope):
            return None
        if node.type == "attribute":  # without asking for the value, which may be one that reads the configuration
            owner, name = node.child_by_field_name("object"), node.child_by_field_name("attribute")
            if owner is None or name is None or text_of(name) != "config":
                return self._is_config(self.ev.value(node, scope)) if b"conf" in (node.text or b"") else None
            return self._is_app(self.ev.value(owner, scope)) or self._is_config(self.ev.value(node, scope))
        return self._is_config(self.ev.value(node, scope))

    def _is_app(self, value: Value) -> bool | None:
        if isinstance(value, Choice):
            found = [self._is_app(one.value) for one in value.alternatives]
            return None if all(one is None for one in found) else all(found)
        return True if isinstance(value, Instance) and value.origin == self.app.origin else None

    def _is_config(self, value: Value) -> bool | None:
        if isinstance(value, Choice):
            found = [self._is_config(one.value) for one in value.alternatives]
            return None if all(one is None for one in found) else all(found)
        from celery_backend_lint.evaluate.flask.config import app_of

        owner = app_of(value)
        return True if owner is not None and owner.origin == self.app.origin else None

    def _add(self, step: Step) -> None:
        self.steps.append(step)
        self.covered.add((step.scope.file.path, step.node.start_byte))

    # Reading

    def readers(self, place: Location) -> list[Reader]:
        """The runs that a place reads the configuration in; empty for one that nothing on the app's way runs."""
        file = self.ev.modules.file(place.path)
        if file is None:
            return []
        offset = file.source.offset(place.span.line, place.span.column)
        definition = (place.path, function_around(file.scope.node, offset))
        found = []
        for visit in self.visits:
            if visit.definition != definition:
                continue
            level, before = len(visit.outer), min(visit.last, len(self.steps))
            for index in range(visit.first, before):
                if self.steps[index].frames[level].end > offset:
                    before = index
                    break
            frame = Frame(definition, visit.scope, offset, offset, visit.entry)
            found.append(Reader((*visit.outer, frame), visit.world, before, definition))
        return found

    def before(self, reader: Reader | None) -> Iterator[tuple[Step, Value | None]]:
        """The steps before a reader, each with the condition under which it was taken; None: all, at the end."""
        worlds = {step.world for step in self.steps}
        for index, step in enumerate(self.steps):
            if len(self.steps) >= MOST_STEPS:
                return
            extra: list[Value] = []
            place = self.ev.location(step.node, step.scope)
            if reader is None:
                if any(other[: len(step.world)] != step.world[: len(other)] for other in worlds):
                    extra.append(Unknown("which caller it is", place))
            elif (
                index >= reader.before and (index < self.main or reader.before > self.main)
            ) or step.world != reader.world[: len(step.world)]:
                continue
            elif index >= self.main > reader.before:
                extra.append(Unknown("whether another module sets it before", place))
            if not step.certain:
                extra.append(Unknown("which app it is", place))
            condition = condition_of(self.ev, step, reader, extra)
            if not isinstance(condition, Literal):
                yield step, condition

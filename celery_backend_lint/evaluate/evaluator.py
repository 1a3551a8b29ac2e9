"""The evaluator: what an expression or a name comes to, followed on demand across the project's modules.

Nothing is evaluated that nobody asks for. Work is bounded: a chain of definitions may be ``DEEPEST`` long and one
question may take ``MOST_STEPS`` nodes; beyond that the value is Unknown and says so.
"""

from __future__ import annotations

import re

from celery_backend_lint.evaluate import stars
from celery_backend_lint.evaluate.project_modules import ProjectModules
from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, truth
from celery_backend_lint.evaluate.scopes import Binding, Scope
from celery_backend_lint.evaluate.sizes import Sizes
from celery_backend_lint.evaluate.values import (
    LEAVES,
    Alternative,
    Choice,
    Class,
    Environment,
    External,
    Literal,
    Missing,
    Module,
    Operation,
    Unknown,
)
from celery_backend_lint.location import Location
from celery_backend_lint.syntax.python import location_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.scopes import Branch, Path
    from celery_backend_lint.evaluate.values import Mapping, Value
    from celery_backend_lint.project.discovery import Project
    from celery_backend_lint.syntax.python import Node

DEEPEST = 80
"""How many definitions deep a value is followed; well below Python's recursion limit (about seven frames each)."""

MOST_STEPS = 50_000
"""How many nodes one question may take."""

MOST_CHANGES = 500
"""How many statements that set or change one name are followed."""

_VARIABLE_WRITTEN = re.compile(
    rb"""environ\.setdefault\(\s*["'](\w+)|environ\.(?:pop|__setitem__)\(\s*["'](\w+)|environ\.(?:update|clear)\("""
    rb"""|environ\[["'](\w+)["']\]\s*(?:=(?!=)|\+=)"""
)

_BUSY = Literal("", Location(""))
_PENDING = Unknown("an argument whose callers are not read yet", Location(""))
_BUILTINS = frozenset(
    """
    AttributeError Exception ImportError KeyError RuntimeError ValueError __import__ abs all any bool bytes
    callable classmethod dict enumerate eval exec filter float format frozenset getattr globals hasattr input int
    isinstance issubclass iter len list locals map max min next object open print property range repr reversed
    round set setattr sorted staticmethod str sum super tuple type unicode vars zip
    """.split()  # noqa: SIM905
)
_CONSTANTS = {"__file__", "__package__", "__doc__", "__path__", "__debug__"}


class Evaluator:
    """Reads values of one project. Everything asked once is remembered."""

    __slots__ = ("_sizes", "_steps", "_written_variables", "depth", "django_settings", "flask_configs", "modules")

    def __init__(self, project: Project) -> None:
        self.modules = ProjectModules(project)
        self.django_settings: dict[str, str] = {}
        self.flask_configs: dict[Location, Mapping] = {}
        self.depth = 0
        self._steps = 0
        self._written_variables: dict[str, dict[bytes, bool]] = {}
        self._sizes = Sizes()

    def ask(self, node: Node, scope: Scope) -> Value:
        """Like :meth:`value`, as a question of its own with its own share of work."""
        self._steps = 0
        return self.value(node, scope)

    def value(self, node: Node, scope: Scope) -> Value:
        """What the expression ``node`` comes to where it stands in ``scope``."""
        memo = scope.values
        key = (node.start_byte, node.end_byte, node.type)
        known = memo.get(key)
        if known is not None:
            return self.unknown("refers to itself", node, scope) if known is _BUSY else known
        self._steps = 1 if self.depth == 0 else self._steps + 1
        if self.depth >= DEEPEST or self._steps > MOST_STEPS:
            return self.unknown("too deep to follow", node, scope)
        from celery_backend_lint.evaluate.expressions import EXPRESSIONS

        reader = EXPRESSIONS.get(node.type)
        if reader is None:
            return self.unknown(f"{node.type.replace('_', ' ')} is not followed", node, scope)
        memo[key] = _BUSY
        self.depth += 1
        try:
            found = self.bounded(reader(self, node, scope), node, scope)
        finally:
            self.depth -= 1
            del memo[key]
        if self._steps <= MOST_STEPS:
            memo[key] = found
        return found

    def bounded(self, value: Value, node: Node, scope: Scope) -> Value:
        """``value``, or Unknown where it has grown so large that whoever walks it would not come to an end."""
        if isinstance(value, LEAVES) or not self._sizes.is_too_large(value):
            return value
        return self.unknown("too many outcomes to follow", node, scope)

    def unknown(self, why: str, node: Node, scope: Scope) -> Unknown:
        """An Unknown at a node."""
        return Unknown(why, self.location(node, scope))

    def location(self, node: Node, scope: Scope) -> Location:
        """Where a node stands."""
        return location_of(scope.file.source, node)

    def name(self, name: str, node: Node, scope: Scope) -> Value:
        """What ``name`` means where ``node`` stands in ``scope``: there, around it, in the module, or a builtin."""
        before: int | None = node.start_byte
        inner: Scope | None = scope
        while inner is not None:
            if not (inner.kind == "class" and inner is not scope):
                found = self.read(inner, name, before)
                if found is not None and not isinstance(found, Missing):
                    return found
            before = None
            inner = inner.parent
        if name in _BUILTINS:
            return External(f"builtins.{name}", self.location(node, scope))
        if name == "__name__":
            return External(name, self.location(node, scope))
        if name in _CONSTANTS:
            return self.unknown(f"{name} depends on where the project stands", node, scope)
        return self.unknown(f"the name {name} is not defined in the project", node, scope)

    def read(self, scope: Scope, name: str, before: int | None) -> Value | None:
        """What ``name`` holds in this very scope before a byte offset (None: at its end); None when never bound."""
        key = (name, -1 if before is None else before)
        if key in scope.memo:
            found = scope.memo[key]
            if found is _BUSY:
                return Unknown(f"{name} refers to itself", Location(scope.file.path))
            return found
        if scope.parameters.get(name) is _PENDING:
            self._read_callers(scope)
        if name in scope.parameters and name not in scope.bindings:
            return scope.parameters[name]
        self._steps = 1 if self.depth == 0 else self._steps + 1
        if self._steps > MOST_STEPS:
            return Unknown("too many names to follow", Location(scope.file.path))
        bindings = self._bindings(scope, name)
        if before is not None:
            bindings = [binding for binding in bindings if binding.at <= before]
        start = scope.parameters.get(name)
        if not bindings:
            return start
        for position in range(len(bindings) - 1, 0, -1):
            if bindings[position].kind == "assign" and not bindings[position].path:
                bindings = bindings[position:]  # whatever was before is gone
                break
        if len(bindings) > MOST_CHANGES:
            return Unknown("it is changed too often to follow", Location(scope.file.path))
        scope.memo[key] = _BUSY
        self.depth += 1
        try:
            if self.depth >= DEEPEST:
                return Unknown("too deep to follow", Location(scope.file.path))
            reader_path = scope.path_at(before) if before is not None else ()
            found = self._flow(bindings, 0, start, reader_path, scope)
        finally:
            self.depth -= 1
            del scope.memo[key]
        scope.memo[key] = found
        return found

    def _read_callers(self, scope: Scope) -> None:
        """Find what the callers in sight pass: only when a parameter is asked for, since it reads every such file."""
        from celery_backend_lint.evaluate.callers import open_parameters

        for name in scope.parameters:  # what the callers refer back to here is unknown
            scope.parameters[name] = Unknown(f"the argument {name}", self.location(scope.node, scope))
        if scope.parent is not None:
            scope.parameters.update(open_parameters(self, scope.node, scope.parent))

    def _bindings(self, scope: Scope, name: str) -> list[Binding]:
        own = scope.bindings.get(name, [])
        if not scope.stars or (name.startswith("_") and not own):
            return own
        assigned = any(binding.kind in ("assign", "augment") for binding in own)
        brought = [
            Binding("star", name, star.node, star.target, star.at, star.path)
            for star in scope.stars
            if stars.star_provides(self, scope, star, name, assigned=assigned)
        ]
        return sorted([*own, *brought], key=lambda binding: binding.at) if brought else own

    def _flow(
        self, bindings: list[Binding], depth: int, incoming: Value | None, reader: Path, scope: Scope
    ) -> Value | None:
        value = incoming
        index = 0
        while index < len(bindings):
            binding = bindings[index]
            if len(binding.path) <= depth:
                value = self._after(binding, value, scope)
                if value is not None:
                    value = self.bounded(value, binding.target, scope)
                index += 1
                continue
            branch = binding.path[depth][0]
            stop = index
            while stop < len(bindings) and len(bindings[stop].path) > depth and bindings[stop].path[depth][0] is branch:
                stop += 1
            group, index = bindings[index:stop], stop
            if len(reader) > depth and reader[depth][0] is branch:
                mine = [b for b in group if b.path[depth][1] == reader[depth][1]]
                value = self._flow(mine, depth + 1, value, reader, scope)
            else:
                value = self._merge(branch, group, depth, value, scope)
        return value

    def flow(self, bindings: list[Binding], scope: Scope) -> Value | None:
        """What a sequence of bindings of one target leaves behind at the end of ``scope``."""
        return self._flow(bindings, 0, None, (), scope)

    def _merge(
        self, branch: Branch, group: list[Binding], depth: int, incoming: Value | None, scope: Scope
    ) -> Value | None:
        origin = location_of(scope.file.source, group[0].target)
        if branch.kind == "loop":
            return Unknown("it is set in a loop", origin)
        alternatives: list[Alternative] = []
        for number, arm in enumerate(branch.arms):
            if arm.exits:
                continue
            mine = [b for b in group if b.path[depth][1] == number]
            before = incoming
            if number > 0 and branch.kind == "try" and not branch.simple and group[0].path[depth][1] == 0:
                before = Unknown("whether an exception came before it was set", origin)
            value = self._flow(mine, depth + 1, before, (), scope) if mine else before
            condition = self.condition(branch, number, value, scope)
            if condition is not None:
                decided = _decided(condition)
                if decided is False:
                    continue
                if decided is True:
                    condition = None
            alternatives.append(Alternative(Missing(origin) if value is None else value, condition))
            if condition is None:
                break
        merged = combine(alternatives, origin)
        return merged if merged is None else self.bounded(merged, group[0].target, scope)

    def condition(self, branch: Branch, number: int, value: Value | None, scope: Scope) -> Value | None:
        """The condition under which an arm of a branch is taken once those before it are not; None for always."""
        arm = branch.arms[number]
        if branch.kind == "try":
            origin = self.location(branch.node, scope)
            if number > 0:
                last = number == len(branch.arms) - 1
                return None if last else Unknown("which exception is raised", origin)
            if branch.simple and value is not None:
                return Operation("succeeds", (value,), origin)
            return Unknown("whether an exception is raised", origin)
        if branch.kind == "match":
            return self._pattern(branch, number, scope)
        if arm.condition is None:
            return None
        return self.value(arm.condition, scope)

    def _pattern(self, branch: Branch, number: int, scope: Scope) -> Value | None:
        pattern = branch.arms[number].pattern
        if pattern is None:
            return None
        subject = branch.node.child_by_field_name("subject")
        inner = pattern.named_children[0] if pattern.type == "case_pattern" and pattern.named_children else None
        if subject is not None and inner is not None and inner.type in ("string", "integer", "true", "false", "none"):
            origin = self.location(pattern, scope)
            return Operation("==", (self.value(subject, scope), self.value(inner, scope)), origin)
        return self.unknown("whether a pattern matches", pattern, scope)

    def _after(self, binding: Binding, value: Value | None, scope: Scope) -> Value | None:
        """What a name holds after a binding, ``value`` being what it held before."""
        from celery_backend_lint.evaluate.expressions import bound_value

        kind = binding.kind
        if kind == "annotate":
            return value
        if kind == "delete":
            return Missing(self.location(binding.target, scope))
        if kind == "star":
            target = stars.star_target(self, scope, binding)
            if target is not None:
                return self.with_fallback(self.read(target, binding.name, None), value)
            origin = self.location(binding.node, scope)
            outside = Unknown("a star import from outside the project", origin)
            if value is None:
                return outside
            doubt = Unknown("whether a star import sets it", origin)
            return combine([Alternative(outside, doubt), Alternative(value, None)], origin)
        return bound_value(self, binding, value, scope)

    def with_fallback(self, value: Value | None, fallback: Value | None) -> Value | None:
        """``value`` where it is there, ``fallback`` in the outcomes where it is missing."""
        if value is None or isinstance(value, Missing):
            return fallback
        if fallback is None or not isinstance(value, Choice):
            return value
        alternatives = [
            Alternative(self.with_fallback(one.value, fallback) or one.value, one.condition)
            for one in value.alternatives
        ]
        return combine(alternatives, value.origin)

    def scope_of(self, definition: Class) -> Scope:
        """The scope of a class body."""
        scope = definition.scope
        key = definition.node.start_byte
        if key not in scope.children:
            scope.children[key] = Scope("class", definition.node, scope.file, scope)
        return scope.children[key]

    def function_scope(self, node: Node, scope: Scope) -> Scope:
        """The scope of a function's body, its parameters what the callers in sight pass, else unknown."""
        if node.start_byte not in scope.children:
            from celery_backend_lint.evaluate.functions import parameter_names

            names: dict[str, Value] = {name: _PENDING for name, _, _ in parameter_names(node) if name}
            scope.children[node.start_byte] = Scope("function", node, scope.file, scope, names)
        return scope.children[node.start_byte]

    def scope_at(self, node: Node, module: Scope) -> Scope:
        """The scope that a node stands in: the innermost function or class body around it."""
        around = []
        parent: Node | None = node.parent
        child = node
        while parent is not None:
            if parent.type in ("function_definition", "class_definition", "lambda"):
                body = parent.child_by_field_name("body")
                if body is not None and body.start_byte <= child.start_byte and child.end_byte <= body.end_byte:
                    around.append(parent)
            child = parent
            parent = parent.parent
        scope = module
        for definition in reversed(around):
            if definition.type == "class_definition":
                name = definition.child_by_field_name("name")
                where = self.location(definition, scope)
                scope = self.scope_of(Class(text_of(name) if name is not None else "", definition, scope, where))
            else:
                scope = self.function_scope(definition, scope)
        return scope

    def as_set_by_code(self, read: Value, origin: Location) -> Value:
        """A read of the environment, doubted where the reading file itself writes the variable.

        With ``setdefault`` the variable's own text holds where it is set; with any other write nothing is known.
        """
        file = self.modules.file(origin.path)
        if file is None or not isinstance(read, Environment):
            return read
        written = self._written_variables.get(file.path)
        if written is None:
            written = {}
            for default, change, name in _VARIABLE_WRITTEN.findall(file.source.utf8):
                key = default or change or name or b"*"
                written[key] = written.get(key, False) or not default
            self._written_variables[file.path] = written
        kinds = [written[name] for name in (b"*", *(name.encode() for name in read.variables)) if name in written]
        if not kinds:
            return read
        doubt = Unknown("the code sets the variable itself", origin)
        return doubt if any(kinds) else Environment(read.variables, doubt, read.cast, read.reader, origin)

    def module(self, path: str, name: str, origin: Location) -> Value:
        """The module at a path as :meth:`ProjectModules.find` answers it."""
        file = self.modules.file(path) if path.endswith(".py") else None
        return Module(name, path, file.scope if file is not None else None, origin)


def _decided(condition: Value) -> bool | None:
    """Whether a condition holds whatever the environment is; None when that depends or cannot be said."""
    try:
        return truth(condition, None)
    except (UndeterminedError, WouldRaiseError):
        return None


def combine(alternatives: list[Alternative], origin: Location) -> Value | None:
    """One value for several ways through: the value they share, else a Choice. None when no way leads out."""
    if not alternatives:
        return Unknown("no way through leads here", origin)
    first = alternatives[0].value
    if all(alternative.value is first or alternative.value == first for alternative in alternatives):
        return first
    return Choice(tuple(alternatives), origin)

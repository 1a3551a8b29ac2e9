"""The evaluator: what an expression or a name comes to, followed on demand across the project's modules.

Nothing is evaluated that nobody asks for. Work is bounded: a chain of definitions may be ``DEEPEST`` long and one
question may take ``MOST_STEPS`` nodes; beyond that the value is Unknown and says so.
"""

from __future__ import annotations

from celery_backend_lint.evaluate import stars
from celery_backend_lint.evaluate.changed_elsewhere import route_of, up_to_date
from celery_backend_lint.evaluate.flow import condition, flow_of
from celery_backend_lint.evaluate.project_modules import ProjectModules
from celery_backend_lint.evaluate.scopes import Binding, Scope
from celery_backend_lint.evaluate.sizes import Sizes
from celery_backend_lint.evaluate.values import (
    LEAVES,
    Class,
    Module,
    Sequence,
    Unknown,
)
from celery_backend_lint.location import Location
from celery_backend_lint.syntax.python import location_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from celery_backend_lint.evaluate.changed_elsewhere import FileChanges
    from celery_backend_lint.evaluate.django.settings import SettingsModules
    from celery_backend_lint.evaluate.environment.set_by_code import Write
    from celery_backend_lint.evaluate.flask.timeline import Timeline
    from celery_backend_lint.evaluate.objects.outside_writes import Site
    from celery_backend_lint.evaluate.scopes import Branch, Path
    from celery_backend_lint.evaluate.values import Mapping, Value
    from celery_backend_lint.project.discovery import Project
    from celery_backend_lint.syntax.python import Node

DEEPEST = 80
"""How many definitions deep a value is followed; well below Python's recursion limit (about seven frames each)."""

MOST_STEPS = 50_000
"""How many nodes one question may take."""

MOST_ROUNDS = 3_000
"""How many rounds of loops, those of loops in loops included, one question may take."""

MOST_CHANGES = 500
"""How many statements that set or change one name are followed."""


class _Busy:
    """Stands in a memo for what is being read; one of an outer reading does not stop one without memory."""


_UNREAD = _Busy()
_PENDING = Unknown("an argument whose callers are not read yet", Location(""))


class Evaluator:
    """Reads values of one project. Everything asked once is remembered."""

    __slots__ = (
        "_busy",
        "_forgotten",
        "_rounds",
        "_sizes",
        "_steps",
        "attribute_sites",
        "called_modules",
        "callers",
        "changes",
        "depth",
        "django_settings",
        "flask_configs",
        "flask_timelines",
        "importing",
        "modules",
        "named_imports",
        "site",
        "variable_writes",
        "written_variables",
    )

    def __init__(self, project: Project) -> None:
        self.modules = ProjectModules(project)
        self.django_settings: dict[str, SettingsModules] = {}
        self.flask_configs: dict[object, Mapping] = {}
        self.flask_timelines: dict[Location, Timeline] = {}
        self.callers: dict[tuple[str, int], list[tuple[Node, Scope]]] = {}
        self.named_imports: dict[str, tuple[str, ...]] = {}
        self.importing: list[tuple[Scope, int]] = []
        self.depth = 0
        self._steps = 0
        self._rounds = 0
        self.variable_writes: dict[str, dict[bytes, list[Write]]] = {}
        self.written_variables: dict[str, tuple[Write, ...]] = {}
        self._sizes = Sizes()
        self.changes: dict[str, FileChanges] = {}
        self.attribute_sites: dict[tuple[str, str], tuple[Site, ...]] = {}
        self.called_modules: dict[str, tuple[str, ...]] = {}
        self._forgotten: list[tuple[dict[Any, Any], object]] | None = None
        self._busy = _Busy()
        self.site: tuple[Scope, int] | None = None

    def ask(self, node: Node, scope: Scope) -> Value:
        """Like :meth:`value`, as a question of its own with its own share of work."""
        self._steps = 0
        return self.value(node, scope)

    def value(self, node: Node, scope: Scope) -> Value:
        """What the expression ``node`` comes to where it stands in ``scope``."""
        memo = scope.values
        key = (node.start_byte, node.end_byte, node.type)
        known = memo.get(key)
        if known is self._busy:
            return self.unknown("refers to itself", node, scope)
        if known is not None and not isinstance(known, _Busy):
            remembered: Value = known
            return remembered
        self._step()
        if self.depth >= DEEPEST or self._steps > MOST_STEPS:
            return self.unknown("too deep to follow", node, scope)
        from celery_backend_lint.evaluate.expressions import EXPRESSIONS

        reader = EXPRESSIONS.get(node.type)
        if reader is None:
            return self.unknown(f"{node.type.replace('_', ' ')} is not followed", node, scope)
        memo[key] = self._busy
        self.depth += 1
        site = self.site
        if node.type in ("call", "attribute"):
            self.site = (scope, node.end_byte)
        try:
            found = self.bounded(reader(self, node, scope), node, scope)
        finally:
            self.depth -= 1
            self.site = site
            self._restore(memo, key, known)
        if self._steps <= MOST_STEPS and known is None:
            self.remember(memo, key, found)
        return found

    def _restore(self, memo: dict[Any, Any], key: object, known: object) -> None:
        if known is None:
            del memo[key]
        else:  # the mark of the outer reading
            memo[key] = known

    def remember(self, memo: dict[Any, Any], key: object, found: object) -> None:
        """Keep what was found in a scope's memo; until :meth:`without_memory` ends where that goes on."""
        memo[key] = found
        if self._forgotten is not None:
            self._forgotten.append((memo, key))

    def without_memory(self, look: Callable[[], None]) -> None:
        """Do ``look`` without asking whether objects are changed elsewhere, and forget what was read: it may be out of
        date.
        """
        outer = (self._forgotten, self._steps, self._busy)
        self._forgotten, self._busy = [], _Busy()
        try:
            look()
        finally:
            for memo, key in self._forgotten:
                memo.pop(key, None)
            self._forgotten, self._steps, self._busy = outer

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

    def read(self, scope: Scope, name: str, before: int | None) -> Value | None:
        """What ``name`` holds in this very scope before a byte offset (None: at its end); None when never bound.

        Unknown where it holds an object that is changed through another name.
        """
        found = self.read_plain(scope, name, before)
        if found is None or isinstance(found, LEAVES) or self._forgotten is not None:
            return found
        if isinstance(found, Sequence) and found.kind == "iterator":
            return Unknown("an iterator that may be used up", found.origin)
        key = (name, -1 if before is None else before, "")
        known = scope.memo.get(key)
        if known is None:
            if self.depth > DEEPEST // 2 and scope.file.path not in self.changes:
                return Unknown("too deep to follow", Location(scope.file.path))
            known = scope.memo[key] = up_to_date(self, found, scope.file, route_of(scope, name))
        return known

    def read_plain(self, scope: Scope, name: str, before: int | None) -> Value | None:
        """Like :meth:`read`, whatever other names do to the object."""
        key = (name, -1 if before is None else before)
        known = scope.memo.get(key, _UNREAD)
        if known is self._busy:
            return Unknown(f"{name} refers to itself", Location(scope.file.path))
        if known is not _UNREAD and not isinstance(known, _Busy):
            remembered: Value | None = known
            return remembered
        if scope.parameters.get(name) is _PENDING:
            self._read_callers(scope)
        if name in scope.parameters and name not in scope.bindings:
            return scope.parameters[name]
        self._step()
        if self._steps > MOST_STEPS:
            return Unknown("too many names to follow", Location(scope.file.path))
        bindings = self._bindings(scope, name, before)
        if before is not None:
            bindings = [binding for binding in bindings if binding.at <= before]
        start = scope.parameters.get(name)
        if not bindings:
            return start if scope.entry is None else stars.entered(self, scope, name)
        called = [binding for binding in bindings if binding.kind == "called"]  # who knows when
        if called:
            bindings = [binding for binding in bindings if binding.kind != "called"]
        reader = scope.path_at(before) if before is not None else ()
        for position in range(len(bindings) - 1, -1, -1):
            binding = bindings[position]
            if not _comes_by(binding.path, reader) or binding.kind not in _GIVING:
                continue
            if binding.kind == "assign" or (
                (binding.kind != "star" or stars.surely_brings(self, scope, binding))
                and not _any_changes(bindings[:position])
            ):
                bindings = bindings[position:]  # whatever was before is gone
                break
        else:
            if scope.kind == "round" and start is None:
                start = self._before_round(scope, name)
            elif scope.entry is not None:
                start = stars.entered(self, scope, name)
        bindings = [*bindings, *called[:1]]
        if len(bindings) > MOST_CHANGES:
            return Unknown("it is changed too often to follow", Location(scope.file.path))
        scope.memo[key] = self._busy
        self.depth += 1
        try:
            if self.depth >= DEEPEST:
                return Unknown("too deep to follow", Location(scope.file.path))
            found = flow_of(self, bindings, 0, start, reader, scope)
        finally:
            self.depth -= 1
            self._restore(scope.memo, key, None if known is _UNREAD else known)
        if known is _UNREAD:
            self.remember(scope.memo, key, found)
        return found

    def _before_round(self, scope: Scope, name: str) -> Value | None:
        """What a name held before a round of a loop."""
        inner = scope
        while inner.kind == "round" and inner.parent is not None:
            outer = inner.parent
            before = outer.end if outer.kind == "round" and outer.node == inner.node else inner.node.start_byte
            found = self.read_plain(outer, name, before)
            if found is not None:
                return found
            inner = outer
        return None

    def _step(self) -> None:
        """Count one step of a question; the outermost starts a new one."""
        self._steps += 1
        if self.depth == 0:
            self._steps, self._rounds = 1, 0

    def has_worked_enough(self) -> bool:
        """Whether the question has taken its share of work; one more round of a loop is counted."""
        self._rounds += 1
        return self._rounds > MOST_ROUNDS or self._steps > MOST_STEPS

    @property
    def is_forgetful(self) -> bool:
        """Whether what is read now is to be forgotten."""
        return self._forgotten is not None

    def forget(self, memo: dict[Any, Any], key: object) -> None:
        """Take note of an entry of a memo that is to be forgotten."""
        if self._forgotten is not None:
            self._forgotten.append((memo, key))

    def _read_callers(self, scope: Scope) -> None:
        """Find what the callers in sight pass: only when a parameter is asked for, since it reads every such file."""
        from celery_backend_lint.evaluate.callers import open_parameters

        for name in scope.parameters:  # what the callers refer back to here is unknown
            scope.parameters[name] = Unknown(f"the argument {name}", self.location(scope.node, scope))
        if scope.parent is not None:
            scope.parameters.update(open_parameters(self, scope.node, scope.parent))

    def _bindings(self, scope: Scope, name: str, before: int | None) -> list[Binding]:
        own = scope.bindings.get(name, [])
        if scope.blurs and own:
            blurs = [Binding("blur", name, blur.node, blur.target, blur.at, blur.path) for blur in scope.blurs]
            own = sorted([*own, *blurs], key=lambda binding: binding.at)
        if not scope.stars:
            return own
        assigned = any(binding.kind in ("assign", "augment") for binding in own)
        brought = [
            Binding(star.kind, name, star.node, star.target, star.at, star.path)
            for star in scope.stars
            if (before is None or star.at <= before) and stars.star_provides(self, scope, star, name, assigned=assigned)
        ]
        return sorted([*own, *brought], key=lambda binding: binding.at) if brought else own

    def as_changed_by(self, value: Value, path: str) -> Value:
        """A value read by the file at ``path``; Unknown where that file changes the object."""
        file = self.modules.file(path) if self._forgotten is None and path.endswith(".py") else None
        return value if file is None else up_to_date(self, value, file, None)

    def flow(self, bindings: list[Binding], scope: Scope) -> Value | None:
        """What a sequence of bindings of one target leaves behind at the end of ``scope``."""
        return flow_of(self, bindings, 0, None, (), scope)

    def condition(self, branch: Branch, number: int, value: Value | None, scope: Scope) -> Value | None:
        """The condition under which an arm of a branch is taken once those before it are not; None for always."""
        return condition(self, branch, number, value, scope)

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
        """A read of the environment, doubted where the project itself writes the variable (``set_by_code``)."""
        from celery_backend_lint.evaluate.environment.set_by_code import doubted

        return doubted(self, read, origin)

    def module(self, path: str, name: str, origin: Location) -> Value:
        """The module at a path as :meth:`ProjectModules.find` answers it."""
        file = self.modules.file(path) if path.endswith(".py") else None
        return Module(name, path, file.scope if file is not None else None, origin)


_GIVING = frozenset({"assign", "import", "from", "def", "class", "star"})
"""The kinds of bindings that give a name a value, whatever it had."""


def _comes_by(path: Path, reader: Path) -> bool:
    """Whether who reads in the branches ``reader`` has come by a binding in those of ``path``: he stands in them too.

    Not in a loop: an earlier round may have come by another one.
    """
    return len(path) <= len(reader) and all(
        branch is other and arm == taken and branch.kind != "loop"
        for (branch, arm), (other, taken) in zip(path, reader, strict=False)
    )


def _any_changes(bindings: list[Binding]) -> bool:
    """Whether one of several bindings changes an object in place: it may be the object that is imported again."""
    return any(binding.kind in ("item", "method", "augment", "remove") for binding in bindings)

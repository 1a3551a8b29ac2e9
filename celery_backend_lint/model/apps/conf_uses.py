"""What is done to ``app.conf``: writes, deletions, and reads, the first of which loads the configuration."""

from __future__ import annotations

from abc import ABC, abstractmethod

from celery_backend_lint.evaluate.alternatives import may_be_missing
from celery_backend_lint.evaluate.calls import read_arguments
from celery_backend_lint.evaluate.functions import follow
from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Entry,
    Environment,
    External,
    Function,
    Literal,
    Mapping,
    Method,
    Operation,
    Sequence,
    Unknown,
)
from celery_backend_lint.model import facts
from celery_backend_lint.model.app import Assignment
from celery_backend_lint.model.apps.conf_arguments import update_entries
from celery_backend_lint.model.apps.conf_targets import assigned_to, is_changed_in_place, is_deleted, is_given_otherwise
from celery_backend_lint.model.apps.configuration_sources import EMPTY, SettingsMap, merged, read_source
from celery_backend_lint.model.apps.own_variables import ALSO, OWN_VARIABLES
from celery_backend_lint.model.apps.precedence import Configuration
from celery_backend_lint.model.apps.ways import both
from celery_backend_lint.model.apps.written_variables import variable
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model.app import ConfigurationSource
    from celery_backend_lint.model.apps.declared_celery import DeclaredCelery
    from celery_backend_lint.model.apps.step import Step
    from celery_backend_lint.model.apps.ways import Decisions
    from celery_backend_lint.syntax.python import Node

_TRUTH = frozenset({"assert_statement", "boolean_operator", "conditional_expression", "if_statement", "not_operator"})
"""Where it is asked whether ``app.conf`` is true: its length is, which loads it."""

_NO_READS = frozenset({"builtins.id", "builtins.isinstance", "builtins.type", "builtins.callable"})
"""Builtins that look at ``conf`` without reading a setting of it."""

_NEVER_FAIL = (External, Literal, Unknown)
"""Values that are computed without an error, or of which nobody can say."""


class ConfUses(ABC):
    """The state of an app's configuration, and what uses of ``app.conf`` do to it."""

    def __init__(self, ev: Evaluator, declared: DeclaredCelery, decisions: Decisions) -> None:
        self.ev = ev
        self.declared = declared
        self.decisions = decisions
        self.configuration = Configuration(declared.version)
        self.sources: list[ConfigurationSource] = []
        self.writes: list[Assignment] = []
        self.unread = ""
        self.now: int | None = None
        """Up to where the app's module has run; None where that is not known."""
        self.in_handler = False
        self.no_error: Value | None = None
        """The condition under which the handler that is followed has not failed so far: an error is only logged."""

    @abstractmethod
    def load(self, *, at_once: bool = False) -> None:
        """Load the configuration, unless it is."""

    def decide(self, condition: Value, where: Location) -> bool:
        """Whether a condition on which the state hangs holds on the way that is followed."""
        if self.decisions.is_full:
            self.blur("too many conditions decide when app.conf is loaded", where)
        return self.decisions.holds(condition)

    def place(self, step: Step) -> Location:
        """Where something is done."""
        return self.ev.location(step.node, step.scope)

    def canonical(self, key: str) -> str:
        """The new-style name of a setting, or the name itself where it is none."""
        return facts.canonical(key, self.declared.version) or key

    def add_defaults(self, value: Value, where: Location, step: Step) -> None:
        """``app.add_defaults(value)``: a mapping, or a function that gives one."""
        if isinstance(value, (Function, Method)):
            target = value.function if isinstance(value, Method) else value
            value = follow(self.ev, target, [value.bound] if isinstance(value, Method) else [], [], where)
        if isinstance(value, Mapping):
            [(source, cells)] = read_source(self.ev, value, where)
            self.sources.append(source)
            self.unread = self.unread or source.why_unknown
        else:
            why = value.why if isinstance(value, Unknown) else "defaults that could not be read"
            self.unread = self.unread or why
            cells = SettingsMap.unreadable(Unknown(why, where))
        if not step.certain:
            cells = cells.uncertain()
        elif step.condition is not None:
            cells.when = step.condition
            cells = merged([cells, EMPTY], where)
        self.configuration.add_defaults(cells)

    def use(self, step: Step, parent: Node | None) -> None:
        """A use of ``app.conf``: a write, an update, or a read, which loads the configuration."""
        if parent is None:
            return
        kind = parent.type
        if kind == "attribute" and parent.child_by_field_name("object") == step.node:
            name_node = parent.child_by_field_name("attribute")
            name = text_of(name_node) if name_node is not None else ""
            outer = parent.parent
            if outer is not None and outer.type == "call" and outer.child_by_field_name("function") == parent:
                self._conf_method(step, name, outer)
            elif name_node is not None:
                self._setting(step, parent, Literal(name, self.ev.location(name_node, step.scope)))
        elif kind == "subscript" and parent.child_by_field_name("value") == step.node:
            keys = parent.children_by_field_name("subscript")
            key = self.ev.value(keys[0], step.scope) if len(keys) == 1 else Unknown("a key", self.place(step))
            self._setting(step, parent, key)
        elif kind in ("argument_list", "keyword_argument"):
            self._argument(step, parent)
        elif kind in ("assignment", "named_expression") and parent.child_by_field_name("left") == step.node:
            self.blur("app.conf is replaced", self.place(step))
        elif kind in ("assignment", "named_expression"):
            self.blur("app.conf has another name as well", self.place(step))
        elif kind == "augmented_assignment" and parent.child_by_field_name("left") == step.node:
            self.blur("app.conf is changed by an operator", self.place(step))
        elif kind in _TRUTH:
            self._read_at(step)

    def _argument(self, step: Step, arguments: Node) -> None:
        """``setattr(app.conf, name, value)`` writes; other builtins read, what is from outside is taken to read too."""
        call = arguments.parent if arguments.type == "argument_list" else None
        function = call.child_by_field_name("function") if call is not None else None
        if call is None or function is None:
            return
        target = self.ev.ask(function, step.scope)
        name = target.name if isinstance(target, External) else ""
        if name == "builtins.setattr":
            values, _ = read_arguments(self.ev, call, step.scope)
            if len(values) == 3:
                entry = Entry(values[1], values[2], values[1].origin)
                self._guard([entry.value])
                kept = step.scope.kind != "round"
                self.write_entry(entry, step.condition, "conf", certain=step.certain, kept=kept)
        elif name == "builtins.delattr":
            self.blur("a setting is deleted", self.place(step))
        elif name.startswith("builtins.") and name not in _NO_READS:
            self._read_at(step)

    def _read_at(self, step: Step) -> None:
        if not step.certain or self.configuration.loaded or self.configuration.loading:
            return
        if step.condition is None or self.decide(step.condition, self.place(step)):
            self.load()

    def _setting(self, step: Step, target: Node, key: Value) -> None:
        """``app.conf.name`` or ``app.conf[key]``: written where it is a target, deleted by ``del``, else read."""
        right, index = assigned_to(target)
        if right is not None:
            value = self._read_of_conf(right, step) or self.ev.value(right, step.scope)
            self._guard([value])
            for position in index:
                if position is None or not isinstance(value, Sequence) or not value.complete:
                    value = Unknown("a part of what is unpacked", key.origin)
                elif position < len(value.items):
                    value = value.items[position]
            computed = step.scope.kind == "round" and target.type == "subscript"  # nobody wrote that name there
            self.write_entry(
                Entry(key, value, key.origin), step.condition, "conf", certain=step.certain, kept=not computed
            )
            return
        if is_given_otherwise(target):
            given = Unknown("what a loop or a with statement gives it", key.origin)
            self.write_entry(Entry(key, given, key.origin), step.condition, "conf", certain=step.certain)
            return
        holder = target.parent
        if holder is not None and (holder.type == "delete_statement" or is_deleted(holder)):
            name = key.value if isinstance(key, Literal) and isinstance(key.value, str) else None
            self._read_at(step)
            if name is None or not step.certain:
                self.blur("a setting is deleted", self.place(step))
            else:
                self.configuration.delete(name, self.place(step), step.condition)
            return
        self._nested(step, target, str(key.value) if isinstance(key, Literal) else "")

    def _read_of_conf(self, node: Node, step: Step) -> Value | None:
        """What ``app.conf.name`` has by now, where that is assigned to another setting of the same conf.

        As an attribute, some settings are first looked for in the environment (see `own_variables`).
        """
        holder, name = node.child_by_field_name("object"), node.child_by_field_name("attribute")
        if holder is None or name is None or text_of(holder) != text_of(step.node):
            return None
        setting = facts.canonical(text_of(name), self.declared.version)
        own = OWN_VARIABLES.get(setting or "")
        if setting != text_of(name) or step.condition is not None or not step.certain or setting in ALSO:
            return None
        where = self.ev.location(node, step.scope)
        self.load()
        found = self.configuration.setting(setting, where)
        if not found.certain or may_be_missing(found.value):
            return None
        if own is None:
            return found.value
        if variable(self.ev, own, step.scope, self.now) is not None:
            return None
        read = Environment((own,), Literal(None, where), "str", "os.environ", where)
        return Choice((Alternative(read, read), Alternative(found.value, None)), where)

    def _nested(self, step: Step, node: Node, name: str) -> None:
        """A read of a setting. Where the result is written into (``conf.beat_schedule["x"] = …``) it is not known any
        more.
        """
        self._read_at(step)
        if name and is_changed_in_place(node):
            place = self.ev.location(node, step.scope)
            entry = Entry(Literal(name, place), Unknown("it is changed in place", place), place)
            self.write_entry(entry, step.condition, "conf", certain=step.certain)

    def _conf_method(self, step: Step, method: str, call: Node) -> None:
        arguments, keywords = read_arguments(self.ev, call, step.scope)
        where = self.ev.location(call, step.scope)
        key = arguments[0] if arguments else None
        if method == "update":
            entries = [
                entry
                for argument in arguments[:1]
                for entry in update_entries(self.ev, argument, where, self.declared.version)
            ]
            self._guard(entry.value for entry in [*entries, *keywords])
            for entry in [*entries, *keywords]:
                by = where.path if entry.origin.path != where.path else ""
                self.write_entry(entry, step.condition, "conf", certain=step.certain, handed_over_in=by)
        elif method in ("__setitem__", "__setattr__") and len(arguments) == 2:
            entry = Entry(arguments[0], arguments[1], arguments[0].origin)
            self._guard([entry.value])
            self.write_entry(entry, step.condition, "conf", certain=step.certain)
        elif method == "setdefault" and isinstance(key, Literal):
            name = str(key.value)
            value = arguments[1] if len(arguments) > 1 else Literal(None, where)
            self._guard([value])
            assignment = Assignment(self.canonical(name), name, value, key.origin, "conf", step.certain)
            self.configuration.setdefault(name, assignment, both(step.condition, self.no_error))
            self.writes.append(assignment)
        elif method == "add_defaults":
            if self.configuration.loaded and key is not None:
                self.add_defaults(key, where, step)
        elif method == "clear" and step.certain:
            self.configuration.clear(where, step.condition)
        elif method == "pop" and isinstance(key, Literal) and step.certain:
            self._read_at(step)
            self.configuration.delete(str(key.value), where, step.condition)
        elif method in ("clear", "pop", "setdefault", "__setitem__", "__setattr__", "__delitem__", "swap_with"):
            self.blur(f"app.conf.{method}() changes it", where)
        else:
            self._read_at(step)

    def write_entry(
        self,
        entry: Entry,
        condition: Value | None,
        place: str,
        *,
        certain: bool,
        kept: bool = True,
        handed_over_in: str = "",
    ) -> None:
        """A write of one setting; ``kept`` is False where nobody wrote its name there."""
        if isinstance(entry.key, Literal) and isinstance(entry.key.value, str):
            key = entry.key.value
            assignment = Assignment(self.canonical(key), key, entry.value, entry.origin, place, certain, handed_over_in)
            self.configuration.write(key, assignment, both(condition, self.no_error))
            if kept:
                self.writes.append(assignment)
        else:
            # Of a mapping that is open under a condition (``Mapping.open_when``) that is the value beside the key.
            when = entry.value if isinstance(entry.value, (Operation, Environment)) else None
            if when is not None and condition is not None:
                when = Operation("and", (condition, when), entry.origin)
            why = entry.key.why if isinstance(entry.key, Unknown) else "a setting's name is not known"
            self.blur(why, entry.origin, when)

    def blur(self, why: str, where: Location, when: Value | None = None) -> None:
        """Anything may have been written, always or under a condition."""
        self.unread = self.unread or why
        self.configuration.blur(Unknown(why, where), when)

    def _guard(self, values: Iterable[Value]) -> None:
        """In a signal's handler: what follows happens only where the values can be computed."""
        fallible = tuple(value for value in values if not isinstance(value, _NEVER_FAIL))
        if self.in_handler and fallible:
            self.no_error = both(self.no_error, Operation("succeeds", fallible, fallible[0].origin))

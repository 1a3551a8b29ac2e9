"""Following what a project does to one app, step by step, the way it would run."""

from __future__ import annotations

from celery_backend_lint.evaluate.calls import read_arguments, spread
from celery_backend_lint.evaluate.functions import follow
from celery_backend_lint.evaluate.missing import may_be_missing
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
from celery_backend_lint.model.apps.conf_arguments import (
    PARAMETERS,
    is_none,
    is_setting,
    is_true,
    loader_of,
    update_entries,
)
from celery_backend_lint.model.apps.conf_targets import assigned_to, is_deleted
from celery_backend_lint.model.apps.configuration_sources import EMPTY, SettingsMap, merged, read_source
from celery_backend_lint.model.apps.loaders import no_source
from celery_backend_lint.model.apps.own_variables import ALSO, OWN_VARIABLES
from celery_backend_lint.model.apps.precedence import Configuration
from celery_backend_lint.model.apps.written_variables import variable
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model.app import ConfigurationSource
    from celery_backend_lint.model.apps.creations import Creation
    from celery_backend_lint.model.apps.declared_celery import DeclaredCelery
    from celery_backend_lint.model.apps.step import Step
    from celery_backend_lint.syntax.python import Node

_FIRST_PARAMETERS = ("obj", "fun", "variable_name")
"""The first parameters of ``config_from_object``, ``add_defaults`` and ``config_from_envvar``."""

_TRUTH = frozenset({"assert_statement", "boolean_operator", "conditional_expression", "if_statement", "not_operator"})
"""Where it is asked whether ``app.conf`` is true: its length is, which loads it."""

_NO_READS = frozenset({"builtins.id", "builtins.isinstance", "builtins.type", "builtins.callable"})
"""Builtins that look at ``conf`` without reading a setting of it."""


@record
class Followed:
    """An app's configuration after everything that the project does to it; the fields as in ``App``."""

    configuration: Configuration
    declared: DeclaredCelery
    sources: tuple[ConfigurationSource, ...]
    writes: tuple[Assignment, ...] = ()
    unread: str = ""


def _both(first: Value | None, second: Value | None) -> Value | None:
    """The condition that two conditions hold; None for always."""
    held = [one for one in (first, second) if one is not None]
    return Operation("and", tuple(held), held[0].origin) if len(held) > 1 else held[0] if held else None


class AppReader:
    """Reads one app: keeps the state while its steps are followed."""

    def __init__(self, ev: Evaluator, creation: Creation, declared: DeclaredCelery) -> None:
        self.ev = ev
        self.creation = creation
        self.declared = declared
        self.configuration = Configuration(self.declared.version)
        self.sources: list[ConfigurationSource] = []
        self.writes: list[Assignment] = []
        self.unread = ""
        self._loader: Value | None = None
        self._handlers: dict[str, list[Step]] = {"on_configure": [], "on_after_configure": []}
        self._made = False
        self._now: int | None = None

    def read(self, steps: list[Step]) -> Followed:
        """Follow the app's creation and everything that is done to it, in the order in which that happens."""
        for step in steps:
            runs_here = step.scope.kind in ("module", "round") and step.scope.module is self.creation.scope.module
            self._now = step.node.start_byte if runs_here else None
            self._follow(step)
        self._now = None
        self._load()
        return Followed(self.configuration, self.declared, tuple(self.sources), tuple(self.writes), self.unread)

    def _follow(self, step: Step) -> None:
        parent = step.node.parent
        if step.attribute == "made":
            if not self._made:
                self._made = True
                self._construct(list(step.arguments), list(step.keywords))
        elif step.attribute == "namespace":
            self._set_namespace(step, parent)
        elif step.attribute in self._handlers:
            for inner in step.inner:
                self._handlers[step.attribute].append(inner)
        elif step.attribute == "cut":
            self._blur("too much is done to the apps to follow", self._place(step))
        elif step.attribute == "given":
            self._blur("app.conf is given to something that may change it", self._place(step))
        elif step.attribute != "conf":
            if parent is not None and parent.type == "call" and parent.child_by_field_name("function") == step.node:
                self._called(step, parent)
        else:
            self._conf(step, parent)

    def _place(self, step: Step) -> Location:
        return self.ev.location(step.node, step.scope)

    def _load(self, *, at_once: bool = False) -> None:
        """The first read of ``app.conf``: its signals are sent before and after (``Celery._load_config``).

        Where ``config_from_object`` loads ``at_once``, there is no conf while ``on_configure`` is sent: a handler that
        asks for it ends in a RecursionError, which is only logged; the loading inside used up the pending defaults.
        """
        if self.configuration.loaded or self.configuration.loading:
            return
        asking = [inner for inner in self._handlers["on_configure"] if at_once and inner.attribute == "conf"]
        if any(inner.certain and inner.condition is None for inner in asking):
            self.configuration.pending_defaults = []
        elif asking:
            self.configuration.pending_defaults = [one.uncertain() for one in self.configuration.pending_defaults]
        self.configuration.loading = True
        for inner in self._handlers["on_configure"] if not at_once else ():
            self._follow(inner)
        self.configuration.loading = False
        if self.configuration.source is None or self.configuration.perhaps_no_source:
            self._read_loader()
        self.configuration.load()
        for inner in self._handlers["on_after_configure"]:
            self._follow(inner)

    def _read_loader(self) -> None:
        """What is read where no configuration object is named, or perhaps none: by CELERY_CONFIG_MODULE, by the default
        loader.
        """
        found = no_source(self.ev, self.creation, self._loader, self._now)
        for source, _ in found:
            self.sources.append(source)
            self.unread = self.unread or source.why_unknown
        maps = [cells for _, cells in found]
        if maps and self.configuration.source is not None:
            self.unread = self.unread or "whether this configuration is read"
            maps.insert(0, self.configuration.source)
        if maps:
            self.configuration.set_source(merged(maps, self.creation.location), None)

    # The constructor -------------------------------------------------------------------------------------------------

    def _construct(self, arguments: list[Value], keywords: list[Entry]) -> None:
        given = dict(zip(PARAMETERS, arguments, strict=False))
        places = {name: value.origin for name, value in given.items()}
        for entry in keywords:
            if isinstance(entry.key, Literal) and isinstance(entry.key.value, str):
                given[entry.key.value], places[entry.key.value] = entry.value, entry.origin
            elif isinstance(entry.key, Unknown):
                self._blur(entry.key.why, entry.origin)
        # The other arguments are written into ``changes`` and beat it (Celery.__init__).
        changes = given.get("changes")
        if changes is not None and not is_none(changes):
            for entry in spread(changes, self.creation.location):
                self._write_entry(entry, None, "constructor", certain=True)
        for key, setting in (("broker", "broker_url"), ("backend", "result_backend"), ("include", "include")):
            if key in given:
                self._constructed(setting, key, given[key], places[key])
        for key, value in given.items():
            if is_setting(key, self.declared.version):
                self._constructed(key, key, value, places[key])
        if "namespace" in given:
            self._name(given["namespace"], self.creation.location)
        self._loader = loader_of(self.ev, self.creation.cls, given.get("loader"))
        source = given.get("config_source")
        if source is not None and not is_none(source):
            self._source(source, self.creation.location, None, None)

    def _constructed(self, key: str, written: str, value: Value, place: Location) -> None:
        assignment = Assignment(self._canonical(key), written, value, place, "constructor")
        self.configuration.construct(key, assignment)
        self.writes.append(assignment)

    def _canonical(self, key: str) -> str:
        return facts.canonical(key, self.declared.version) or key

    # The namespace ---------------------------------------------------------------------------------------------------

    def _set_namespace(self, step: Step, parent: Node | None) -> None:
        """``app.namespace = …``: it counts when the configuration is loaded."""
        if parent is None or parent.type != "assignment" or parent.child_by_field_name("left") != step.node:
            return
        right: Node | None = parent
        while right is not None and right.type == "assignment":
            right = right.child_by_field_name("right")
        value = self.ev.value(right, step.scope) if right is not None else None
        if value is not None and not self.configuration.loaded:
            if not step.certain or step.condition is not None:
                self._name_doubted("whether a namespace is set", self._place(step))
            else:
                self._name(value, self._place(step))

    def _name(self, value: Value, where: Location) -> None:
        if isinstance(value, Literal) and (value.value is None or isinstance(value.value, str)):
            self.configuration.namespace, self.configuration.namespace_doubt = value.value or "", None
        else:
            self._name_doubted("the namespace is not known", where)

    def _name_doubted(self, why: str, where: Location) -> None:
        self.unread = self.unread or why
        self.configuration.namespace_doubt = Unknown(why, where)

    # Configuration objects -------------------------------------------------------------------------------------------

    def _called(self, step: Step, call: Node) -> None:
        arguments, keywords = read_arguments(self.ev, call, step.scope)
        where = self.ev.location(call, step.scope)
        named = {str(e.key.value): e.value for e in keywords if isinstance(e.key, Literal)}
        if step.attribute == "config_from_cmdline":
            self._blur("config_from_cmdline() takes what is typed", where)
            return
        if step.attribute == "add_periodic_task":
            unknown = Unknown("periodic tasks are added to it", where)
            key = Literal("beat_schedule", where)
            self._write_entry(Entry(key, unknown, where), None, "conf", certain=False, kept=False)
            return
        given = arguments or [named[name] for name in _FIRST_PARAMETERS if name in named]
        if not given:
            return
        first = given[0]
        if step.attribute == "add_defaults":
            self._add_defaults(first, where, step)
            return
        positions = ("silent", "force") if step.attribute == "config_from_envvar" else ("silent", "force", "namespace")
        options = {**dict(zip(positions, arguments[1:], strict=False)), **named}
        if step.attribute == "config_from_envvar":
            name = str(first.value) if isinstance(first, Literal) else ""
            written = variable(self.ev, name, step.scope, self._now) if name else None
            if written is None and name and is_true(options.get("silent")):
                unset = Environment((name,), Literal(None, where), "str", "os.environ", where)
                self._source(unset, where, None, step, unset)  # where it is not set nothing is read
                return
            why = f"the environment variable {name or 'of a name that is not known'} names it"
            first = written or Unknown(why, where)
        self._source(first, where, options.get("namespace"), step)
        if is_true(options.get("force")):
            self._load(at_once=True)

    def _source(
        self, value: Value, where: Location, namespace: Value | None, step: Step | None, when: Value | None = None
    ) -> None:
        """``config_from_object``; ``when`` is a condition under which it reads anything, beside that of the step."""
        found = read_source(self.ev, value, where)
        if namespace is not None and not is_none(namespace):
            self._name(namespace, where)
        self.sources.extend(source for source, _ in found)
        reload = self.configuration.loaded
        before = self.configuration.source or EMPTY
        maps = [cells for _, cells in found]
        doubt = ""
        if step is not None and not step.certain:
            maps = [merged([*maps, before] if before is not EMPTY else maps, where).uncertain()]
        elif step is not None and (condition := _both(step.condition, when)) is not None:
            if reload or isinstance(condition, Unknown):
                doubt = "whether this configuration is read"
                maps.append(SettingsMap.unreadable(Unknown(doubt, where)))
            else:
                read = merged(maps, where)
                read.when = condition
                maps = [read, before]
                self.configuration.perhaps_no_source |= self.configuration.source is None
        else:
            self.configuration.perhaps_no_source = False
        for source, _ in found:
            self.unread = self.unread or source.why_unknown
        self.unread = self.unread or doubt
        self.configuration.set_source(maps[0] if len(maps) == 1 else merged(maps, where), None)
        if reload:
            self._load(at_once=True)

    def _add_defaults(self, value: Value, where: Location, step: Step) -> None:
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

    # Writes to conf --------------------------------------------------------------------------------------------------

    def _conf(self, step: Step, parent: Node | None) -> None:
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
            key = self.ev.value(keys[0], step.scope) if len(keys) == 1 else Unknown("a key", self._place(step))
            self._setting(step, parent, key)
        elif kind in ("argument_list", "keyword_argument"):
            self._argument(step, parent)
        elif kind in ("assignment", "named_expression") and parent.child_by_field_name("left") == step.node:
            self._blur("app.conf is replaced", self._place(step))
        elif kind in ("assignment", "named_expression"):
            self._blur("app.conf has another name as well", self._place(step))
        elif kind == "augmented_assignment" and parent.child_by_field_name("left") == step.node:
            self._blur("app.conf is changed by an operator", self._place(step))
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
                kept = step.scope.kind != "round"
                self._write_entry(entry, step.condition, "conf", certain=step.certain, kept=kept)
        elif name == "builtins.delattr":
            self._blur("a setting is deleted", self._place(step))
        elif name.startswith("builtins.") and name not in _NO_READS:
            self._read_at(step)

    def _read_at(self, step: Step) -> None:
        if step.condition is None and step.certain:
            self._load()

    def _setting(self, step: Step, target: Node, key: Value) -> None:
        """``app.conf.name`` or ``app.conf[key]``: written where it is a target, deleted by ``del``, else read."""
        right, index = assigned_to(target)
        if right is not None:
            value = self._read_of_conf(right, step) or self.ev.value(right, step.scope)
            for position in index:
                if position is None or not isinstance(value, Sequence) or not value.complete:
                    value = Unknown("a part of what is unpacked", key.origin)
                elif position < len(value.items):
                    value = value.items[position]
            computed = step.scope.kind == "round" and target.type == "subscript"  # nobody wrote that name there
            self._write_entry(
                Entry(key, value, key.origin), step.condition, "conf", certain=step.certain, kept=not computed
            )
            return
        holder = target.parent
        if holder is not None and (holder.type == "delete_statement" or is_deleted(holder)):
            name = key.value if isinstance(key, Literal) and isinstance(key.value, str) else None
            if name is None or step.condition is not None or not step.certain:
                self._blur("a setting is deleted", self._place(step))
            else:
                self._load()
                self.configuration.delete(name)
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
        self._load()
        found = self.configuration.setting(setting, where)
        if not found.certain or may_be_missing(found.value):
            return None
        if own is None:
            return found.value
        if variable(self.ev, own, step.scope, self._now) is not None:
            return None
        read = Environment((own,), Literal(None, where), "str", "os.environ", where)
        return Choice((Alternative(read, read), Alternative(found.value, None)), where)

    def _nested(self, step: Step, node: Node, name: str) -> None:
        """A read of a setting. Where the result is written into (``conf.beat_schedule["x"] = …``) it is not known any
        more.
        """
        holder = node.parent
        self._read_at(step)
        if holder is None or not name:
            return
        if holder.type in ("subscript", "attribute", "augmented_assignment"):
            outer = holder.parent
            written = holder.type == "augmented_assignment" or (
                outer is not None and outer.type == "assignment" and outer.child_by_field_name("left") == holder
            )
            called = holder.type == "attribute" and outer is not None and outer.type == "call"
            if written or called:
                place = self.ev.location(node, step.scope)
                entry = Entry(Literal(name, place), Unknown("it is changed in place", place), place)
                self._write_entry(entry, step.condition, "conf", certain=step.certain)

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
            for entry in [*entries, *keywords]:
                self._write_entry(entry, step.condition, "conf", certain=step.certain)
        elif method in ("__setitem__", "__setattr__") and len(arguments) == 2:
            entry = Entry(arguments[0], arguments[1], arguments[0].origin)
            self._write_entry(entry, step.condition, "conf", certain=step.certain)
        elif method == "setdefault" and isinstance(key, Literal):
            name = str(key.value)
            value = arguments[1] if len(arguments) > 1 else Literal(None, where)
            assignment = Assignment(self._canonical(name), name, value, key.origin, "conf", step.certain)
            self.configuration.setdefault(name, assignment, step.condition)
            self.writes.append(assignment)
        elif method == "add_defaults":
            if self.configuration.loaded and key is not None:
                self._add_defaults(key, where, step)
        elif method == "clear" and step.condition is None and step.certain:
            self.configuration.clear()
        elif method == "pop" and isinstance(key, Literal) and step.condition is None and step.certain:
            self._load()
            self.configuration.delete(str(key.value))
        elif method in ("clear", "pop", "setdefault", "__setitem__", "__setattr__", "__delitem__", "swap_with"):
            self._blur(f"app.conf.{method}() changes it", where)
        else:
            self._read_at(step)

    def _write_entry(
        self, entry: Entry, condition: Value | None, place: str, *, certain: bool, kept: bool = True
    ) -> None:
        if isinstance(entry.key, Literal) and isinstance(entry.key.value, str):
            key = entry.key.value
            assignment = Assignment(self._canonical(key), key, entry.value, entry.origin, place, certain)
            self.configuration.write(key, assignment, condition)
            if kept:
                self.writes.append(assignment)
        else:
            # Of a mapping that is open under a condition (``Mapping.open_when``) that is the value beside the key.
            when = entry.value if isinstance(entry.value, (Operation, Environment)) else None
            if when is not None and condition is not None:
                when = Operation("and", (condition, when), entry.origin)
            why = entry.key.why if isinstance(entry.key, Unknown) else "a setting's name is not known"
            self._blur(why, entry.origin, when)

    def _blur(self, why: str, where: Location, when: Value | None = None) -> None:
        self.unread = self.unread or why
        self.configuration.blur(Unknown(why, where), when)

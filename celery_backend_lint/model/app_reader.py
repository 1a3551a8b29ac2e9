"""Following what a project does to one app, statement by statement, the way it would run."""

from __future__ import annotations

from celery_backend_lint.evaluate.calls import read_arguments, spread
from celery_backend_lint.evaluate.evaluator import combine
from celery_backend_lint.evaluate.values import (
    Alternative,
    Entry,
    External,
    Instance,
    Literal,
    Mapping,
    Missing,
    Unknown,
)
from celery_backend_lint.model import facts
from celery_backend_lint.model.app import Assignment
from celery_backend_lint.model.configuration_sources import Cell, SettingsMap, read_source
from celery_backend_lint.model.creations import Touch
from celery_backend_lint.model.precedence import Configuration
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model.app import ConfigurationSource
    from celery_backend_lint.model.creations import Creation
    from celery_backend_lint.model.declared_celery import DeclaredCelery
    from celery_backend_lint.syntax.python import Node

_NOT_SETTINGS = frozenset(
    {"main", "loader", "backend", "amqp", "events", "log", "control", "set_as_current", "tasks", "broker", "include",
     "changes", "config_source", "fixups", "task_cls", "autofinalize", "namespace", "strict_typing",
     "config_source_silent"}
)  # fmt: skip
"""Parameters of ``Celery.__init__`` (5.7); every other keyword is a setting (from 5.0)."""

_FIRST_PARAMETERS = ("obj", "fun", "variable_name")
"""The first parameters of ``config_from_object``, ``add_defaults`` and ``config_from_envvar``."""

_POSITIONS = {"backend": 2, "broker": 9, "include": 10, "changes": 11, "config_source": 12}
"""Positions of ``Celery.__init__``'s parameters that set something, ``main`` being 0 (celery.app.base, 4.4 to 5.7)."""


@record
class Followed:
    """An app's configuration after everything that the project does to it; the fields as in ``App``."""

    configuration: Configuration
    declared: DeclaredCelery
    sources: tuple[ConfigurationSource, ...]
    writes: tuple[Assignment, ...] = ()
    unread: str = ""


class AppReader:
    """Reads one app: keeps the state while its touches are followed."""

    def __init__(self, ev: Evaluator, creation: Creation, declared: DeclaredCelery) -> None:
        self.ev = ev
        self.creation = creation
        self.declared = declared
        self.configuration = Configuration(self.declared.version)
        self.sources: list[ConfigurationSource] = []
        self.writes: list[Assignment] = []
        self.unread = ""

    def read(self, touched: list[Touch]) -> Followed:
        """Follow the app's creation and everything that is done to it, in the order in which that happens."""
        self._construct()
        for touch in sorted(touched, key=self._when):
            here = touch.scope is self.creation.scope  # where the app is made, what follows happens to it
            self._follow(
                Touch(touch.node, touch.attribute, touch.scope, touch.file, touch.condition, touch.certain or here)
            )
        return Followed(self.configuration, self.declared, tuple(self.sources), tuple(self.writes), self.unread)

    def _when(self, touch: Touch) -> tuple[int, int, str, int]:
        """What happens where the app is created comes first, then what its module does, then other functions and
        files.
        """
        same_file = touch.file is self.creation.file
        same_scope = same_file and touch.scope is self.creation.scope
        phase = 0 if same_scope else (1 if same_file and touch.scope.kind == "module" else 2 if same_file else 3)
        return (phase, 0 if touch.certain else 1, touch.file.path, touch.node.start_byte)

    def _construct(self) -> None:
        creation, configuration = self.creation, self.configuration
        # The other arguments are written into ``changes`` and beat it (Celery.__init__).
        changes = creation.argument("changes", _POSITIONS["changes"])
        if changes is not None and not (isinstance(changes, Literal) and changes.value is None):
            for entry in spread(changes, creation.location):
                self._write_entry(entry, None, "constructor", certain=True)
        for key, setting in (("broker", "broker_url"), ("backend", "result_backend"), ("include", "include")):
            value = creation.argument(key, _POSITIONS[key])
            if value is not None:
                self._constructed(setting, key, value, self._place_of(key, value))
        for entry in creation.keywords:
            if isinstance(entry.key, Literal) and isinstance(entry.key.value, str):
                if entry.key.value not in _NOT_SETTINGS and self.declared.version >= (5, 0):
                    self._constructed(entry.key.value, entry.key.value, entry.value, entry.origin)
            elif isinstance(entry.key, Unknown):
                self._blur(entry.key.why, entry.origin)
        namespace = creation.argument("namespace")
        if isinstance(namespace, Literal) and isinstance(namespace.value, str):
            configuration.namespace = namespace.value
        source = creation.argument("config_source", _POSITIONS["config_source"])
        if source is not None and not (isinstance(source, Literal) and source.value is None):
            self._source(source, creation.location, None, None)

    def _place_of(self, name: str, value: Value) -> Location:
        for entry in self.creation.keywords:
            if isinstance(entry.key, Literal) and entry.key.value == name:
                return entry.origin
        return value.origin

    def _constructed(self, key: str, written: str, value: Value, place: Location) -> None:
        assignment = Assignment(self._canonical(key), written, value, place, "constructor")
        self.configuration.construct(key, assignment)
        self.writes.append(assignment)

    def _canonical(self, key: str) -> str:
        return facts.canonical(key, self.declared.version) or key

    def _follow(self, touch: Touch) -> None:
        if isinstance(touch.condition, Literal):
            return  # never reached
        node = touch.node
        parent = node.parent
        if touch.attribute == "namespace":
            if parent is not None and parent.type == "assignment" and parent.child_by_field_name("left") == node:
                right = parent.child_by_field_name("right")
                value = self.ev.value(right, touch.scope) if right is not None else None
                if isinstance(value, Literal) and isinstance(value.value, str):
                    self.configuration.namespace = value.value
            return
        if touch.attribute in ("config_from_object", "config_from_envvar", "add_defaults"):
            if parent is not None and parent.type == "call" and parent.child_by_field_name("function") == node:
                self._called(touch, parent)
            return
        self._conf(touch, parent)

    def _called(self, touch: Touch, call: Node) -> None:
        arguments, keywords = read_arguments(self.ev, call, touch.scope)
        where = self.ev.location(call, touch.scope)
        named = [e.value for e in keywords if isinstance(e.key, Literal) and e.key.value in _FIRST_PARAMETERS]
        given = arguments or named
        if not given:
            return
        first = given[0]
        if touch.attribute == "add_defaults":
            self._add_defaults(first, where)
        elif touch.attribute == "config_from_envvar":
            name = str(first.value) if isinstance(first, Literal) else "named elsewhere"
            self._source(Unknown(f"the environment variable {name} names it", where), where, None, touch.condition)
        else:
            namespace = next(
                (e.value for e in keywords if isinstance(e.key, Literal) and e.key.value == "namespace"),
                arguments[3] if len(arguments) > 3 else None,
            )
            self._source(first, where, namespace, touch.condition)

    def _source(self, value: Value, where: Location, namespace: Value | None, condition: Value | None) -> None:
        found = read_source(self.ev, value, where)
        if namespace is not None and not isinstance(namespace, Literal):
            why = Unknown("the namespace is not known", where)
            found = [(source, SettingsMap.unreadable(why)) for source, _ in found]
        self.sources.extend(source for source, _ in found)
        text = namespace.value if isinstance(namespace, Literal) and isinstance(namespace.value, str) else None
        if namespace is not None and text is None and not isinstance(namespace, Literal):
            self.unread = self.unread or "the namespace is not known"
        if condition is not None:
            why = Unknown("whether this configuration is read", where)
            cells = SettingsMap.unreadable(why)
            self.configuration.set_source(_merged([*(c for _, c in found), cells], where), text)
            self.unread = self.unread or why.why
            return
        for source, _ in found:
            self.unread = self.unread or source.why_unknown
        self.configuration.set_source(found[0][1] if len(found) == 1 else _merged([c for _, c in found], where), text)

    def _add_defaults(self, value: Value, where: Location) -> None:
        if isinstance(value, Mapping):
            for source, cells in read_source(self.ev, value, where):
                self.sources.append(source)
                self.configuration.add_defaults(cells)
        else:
            why = value.why if isinstance(value, Unknown) else "defaults that could not be read"
            self.unread = self.unread or why
            self.configuration.add_defaults(SettingsMap.unreadable(Unknown(why, where)))

    def _conf(self, touch: Touch, parent: Node | None) -> None:
        """A use of ``app.conf``: a write, an update, or a read, which loads the configuration."""
        if parent is None:
            return
        if parent.type == "attribute" and parent.child_by_field_name("object") == touch.node:
            name_node = parent.child_by_field_name("attribute")
            name = text_of(name_node) if name_node is not None else ""
            outer = parent.parent
            if outer is not None and outer.type == "call" and outer.child_by_field_name("function") == parent:
                self._conf_method(touch, name, outer)
            elif name_node is None or not self._assigned(
                touch, parent, Literal(name, self.ev.location(name_node, touch.scope))
            ):
                self._nested(touch, parent, name)
        elif parent.type == "subscript" and parent.child_by_field_name("value") == touch.node:
            keys = parent.children_by_field_name("subscript")
            key = (
                self.ev.value(keys[0], touch.scope) if len(keys) == 1 else Unknown("a key", touch_place(self.ev, touch))
            )
            name = str(key.value) if isinstance(key, Literal) else ""
            if not self._assigned(touch, parent, key):
                self._nested(touch, parent, name)
        elif parent.type == "argument_list":
            self._set_attribute(touch, parent)
        elif parent.type == "assignment" and parent.child_by_field_name("left") == touch.node:
            self._blur("app.conf is replaced", touch_place(self.ev, touch))
        elif parent.type == "assignment":
            self._blur("app.conf has another name as well", touch_place(self.ev, touch))
        elif parent.type == "augmented_assignment" and parent.child_by_field_name("left") == touch.node:
            self._blur("app.conf is changed by an operator", touch_place(self.ev, touch))

    def _set_attribute(self, touch: Touch, arguments: Node) -> None:
        call = arguments.parent
        function = call.child_by_field_name("function") if call is not None else None
        if call is None or function is None or text_of(function) != "setattr":
            return
        values, _ = read_arguments(self.ev, call, touch.scope)
        if len(values) == 3:
            self._write_entry(
                Entry(values[1], values[2], values[1].origin), touch.condition, "conf", certain=touch.certain
            )

    def _assigned(self, touch: Touch, target: Node, key: Value) -> bool:
        """Follow ``target = value`` (also ``a = target = value``); False when the target is only read."""
        holder = target.parent
        if holder is None or holder.type != "assignment" or holder.child_by_field_name("left") != target:
            return False
        value: Node | None = holder
        while value is not None and value.type == "assignment":
            value = value.child_by_field_name("right")
        if value is None:
            return False
        origin = key.origin
        entry = Entry(key, self.ev.value(value, touch.scope), origin)
        self._write_entry(entry, touch.condition, "conf", certain=touch.certain)
        return True

    def _nested(self, touch: Touch, node: Node, name: str) -> None:
        """A read of a setting. Where the result is written into (``conf.beat_schedule["x"] = …``) it is not known any
        more.
        """
        holder = node.parent
        if touch.condition is None and touch.certain and touch.scope.kind == "module":
            self.configuration.load()
        if holder is None or not name:
            return
        if holder.type in ("subscript", "attribute", "augmented_assignment"):
            outer = holder.parent
            written = holder.type == "augmented_assignment" or (
                outer is not None and outer.type == "assignment" and outer.child_by_field_name("left") == holder
            )
            called = holder.type == "attribute" and outer is not None and outer.type == "call"
            if written or called:
                place = self.ev.location(node, touch.scope)
                entry = Entry(Literal(name, place), Unknown("it is changed in place", place), place)
                self._write_entry(entry, touch.condition, "conf", certain=touch.certain)

    def _conf_method(self, touch: Touch, method: str, call: Node) -> None:
        arguments, keywords = read_arguments(self.ev, call, touch.scope)
        where = self.ev.location(call, touch.scope)
        if method == "update":
            entries = [entry for argument in arguments[:1] for entry in self._update_entries(argument, where)]
            for entry in [*entries, *keywords]:
                self._write_entry(entry, touch.condition, "conf", certain=touch.certain)
        elif method == "setdefault" and arguments and isinstance(arguments[0], Literal):
            key = str(arguments[0].value)
            value = arguments[1] if len(arguments) > 1 else Literal(None, where)
            assignment = Assignment(self._canonical(key), key, value, arguments[0].origin, "conf", touch.certain)
            self.configuration.setdefault(key, assignment, touch.condition)
            self.writes.append(assignment)
        elif method == "add_defaults":
            if self.configuration.loaded and arguments:
                self._add_defaults(arguments[0], where)
        elif method in ("clear", "pop", "__setitem__", "__setattr__"):
            self._blur(f"app.conf.{method}() changes it", where)
        elif touch.condition is None and touch.certain and touch.scope.kind == "module":
            self.configuration.load()

    def _update_entries(self, argument: Value, where: Location) -> list[Entry]:
        if isinstance(argument, Instance) and isinstance(argument.type, External):
            return [Entry(Unknown("an object from outside", where), Unknown("", where), where)]
        entries = spread(argument, where)
        if any(argument is config for config in self.ev.flask_configs.values()):
            # ``conf.update(app.config)`` hands Celery everything that Flask has; only Celery's names are about Celery.
            return [entry for entry in entries if self._may_be_celerys(entry.key)]
        return entries

    def _may_be_celerys(self, key: Value) -> bool:
        if not isinstance(key, Literal) or not isinstance(key.value, str):
            return True
        return key.value.startswith("CELERY") or facts.canonical(key.value, self.declared.version) is not None

    def _write_entry(self, entry: Entry, condition: Value | None, place: str, *, certain: bool) -> None:
        if isinstance(entry.key, Literal) and isinstance(entry.key.value, str):
            key = entry.key.value
            assignment = Assignment(self._canonical(key), key, entry.value, entry.origin, place, certain)
            self.configuration.write(key, assignment, condition)
            self.writes.append(assignment)
        else:
            self._blur(
                entry.key.why if isinstance(entry.key, Unknown) else "a setting's name is not known", entry.origin
            )

    def _blur(self, why: str, where: Location) -> None:
        self.unread = self.unread or why
        self.configuration.blur(Unknown(why, where))


def touch_place(ev: Evaluator, touch: Touch) -> Location:
    """Where a touch stands."""
    return ev.location(touch.node, touch.scope)


def _merged(maps: list[SettingsMap], where: Location) -> SettingsMap:
    """One map for several that may be the one: each key has every outcome."""
    keys = {key for one in maps for key in one.keys}
    which = Unknown("which configuration is read", where)

    def read(key: str) -> Cell | None:
        cells = [one.get(key) for one in maps]
        values: list[Value] = [cell.value if cell is not None else Missing(where) for cell in cells]
        alternatives = [Alternative(value, which) for value in values[:-1]] + [Alternative(values[-1], None)]
        value = combine(alternatives, where)
        assignments = tuple(a for cell in cells if cell is not None for a in cell.assignments)
        return Cell(value, assignments) if value is not None else None

    doubt = next((one.doubt for one in maps if one.doubt is not None), None)
    return SettingsMap(keys, read, doubt)

"""Following what a project does to one app, step by step, the way it would run."""

from __future__ import annotations

from celery_backend_lint.evaluate.calls import read_arguments, spread
from celery_backend_lint.evaluate.values import Entry, Environment, Literal, Unknown
from celery_backend_lint.model.app import Assignment
from celery_backend_lint.model.apps.conf_arguments import PARAMETERS, is_none, is_setting, is_true, loader_of
from celery_backend_lint.model.apps.conf_uses import ConfUses
from celery_backend_lint.model.apps.configuration_sources import EMPTY, SettingsMap, merged, read_source
from celery_backend_lint.model.apps.loaders import no_source
from celery_backend_lint.model.apps.step import always
from celery_backend_lint.model.apps.unseen_apps import UNSEEN, changed
from celery_backend_lint.model.apps.ways import Followed, both, follow_ways
from celery_backend_lint.model.apps.written_variables import variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model.apps.creations import Creation
    from celery_backend_lint.model.apps.declared_celery import DeclaredCelery
    from celery_backend_lint.model.apps.step import Step
    from celery_backend_lint.model.apps.ways import Decisions
    from celery_backend_lint.syntax.python import Node

_FIRST_PARAMETERS = ("obj", "fun", "variable_name")
"""The first parameters of ``config_from_object``, ``add_defaults`` and ``config_from_envvar``."""


def follow_app(ev: Evaluator, creation: Creation, declared: DeclaredCelery, steps: list[Step]) -> Followed:
    """Follow an app's creation and everything that is done to it, in the order in which that happens."""
    return follow_ways(lambda decisions: AppReader(ev, creation, declared, decisions).read(steps))


class AppReader(ConfUses):
    """Reads one app on one way: keeps the state while its steps are followed."""

    def __init__(self, ev: Evaluator, creation: Creation, declared: DeclaredCelery, decisions: Decisions) -> None:
        super().__init__(ev, declared, decisions)
        self.creation = creation
        self._loader: Value | None = None
        self._handlers: dict[str, list[tuple[Step, ...]]] = {"on_configure": [], "on_after_configure": []}
        self._made = False

    def read(self, steps: list[Step]) -> Followed:
        """Follow the steps, in order, and load the configuration at last."""
        for step in steps:
            runs_here = step.scope.kind in ("module", "round") and step.scope.module is self.creation.scope.module
            self.now = step.node.start_byte if runs_here else None
            self._follow(step)
        self.now = None
        self.load()
        return Followed(self.configuration, self.declared, tuple(self.sources), tuple(self.writes), self.unread)

    def _follow(self, step: Step) -> None:
        parent = step.node.parent
        if step.attribute == "made":
            if not self._made:
                self._made = True
                self._construct(list(step.arguments), list(step.keywords))
        elif step.attribute == "namespace":
            self._set_namespace(step, parent)
        elif step.attribute == UNSEEN:
            for key in changed(self.ev, step, self.declared.version):
                doubt = Unknown("what may be this app is changed", self.place(step))
                self.write_entry(Entry(key, doubt, key.origin), None, "conf", certain=True, kept=False)
        elif step.attribute in self._handlers:
            self._handlers[step.attribute].append(step.inner)
        elif step.attribute == "cut":
            self.blur("too much is done to the apps to follow", self.place(step))
        elif step.attribute == "given":
            self.blur("app.conf is given to something that may change it", self.place(step))
        elif step.attribute != "conf":
            if parent is not None and parent.type == "call" and parent.child_by_field_name("function") == step.node:
                self._called(step, parent)
        else:
            self.use(step, parent)

    def load(self, *, at_once: bool = False) -> None:
        """The first read of ``app.conf``: its signals are sent before and after (``Celery._load_config``).

        Where ``config_from_object`` loads ``at_once``, there is no conf while ``on_configure`` is sent: a handler that
        asks for it ends in a RecursionError, which is only logged; the loading inside used up the pending defaults.
        """
        if self.configuration.loaded or self.configuration.loading:
            return
        handlers = self._handlers["on_configure"]
        asking = [inner for steps in handlers for inner in steps if at_once and inner.attribute == "conf"]
        if any(inner.certain and inner.condition is None for inner in asking):
            self.configuration.pending_defaults = []
        elif asking:
            self.configuration.pending_defaults = [one.uncertain() for one in self.configuration.pending_defaults]
        self.configuration.loading = True
        for steps in handlers if not at_once else ():
            self._handle(steps)
        self.configuration.loading = False
        if self.configuration.source is None or self.configuration.perhaps_no_source:
            self._read_loader()
        if (doubt := self.configuration.namespace_doubt) is not None:
            self.unread = self.unread or doubt.why
        self.configuration.load()
        for steps in self._handlers["on_after_configure"]:
            self._handle(steps)

    def _handle(self, steps: tuple[Step, ...]) -> None:
        """What the handler of a signal does; where it raises, that is logged (celery.utils.dispatch.signal)."""
        outer = self.in_handler, self.no_error
        self.in_handler, self.no_error = True, None
        for step in steps:
            self._follow(step)
        self.in_handler, self.no_error = outer

    def _read_loader(self) -> None:
        """What is read where no configuration object is named, or perhaps none: by CELERY_CONFIG_MODULE, by the default
        loader.
        """
        found = no_source(self.ev, self.creation, self._loader, self.now)
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
                self.blur(entry.key.why, entry.origin)
        # The other arguments are written into ``changes`` and beat it (Celery.__init__).
        changes = given.get("changes")
        if changes is not None and not is_none(changes):
            for entry in spread(changes, self.creation.location):
                self.write_entry(entry, None, "constructor", certain=True)
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
        assignment = Assignment(self.canonical(key), written, value, place, "constructor")
        self.configuration.construct(key, assignment)
        self.writes.append(assignment)

    # The namespace ---------------------------------------------------------------------------------------------------

    def _set_namespace(self, step: Step, parent: Node | None) -> None:
        """``app.namespace = …``: it counts when the configuration is loaded, for the first time or again."""
        if parent is None or parent.type != "assignment" or parent.child_by_field_name("left") != step.node:
            return
        right: Node | None = parent
        while right is not None and right.type == "assignment":
            right = right.child_by_field_name("right")
        value = self.ev.value(right, step.scope) if right is not None else None
        if value is None:
            return
        if not step.certain:
            self._name_doubted("whether a namespace is set", self.place(step))
        elif step.condition is None or self.decide(step.condition, self.place(step)):
            self._name(value, self.place(step))

    def _name(self, value: Value, where: Location) -> None:
        if isinstance(value, Literal) and (value.value is None or isinstance(value.value, str)):
            self.configuration.namespace, self.configuration.namespace_doubt = value.value or "", None
        else:
            self._name_doubted("the namespace is not known", where)

    def _name_doubted(self, why: str, where: Location) -> None:
        self.configuration.namespace_doubt = Unknown(why, where)

    # Configuration objects -------------------------------------------------------------------------------------------

    def _called(self, step: Step, call: Node) -> None:
        arguments, keywords = read_arguments(self.ev, call, step.scope)
        where = self.ev.location(call, step.scope)
        named = {str(e.key.value): e.value for e in keywords if isinstance(e.key, Literal)}
        if step.attribute == "config_from_cmdline":
            self.blur("config_from_cmdline() takes what is typed", where)
            return
        if step.attribute == "add_periodic_task":
            unknown = Unknown("periodic tasks are added to it", where)
            key = Literal("beat_schedule", where)
            self.write_entry(Entry(key, unknown, where), None, "conf", certain=False, kept=False)
            return
        given = arguments or [named[name] for name in _FIRST_PARAMETERS if name in named]
        if given and step.attribute == "add_defaults":
            self.add_defaults(given[0], where, step)
        elif given:
            self._configured(step, given[0], arguments, named, where)

    def _configured(
        self, step: Step, first: Value, arguments: list[Value], named: dict[str, Value], where: Location
    ) -> None:
        """``config_from_object(first, …)``, ``config_from_envvar(first, …)``."""
        positions = ("silent", "force") if step.attribute == "config_from_envvar" else ("silent", "force", "namespace")
        options = {**dict(zip(positions, arguments[1:], strict=False)), **named}
        namespace, force = options.get("namespace"), is_true(options.get("force"))
        is_named = namespace is not None and not is_none(namespace)
        if step.certain and step.condition is not None and (force or is_named or self.configuration.loaded):
            if not self.decide(step.condition, where):
                return
            step = always(step)
        if step.attribute == "config_from_envvar":
            name = str(first.value) if isinstance(first, Literal) else ""
            written = variable(self.ev, name, step.scope, self.now) if name else None
            if written is None and name and is_true(options.get("silent")):
                unset = Environment((name,), Literal(None, where), "str", "os.environ", where)
                self._source(unset, where, None, step, unset)  # where it is not set nothing is read
                return
            why = f"the environment variable {name or 'of a name that is not known'} names it"
            first = written or Unknown(why, where)
        self._source(first, where, namespace, step)
        if force:
            self.load(at_once=True)

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
        elif step is not None and (condition := both(step.condition, when)) is not None:
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
            self.load(at_once=True)

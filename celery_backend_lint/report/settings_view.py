"""An app's settings in words, for people: what the text and the html page of ``config`` share.

Every text here is masked. What it still needs is the format's own escaping.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.values import (
    Choice,
    Environment,
    Literal,
    Missing,
    Operation,
    Text,
    Unknown,
)
from celery_backend_lint.findings.masking import MASK, is_secret_name, mask
from celery_backend_lint.model import facts
from celery_backend_lint.model.backend_kind import DISABLED, UNKNOWN
from celery_backend_lint.model.backend_values import dotted
from celery_backend_lint.model.held import variables
from celery_backend_lint.record import record
from celery_backend_lint.report.show import show
from celery_backend_lint.report.value_words import (
    Outcome,
    default_in_words,
    holds,
    outcomes,
    parts_but_conditions,
    shortened,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model.app import App, Assignment, ResultBackend, Setting
    from celery_backend_lint.model.data import Version
    from celery_backend_lint.model.variable_evidence import VariableEvidence

PLACES = {
    "constructor": "an argument of Celery()",
    "conf": "written to app.conf",
    "defaults": "app.conf.add_defaults",
    "module": "the configuration module",
    "django": "Django's settings",
    "class": "the configuration class",
    "mapping": "the configuration mapping",
    "environment": "a variable that Celery reads, set by the code",
}
"""``Assignment.place`` in words."""

KINDS = {
    "redis": "Redis",
    "rediss": "Redis over TLS",
    "sentinel": "Redis through Sentinel",
    "database": "a database through SQLAlchemy",
    "rpc": "RPC: replies over the broker",
    "django-db": "Django's database, by django-celery-results",
    "django-cache": "Django's cache, by django-celery-results",
    "cache": "a cache",
    "mongodb": "MongoDB",
    "file": "files",
    DISABLED: "none (Celery discards every result)",
    UNKNOWN: "unknown",
}
"""Kinds of result backends in words; Celery's alias for all others."""

GROUPS = ("Results", "Broker", "Tasks", "Workers", "Beat", "Other")
"""The groups that settings are shown in, in order."""


@record
class Place:
    """A place that gives a setting a value, or would: where, what it is in words, the name there if it is another."""

    location: Location
    words: str
    written: str
    value: str
    certain: bool


@record
class SaidOf:
    """What a file of the repository says that a variable holds; ``strong`` where a process gets this."""

    variable: str
    value: str
    location: Location
    strong: bool


@record
class SettingView:
    """A setting: its outcomes, the places that they come from, and those that Celery passes over.

    ``said`` is what the repository says that the variables in its value hold.
    ``same_as`` names the setting that this one takes its value from while it is not set itself (broker_read_url).
    """

    name: str
    group: str
    outcomes: tuple[Outcome, ...]
    from_places: tuple[Place, ...]
    beaten: tuple[Place, ...]
    certain: bool = True
    same_as: str = ""
    said: tuple[SaidOf, ...] = ()

    @property
    def beaten_by(self) -> str:
        """What to say of the places without a say: that others win, or that Celery does not look at them."""
        return "overridden" if self.from_places else "without effect"

    @property
    def doubt(self) -> str:
        """Why it is not certain that this holds, in words; "" where it is."""
        if self.certain:
            return ""
        if all(one.certain for one in self.from_places) and self.from_places:
            return "whether it counts hangs on what else is set"
        return "in a function that nothing was seen to call"

    @property
    def unknown(self) -> tuple[str, ...]:
        """Why outcomes are not known, each reason once."""
        return tuple(dict.fromkeys(one.why_unknown for one in self.outcomes if one.why_unknown))


@record
class AppView:
    """An app: ``release`` and ``backend`` in words, ``backend_place`` where its value stands, the others' outcomes.

    ``refused`` says that Celery raises instead of reading the configuration, ``unread`` that more may be set.
    ``defaults`` are settings that its result backend reads and nothing sets, with Celery's value.
    """

    name: str
    location: Location
    namespace: str
    declared: str
    release: str
    backend: str
    backend_from: str
    backend_place: Location | None
    alternatives: tuple[str, ...]
    refused: str
    unread: str
    settings: tuple[SettingView, ...]
    defaults: tuple[tuple[str, str], ...]

    @property
    def unknown(self) -> tuple[tuple[str, str], ...]:
        """The settings that are not known, in whole or in part, each with a reason."""
        return tuple((one.name, why) for one in self.settings if not one.same_as for why in one.unknown[:1])


def view(app: App, evidence: VariableEvidence | None = None) -> AppView:
    """What there is to say of an app, ``evidence`` being what the repository says of variables."""
    backend = app.result_backend
    return AppView(
        mask(app.name) or "app without a name",
        app.location,
        app.namespace,
        f"Celery {app.celery}" if app.celery else "no version of Celery",
        release_in_words(app),
        backend_in_words(app),
        _source_in_words(backend),
        backend.location,
        tuple(f"{KINDS.get(one.kind, one.kind)} {holds(mask(one.when))}" for one in backend.alternatives),
        _refused(app),
        "" if app.mixing else mask(app.unread),
        tuple(setting_view(app, setting, evidence) for setting in in_order(app.settings, app.declared.version)),
        tuple(defaults(app)),
    )


def _refused(app: App) -> str:
    if not app.mixing:
        return ""
    names = ", ".join(f"{mask(assignment.written)} must be {wanted}" for assignment, wanted in app.mixing[:5])
    more = len(app.mixing) - 5
    return f"Celery refuses this mix of old and new names: {names}{f' and {more} more' if more > 0 else ''}"


def in_order(settings: Mapping[str, Setting], version: Version) -> list[Setting]:
    """Settings by group, ``result_backend`` first, then by name."""
    return sorted(
        settings.values(),
        key=lambda one: (GROUPS.index(group_of(one.name, version)), one.name != "result_backend", one.name),
    )


def group_of(name: str, version: Version) -> str:
    """The group that a setting is shown in."""
    if name.startswith("result_") or name == "accept_content" or facts.is_backend_setting(name, version):
        return "Results"
    return {"broker": "Broker", "task": "Tasks", "worker": "Workers", "beat": "Beat"}.get(
        name.partition("_")[0], "Other"
    )


def setting_view(app: App, setting: Setting, evidence: VariableEvidence | None = None) -> SettingView:
    """A setting in words, with the places that have a say apart from those that have none."""
    version = app.declared.version
    value = in_force(app, setting)
    has_a_say = {id_of(part) for part in parts_but_conditions(value)}
    gives: list[Place] = []
    beaten: list[Place] = []
    if value is not setting.value:
        variable, shown = app.result_backend.variable or "", shortened(show(value, setting.name))
        gives.append(Place(value.origin, "an env file that the code loads", variable, shown, certain=True))
    for rank, assignment in enumerate(setting.assignments):
        says = any(id_of(part) in has_a_say for part in parts_but_conditions(assignment.value))
        says = says or (rank == 0 and value is setting.value and not isinstance(value, Missing))
        (gives if says else beaten).append(place_view(assignment))
    same_as = ""
    if not setting.assignments and setting.name in ("broker_read_url", "broker_write_url"):
        same_as = "broker_url"
    return SettingView(
        setting.name,
        group_of(setting.name, version),
        outcomes(value, setting.name, version),
        tuple(gives),
        tuple(beaten),
        setting.certain or value is not setting.value,
        same_as,
        tuple(said_of(app, setting, evidence)),
    )


def in_force(app: App, setting: Setting) -> Value:
    """The value that Celery uses: for the result backend what a loaded env file gives to Celery's own variable."""
    given = app.given_backend if setting.name == "result_backend" else None
    return Literal(given.value, given.location) if given is not None else setting.value


def said_of(app: App, setting: Setting, evidence: VariableEvidence | None) -> Iterator[SaidOf]:
    """The best that the repository says of each variable in a setting's value; nothing where it says none."""
    value = in_force(app, setting)
    for read in {read.variables: read for read in variables(value)}.values() if evidence is not None else ():
        said = evidence.best(read, app.path) if evidence is not None else None
        if said is not None:
            secret = is_secret_name(setting.name) or is_secret_name(said.variable)
            secret = secret or _hides(value, read, said.value)
            yield SaidOf(said.variable, MASK if secret else shortened(mask(said.value)), said.location, said.strong)


def _hides(value: Value, read: Environment, held: str) -> bool:
    """Whether ``held`` is a credential, or a part of one, in the place of a variable in a value."""
    if isinstance(value, Choice):
        return any(_hides(one.value, read, held) for one in value.alternatives)
    if isinstance(value, Operation):
        return any(_hides(one, read, held) for one in value.operands)
    if isinstance(value, Environment) and value.default is not None:
        return _hides(value.default, read, held)
    if not isinstance(value, Text) or all(one.variables != read.variables for one in variables(value)):
        return False
    parts = tuple(
        Literal(held, part.origin) if isinstance(part, Environment) and part.variables == read.variables else part
        for part in value.parts
    )
    filled = Text(parts, value.origin)
    return any(one.variables == read.variables for one in variables(filled)) or held not in show(filled)


def id_of(value: Value) -> tuple[str, Location]:
    """What tells a value from the others of a project: its type and its place."""
    return type(value).__name__, value.origin


def place_view(assignment: Assignment) -> Place:
    """A place in words."""
    written = "" if assignment.written == assignment.setting else assignment.written
    words = PLACES.get(assignment.place, assignment.place)
    return Place(
        assignment.location,
        words,
        mask(written),
        shortened(show(assignment.value, assignment.setting)),
        assignment.certain,
    )


def release_in_words(app: App) -> str:
    """The release that an app is read for, and why that one."""
    declared = app.declared
    version = f"Celery {dotted(declared.version)}"
    if declared.locked:
        return f"{version}, which is locked"
    if not declared.text:
        return f"{version}, the newest (the project declares none)"
    if declared.oldest == declared.version:
        return f"{version}, the only one that {declared.text} admits"
    return f"{version}, the newest that {declared.text} admits; {dotted(declared.oldest)} is the oldest"


def backend_in_words(app: App) -> str:
    """What the result backend is: its kind, and the value as far as it may be shown; why where it is not known."""
    backend = app.result_backend
    if backend.kind == DISABLED and backend.location is None:
        return "none is set: Celery discards every result"
    words = KINDS.get(backend.kind, backend.kind)
    if backend.unresolved:
        setting = app.settings.get("result_backend")
        parts = parts_but_conditions(setting.value) if setting is not None else ()
        why = next((part.why for part in parts if isinstance(part, Unknown)), app.unread)
        return f"{words} ({mask(why)})" if why else words
    return f"{words} ({mask(backend.value)})" if backend.value else words


def _source_in_words(backend: ResultBackend) -> str:
    """What the value of the result backend hangs on, "" where it stands in the code."""
    if backend.variable and backend.source == "environment":
        return f"from the variable {backend.variable}"
    if backend.variable and backend.source == "default":
        return f"the default of the variable {backend.variable}"
    return ""


def defaults(app: App) -> Iterator[tuple[str, str]]:
    """The settings that the app's result backend reads and nothing sets, with Celery's default in words, by name."""
    version = app.declared.version
    kind = app.result_backend.kind
    found = facts.backend(kind, version)
    if found is None or kind == DISABLED:
        return
    for name in sorted(found.settings):
        words = default_in_words(name, version)
        if name not in app.settings and words and facts.setting_releases(name):
            yield name, words

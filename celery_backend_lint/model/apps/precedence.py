"""How Celery looks a setting up: the maps of ``app.conf`` and the order in which they and the names are tried.

Read in celery.app.base (``_load_config``, ``config_from_object``), celery.app.utils (``detect_settings``, ``Settings``)
and celery.utils.collections (``ConfigurationView``) of 4.4 to 5.7, and checked against all of them by the oracle.
The maps, highest first: ``changes`` (constructor and writes to conf), ``add_defaults``, the configuration object,
Celery's defaults. Up to 5.6 every *name* is tried in all maps before the next name; from 5.7 every *map* is tried
with all names before the next map.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.alternatives import MOST_OUTCOMES, filled, may_be_missing
from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Environment,
    Literal,
    Missing,
    Operation,
    Unknown,
    has_more_outcomes,
)
from celery_backend_lint.model import facts
from celery_backend_lint.model.app import Assignment, Setting
from celery_backend_lint.model.apps.changes import Changes
from celery_backend_lint.model.apps.configuration_sources import EMPTY, Cell, SettingsMap
from celery_backend_lint.model.apps.fallbacks import (
    ASKED_WHETHER_TRUE,
    FALLBACKS,
    SETTINGS_OF_THEIR_OWN,
    may_be_false,
    may_be_none,
    may_be_unset,
    where_false,
    where_unset,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model.data import Version

MAPS_BEFORE_NAMES = (5, 7, 0)
"""The release that tries every name in a map before the next map (celery.utils.collections, 5.7.0)."""


ONLY_NONE_SETS_NOTHING = (5, 2, 0)
"""The release from which a constructor argument that is false, but not None, sets something (``Celery.__autoset``)."""

UPPER_TIME_ZONE = (5, 3, 0)
"""The release from which ``conf.timezone`` falls back on ``TIME_ZONE``; before it was ``time_zone`` (app.utils)."""


def is_new_name(name: str, version: Version) -> bool:
    """Whether ``celery.app.defaults`` of this release lists a setting under that new-style name (``SETTING_KEYS``)."""
    found = facts.setting(name, version)
    return found is not None and found.listed


def old_name(name: str, version: Version) -> str | None:
    """The old name of a new-style one (``_TO_OLD_KEY``); None where there is none."""
    found = facts.setting(name, version)
    return found.old_names[0] if found is not None and found.old_names else None


def new_name(name: str, version: Version) -> str | None:
    """The new-style name of an old one (``_TO_NEW_KEY``); None for a name that is not old."""
    return facts.canonical(name, version) if facts.is_old_name(name, version) else None


class Configuration:
    """The state of an app's configuration while the project's statements are followed in order."""

    __slots__ = (
        "automatic", "changes", "copied", "defaults", "loaded", "loading", "mixing", "namespace", "namespace_doubt",
        "old_style", "pending_defaults", "perhaps_automatic", "perhaps_mixing", "perhaps_no_source", "preconf",
        "prefix", "source", "uncertain_style", "version",
    )  # fmt: skip

    def __init__(self, version: Version) -> None:
        self.version = version
        self.namespace = ""
        self.prefix = ""
        self.preconf = Changes()
        self.automatic: set[str] = set()
        self.perhaps_automatic: set[str] = set()
        self.perhaps_no_source = False
        self.changes = Changes()
        self.copied = EMPTY
        self.pending_defaults: list[SettingsMap] = []
        self.defaults: list[SettingsMap] = []
        self.source: SettingsMap | None = None
        self.loaded = False
        self.loading = False  # while the handlers of ``on_configure`` run
        self.namespace_doubt: Unknown | None = None
        self.old_style = False
        self.uncertain_style = False
        self.mixing: tuple[tuple[str, str], ...] = ()
        self.perhaps_mixing: tuple[tuple[str, str], ...] = ()

    def construct(self, key: str, assignment: Assignment) -> None:
        """A constructor argument: ``None`` sets nothing, before 5.2 no false value does (``Celery.__autoset``)."""
        counts = _counts(assignment.value, self.version)
        if isinstance(counts, Literal):
            return
        self.preconf.write(key, assignment, counts)
        if counts is None:
            self.automatic.add(key)
        else:
            self.perhaps_automatic.add(key)

    def write(self, key: str, assignment: Assignment, condition: Value | None = None) -> None:
        """A write to ``app.conf``."""
        (self.changes if self.loaded else self.preconf).write(key, assignment, condition)

    def setdefault(self, key: str, assignment: Assignment, condition: Value | None = None) -> None:
        """``conf.setdefault``: before loading only pending writes count, after it every map and Celery's defaults."""
        names = set(self.names_of(key))
        if self.version < MAPS_BEFORE_NAMES:  # where ``in`` did not look at a setting's other name
            names -= {old_name(key, self.version), new_name(key, self.version)}
        written = self.changes if self.loaded else self.preconf
        if any(name in written.cells for name in names - {key}):
            return
        if self.loaded:
            maps = [*self.defaults, *([self.source] if self.source is not None else [])]
            is_default = facts.is_old_name if self.old_style else is_new_name
            if any(is_default(name, self.version) or any(name in one.keys for one in maps) for name in names):
                return
        before = written.cells.get(key)
        if before is None:
            written.write(key, assignment, condition)
        elif may_be_missing(before.value):
            # An earlier write under a condition: where it did not happen this one does.
            written.write(key, assignment, Unknown("whether a default is needed", assignment.location))

    def delete(self, key: str, where: Location, condition: Value | None = None) -> None:
        """``del conf[key]`` and ``conf.pop(key)``, which load the configuration: take away what was written to conf."""
        if self.loaded:
            self.changes.delete(key, where, condition)

    def clear(self, where: Location, condition: Value | None = None) -> None:
        """``conf.clear()``: takes away what was written to conf, by the constructor too."""
        written = self.changes if self.loaded else self.preconf
        for key in list(written.cells):
            written.delete(key, where, condition)

    def blur(self, doubt: Unknown, when: Value | None = None) -> None:
        """A write to ``app.conf`` of settings that are not known, always or under a condition."""
        (self.changes if self.loaded else self.preconf).blur(doubt, when)

    def add_defaults(self, defaults: SettingsMap) -> None:
        """``app.add_defaults``: the last added is the first tried."""
        if self.loaded:
            self.defaults.insert(0, defaults)
        else:
            self.pending_defaults.insert(0, defaults)

    def set_source(self, source: SettingsMap, namespace: str | None) -> None:
        """``config_from_object``: replaces what was read before, and what was written after loading."""
        self.source = source
        self.namespace = namespace or self.namespace
        if self.loaded:
            self.loaded = False
            self.defaults = []

    def load(self) -> None:
        """The first read of ``app.conf`` (``_load_config``)."""
        if self.loaded:
            return
        self.loaded = True
        self.prefix = self.namespace  # ``app.namespace = …`` from here on changes nothing
        if self.namespace_doubt is not None:
            self._doubt_names(self.namespace_doubt)
        self.old_style, self.mixing = self._detect()
        self.changes = Changes()
        self.changes.doubt, self.changes.doubt_when = self.preconf.doubt, self.preconf.doubt_when
        for key, later in self.preconf.cells.items():
            name, cell = self._converted(key), later
            earlier = self.changes.cells.get(name)
            if earlier is not None:
                open_ended = may_be_missing(later.value)
                value = filled(later.value, earlier.value) if open_ended else later.value
                certain = later.certain and (earlier.certain or not open_ended)
                cell = Cell(value, (*later.assignments, *earlier.assignments), certain)
            if self.uncertain_style:  # under which of its names it is kept, and so what it beats, is not known
                cell = Cell(cell.value, cell.assignments, certain=False)
            self.changes.cells[name] = cell
        if self.version < MAPS_BEFORE_NAMES:
            # ``detect_settings`` puts what was written so far among Celery's defaults too: there it outlives ``del``.
            self.copied = SettingsMap(set(self.changes.cells), dict(self.changes.cells).get)
        self.defaults = [*self.pending_defaults, *self.defaults]
        self.pending_defaults = []

    def _doubt_names(self, doubt: Unknown) -> None:
        """Under a namespace that is not known any name with a setting's at its end may be read, and no old name for
        certain; a new name is what is read where there is no such name.
        """
        source = self.source or EMPTY
        folded = [key.lower() for key in source.keys]
        open_names = set()
        for key in source.keys:
            name = new_name(key, self.version) or key.lower()
            endings = [name[start:] for start in range(len(name)) if start == 0 or name[start - 1] == "_"]
            for ending in endings:
                named = [one for one in folded if one == ending or one.endswith(f"_{ending}")]
                if is_new_name(ending, self.version) and (ending not in source.keys or len(named) > 1):
                    open_names.add(ending)

        def read(key: str) -> Cell | None:
            found = source.get(key)
            if key not in open_names:
                return found
            other = found.value if found is not None else Missing(doubt.origin)
            value = Choice((Alternative(doubt, doubt), Alternative(other, None)), doubt.origin)
            return Cell(value, found.assignments if found is not None else (), certain=False)

        self.source = SettingsMap(source.keys | open_names, read, source.doubt, source.doubt_when)
        for key in open_names & self.preconf.cells.keys():
            cell = self.preconf.cells[key]
            value = Choice((Alternative(doubt, doubt), Alternative(cell.value, None)), doubt.origin)
            self.preconf.cells[key] = Cell(value, cell.assignments, certain=False)

    def _converted(self, key: str) -> str:
        if self.old_style:
            return old_name(key, self.version) or key
        return new_name(key, self.version) or key

    def _detect(self) -> tuple[bool, tuple[tuple[str, str], ...]]:
        """``detect_settings``: whether old names are the style, and which names it refuses (name, what it must be).

        ``uncertain_style`` says that this hangs on names that are set under conditions: then nothing is refused.
        """
        if self.namespace:
            return False, ()
        # What constructor arguments set does not count, wherever it is set again (``ignore_keys``).
        if self.source is not None:
            names = {key for key in self.source.keys if self._is_known(key)} - self.automatic
            cells = {key: self.source.get(key) for key in names}
        else:
            cells = {key: cell for key, cell in self.preconf.cells.items() if self._may_count(key, cell)}
        held = {key: cell for key, cell in cells.items() if cell is not None and not isinstance(cell.value, Missing)}
        certain = {key for key, cell in held.items() if cell.certain and not may_be_missing(cell.value)}
        certain -= self.perhaps_automatic
        found = self._style_of(set(held))
        if self.perhaps_no_source:
            written = {key: cell for key, cell in self.preconf.cells.items() if self._may_count(key, cell)}
            sure = {key for key, cell in written.items() if cell.certain and not may_be_missing(cell.value)}
            if any(self._style_of(keys) != found for keys in (set(written), sure)):
                self.uncertain_style = True
                return found[0], ()
        if found[1] and self.source is None and self.preconf.doubt is not None:
            self.uncertain_style = True  # what was written besides may have the names that are wanted
            return found[0], ()
        if certain != set(held) and self._style_of(certain) != found:
            self.uncertain_style = True
            self.perhaps_mixing = self._refused_where_set(set(held), certain)
            return found[0], ()
        return found

    def _may_count(self, key: str, cell: Cell) -> bool:
        """Whether a name that was written before loading may be looked at: an argument that perhaps sets nothing,
        ``backend=os.environ["…"]``, counts in neither case; what is written to it afterwards does in one.
        """
        if key in self.perhaps_automatic and all(one.place == "constructor" for one in cell.assignments):
            return False
        return key not in self.automatic

    def _refused_where_set(self, held: set[str], certain: set[str]) -> tuple[tuple[str, str], ...]:
        """The names that are set under conditions and are refused wherever they are set, each beside a certain one of
        the other style, where neither has its other name anywhere.
        """
        if self.perhaps_no_source or (self.source or self.preconf).doubt is not None:
            return ()
        others = {
            key: new_name(key, self.version) or old_name(key, self.version) for key in held if self._is_known(key)
        }
        alone = {key for key, other in others.items() if other not in held} - self.perhaps_automatic
        old = {key for key in alone if facts.is_old_name(key, self.version)}
        found = [key for key in alone - certain if certain & (alone - old if key in old else old)]
        return tuple((key, others[key] or key) for key in sorted(found))

    def _is_known(self, key: str) -> bool:
        return is_new_name(key, self.version) or facts.is_old_name(key, self.version)

    def _style_of(self, keys: set[str]) -> tuple[bool, tuple[tuple[str, str], ...]]:
        new = {key for key in keys if is_new_name(key, self.version)}
        old = {key for key in keys if facts.is_old_name(key, self.version)}
        old_style = bool(old) and len(old) > len(new)
        left = new if old_style else old
        convert = old_name if old_style else new_name
        refused = sorted(key for key in left if convert(key, self.version) not in keys) if new and old else []
        return old_style, tuple((key, convert(key, self.version) or key) for key in refused)

    def names_of(self, setting: str) -> tuple[str, ...]:
        """The names that a setting is looked up by, in order."""
        old = old_name(setting, self.version)
        names = [setting]
        namespace = self.prefix if self.loaded else self.namespace
        if namespace:
            prefix = namespace.rstrip("_") + "_"
            prefixed = setting if setting.startswith(prefix) else prefix + setting
            names.insert(0, prefixed.upper() if prefix.isupper() else prefixed.lower())
        new = new_name(setting, self.version)
        return tuple(dict.fromkeys([*names, *([new] if new else []), *([old] if old else [])]))

    def lookup(self, setting: str, where: Location) -> tuple[Value, tuple[Assignment, ...], bool]:
        """What ``app.conf[setting]`` comes to: the value (Missing: Celery's default), all assignments, whether
        certain.
        """
        self.load()
        maps = [self.changes.as_map(), *self.defaults, self.source or EMPTY, self.copied]
        cells: list[Cell] = []
        names = self.names_of(setting)
        default_key = self._converted(setting) if is_new_name(setting, self.version) else None
        if self.version >= MAPS_BEFORE_NAMES:
            order = [(name, one) for one in maps for name in names]
        else:
            order = []
            for name in names:
                order += [(name, one) for one in maps]
                if name == default_key:
                    break
        for name, one in order:
            cell = one.get(name)
            if cell is not None and not any(cell is other for other in cells):
                cells.append(cell)
        value, certain = _first(cells, where)
        assignments = [a for cell in cells for a in cell.assignments]
        for one in maps:
            for name in names:
                cell = one.get(name)
                if cell is not None and not any(cell is other for other in cells):
                    assignments.extend(cell.assignments)
        return value, tuple(_renamed(a, setting) for a in dict.fromkeys(assignments)), certain

    def setting(self, name: str, where: Location) -> Setting:
        """A setting by its new-style name, as the attribute of ``app.conf`` has it (the properties of ``Settings``).

        One that may be more than rules can go through is unknown.
        """
        found = self._attribute(name, where)
        if isinstance(found.value, Choice) and has_more_outcomes(found.value, MOST_OUTCOMES):
            value = Unknown("too many alternatives", found.value.origin)
            return Setting(name, value, found.assignments, found.certain)
        return found

    def _attribute(self, name: str, where: Location) -> Setting:
        value, assignments, certain = self.lookup(name, where)
        other = FALLBACKS.get(name)
        if name == "timezone" and self.version < UPPER_TIME_ZONE:
            other = "time_zone"
        by_truth = name in ASKED_WHETHER_TRUE
        if other is None or not (may_be_false(value) if by_truth else may_be_unset(value)):
            return Setting(name, value, assignments, certain)
        instead = self.setting(other, where)
        if by_truth:
            value, certain = where_false(value, instead.value), certain and instead.certain
        elif not isinstance(instead.value, Missing):
            value, certain = where_unset(value, instead.value), certain and instead.certain
        if other not in SETTINGS_OF_THEIR_OWN:
            more = (_renamed(assignment, name) for assignment in instead.assignments)
            assignments = tuple(dict.fromkeys([*assignments, *more]))
        return Setting(name, value, assignments, certain)


def _renamed(assignment: Assignment, setting: str) -> Assignment:
    if assignment.setting == setting:
        return assignment
    one = assignment
    return Assignment(setting, one.written, one.value, one.location, one.place, one.certain, one.handed_over_in)


def _first(cells: Iterable[Cell], where: Location) -> tuple[Value, bool]:
    value: Value = Missing(where)
    certain = True
    for cell in cells:
        certain = certain and cell.certain
        value = filled(value, cell.value)
        if not may_be_missing(value):
            break
    return value, certain


def _counts(value: Value, version: Version) -> Value | None:
    """The condition under which a constructor argument counts: None for always, ``Literal(False)`` for never."""
    if isinstance(value, Literal):
        sets = value.value is not None if version >= ONLY_NONE_SETS_NOTHING else bool(value.value)
        return None if sets else Literal(False, value.origin)
    if version < ONLY_NONE_SETS_NOTHING:
        value = filled(value, Literal(None, value.origin))
        return value if isinstance(value, (Choice, Environment, Unknown)) else None
    if not may_be_none(value):
        return None
    value = filled(value, Literal(None, value.origin))
    return Operation("is not", (value, Literal(None, value.origin)), value.origin)

"""What Celery sees of a project: its apps, their settings, and where each comes from."""

from __future__ import annotations

from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model.apps.declared_celery import DeclaredCelery
    from celery_backend_lint.model.env_files import EnvValue


@record
class Assignment:
    """One place that gives a setting a value, whether it wins or not.

    ``setting`` is the new-style name, ``written`` the name as it stands there. ``location`` is the name's place,
    ``value.origin`` the value's. ``place`` says what it is written in: ``constructor``, ``conf`` (a write to
    ``app.conf``), ``defaults`` (``add_defaults``), ``environment`` (a variable of Celery's own that the code sets),
    ``module``, ``django``, ``class``, ``mapping``. ``certain`` is False where nothing is seen to run it with the app.
    ``path`` of a module is the file of the configuration. ``handed_over_in`` is the file that gives what stands in
    another one to ``conf.update``, "" for none.
    """

    setting: str
    written: str
    value: Value
    location: Location
    place: str
    certain: bool = True
    handed_over_in: str = ""

    def __hash__(self) -> int:
        return hash((self.written, self.location))


@record
class Setting:
    """A setting of an app: its effective value and every assignment, those that win first.

    ``value`` keeps every outcome; a ``Missing`` in it stands for Celery's default. ``certain`` is False where a
    function that nothing is seen to call has a say.
    """

    name: str
    value: Value
    assignments: tuple[Assignment, ...]
    certain: bool = True


@record
class ConfigurationName:
    """A public name of a configuration object: as written, with every place that binds it."""

    name: str
    locations: tuple[Location, ...]


@record
class ConfigurationSource:
    """An object that ``config_from_object`` (or the default loader) reads.

    ``kind``: ``module``, ``django``, ``class``, ``instance``, ``mapping``. ``location`` is the call that names it,
    ``path`` the file it stands in. ``names`` are all its public names, known settings or not. ``why_unknown`` is set
    when the object cannot be read, or not whole. ``only_celery`` says that nothing else is meant to be in it.
    """

    kind: str
    location: Location
    path: str
    names: tuple[ConfigurationName, ...]
    why_unknown: str = ""
    only_celery: bool = True


@record
class BackendAlternative:
    """Another outcome of the result backend, and when it holds, in words."""

    kind: str
    when: str


@record
class ResultBackend:
    """The result backend of an app, as the JSON report has it (DESIGN, "JSON"). ``value`` is masked."""

    kind: str
    value: str | None
    source: str
    variable: str | None
    location: Location | None
    alternatives: tuple[BackendAlternative, ...] = ()

    @property
    def unresolved(self) -> bool:
        """Whether reading stopped before it was known. What a variable alone decides, or a typo, is not meant."""
        return self.kind == self.source == "unknown"


@record
class App:
    """A Celery app.

    ``location`` is the call that creates it. ``celery`` is the declared range as text, ``version`` the release that
    its facts are decided for (see ``declared_celery``). ``settings`` holds what the project sets, by new-style name.
    ``unread`` says why more settings may be set than could be read, ``""`` when nothing is hidden. ``in_tests`` is
    True for apps of test code. ``mixing`` is what ``detect_settings`` would refuse: (written name, name it must have).
    ``perhaps_mixing`` is what it refuses wherever it is set, which hangs on a condition or on what is called.
    ``unread_when`` is the condition under which ``unread`` holds, None for always.
    ``sets_variables`` are those of Celery's own variables that the app's module gives a value, whatever they had.
    ``given_backend`` is what a tracked env file that the code loads says of Celery's own variable for the result
    backend: then no value of the setting is used. None elsewhere.
    ``old_style`` says that names from before Celery 4 are in force: a new one beside them would be refused.
    ``entry`` is the file that a worker starts with where that is not the app's own: importing it configures the app.
    """

    name: str
    location: Location
    namespace: str
    declared: DeclaredCelery
    settings: Mapping[str, Setting]
    sources: tuple[ConfigurationSource, ...]
    result_backend: ResultBackend
    unread: str = ""
    in_tests: bool = False
    mixing: tuple[tuple[Assignment, str], ...] = ()
    writes: tuple[Assignment, ...] = ()
    sets_variables: frozenset[str] = frozenset()
    unread_when: Value | None = None
    entry: str = ""
    given_backend: EnvValue | None = None
    old_style: bool = False
    perhaps_mixing: tuple[tuple[Assignment, str], ...] = ()

    def __hash__(self) -> int:
        return hash((self.name, self.location))

    @property
    def celery(self) -> str:
        """The declared Celery range as text, ``""`` when none is declared."""
        return self.declared.text

    @property
    def path(self) -> str:
        """The file that creates the app."""
        return self.location.path

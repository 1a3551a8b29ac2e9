"""What a deployed process finds in its environment, as far as the repository says, and which app it runs.

Order of a compose service (Compose Specification, "environment", "env_file"): ``environment`` beats ``env_file``, the
last file beats those before it, and all of them beat the image's ENV.
"""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.values import Environment, walk
from celery_backend_lint.location import Location
from celery_backend_lint.model.deployment.reading import RunningCommand, names_app
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.deployment.records import Service

_FOR_TESTS = r"(?i)(?:^|[/._-])(?:tests?|testing|ci|e2e|circleci|travis)(?=$|[/._-])"


@record
class Given:
    """A variable of a process: ``value`` is None where it is not wholly known; ``location`` is where it is set.

    ``form`` is the deployment format's, ``env file`` for what stands in one.
    """

    name: str
    value: str | None
    location: Location
    form: str

    def __repr__(self) -> str:
        """Leave out the value, which may be a secret."""
        return f"Given({self.name!r}, {self.location!r})"


@record
class ProcessEnvironment:
    """The variables of a service's process by name.

    ``complete`` is False where more may be given to it: by an env file that is not there, by a Secret.
    """

    service: Service
    given: dict[str, Given]
    complete: bool

    @property
    def known(self) -> dict[str, str]:
        """The variables whose values are known."""
        return {name: one.value for name, one in self.given.items() if one.value is not None}


def services_mentioning(model: Model, needles: Iterable[bytes]) -> Iterator[Service]:
    """The services, outside of tests and their pipelines, of files that hold one of ``needles``."""
    for service in model.deployment.mentioning(needles, pipelines=False):
        if not is_for_tests(service.path):
            yield service


def is_for_tests(path: str) -> bool:
    """Whether a deployment file is there for tests by its name: ``docker-compose.test.yml``, ``ci/compose.yml``."""
    return re.search(_FOR_TESTS, path) is not None


def apps_of(model: Model, service: Service) -> tuple[App, ...]:
    """The apps whose code the service's process may run: those that its commands name, else all that are not foreign.

    Empty for a server of somebody else's. Several where nothing says which.
    """
    near = tuple(app for app in model.checked_apps if model.evidence.reaches(service, app.path))
    named = [RunningCommand(command, service) for command in service.commands if command.app]
    if named and near:
        meant = tuple(app for app in near if any(names_app(one, app.path) for one in named))
        return meant or (near if len(model.checked_apps) == 1 else ())
    return near


def environment_of(model: Model, service: Service) -> ProcessEnvironment:
    """What the process of a service gets: of its image's Dockerfile, its env files, and itself."""
    given: dict[str, Given] = {}
    complete = not service.partial
    if service.dockerfile and service.dockerfile != service.path:
        for image in model.deployment.mentioning([b"ENV "]):
            if image.path == service.dockerfile:
                given.update({one.name: _given(one.name, one.value, one.location, one.form) for one in image.variables})
    files = {file.path: file for file in model.env_files.files}
    for use in service.env_files:
        file = files.get(use.path)
        if file is None:
            complete = False
            continue
        for entry in file.compose_entries:
            if entry.value is not None and not entry.commented:
                known = None if "$" in entry.value else entry.value
                given[entry.key] = _given(entry.key, known, Location(file.path, entry.value_span), "env file")
    for one in service.variables:
        given[one.name] = _given(one.name, one.value, one.location, one.form)
    return ProcessEnvironment(service, given, complete)


def is_given(model: Model, app: App, variable: str) -> bool:
    """Whether a deployment file gives a variable to a process that may run an app, known or not, but not empty."""
    return any(one.value != "" for one in given_to_some(model, app, variable))


def given_to_some(model: Model, app: App, variable: str) -> Iterator[Given]:
    """What the processes that may run an app are given of a variable, those left out that are not given it."""
    needles = [variable.encode()]
    if any(variable == entry.key for file in model.env_files.in_use for entry in file.compose_entries):
        needles.append(b"env_file")
    for service in services_mentioning(model, needles):
        given = environment_of(model, service).given.get(variable) if app in apps_of(model, service) else None
        if given is not None:
            yield given


def given_to_all(model: Model, app: App, variable: str, reads: Iterable[str]) -> tuple[Given, ...]:
    """What each process that may run an app is given of a variable; empty where one of them is not given it.

    ``reads`` are the variables that count without it: who sets one of them runs the app, too.
    """
    needles = [b"celery", variable.encode(), *(name.encode() for name in reads)]
    services = [one for one in services_mentioning(model, needles) if app in apps_of(model, one)]
    built = {one.dockerfile for one in services if one.dockerfile != one.path}
    found = [environment_of(model, one).given.get(variable) for one in services if one.path not in built]
    given = tuple(one for one in found if one is not None)
    return given if len(given) == len(found) else ()


def _given(name: str, value: str | None, location: Location, form: str) -> Given:
    return Given(name, value, location, form)


def reads_other_settings(model: Model, app: App, environment: ProcessEnvironment) -> bool:
    """Whether a process is told Django settings that are not, or may not be, those that the app was read with.

    Something that is not in the repository may name others, where others are there that set the broker or backend.
    """
    named = environment.given.get("DJANGO_SETTINGS_MODULE")
    if all(source.kind != "django" for source in app.sources):
        return False
    if named is None:
        return not environment.complete and _has_other_settings(model, app)
    module = (named.value or "").replace(".", "/")
    files = (f"{module}.py", f"{module}/__init__.py")
    return not module or not any(source.path.endswith(files) for source in app.sources if source.kind == "django")


def _has_other_settings(model: Model, app: App) -> bool:
    """Whether a module beside one of the app's Django settings sets the broker or backend as well."""
    from celery_backend_lint.project.test_paths import is_test_path

    own = {source.path for source in app.sources if source.kind == "django"}
    own |= {one.location.path for setting in app.settings.values() for one in setting.assignments}
    folders = {path.rpartition("/")[0] for path in own}
    others = model.project.python_files_mentioning([b"BROKER_URL", b"RESULT_BACKEND"])
    return any(path not in own and path.rpartition("/")[0] in folders and not is_test_path(path) for path in others)


def is_settled(model: Model, value: Value, environment: ProcessEnvironment) -> bool:
    """Whether what a value reads is known for a process: set to something known, or set nowhere in the repository."""
    for read in (one for one in walk(value) if isinstance(one, Environment)):
        for variable in read.variables:
            held = environment.given.get(variable)
            if held is not None and held.value is None:
                return False
        if any(variable in environment.given for variable in read.variables):
            continue
        if not environment.complete or model.evidence.of(read, read.origin.path) or _may_be_loaded(model):
            return False
    return True


def _may_be_loaded(model: Model) -> bool:
    """Whether the project works with an env file that is not there: nobody knows what it holds."""
    return any(not model.project.on_disk(one.path) for one in model.env_files.expected)

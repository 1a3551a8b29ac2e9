"""Which env files reach the processes of an app: what is written into others is read by nobody."""

from __future__ import annotations

from celery_backend_lint.model.env_credentials import credentials_in
from celery_backend_lint.model.env_names import in_use_name, is_env_file
from celery_backend_lint.model.file_mentions import DOCUMENTATION, is_file_named
from celery_backend_lint.model.process_environment import apps_of, services_mentioning
from celery_backend_lint.project.test_paths import is_test_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.deployment.records import Service
    from celery_backend_lint.model.env_files import EnvFile
    from celery_backend_lint.model.expected_env_files import ExpectedEnvFile

LOADERS = ("Procfile", "Pipfile", ".envrc")
"""Files whose programs load a ``.env`` without being told: honcho and foreman, pipenv, direnv."""

_SAYS_NOTHING = (*DOCUMENTATION, ".gitignore", ".dockerignore", ".yml", ".yaml", ".py")
"""How the paths of files end that name an env file without loading it, or are asked in another way."""


def compose_workers(model: Model, app: App) -> list[Service]:
    """The compose services, outside of tests, that run Celery with an app."""
    return [
        service
        for service in services_mentioning(model, [b"celery"])
        if service.form == "compose" and service.commands and app in apps_of(model, service)
    ]


def may_reach(model: Model, app: App, example: EnvFile, variable: str) -> bool:
    """Whether ``variable``, filled in in what people make of an example, may reach an app's processes.

    It does not where compose runs the app, hands it neither that file nor the variable, and nothing else loads the file
    (compose's own ``.env``, which only fills in ``${…}``).
    """
    services = compose_workers(model, app)
    named = in_use_name(example.path)
    if not services or not named:
        return True
    if any(_is_given(one, named, example.path, variable) for one in services) or _is_loaded(model, named, app.path):
        return True
    if any(path.rpartition("/")[2] in LOADERS for path in model.project.paths()):
        return True
    return is_file_named(model.project, named, _SAYS_NOTHING)


def shared_env_files(model: Model, app: App) -> tuple[EnvFile, ...]:
    """The env files of which git tracks those that the app's processes are given, where these are all: they show what
    there is to set, and an example beside them would be that of a file that nothing reads. None where one holds a
    credential, so that it has to leave git.
    """
    given = {use.path for service in compose_workers(model, app) for use in service.env_files}
    read = {one.path for one in model.env_files.expected if "python" in one.read_by and _is_of(model, one, app.path)}
    files = {file.path: file for file in model.env_files.in_use if file.tracked}
    wanted = sorted(given | read)
    if not wanted or any(path not in files or credentials_in(files[path]) for path in wanted):
        return ()
    return tuple(files[path] for path in wanted)


def _is_given(service: Service, named: str, example: str, variable: str) -> bool:
    if service.partial or any(use.path in (named, example) for use in service.env_files):
        return True
    return any(variable in (one.name, *one.unknown) for one in service.variables)


def _is_loaded(model: Model, named: str, path: str) -> bool:
    """Whether code in Python loads an env file, or may: it looks for one of the name upwards from somewhere."""
    name = named.rpartition("/")[2]
    return any(
        "python" in one.read_by and (one.path == named or (not one.placed and one.path.rpartition("/")[2] == name))
        for one in model.env_files.expected
        if _is_of(model, one, path)
    )


def _is_of(model: Model, expected: ExpectedEnvFile, path: str) -> bool:
    return (
        is_env_file(expected.path)
        and model.env_files.concerns(expected.path, (path,))
        and not is_test_path(expected.location.path)
    )

"""Whether a project has to show what its environment holds: it works with env files, or code cannot do without."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Environment, Literal
from celery_backend_lint.model.celery_variables import is_among, reads_of
from celery_backend_lint.model.env_loads import is_kept_apart
from celery_backend_lint.model.example_readers import is_evidence
from celery_backend_lint.model.held import AMBIENT_READERS
from celery_backend_lint.project.test_paths import is_test_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.celery_variables import VariableRead
    from celery_backend_lint.model.env_files import EnvFile
    from celery_backend_lint.model.expected_env_files import ExpectedEnvFile


def env_file_worked_with(model: Model, reads: Collection[VariableRead]) -> ExpectedEnvFile | None:
    """What shows that the service of some code works with env files; None for nothing, or where they do not reach it.

    A ``.flaskenv`` that git tracks shows nothing of variables that are kept out of git.
    """
    near = [path for path in {found.read.origin.path: None for found in reads} if not is_kept_apart(model, path)]
    if not near:
        return None
    public = {file.path: file for file in model.env_files.in_use if file.path.endswith(".flaskenv") and file.tracked}
    for expected in sorted(model.env_files.expected, key=lambda one: (not one.placed, -_nearness(one.path, near))):
        if not model.env_files.concerns(expected.path, near) or is_test_path(expected.location.path):
            continue
        if not any(is_evidence(model.env_files, expected, path) for path in near):
            continue
        tracked = public.get(expected.path)
        if tracked is None or shows(tracked, reads):
            return expected
    return None


def _nearness(path: str, near: list[str]) -> int:
    """How deep the folder of an env file is that holds one of some files; -1 where it holds none."""
    folder = path.rpartition("/")[0]
    return len(folder) if not folder or any(one.startswith(f"{folder}/") for one in near) else -1


def shows(file: EnvFile, reads: Collection[VariableRead]) -> bool:
    """Whether an env file names one of the variables."""
    variables = frozenset(entry.key for entry in file.compose_entries)
    return any(is_among(found.read, variables) for found in reads)


def does_without(read: Environment) -> bool:
    """Whether a read gives something where no variable is set: a default that is written there and is not empty."""
    default = read.default
    while isinstance(default, Environment):
        default = default.default
    return isinstance(default, Literal) and default.value not in (None, "")


def is_example_needed(model: Model, path: str) -> bool:
    """Whether a variable with a default, which the code at ``path`` begins to read, has to be shown in an example that
    is made for it: an env file may hold it, or the service's other variables need an example anyway.
    """
    if is_kept_apart(model, path):  # an env file made after the example would not reach the read
        return False
    service = model.env_files.service_of(path)
    others = [
        found
        for app in model.checked_apps
        if model.env_files.service_of(app.path) == service
        for found in reads_of(app)
        if found.connects and found.read.reader not in AMBIENT_READERS
    ]
    if not all(does_without(found.read) for found in others):
        return True
    return any(
        model.env_files.concerns(expected.path, (path,))
        and not is_test_path(expected.location.path)
        and is_evidence(model.env_files, expected, path)
        for expected in model.env_files.expected
    )

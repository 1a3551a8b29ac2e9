"""Variables that libraries look for in env files by themselves: the process's environment does not hold them."""

from __future__ import annotations

from celery_backend_lint.evaluate.resolve import UndeterminedError
from celery_backend_lint.evaluate.values import Environment, walk
from celery_backend_lint.verify.comparison import Open, claim, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.env_files import EnvFiles
    from celery_backend_lint.verify.comparison import Disagreement

LIBRARIES = {
    "decouple": "python-decouple",
    "starlette": "Starlette",
    "pydantic": "pydantic-settings",
    "pydantic 1": "pydantic",
}
"""Readers that take a variable from a file and, unlike python-dotenv, django-environ and environs, put it nowhere."""


def reads_of(value: Value) -> Iterator[Environment]:
    """Every read of the environment that has a say in a value, conditions included."""
    return (one for one in walk(value) if isinstance(one, Environment))


def unset_variables(app: App, environment: Mapping[str, str]) -> set[str]:
    """The variables that an app's settings read and that are not set."""
    reads = [read for setting in app.settings.values() for read in reads_of(setting.value)]
    return {read.variable for read in reads if not any(variable in environment for variable in read.variables)}


def found_in_files(
    app: App, wrong: Disagreement, environment: Mapping[str, str], files: EnvFiles
) -> dict[str, str] | Open | None:
    """Where a setting is something else because of a variable in a file: the environment with what an env file of the
    project says, with which it is as it was read; Open where no such file says it, though the library may have found
    another. None where nothing that it reads comes from files.
    """
    setting = app.settings.get(wrong.setting)
    reads = [
        read
        for read in (reads_of(setting.value) if setting is not None else ())
        if read.reader in LIBRARIES and not any(variable in environment for variable in read.variables)
    ]
    if not reads:
        return None
    for file in files.in_use:
        said = file.values()
        here = {name: said[name] for read in reads for name in _spellings(read, said)}
        with_file = {**environment, **here}
        try:
            if here and same(claim(app, wrong.setting, with_file), wrong.real):
                return with_file
        except UndeterminedError:
            continue
    read = reads[0]
    return Open(wrong.setting, f"{LIBRARIES[read.reader]} looks for {read.variable} in files as well", wrong.real)


def _spellings(read: Environment, said: Mapping[str, str]) -> Iterator[str]:
    """The names under which a file says what is read."""
    if read.case_sensitive:
        return (name for name in read.variables if name in said)
    wanted = {name.lower() for name in read.variables}
    return (name for name in said if name.lower() in wanted)

"""What a variable that Celery reads itself makes of a setting's name that Celery does not see.

Celery asks for ``CELERY_RESULT_BACKEND`` and the like before any setting (``own_variables``): where a process is given
one, a name that repeats it is of no use and does no harm, and one with another value would not win anyway.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Environment, Literal
from celery_backend_lint.model.apps.own_variables import OWN_VARIABLES
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

OF_THE_PROCESS = ("os.environ", "environ", "environs")
"""Readers of the environment that Celery reads too: an env file that they take in reaches it."""


@record
class Instead:
    """What Celery takes for a setting whatever its name has: what ``variable`` holds, of the environment.

    ``needless`` says that the name repeats that and no more, ``lost`` that only its default is not seen. ``given`` says
    that the repository gives the variable to a process of the app, ``place`` is the file that gives it to all of them,
    "" for none.
    """

    variable: str = ""
    needless: bool = False
    lost: bool = False
    given: bool = False
    place: str = ""

    @property
    def in_force(self) -> bool:
        """Whether a process has the setting after all, by the variable."""
        return bool(self.place) or (self.lost and self.given)

    @property
    def remedy(self) -> str:
        """What to do with the name where a setting in the right place would not count either; "" where it would."""
        return f"remove it: `{self.place}` sets `{self.variable}`, which beats any setting" if self.place else ""

    def said(self, name: str) -> str:
        """What Celery does not see of a name, for the beginning of a message."""
        if not self.lost:
            return f"Celery never sees `{name}`"
        return f"Celery reads the variable `{self.variable}` itself, and never sees the default of `{name}`"


NOTHING = Instead()


def instead(model: Model, app: App, setting: str, values: Sequence[Value | None]) -> Instead:
    """What holds in place of the values that a name of ``setting`` is given; NOTHING where Celery reads no variable."""
    variable = OWN_VARIABLES.get(setting)
    if variable is None or not values or variable in app.sets_variables:
        return NOTHING
    reads = [one for one in values if isinstance(one, Environment) and one.variables == (variable,)]
    same = len(reads) == len(values)
    of_the_process = same and all(read.reader in OF_THE_PROCESS for read in reads)
    if of_the_process and all(_has_no_default(read) for read in reads):
        return Instead(variable, needless=True)
    place = _given_to_all(model, app, variable)
    given = bool(place) or _is_given(model, app, variable)
    return Instead(variable, needless=same and bool(place), lost=of_the_process, given=given, place=place)


def _has_no_default(read: Environment) -> bool:
    return read.required or (isinstance(read.default, Literal) and not read.default.value)


def _given_to_all(model: Model, app: App, variable: str) -> str:
    """The file by which every process of an app gets a variable: a deployment's, or a tracked one that the code loads.

    An empty variable counts as none for Celery.
    """
    from celery_backend_lint.model.env_loads import is_loaded
    from celery_backend_lint.model.process_environment import given_to_all

    given = given_to_all(model, app, variable, ())
    if given and all(one.value != "" for one in given):
        return given[0].location.path
    for file in model.env_files.in_use:
        near = file.tracked and not model.env_files.is_foreign(file.path, app.path)
        if near and file.values().get(variable) and is_loaded(model, app, file.path):
            return file.path
    return ""


def _is_given(model: Model, app: App, variable: str) -> bool:
    from celery_backend_lint.model.env_loads import is_in_environment

    return is_in_environment(model, app, variable)

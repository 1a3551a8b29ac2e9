"""Which result backends an app comes to use where the repository says what a variable holds."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Environment, Literal, Text
from celery_backend_lint.model.backend_outcomes import backend_outcomes
from celery_backend_lint.model.backend_values import backend_values
from celery_backend_lint.model.held import outcomes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.backend_values import BackendValue


def may_use(app: App, kinds: Collection[str]) -> bool:
    """Whether an app may use a backend of one of some kinds."""
    return not {app.result_backend.kind, *(other.kind for other in app.result_backend.alternatives)}.isdisjoint(kinds)


def used_backends(model: Model, app: App, kinds: Collection[str]) -> Iterator[tuple[str, Location]]:
    """The (kind, place) of each backend of some kinds that an app uses, one a line.

    A default that the repository replaces is left out, and where a variable gives the backend its read is the place.
    """
    replaced = {value.location for value in backend_values(app) if is_replaced(model, app, value)}
    found = [one for one in reversed(backend_outcomes(model, app)) if one.location not in replaced]
    # A default, and what an env file says of the variable, stand in one line.
    for one in {(one.location.path, one.location.line): one for one in found if one.kind in kinds}.values():
        yield one.kind, one.location


def is_replaced(model: Model, app: App, value: BackendValue) -> bool:
    """Whether a value is only what holds without a variable that the repository gives to the process."""
    for one in outcomes(app.settings["result_backend"].value):
        default = one.default if isinstance(one, Environment) else None
        if default is not None and value.value in tuple(outcomes(default)) and _is_given(model, app, one):
            return True
    # ``"db+" + os.getenv("DATABASE_URL", …)``: the variable gives the scheme
    for part in value.value.parts if isinstance(value.value, Text) else ():
        if isinstance(part, Environment) and part.default is not None and _is_given(model, app, part):
            return True
        if not isinstance(part, Literal) or "://" in str(part.value):
            return False
    return False


def _is_given(model: Model, app: App, read: Value) -> bool:
    said = model.evidence.best(read, app.path) if isinstance(read, Environment) else None
    return said is not None and said.strong

"""The outcomes of an app's result backend: for each one its kind, the text that is known of it, and its place."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Choice, Environment, Literal, Missing, Text
from celery_backend_lint.model.backend_kind import DISABLED, UNKNOWN, kind_of
from celery_backend_lint.model.held import evidence, hold, known_start, outcomes
from celery_backend_lint.model.result_backend import kind_of_value
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App


@record
class BackendOutcome:
    """One outcome of ``result_backend``.

    ``kind`` is as in ``backend_kind.kind_of``. ``text`` is the start of the value as far as it is known, enough for
    its scheme, "" where nothing is. ``location`` is the place of the value, or of the read that gives it.
    """

    kind: str
    text: str
    location: Location

    def __repr__(self) -> str:
        """Leave out the text, which may hold a credential."""
        return f"BackendOutcome({self.kind!r}, {self.location!r})"


def backend_outcomes(model: Model, app: App) -> tuple[BackendOutcome, ...]:
    """Every outcome of an app's effective result backend, defaults of reads before what the repository says.

    Empty where the project sets none at all.
    """
    given = app.given_backend
    if given is not None:
        return (BackendOutcome(app.result_backend.kind, given.value, given.location),)
    setting = app.settings.get("result_backend")
    if setting is None:
        return ()
    return tuple(dict.fromkeys(_outcomes(model, app, setting.value, set())))


def known_kinds(outcomes: tuple[BackendOutcome, ...]) -> set[str]:
    """The kinds among some outcomes that store results and can be told."""
    return {outcome.kind for outcome in outcomes} - {DISABLED, UNKNOWN}


def _outcomes(model: Model, app: App, value: Value, gone: set[int]) -> Iterator[BackendOutcome]:
    """The outcomes of a value; ``gone`` are the Choices gone through, which may share alternatives."""
    version, near = app.declared.version, app.path
    if isinstance(value, Choice):
        if id(value) not in gone:
            gone.add(id(value))
            for alternative in value.alternatives:
                yield from _outcomes(model, app, alternative.value, gone)
        return
    if isinstance(value, Environment):
        default = value.default
        if default is not None:
            yield from _outcomes(model, app, default, gone)
        text = evidence(value, model.evidence, near)
        if text is not None:
            yield BackendOutcome(kind_of_value(Literal(text, value.origin), version, None, near), text, value.origin)
        elif default is None:
            yield BackendOutcome(UNKNOWN, "", value.origin)
        return
    if isinstance(value, Missing):
        yield BackendOutcome(DISABLED, "", value.origin)
        return
    if isinstance(value, Text):
        start = known_start(value, model.evidence, near)
        # ``"db+" + url``: what stands before the ``+`` names the backend, whatever follows.
        kind = (
            kind_of(start if "://" in start else f"{start}://", version) if "+" in start or "://" in start else UNKNOWN
        )
        yield BackendOutcome(kind, start, value.origin)
        return
    held = hold(value, model.evidence, near)
    text = held.plain if held.known and isinstance(held.plain, str) else ""
    yield BackendOutcome(kind_of_value(value, version, model.evidence, near), text, value.origin)


def stores_results(model: Model, app: App) -> tuple[str, ...]:
    """The kinds of backend that an app may store results in, sorted; ``unknown`` only where no other is known.

    Empty without a backend, and where the app ignores every result.
    """
    found = backend_outcomes(model, app)
    kinds = known_kinds(found)
    if not kinds and any(outcome.kind == UNKNOWN for outcome in found):
        kinds = {UNKNOWN}
    return tuple(sorted(kinds)) if kinds and not _ignores_results(model, app) else ()


def may_store_results(model: Model, app: App) -> bool:
    """Whether an app stores results for some value of the variables that its backend is read from, or without any.

    That does not depend on what the repository says that variables hold: an example file may come and go.
    """
    setting = app.settings.get("result_backend")
    if setting is None or _ignores_results(model, app):
        return False
    return is_read(app) or any(one.kind != DISABLED for one in backend_outcomes(model, app))


def is_read(app: App) -> bool:
    """Whether a variable may decide which result backend an app has, by itself or as the start of a URL."""
    setting = app.settings.get("result_backend")
    found = outcomes(setting.value) if setting is not None else ()
    return any(isinstance(one.parts[0] if isinstance(one, Text) and one.parts else one, Environment) for one in found)


def _ignores_results(model: Model, app: App) -> bool:
    """Whether ``task_ignore_result`` is on, and no task asks for its result after all."""
    setting = app.settings.get("task_ignore_result")
    if setting is None or not isinstance(setting.value, Literal) or setting.value.value is not True:
        return False
    return not model.project.python_files_mentioning([b"ignore_result=False", b"ignore_result = False"])

"""What configuring leaves to people: what is set elsewhere, what the backend cannot do, what the old one left."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Literal
from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.findings.masking import mask
from celery_backend_lint.fixes.configuration.backend_setting import BACKEND_VARIABLE
from celery_backend_lint.fixes.configuration.forgotten_variables import is_read
from celery_backend_lint.fixes.configuration.local_overrides import local_overrides
from celery_backend_lint.fixes.configuration.misleading_names import misleads
from celery_backend_lint.fixes.configuration.other_urls import other_urls
from celery_backend_lint.fixes.configuration.own_read import own_read
from celery_backend_lint.fixes.configuration.value_places import assigned_value
from celery_backend_lint.fixes.python.nodes import place_of, statement_of
from celery_backend_lint.model.held import leading_text, outcomes
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from celery_backend_lint.fixes.configuration.choices import Choices
    from celery_backend_lint.fixes.configuration.other_urls import OtherURL
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App


def reminders(
    model: Model, app: App, choices: Choices, old: str, elsewhere: Mapping[str, Iterable[OtherURL]]
) -> Iterator[str]:
    """What to see to once the configuration is written. ``old`` is the variable that the backend came from before,
    ``elsewhere`` what gives the variables that decide another backend, by variable.
    """
    yield from _notes(elsewhere, choices)
    yield from local_overrides(model, app)
    yield from _still_set(model, app, old, choices)
    yield from _limits(app, choices)
    yield from _ignored(app)


def _notes(elsewhere: Mapping[str, Iterable[OtherURL]], choices: Choices) -> Iterator[str]:
    for variable, places in elsewhere.items():
        for one in places:
            what = f": put the URL of {'a database' if choices.backend == 'database' else 'Redis'} there"
            if choices.backend == "rpc":
                what = ", which beats `rpc://`: take it away"
            yield f"{one.where} sets `{variable}` to {one.what}{what}"


def _still_set(model: Model, app: App, old: str, choices: Choices) -> Iterator[str]:
    """What gives the variable of the old backend a value that the result backend does not read any more."""
    setting = app.settings.get("result_backend")
    found = own_read(setting.value) if setting is not None else None
    if old in ("", BACKEND_VARIABLE) or (found is not None and old in found.read.variables):
        return
    if is_read(model, old):
        return
    for one in other_urls(model, app, old, choices):
        yield f"{one.where} sets `{old}`, which the result backend does not need any more"


DURABLE_REPLIES = (5, 7, 0)
"""The release from which RPC's reply queue outlives a restart of the broker (celery.backends.rpc)."""


AMQP = frozenset({"amqp", "amqps", "pyamqp", "librabbitmq"})
"""Schemes of brokers that know ``x-expires`` (kombu.transport.pyamqp)."""


def _limits(app: App, choices: Choices) -> Iterator[str]:
    """What the chosen settings cannot do with the Celery that is declared."""
    if choices.backend == "rpc" and choices.persistent and app.declared.version < DURABLE_REPLIES:
        yield "before Celery 5.7 the queue of replies is not durable: results do not outlive a restart of the broker"
    broker = app.settings.get("broker_url")
    for one in outcomes(broker.value) if broker is not None and choices.backend == "rpc" else ():
        scheme, sign, _ = (leading_text(one) or "").partition("://")
        if sign and scheme not in AMQP:
            yield f"the broker is `{scheme}://`: RPC's queues of replies expire on RabbitMQ only"


def misleading(model: Model, app: App, choices: Choices) -> Iterator[str]:
    """The names of another backend under which an app has the chosen one now: those that more than it uses stay."""
    setting = app.settings.get("result_backend")
    if setting is None or not setting.assignments:
        return
    found, it = own_read(setting.value), "`rpc://`"
    if choices.backend != "rpc":
        it = "the URL of a database" if choices.backend == "database" else "the URL of Redis"
    try:
        place = place_of(model, assigned_value(model, setting.assignments[0]))
    except CannotFixError:
        return
    called = text_of(place.node).rpartition(".")[2] if place.node.type in ("identifier", "attribute") else ""
    if called and misleads(called, choices):
        yield f"`{called}` in {place.where} is {it} now: rename it"
    if found is not None and found.read.variable.upper() != called.upper() and misleads(found.read.variable, choices):
        yield f"the variable `{found.read.variable}` is {it} now: rename it"


def commented(model: Model, app: App) -> Iterator[str]:
    """The comment beside the result backend, which somebody wrote of the value that was there before."""
    setting = app.settings.get("result_backend")
    for one in setting.assignments[:1] if setting is not None else ():
        try:
            place = place_of(model, one.location)
        except CannotFixError:
            return
        following = statement_of(place.node).next_sibling
        row = statement_of(place.node).end_point[0]
        if following is not None and following.type == "comment" and following.start_point[0] == row:
            yield f"the comment in {place.where} was written for another result backend: see whether it still holds"


def _ignored(app: App) -> Iterator[str]:
    """That nothing is stored at all, where the app says so of its tasks."""
    setting = app.settings.get("task_ignore_result")
    if setting is not None and isinstance(setting.value, Literal) and setting.value.value is True:
        yield f"`{setting.assignments[0].written}` is on: only tasks with `ignore_result=False` store a result"


def replaced(model: Model, app: App, choices: Choices) -> tuple[str, ...]:
    """What is lost with the backend that an app has, if another one is chosen, so that people can see to it."""
    notes = []
    setting = app.settings.get("result_backend")
    kind = app.result_backend.kind
    if kind.startswith("django") and model.manifests.declares("django-celery-results"):
        notes.append("django-celery-results stays installed with its tables, and gets no results any more")
    for one in setting.assignments if setting is not None else ():
        url = one.value.value if isinstance(one.value, Literal) else None
        if isinstance(url, str) and kind not in choices.kinds and mask(url) != url:
            place = f"`{one.location.path}` line {one.location.line}"
            notes.append(f"the URL in {place} held a password, which git's history keeps: change it at the server")
    return tuple(notes)

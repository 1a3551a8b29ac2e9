"""The transports that an app's broker URLs name, as kombu looks them up, each with the place of its value."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Choice, Environment, Literal, Text
from celery_backend_lint.model.held import evidence, hold, known_start
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App


@record
class BrokerOutcome:
    """One outcome of ``broker_url``: the transport's name (``redis``, ``sqs``, ``sqla``) and where the value is."""

    transport: str
    location: Location


def broker_outcomes(model: Model, app: App) -> tuple[BrokerOutcome, ...]:
    """The transports of an app's ``broker_url`` that can be told, defaults of reads before what the repository says.

    Empty where the project sets no broker: that is AMQP on this machine.
    """
    setting = app.settings.get("broker_url")
    return tuple(dict.fromkeys(_outcomes(model, setting.value, app.path))) if setting is not None else ()


def _outcomes(model: Model, value: Value, near: str) -> Iterator[BrokerOutcome]:
    if isinstance(value, Choice):
        for alternative in value.alternatives:
            yield from _outcomes(model, alternative.value, near)
        return
    if isinstance(value, Environment):
        if value.default is not None:
            yield from _outcomes(model, value.default, near)
        said = evidence(value, model.evidence, near)
        if said is not None:
            yield from _named(said, value.origin)
        return
    if isinstance(value, Literal):
        text = value.value if isinstance(value.value, str) else ""
    elif isinstance(value, Text):
        text = known_start(value, model.evidence, near)
    else:
        held = hold(value, model.evidence, near)
        text = held.plain if held.known and isinstance(held.plain, str) else ""
    yield from _named(text, value.origin)


def _named(text: str, origin: Location) -> Iterator[BrokerOutcome]:
    """The transport of a URL (kombu.Connection: what stands before ``://``, and there before ``+``)."""
    scheme, found, _ = text.partition("://")
    name = scheme.partition("+")[0]
    if found and name:
        yield BrokerOutcome(name, origin)

"""What ``result_expires`` does on a backend: the outcomes of the setting, and a verdict on each.

Seen with Celery 5.3.6 to 5.7.0 and real Redis, SQLite, files, RabbitMQ and django-celery-results. Redis and the caches
convert with ``int``, RPC with ``float``; the rest keep the value and subtract it from a time when they clean up. Beat
schedules ``celery.backend_cleanup`` only where the setting is true.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, resolve
from celery_backend_lint.evaluate.values import Choice, Duration, Environment, Literal, Missing, Sequence, Unknown
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

REDIS = frozenset({"redis", "rediss", "sentinel"})
CACHES = frozenset({"cache", "couchbase"})
CLEANED = frozenset({"database", "django-db", "mongodb", "file", "arangodb"})
"""Backends that delete old results only when ``celery.backend_cleanup`` runs."""

NEVER_CLEANED = frozenset({"couchdb", "elasticsearch", "cosmosdbsql"})
"""Backends that keep results for ever, whatever runs: their ``cleanup`` does nothing, results carry no expiry."""

EXPIRING = REDIS | CACHES | CLEANED | {"rpc", "django-cache"}
"""Backends that read ``result_expires``; cassandra, gs, dynamodb and the object stores have settings of their own."""


@record
class ExpiryOutcome:
    """One outcome of ``result_expires``: a plain number, text, bool or None; ``sequence`` for a list or tuple.

    ``from_text`` is True for text that stands in for what a variable would give as text.
    """

    plain: float | str | bool | None
    location: Location
    sequence: bool = False
    from_text: bool = False


@record
class Verdict:
    """``never``: results stay for ever. ``invalid``: something fails, or results are lost. ``why`` says what happens.

    ``number`` is the text of a number that would be right without its quotes.
    """

    never: bool
    invalid: bool
    why: str
    number: str = ""


_FINE = Verdict(False, False, "")


def expiring_kinds(model: Model, app: App) -> tuple[str, ...]:
    """The kinds of backend on which ``result_expires`` of an app matters, as ``stores_results`` gives them.

    None where another class than Celery's stores the results: what it does with the setting is its own affair
    (``celery.app.backends.by_name`` takes any class, 4.4 to 5.7).
    """
    from celery_backend_lint.model.backend_outcomes import backend_outcomes, stores_results

    kinds = stores_results(model, app)
    if kinds != ("unknown",):
        return kinds
    texts = [one.text for one in backend_outcomes(model, app) if one.kind == "unknown"]
    return () if any("://" in text or "." in text for text in texts) else kinds


def expiry_outcomes(app: App, name: str = "result_expires") -> tuple[ExpiryOutcome, ...]:
    """The outcomes of an app's ``result_expires`` that can be told; a default of Celery's is none.

    ``name`` is given for another setting that holds a time in the same ways.
    """
    setting = app.settings.get(name)
    return tuple(dict.fromkeys(_outcomes(setting.value, from_text=False))) if setting is not None else ()


def _outcomes(value: Value, *, from_text: bool) -> Iterator[ExpiryOutcome]:
    if isinstance(value, Choice):
        for alternative in value.alternatives:
            yield from _outcomes(alternative.value, from_text=from_text)
    elif isinstance(value, Environment):
        if value.default is not None:
            yield from _outcomes(value.default, from_text=value.cast == "str")
    elif isinstance(value, Duration):
        yield ExpiryOutcome(value.seconds, value.origin)
    elif isinstance(value, Sequence):
        if value.kind in ("tuple", "list"):
            yield ExpiryOutcome(None, value.origin, sequence=True)
    elif isinstance(value, Literal):
        if value.value is None or isinstance(value.value, (int, float, str)):
            yield ExpiryOutcome(value.value, value.origin, from_text=from_text)
    elif not isinstance(value, (Missing, Unknown)):
        try:
            plain = resolve(value, {})
        except (UndeterminedError, WouldRaiseError):
            return
        seconds = plain.total_seconds() if hasattr(plain, "total_seconds") else plain
        if isinstance(seconds, (int, float)):
            yield ExpiryOutcome(seconds, value.origin)


def verdict(outcome: ExpiryOutcome, kind: str, *, cleanup_scheduled: bool) -> Verdict:
    """What an outcome does on a backend of a kind; ``unknown`` for one that is not known gets what holds for all.

    ``cleanup_scheduled``: the project runs ``celery.backend_cleanup`` itself, also where beat would not.
    """
    if kind not in EXPIRING and kind != "unknown":
        return _FINE
    plain = outcome.plain
    if outcome.sequence:
        return _invalid("is a tuple or list", "the result backend raises TypeError")
    if plain is True:
        return _invalid("is True", "results expire after one second")
    if isinstance(plain, str):
        return _text(plain, kind, from_text=outcome.from_text)
    if plain is None or plain is False:
        return _nothing(plain, kind, cleanup_scheduled=cleanup_scheduled)
    if plain < 0:
        return _invalid("is negative", _negative(kind))
    if plain == float("inf"):
        return (
            _invalid("is infinite", "converting it raises OverflowError") if kind not in ("file", "unknown") else _FINE
        )
    if plain == 0 or (plain < 1 and kind in REDIS | CACHES):
        return _nothing(plain, kind, cleanup_scheduled=cleanup_scheduled)
    return _FINE


def _invalid(what: str, why: str, number: str = "") -> Verdict:
    return Verdict(False, True, f"{what}: {why}", number)


def _negative(kind: str) -> str:
    if kind in REDIS:
        return "Redis refuses it when a result is stored, and the result is lost"
    if kind == "rpc":
        return "RabbitMQ refuses the reply queue (PreconditionFailed)"
    if kind in CLEANED:
        return "the clean-up deletes every finished result"
    return "results expire at once"


def _nothing(plain: float | None, kind: str, *, cleanup_scheduled: bool) -> Verdict:
    """None, False, 0, and fractions of a second where they are cut off."""
    if kind == "rpc" and plain is not None:
        return _invalid("is 0", "RabbitMQ refuses the reply queue (PreconditionFailed)")
    if kind == "database" and cleanup_scheduled:
        if plain is None:
            return _invalid("is None", "the clean-up that the project schedules raises TypeError")
        return _invalid("is 0", "the clean-up that the project schedules deletes every finished result")
    if kind == "django-cache" and plain is not None:
        return _invalid("is 0", "Django's cache keeps nothing, and every result is lost")
    if kind in CLEANED:
        return Verdict(True, False, "beat does not schedule the clean-up, and results are never deleted")
    if kind in REDIS:
        return Verdict(
            True, False, "results are stored without an expiry, and Redis keeps them until its memory is full"
        )
    if kind == "rpc":
        return Verdict(True, False, "reply queues never expire")
    return Verdict(True, False, "results never expire")


def _text(text: str, kind: str, *, from_text: bool) -> Verdict:
    try:
        number = float(text)
    except ValueError:
        return _invalid("is text that is no number", _bad_text(kind))
    whole = number.is_integer() and text.strip().lstrip("+-").replace("_", "").isdigit()
    if kind in CLEANED:
        # Text that a variable gives is CBL305's to report.
        return _FINE if from_text else _invalid("is text", _bad_text(kind), text if whole else "")
    if kind == "django-cache":
        return _FINE if from_text else _invalid("is text", _bad_text(kind), text if whole else "")
    if kind == "unknown":
        return _FINE
    if kind in REDIS | CACHES and not whole:
        return _invalid("is text that is no whole number", _bad_text(kind))
    if number < 0:
        return _invalid("is negative", _negative(kind))
    return _nothing(0, kind, cleanup_scheduled=False) if number == 0 else _FINE


def _bad_text(kind: str) -> str:
    if kind in CLEANED:
        return "the clean-up raises TypeError, and results are never deleted"
    if kind == "django-cache":
        return "storing a result raises TypeError"
    return "converting it raises ValueError, at the first use of the result backend"

"""What an app says of its result backend's connections: Redis outcomes, values of settings, what is left unsaid."""

from __future__ import annotations

from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, resolve
from celery_backend_lint.evaluate.values import External, Literal, Missing, Operation
from celery_backend_lint.model import facts
from celery_backend_lint.model.backend_kind import alias_of
from celery_backend_lint.model.backend_outcomes import backend_outcomes, stores_results
from celery_backend_lint.model.backend_values import settled
from celery_backend_lint.model.expiry import REDIS
from celery_backend_lint.model.urls import split, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App, Setting
    from celery_backend_lint.model.backend_outcomes import BackendOutcome

DATABASE = frozenset({"db", "database"})
"""The aliases of the database backend."""

NOT_KNOWN = object()
"""Stands for a value that is no constant that can be told."""


def redis_outcomes(model: Model, app: App) -> tuple[BackendOutcome, ...]:
    """The outcomes of an app's backend that connect to Redis; empty where the app ignores every result."""
    if app.settings.get("result_backend") is None or not REDIS.intersection(stores_results(model, app)):
        return ()
    return tuple(outcome for outcome in backend_outcomes(model, app) if outcome.kind in REDIS)


def is_written(app: App, aliases: frozenset[str]) -> bool:
    """Whether the configuration itself names a backend of one of the aliases, and not only what an env file or an
    example says of a variable. What is missing is advice there: the next environment may have another backend.
    """
    setting = app.settings.get("result_backend")
    texts = (text_of(value) or "" for value in settled(setting.value)) if setting is not None else ()
    return any(alias_of(text) in aliases for text in texts)


def in_a_query(outcomes: tuple[BackendOutcome, ...], parameter: str) -> bool:
    """Whether the query of one of the URLs gives a parameter, which then beats the setting (``_params_from_url``)."""
    urls = [split(outcome.text) for outcome in outcomes if "?" in outcome.text]
    return any(url is not None and parameter in dict(url.parameters()) for url in urls)


def is_unsaid(app: App, name: str) -> bool:
    """Whether nothing sets a setting that the app's Celery has, for certain."""
    setting = app.settings.get(name)
    if app.unread or (setting is not None and setting.assignments):
        return False
    return facts.setting(name, app.declared.version) is not None


def constants(app: App, name: str) -> tuple[tuple[object, Location], ...]:
    """The outcomes of a setting with their places: constants, or NOT_KNOWN; those that leave Celery's default not."""
    setting = app.settings.get(name)
    if setting is None:
        return ()
    found = []
    for value in settled(setting.value):
        plain = constant(value)
        if isinstance(value, External) and value.name == "math.inf" and _is_written_there(setting, value.origin):
            plain = float("inf")
        if not isinstance(value, Missing):
            found.append((plain, value.origin))
    return tuple(found)


def _is_written_there(setting: Setting, place: Location) -> bool:
    """Whether a value stands beside the name that is given it, and not in an import."""
    return any(
        (one.location.path, one.location.span.line) == (place.path, place.span.line) for one in setting.assignments
    )


def constant(value: Value) -> object:
    """The constant that a value is, ``float("inf")`` included, else NOT_KNOWN."""
    if isinstance(value, Literal):
        return value.value
    if isinstance(value, Operation):
        try:
            return resolve(value, {})
        except (UndeterminedError, WouldRaiseError):
            return NOT_KNOWN
    return NOT_KNOWN


def number(plain: object) -> float | None:
    """The number that Celery's ``float()`` makes of a constant, None for none."""
    if isinstance(plain, (bool, int, float, str)):
        try:
            return float(plain)
        except ValueError:
            return None
    return None


def worker_pools(model: Model, app: App) -> frozenset[str]:
    """The pools that workers of an app are told to have, by setting or command line; ``prefork`` where none is said."""
    said = {plain for plain, _ in constants(app, "worker_pool") if isinstance(plain, str)} or {"prefork"}
    workers = [one.command for one in model.deployment.commands_for(app.entry or app.path)]
    given = [_option(one.words, ("-P", "--pool")) for one in workers if one.what == "worker"]
    if not given or "" in given:
        given += said
    return frozenset(one for one in given if one)


def worker_concurrency(model: Model, app: App) -> int | None:
    """The largest concurrency that a setting or a worker's command line states, None for none."""
    found = [plain for plain, _ in constants(app, "worker_concurrency") if isinstance(plain, int)]
    for running in model.deployment.commands_for(app.entry or app.path):
        given = _option(running.command.words, ("-c", "--concurrency"))
        if given.isascii() and given.isdecimal() and len(given) < 6:
            found.append(int(given))
    return max(found, default=None)


def _option(words: tuple[str, ...], names: tuple[str, str]) -> str:
    """What a command line gives an option of a short and a long name, "" for nothing."""
    short, long = names
    for at, word in enumerate(words):
        if word in names:
            return words[at + 1] if at + 1 < len(words) else ""
        if word.startswith(f"{long}="):
            return word.partition("=")[2]
        if word.startswith(short) and not word.startswith("--"):
            return word[len(short) :].removeprefix("=")
    return ""

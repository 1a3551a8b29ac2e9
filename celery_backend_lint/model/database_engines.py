"""The engines that an app's database backend makes: dialect and driver of its URLs, ``database_engine_options``."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.values import Literal, Mapping, Missing
from celery_backend_lint.model.backend_outcomes import backend_outcomes, stores_results
from celery_backend_lint.model.backend_values import settled
from celery_backend_lint.model.connection_settings import NOT_KNOWN, constant
from celery_backend_lint.model.urls import text_of
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

_URL = r"(?:(?:db|database)\+)?([a-z0-9_]+)(?:\+([a-z0-9_]+))?://([^?]*)(?:\?(.*))?"

OWN_POOL = ("poolclass", "pool", "creator")
"""Options by which a project decides itself how connections are kept."""

FIRST_WITH_PRE_PING = (1, 2)
"""The SQLAlchemy whose `create_engine` is the first to take `pool_pre_ping` (its changelog)."""


@record
class Engine:
    """A database that results go to: ``driver`` is "" for the dialect's default, ``query`` the names in the URL's."""

    dialect: str
    driver: str
    query: frozenset[str]
    location: Location

    @property
    def has_server(self) -> bool:
        """Whether connections lead to a server, which may close them."""
        return self.dialect != "sqlite"


@record
class EngineOptions:
    """One outcome of ``database_engine_options``: ``options`` is None where it is Celery's default.

    ``known`` is False where more may be in it than could be read.
    """

    options: Mapping | None
    location: Location
    known: bool = True

    def holds(self, key: str) -> bool:
        """Whether a key is there, with whatever value."""
        return self.options is not None and self.options.get(key) is not None

    def constant(self, key: str) -> object:
        """The constant under a key, None where it is not there, NOT_KNOWN where it is none."""
        value = self.options.get(key) if self.options is not None else None
        if value is None:
            return None
        found = [constant(one) for one in settled(value)]
        return found[0] if len(found) == 1 else NOT_KNOWN


def engines(model: Model, app: App) -> tuple[Engine, ...]:
    """The databases of an app whose dialect is known; empty where the app ignores every result."""
    if app.settings.get("result_backend") is None or "database" not in stores_results(model, app):
        return ()
    return tuple(dict.fromkeys(_engines(model, app)))


def _engines(model: Model, app: App) -> Iterator[Engine]:
    for outcome in backend_outcomes(model, app):
        if outcome.kind != "database":
            continue
        if "://" in outcome.text:
            yield from _engine(outcome.text, outcome.location)
            continue
        url = app.settings.get("database_url")  # ``result_backend = "database"``
        for value in settled(url.value) if url is not None else ():
            yield from _engine(text_of(value) or "", value.origin)


def _engine(text: str, location: Location) -> Iterator[Engine]:
    found = re.match(_URL, text, re.DOTALL)
    if found is not None:
        query = frozenset(part.partition("=")[0] for part in (found[4] or "").split("&") if part)
        yield Engine(found[1], found[2] or "", query, location)


def engine_options(app: App) -> tuple[EngineOptions, ...]:
    """Every outcome of an app's ``database_engine_options``; never empty."""
    setting = app.settings.get("database_engine_options")
    if setting is None or not setting.assignments:
        return (EngineOptions(None, app.location, not app.unread),)
    return tuple(_options(value, app) for value in settled(setting.value))


def _options(value: object, app: App) -> EngineOptions:
    if isinstance(value, Missing):
        return EngineOptions(None, app.location, not app.unread)
    if isinstance(value, Literal) and not value.value:
        return EngineOptions(Mapping((), value.origin), value.origin)
    if isinstance(value, Mapping):
        return EngineOptions(value, value.origin, value.complete)
    return EngineOptions(None, getattr(value, "origin", app.location), known=False)


def waits_for_ever(engine: Engine) -> bool:
    """Whether the driver has no limit of its own for a server that accepts a connection and says nothing.

    Seen with psycopg2 2.9 (psycopg 3 uses the same library) and PyMySQL 1.2; others are not claimed.
    """
    if engine.dialect == "postgresql":
        return engine.driver in ("", "psycopg2", "psycopg")
    return engine.dialect in ("mysql", "mariadb") and engine.driver == "pymysql"


def is_bounded(engine: Engine, arguments: Mapping | None) -> bool:
    """Whether ``connect_args`` or the URL's query bound the wait of such a driver, with whatever value."""
    wanted = "connect_timeout" if engine.dialect == "postgresql" else "read_timeout"
    if wanted in engine.query:
        return True
    return arguments is not None and arguments.get(wanted) is not None


def takes_pre_ping(model: Model, app: App) -> bool:
    """Whether the SQLAlchemy of an app takes ``pool_pre_ping``: it does where no manifest names it.

    One that they name without a release that can be told is not known to.
    """
    from celery_backend_lint.model import facts
    from celery_backend_lint.model.packages import Packages

    manifests = Packages(model, app).set
    if not manifests.has("sqlalchemy"):
        return True
    found = manifests.resolved_version("sqlalchemy", facts.releases("sqlalchemy"))
    release = facts.release_of(found) if found is not None else None
    return release is not None and release >= FIRST_WITH_PRE_PING

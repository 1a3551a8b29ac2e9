"""Where a result backend's connection does without the check of the server's certificate.

Tried with Celery 5.3 to 5.7, redis-py 8 and a real server: ``CERT_NONE`` accepts any certificate; ``CERT_OPTIONAL``
refuses what ``CERT_REQUIRED`` refuses, for the client of a connection (Python's ``ssl`` says so as well), whatever
Celery's warning says.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Environment, External, Literal, Mapping
from celery_backend_lint.model.backend_kind import alias_of
from celery_backend_lint.model.backend_values import backend_values, settled
from celery_backend_lint.model.held import outcomes
from celery_backend_lint.model.redis_tls import PLAIN_URL_MAY_HAVE_OPTIONS, REDIS_ALIASES, cert_reqs_of
from celery_backend_lint.model.url_escapes import DATABASE_ALIASES
from celery_backend_lint.model.urls import UNKNOWN, split, split_database, split_sentinels

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.backend_values import BackendValue

NONE = ("none", "CERT_NONE")
"""The spellings of ``ssl_cert_reqs`` that switch the check off."""

PLAIN_MODES = ("disable", "allow")
"""The values of libpq's ``sslmode`` with which the connection is not encrypted where the server lets it."""


def is_remote(host: str) -> bool | None:
    """Whether a host is neither this machine nor in a private network; None where it is not known."""
    if UNKNOWN in host:
        return None
    from celery_backend_lint.model.secrets import is_local

    return not is_local(host)


def unchecked_urls(app: App) -> Iterator[tuple[BackendValue, str]]:
    """The effective URLs of an app's result backend that do without the check, with what in the query says so."""
    for value in backend_values(app):
        text = value.text or ""
        if not value.effective or "?" not in text:
            continue
        alias = alias_of(text)
        if text.startswith(UNKNOWN) and "://" not in text.partition("?")[0]:
            # ``os.environ["REDIS_URL"] + "?ssl_cert_reqs=none"``: Redis alone has the parameter, and with TLS only
            given = _parameters(text).get("ssl_cert_reqs")
            if given in NONE:
                yield value, f"ssl_cert_reqs={given}"
        elif alias in REDIS_ALIASES:
            url = split(text)
            given = cert_reqs_of(url) if url is not None and url.scheme == "rediss" else None
            if url is not None and given in NONE and is_remote(url.host.text) is not False:
                yield value, f"ssl_cert_reqs={given}"
        elif alias in DATABASE_ALIASES:
            database = split_database(text)
            if database is None or database.query is None or not is_remote(database.host.text):
                continue
            mode = _parameters(text).get("sslmode", "")
            if database.dialect == "postgresql" and mode in PLAIN_MODES:
                yield value, f"sslmode={mode}"


def _parameters(text: str) -> dict[str, str]:
    from urllib.parse import parse_qsl

    return dict(parse_qsl(text.partition("?")[2]))


def unchecked_options(app: App) -> Iterator[tuple[Value, Location, str]]:
    """The values in settings that switch the check off: where a URL in use heeds them.

    With each where its key stands and the setting's name.
    """
    setting = app.settings.get("redis_backend_use_ssl")
    if setting is not None and _heeds_redis_options(app):
        for value, key in _entries(setting.value, "ssl_cert_reqs"):
            if isinstance(value, External):
                none = value.name == "ssl.CERT_NONE"
            else:
                none = isinstance(value, Literal) and (value.value in NONE or value.value in (0, False))
            if none:
                yield value, key, setting.name
    engine = app.settings.get("database_engine_options")
    if engine is not None and _connects_to_postgresql(app):
        for arguments, _ in _entries(engine.value, "connect_args"):
            for value, key in _entries(arguments, "sslmode"):
                if isinstance(value, Literal) and value.value in PLAIN_MODES:
                    yield value, key, engine.name


def _entries(value: Value, key: str) -> Iterator[tuple[Value, Location]]:
    """What a dict has under a key, and where the key stands."""
    for outcome in settled(value):
        for entry in reversed(outcome.entries if isinstance(outcome, Mapping) else ()):
            if isinstance(entry.key, Literal) and entry.key.value == key:
                yield from ((found, entry.key.origin) for found in settled(entry.value))
                break


def _heeds_redis_options(app: App) -> bool:
    """Whether a URL that the app may use takes ``redis_backend_use_ssl``'s word, and is not known to stay near."""
    setting = app.settings.get("result_backend")
    if setting is None:
        return False
    if any(isinstance(one, Environment) for one in outcomes(setting.value)):
        kinds = {app.result_backend.kind, *(other.kind for other in app.result_backend.alternatives)}
        if kinds & (REDIS_ALIASES | {"unknown"}):
            return True
    for value in backend_values(app):
        text = value.text or ""
        if not value.effective or alias_of(text) not in REDIS_ALIASES:
            continue
        for url in split_sentinels(text):
            plain = url.scheme == "redis" and app.declared.version < PLAIN_URL_MAY_HAVE_OPTIONS
            if not plain and cert_reqs_of(url) is None and is_remote(url.host.text) is not False:
                return True
    return False


def _connects_to_postgresql(app: App) -> bool:
    urls = (split_database(value.text or "") for value in backend_values(app) if value.effective)
    return any(url is not None and url.dialect == "postgresql" and is_remote(url.host.text) for url in urls)

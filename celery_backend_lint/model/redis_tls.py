"""What Celery's Redis backend makes of TLS options: ``ssl_*`` in the URL and ``redis_backend_use_ssl``.

Read in celery.backends.redis (``RedisBackend.__init__``, ``_params_from_url``), 4.4.7 to 5.7.0, and tried with each.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.values import External, Literal, Mapping, Missing
from celery_backend_lint.model.backend_values import settled
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.urls import BackendURL

SSL_PARAMETERS = ("ssl_cert_reqs", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
"""The parameters of a URL's query, and keys of the dict, that make Celery refuse the scheme ``redis``."""

CERT_REQS = ("CERT_REQUIRED", "CERT_OPTIONAL", "CERT_NONE", "required", "optional", "none")
"""The texts that ``ssl_cert_reqs`` may be, in this case only; the dict takes constants of ``ssl`` as well."""

REDIS_ALIASES = frozenset({"redis", "rediss", "sentinel"})
"""The aliases whose backends read ``redis_backend_use_ssl``."""

PLAIN_URL_MAY_HAVE_OPTIONS = (5, 7, 0)
"""The first Celery that uses TLS for a ``redis://`` URL beside a dict of options; before, it raises ValueError."""


@record
class TlsOptions:
    """One outcome of ``redis_backend_use_ssl``.

    ``kind`` is ``off`` (whatever is false), ``dict``, ``other`` (something that is no dict: Celery raises TypeError or
    ValueError) or ``unknown``. ``keys`` are those known of a dict. ``cert_reqs`` says of its ``ssl_cert_reqs``:
    ``valid``, ``invalid`` (missing included) or ``unknown``.
    """

    kind: str
    location: Location
    keys: frozenset[str] = frozenset()
    cert_reqs: str = "invalid"

    @property
    def refuses_plain_url(self) -> bool:
        """Whether Celery before 5.7 refuses a ``redis://`` URL beside it."""
        return any(key in SSL_PARAMETERS for key in self.keys)


def tls_options(app: App) -> tuple[TlsOptions, ...]:
    """Every outcome of an app's ``redis_backend_use_ssl``; never empty."""
    setting = app.settings.get("redis_backend_use_ssl")
    if setting is None:
        return (TlsOptions("unknown" if app.unread else "off", app.location),)
    return tuple(_options(value) for value in settled(setting.value))


def _options(value: Value) -> TlsOptions:
    if isinstance(value, Missing) or (isinstance(value, Literal) and not value.value):
        return TlsOptions("off", value.origin)
    if isinstance(value, Literal):
        return TlsOptions("other", value.origin)
    if not isinstance(value, Mapping):
        return TlsOptions("unknown", value.origin)
    if not value.entries:
        return TlsOptions("off" if value.complete else "unknown", value.origin)
    keys = {entry.key.value for entry in value.entries if isinstance(entry.key, Literal)}
    return TlsOptions("dict", value.origin, frozenset(key for key in keys if isinstance(key, str)), _cert_reqs(value))


def _cert_reqs(options: Mapping) -> str:
    found = options.get("ssl_cert_reqs")
    if found is None:
        return "invalid" if options.complete else "unknown"
    judged = {_judged(one) for one in settled(found)}
    return judged.pop() if len(judged) == 1 else "unknown"


def _judged(value: Value) -> str:
    if isinstance(value, External) and value.name.startswith("ssl."):
        return "valid"
    if not isinstance(value, Literal):
        return "unknown"
    # ``in`` compares with the constants of ssl: 0, 1, 2, and so False and True.
    return "valid" if value.value in CERT_REQS or value.value in (0, 1, 2) else "invalid"


def cert_reqs_of(url: BackendURL) -> str | None:
    """What a ``rediss://`` URL gives as ``ssl_cert_reqs``, decoded as Celery does: twice. None where it gives none."""
    found = dict(url.parameters()).get("ssl_cert_reqs")
    if found is None:
        return None
    from urllib.parse import unquote

    return unquote(found)


def nearest(given: str) -> str:
    """The valid ``ssl_cert_reqs`` that a wrong one means, ``required`` where it means none."""
    word = given.strip().lower().rpartition("_")[2]
    return word if word in CERT_REQS else {"0": "none", "1": "optional", "false": "none"}.get(word, "required")

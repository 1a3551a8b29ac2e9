"""How the Redis backend logs in: what of user name and password the URL gives, and what settings add.

Read in celery.backends.redis (``RedisBackend.__init__``, ``_params_from_url``), 5.3 to 5.7: what the URL lacks is taken
from ``redis_username`` and ``redis_password``; a credential provider replaces both.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Environment, Literal, Missing
from celery_backend_lint.model.backend_values import settled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.urls import BackendURL

SETTINGS = ("redis_password", "redis_backend_credential_provider")
"""The settings that give the backend a password which the URL does not hold."""

PARAMETERS = ("password", "credential_provider")
"""The parameters of a URL's query that do."""


def is_password_elsewhere(app: App) -> bool:
    """Whether a setting may give the Redis backend a password; True where that is not known."""
    settings = (app.settings[name] for name in SETTINGS if name in app.settings)
    return bool(app.unread) or any(_may_hold(one) for setting in settings for one in settled(setting.value))


def _may_hold(value: Value) -> bool:
    if isinstance(value, Environment):
        return True
    return not (isinstance(value, Missing) or (isinstance(value, Literal) and not value.value))


def is_password_in(url: BackendURL) -> bool:
    """Whether a URL gives a password, or may in a part that is not known."""
    if url.password is not None and url.password.text:
        return True
    if url.query is not None and not url.query.known:
        return True
    return any(name in PARAMETERS for name, _ in url.parameters())

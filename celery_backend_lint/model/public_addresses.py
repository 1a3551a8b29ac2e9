"""Addresses of the public network in the URLs of a result backend or broker, and whether a credential goes with them.

Only what is written as an address counts: a name may belong to a private one.
"""

from __future__ import annotations

import re

from celery_backend_lint.model.backend_kind import alias_of
from celery_backend_lint.model.backend_values import settled
from celery_backend_lint.model.redis_login import is_password_elsewhere, is_password_in
from celery_backend_lint.model.urls import UNKNOWN, split, split_sentinels, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.model.app import App

REDIS = ("redis", "rediss", "sentinel")
MEMCACHED = ("memcached", "pylibmc", "pymemcache")
STAND_INS = frozenset({"1.1.1.1", "1.2.3.4", "2.2.2.2", "4.3.2.1", "8.8.4.4", "8.8.8.8", "9.9.9.9", "123.123.123.123"})
"""Addresses that people write where they mean any."""

BROKERS_CREDENTIALS = ("broker_password", "broker_use_ssl", "broker_transport_options", "broker_login_method")
"""Settings that may let a broker's connection in without a password in the URL."""

BACKENDS_CREDENTIALS = ("redis_backend_use_ssl", "mongodb_backend_settings")
"""The same for the result backend: a client's certificate, a user."""


def is_public(host: str) -> bool:
    """Whether a host is written as an address of the public network, and not as a stand-in for one."""
    if not re.fullmatch(r"[0-9.]+|\[[0-9A-Fa-f:.]+\]", host) or host in STAND_INS:
        return False
    from ipaddress import ip_address

    try:
        return ip_address(host.strip("[]")).is_global
    except ValueError:
        return False


def unauthenticated(app: App) -> Iterator[tuple[str, Value, str]]:
    """The URLs of an app with a public address and no credential: the setting, the value, the address."""
    for setting in ("result_backend", "broker_url"):
        found = app.settings.get(setting)
        if found is None:
            continue
        for value in settled(found.value):
            host = _open_host(text_of(value) or "")
            if host and not _lets_in_otherwise(app, setting):
                yield setting, value, host


def _open_host(text: str) -> str:
    """The public address of a URL that has no credential, "" for none."""
    alias = alias_of(text)
    if UNKNOWN in text.partition("?")[0].rpartition("@")[0]:
        return ""
    if alias in REDIS:
        urls = split_sentinels(text)
        if any(url.user is not None or is_password_in(url) or _has_certificate(url.parameters()) for url in urls):
            return ""
        return next((url.host.text for url in urls if url.scheme in REDIS and is_public(url.host.text)), "")
    url = split(text)
    if url is None or url.user is not None:
        return ""
    if (alias == "cache" and url.scheme in MEMCACHED) or alias == "mongodb":
        return url.host.text if is_public(url.host.text) else ""
    return ""


def _has_certificate(parameters: tuple[tuple[str, str], ...]) -> bool:
    return any(name == "ssl_certfile" for name, _ in parameters)


def _lets_in_otherwise(app: App, setting: str) -> bool:
    if setting == "broker_url":
        return bool(app.unread) or any(name in app.settings for name in BROKERS_CREDENTIALS)
    return is_password_elsewhere(app) or any(name in app.settings for name in BACKENDS_CREDENTIALS)

"""CBL111 is true: which options the backends read, and what they do with None."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.rules.cbl111_unknown_transport_option import RETRIES, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.proofs.real import RealCelery

READ = """
class Watched(dict):
    asked = set()

    def get(self, key, default=None):
        self.asked.add(key)
        return super().get(key, default)

    def __contains__(self, key):
        self.asked.add(key)
        return super().__contains__(key)

def seen(**settings):
    app = Celery()
    app.conf.update(result_backend="redis://h/0", **settings)
    backend = app.backend
    return {**{str(key): str(value) for key, value in backend.connparams.items()}, "policy": backend.retry_policy}

def asked():
    app = Celery()
    Watched.asked.clear()
    app.conf.result_backend = "redis://h/0"
    app.conf.result_backend_transport_options = Watched()
    backend = app.backend
    backend.retry_policy, backend._chord_zset, backend.client
    return sorted(Watched.asked)

def made(url, options):
    app = Celery()
    app.conf.update(result_backend=url, result_backend_transport_options=options)
    try:
        return type(app.backend).__name__
    except AttributeError:
        return "AttributeError"
"""


@pytest.mark.parametrize("version", ["5.3.6", "newest"])
def test_only_three_options_are_read(celery_at: Callable[[str], RealCelery], version: str) -> None:
    wrong = dict.fromkeys((*SETTINGS, *RETRIES, "visibility_timeout"), 7)
    told = celery_at(version).evaluate(
        f"[asked(), seen() == seen(result_backend_transport_options={wrong}), seen(redis_socket_timeout=7),"
        " seen(result_backend_transport_options={'retry_policy': {'max_retries': 7}})]",
        READ,
    )
    assert isinstance(told.value, list), told
    read, same, timeout, retries = told.value
    assert set(read) - {"additional_connection_errors"} == {"global_keyprefix", "result_chord_ordered", "retry_policy"}
    assert same is True
    assert timeout["socket_timeout"] == "7.0"
    assert retries["policy"]["max_retries"] == 7


@pytest.mark.parametrize("version", ["5.3.6", "newest"])
def test_none_is_no_dict(celery_at: Callable[[str], RealCelery], version: str) -> None:
    told = celery_at(version).evaluate(
        "[made('redis://h/0', None), made('redis://h/0', {}), made('file:///tmp', None), made('rpc://', None)]", READ
    )
    assert told.value == ["AttributeError", "RedisBackend", "AttributeError", "RPCBackend"], told


def test_a_setting_is_named_for_each_option(celery: RealCelery) -> None:
    told = celery.evaluate("[name in app.backend.app.conf for name in ('redis_socket_timeout', 'redis_username')]")
    assert told.value == [True, True]
    given = {setting: 7 for option, setting in SETTINGS.items() if setting != "redis_backend_credential_provider"}
    told = celery.evaluate(f"seen(**{given})", READ)
    assert isinstance(told.value, dict), told
    for option in SETTINGS:
        assert option == "credential_provider" or told.value[option] in ("7", "7.0"), option

"""What text does to settings that are no text."""

from __future__ import annotations

import pytest

from celery_backend_lint.model.text_values import REDIS, effect_of_text

VERSION = (5, 7, 0)


@pytest.mark.parametrize(
    ("setting", "option", "kinds", "cast"),
    [
        ("result_extended", "", (), "bool"),
        ("redis_retry_on_timeout", "", REDIS, "bool"),
        ("database_short_lived_sessions", "", ("database",), "bool"),
        ("elasticsearch_retry_on_timeout", "", ("elasticsearch",), "bool"),
        ("result_persistent", "", ("rpc",), "bool"),
        ("redis_max_connections", "", REDIS, "int"),
        ("accept_content", "", (), "list"),
        ("database_engine_options", "pool_size", ("database",), "int"),
    ],
)
def test_settings_that_text_breaks(setting: str, option: str, kinds: tuple[str, ...], cast: str) -> None:
    effect = effect_of_text(setting, VERSION, option)
    assert effect is not None
    assert (effect.kinds, effect.cast) == (kinds, cast)


@pytest.mark.parametrize(
    ("setting", "option"),
    [
        ("result_backend", ""),
        ("redis_socket_timeout", ""),
        ("redis_port", ""),
        ("worker_prefetch_multiplier", ""),
        ("database_create_tables_at_setup", ""),
        ("database_engine_options", "pool_timeout"),
        ("beat_schedule", "task"),
        ("no_such_setting", ""),
    ],
)
def test_settings_that_take_text(setting: str, option: str) -> None:
    assert effect_of_text(setting, VERSION, option) is None

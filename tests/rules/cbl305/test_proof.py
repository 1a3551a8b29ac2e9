"""CBL305 is true: what Celery makes of text where it expects a number, a flag or a dict."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.proofs.real import RealCelery

ROUND_TRIP = "app.backend.store_result('proof', 42, 'SUCCESS') and app.AsyncResult('proof').get(timeout=5)"


@pytest.mark.parametrize(
    ("setting", "text", "error", "good"),
    [
        ("redis_max_connections", "50", "ValueError", 50),
        ("redis_backend_health_check_interval", "30", "TypeError", 30),
        ("redis_socket_timeout", "", "TypeError", 5.0),
        ("redis_socket_timeout", "abc", "ValueError", 5.0),
        ("redis_socket_connect_timeout", "", "TypeError", 5.0),
        ("redis_backend_use_ssl", "false", "ValueError", False),
        ("result_cache_max", "100", "TypeError", 100),
        ("result_backend_transport_options", "{}", "AttributeError", {}),
        ("result_backend_transport_options", "", "AttributeError", {}),
        ("accept_content", "json,yaml", "SerializerNotInstalled", ["json", "yaml"]),
    ],
)
def test_text_breaks_redis(
    celery: RealCelery, redis_url: str, setting: str, text: str, error: str, good: object
) -> None:
    bad = celery.evaluate(ROUND_TRIP, result_backend=redis_url, settings={setting: text})
    assert bad.fails_with(error)
    assert celery.evaluate(ROUND_TRIP, result_backend=redis_url, settings={setting: good}).value == 42


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        ("result_expires", "3600"),
        ("redis_socket_timeout", "5"),
        ("redis_socket_connect_timeout", "5"),
        ("redis_max_connections", ""),
        ("redis_backend_health_check_interval", ""),
    ],
)
def test_celery_converts_this_text_itself(celery: RealCelery, redis_url: str, setting: str, text: str) -> None:
    assert celery.evaluate(ROUND_TRIP, result_backend=redis_url, settings={setting: text}).value == 42


@pytest.mark.parametrize("setting", ["redis_port", "redis_db"])
def test_parts_of_an_address_may_be_text(celery: RealCelery, setting: str) -> None:
    text = {"redis_port": "6379", "redis_db": "3"}[setting]
    told = celery.evaluate("app.backend.client.connection_pool", result_backend="redis", settings={setting: text})
    assert told.works()


@pytest.mark.parametrize(
    ("effect", "settings"),
    [
        ("bool(app.conf.result_extended)", {"result_extended": "False"}),
        ("bool(app.backend.always_retry)", {"result_backend": "redis://h", "result_backend_always_retry": "False"}),
        ("app.backend.delivery_mode == 2", {"result_backend": "rpc://", "result_persistent": "False"}),
        (
            "bool(app.backend.connparams['retry_on_timeout'])",
            {"result_backend": "redis", "redis_retry_on_timeout": "0"},
        ),
        ("bool(app.task(os.path.join, name='t').ignore_result)", {"task_ignore_result": "False"}),
        (
            "type(app.task(os.path.join, name='t').delay('a')).__name__ == 'EagerResult'",
            {"task_always_eager": "False", "broker_url": "memory://"},
        ),
    ],
)
def test_text_that_says_no_means_yes(celery: RealCelery, effect: str, settings: dict[str, object]) -> None:
    assert celery.evaluate(effect, settings=settings).value is True
    off = {name: False if value in ("False", "0") else value for name, value in settings.items()}
    assert celery.evaluate(effect, settings=off).value is False


def test_text_breaks_the_clean_up_of_a_database(celery: RealCelery, tmp_path: Path) -> None:
    url = f"db+sqlite:///{tmp_path}/results.db"
    assert celery.evaluate("app.backend.cleanup()", result_backend=url, result_expires="3600").fails_with("TypeError")
    assert celery.evaluate("app.backend.cleanup()", result_backend=url, result_expires=3600).works()


@pytest.mark.parametrize("option", ["pool_recycle", "pool_size"])
def test_text_among_engine_options_breaks_worker_children_only(celery: RealCelery, tmp_path: Path, option: str) -> None:
    url = f"db+sqlite:///{tmp_path}/results.db"
    parent = celery.evaluate(ROUND_TRIP, result_backend=url, database_engine_options={option: "5"})
    assert parent.value == 42
    in_child = "setattr(app.backend.session_manager, 'forked', True) or " + ROUND_TRIP.replace("'proof'", "'forked'")
    child = celery.evaluate(
        f"[{in_child} for _ in range(2)]", result_backend=url, database_engine_options={option: "5"}
    )
    assert child.fails_with("TypeError")
    good = celery.evaluate(f"[{in_child} for _ in range(2)]", result_backend=url, database_engine_options={option: 5})
    assert good.value == [42, 42]


@pytest.mark.parametrize("setting", ["result_backend_max_retries", "result_backend_base_sleep_between_retries_ms"])
def test_text_breaks_retrying_when_it_is_needed(celery: RealCelery, setting: str) -> None:
    source = """
app = Celery()
app.conf.update(result_backend="cache+memory://", result_backend_always_retry=True, result_backend_max_retries=2)
app.conf.update({{"{setting}": {value!r}}})
app.backend.exception_safe_to_retry = lambda error: True

def refuse(*unused, **ignored):
    raise ConnectionError("down")

app.backend._store_result = refuse
"""
    store = "app.backend.store_result('proof', 42, 'SUCCESS')"
    assert celery.evaluate(store, source.format(setting=setting, value="2")).fails_with("TypeError")
    assert celery.evaluate(store, source.format(setting=setting, value=2)).fails_with("BackendStoreError")

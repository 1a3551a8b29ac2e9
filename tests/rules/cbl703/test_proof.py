"""CBL703 is true: settings that the backend in use never reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.proofs.real import RealCelery

# Uses a backend and notes each setting that is read on the way.
USED = """
import tempfile
from celery.app.utils import Settings
from celery.app.task import Context

read = set()
original = Settings.__getitem__

def noting(self, key):
    read.add(key)
    return original(self, key)

app = Celery(broker="memory://")
app.conf.update(result_backend={backend!r}.replace("FOLDER", tempfile.mkdtemp()))
app.finalize()
Settings.__getitem__ = noting
Settings.get = lambda self, key, default=None: noting(self, key) if key in self else read.add(key) or default
backend = app.backend
request = Context(id="proof", task="t", args=(), kwargs={{}}, delivery_info={{}}, reply_to="q", correlation_id="proof")
if backend.__class__.__name__ != "RPCBackend":
    backend.store_result("proof", 42, "SUCCESS", request=request)
    backend.get_task_meta("proof")
    backend.cleanup()
Settings.__getitem__ = original
"""
FAMILIES = ("redis_", "database_", "mongodb_", "cache_")


def families(celery: RealCelery, backend: str) -> set[str]:
    """The settings of particular backends that this one reads."""
    told = celery.evaluate("read", USED.format(backend=backend))
    assert told.works()
    assert isinstance(told.value, set)
    return {name for name in told.value if name.startswith(FAMILIES) or name in ALONE}


ALONE = {"result_persistent", "result_exchange", "result_exchange_type", "result_backend_transport_options"}


def test_redis_reads_its_own(celery: RealCelery, redis_url: str) -> None:
    read = families(celery, redis_url)
    assert {"redis_max_connections", "redis_socket_timeout", "redis_backend_use_ssl"} <= read
    assert "result_backend_transport_options" in read
    assert not {name for name in read if name.startswith(("database_", "cache_", "mongodb_"))}
    assert not read & {"result_persistent", "result_exchange", "result_exchange_type"}


def test_a_database_reads_its_own(celery: RealCelery) -> None:
    read = families(celery, "db+sqlite:///FOLDER/results.db")
    assert {"database_engine_options", "database_table_names", "database_short_lived_sessions"} <= read
    assert all(name.startswith("database_") for name in read)


def test_rpc_reads_its_own(celery: RealCelery) -> None:
    assert families(celery, "rpc://") == {"result_persistent", "result_exchange", "result_exchange_type"}


def test_a_cache_reads_its_own(celery: RealCelery) -> None:
    read = families(celery, "cache+memory://")
    assert read == {"cache_backend_options", "result_backend_transport_options"}


def test_a_folder_reads_the_transport_options_alone(celery: RealCelery) -> None:
    assert families(celery, "file://FOLDER") == {"result_backend_transport_options"}


@pytest.mark.parametrize(
    ("backend", "settings"),
    [
        ("db+sqlite://", {"redis_max_connections": "nonsense", "redis_socket_timeout": "nonsense"}),
        ("db+sqlite://", {"result_backend_transport_options": "nonsense"}),
        ("redis://cache", {"database_engine_options": "nonsense", "database_table_names": "nonsense"}),
        ("rpc://", {"redis_backend_use_ssl": True, "result_backend_transport_options": "nonsense"}),
    ],
)
def test_nonsense_there_is_not_even_noticed(celery: RealCelery, backend: str, settings: dict[str, object]) -> None:
    assert celery.evaluate("app.backend", result_backend=backend, settings=settings).works()


def test_an_expiry_for_failures_is_redis_own(celery: RealCelery) -> None:
    bad = celery.evaluate("app.backend", result_backend="db+sqlite://", result_failure_expires=60)
    assert any("does not support result_failure_expires" in text for text in bad.warnings)
    good = celery.evaluate("app.backend.failure_expires", result_backend="redis://cache", result_failure_expires=60)
    assert (good.value, good.warnings) == (60, ())

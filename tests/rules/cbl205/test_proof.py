"""CBL205 is true: what Celery says without a serializer's or a compression's package."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.oracle.environments import environment
from tests.proofs.real import RealCelery

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STORE = "app.backend.store_result('proof', 42, 'SUCCESS') and app.backend.get_result('proof')"
SEND = "app.send_task('proof') and None"


@pytest.fixture(scope="module")
def bare() -> Iterator[RealCelery]:
    """Celery 5.7 with its own extra for zstd, and nothing else."""
    celery = RealCelery(environment("celery[zstd]==5.7.0"))
    yield celery
    celery.close()


@pytest.mark.parametrize(("serializer", "error"), [("yaml", "KeyError"), ("msgpack", "SerializerNotInstalled")])
def test_results_cannot_be_serialized(bare: RealCelery, tmp_path: Path, serializer: str, error: str) -> None:
    settings = {"result_backend": f"file://{tmp_path}", "accept_content": ["json", serializer]}
    assert bare.evaluate(STORE, settings=settings, result_serializer=serializer).fails_with(error, serializer)
    assert bare.evaluate(STORE, settings=settings).value == 42, "accepting it alone is harmless"


@pytest.mark.parametrize("serializer", ["yaml", "msgpack"])
def test_tasks_cannot_be_serialized(bare: RealCelery, serializer: str) -> None:
    found = bare.evaluate(SEND, broker_url="memory://", task_serializer=serializer)
    assert found.fails_with("SerializerNotInstalled", serializer)


@pytest.mark.parametrize(
    "method",
    ["brotli", pytest.param("zstd", marks=pytest.mark.skipif(sys.version_info >= (3, 14), reason="Python's own"))],
)
def test_a_compression_is_not_there(bare: RealCelery, tmp_path: Path, method: str) -> None:
    assert bare.evaluate(SEND, broker_url="memory://", task_compression=method).fails_with("KeyError", method)
    compressed = bare.evaluate(STORE, result_backend=f"file://{tmp_path}", result_compression=method)
    assert compressed.fails_with("ImproperlyConfigured", "Unknown compression method")


def test_with_the_package_it_works(celery: RealCelery, tmp_path: Path) -> None:
    for serializer in ("yaml", "msgpack"):
        folder = tmp_path / serializer
        folder.mkdir()
        settings = {"result_backend": f"file://{folder}", "accept_content": [serializer]}
        assert celery.evaluate(STORE, settings=settings, result_serializer=serializer).value == 42
        assert celery.evaluate(SEND, broker_url="memory://", task_serializer=serializer).works()

"""CBL406 is true: who reads ``result_compression``, and what an unknown name does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.proofs.real import RealCelery

STORE = """
app = Celery()
app.conf.update(result_backend={backend!r}, result_compression={method!r})
app.backend.store_result("proof", "x" * 4000, "SUCCESS")
"""
SIZE = "len(app.backend.get(app.backend.get_key_for_task('proof')))"


def test_an_unknown_method_fails_at_the_first_use(celery: RealCelery, redis_url: str) -> None:
    found = celery.evaluate("None", STORE.format(backend=redis_url, method="gzip2"))
    assert found.fails_with("ImproperlyConfigured", "Unknown compression method 'gzip2'")


def test_known_methods_compress(celery: RealCelery, redis_url: str) -> None:
    for method in ("gzip", "application/x-bz2"):
        assert celery.evaluate(SIZE, STORE.format(backend=redis_url, method=method)).value < 1000


@pytest.mark.parametrize("backend", ["db+sqlite:///{folder}/results.db", "cache+memory://"])
def test_these_warn_and_store_results_as_they_are(celery: RealCelery, tmp_path: Path, backend: str) -> None:
    source = STORE.format(backend=backend.format(folder=tmp_path), method="gzip")
    found = celery.evaluate("app.backend.compression", source)
    assert found.works()
    assert found.value is None
    assert any("result_compression" in text for text in found.warnings)


def test_before_5_7_nothing_reads_it(celery_at: Callable[[str], RealCelery], redis_url: str) -> None:
    for method in ("gzip", "gzip2"):
        found = celery_at("5.6.3").evaluate(SIZE, STORE.format(backend=redis_url, method=method))
        assert isinstance(found.value, int)
        assert found.value > 4000
        assert not any("result_compression" in text for text in found.warnings)

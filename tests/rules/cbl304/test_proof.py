"""CBL304 is true: an unset variable switches results off, and nobody is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.proofs.real import RealCelery

BAD = 'app = Celery("proof", backend=os.environ.get("RESULTS_URL"))'
GOOD = 'app = Celery("proof", backend=os.environ["RESULTS_URL"])'


@pytest.mark.parametrize("version", ["5.3.6", "newest"])
def test_the_result_is_dropped_without_a_word(celery_at: Callable[[str], RealCelery], version: str) -> None:
    stored = celery_at(version).evaluate("app.backend.store_result('proof', 42, 'SUCCESS')", BAD)
    assert stored.works()
    assert stored.warnings == ()


@pytest.mark.parametrize("version", ["5.3.6", "newest"])
def test_who_wants_the_result_gets_an_error_instead(celery_at: Callable[[str], RealCelery], version: str) -> None:
    read = celery_at(version).evaluate("app.AsyncResult('proof').get(timeout=1)", BAD)
    assert read.fails_with("NotImplementedError", "No result backend is configured")


def test_required_it_fails_at_the_start(celery: RealCelery) -> None:
    assert celery.evaluate("app", GOOD).fails_with("KeyError", "RESULTS_URL")


def test_set_both_do_the_same(celery: RealCelery, redis_url: str) -> None:
    read = "app.backend.store_result('proof', 42, 'SUCCESS') and app.AsyncResult('proof').get(timeout=5)"
    for source in (BAD, GOOD):
        assert celery.evaluate(read, source, environment={"RESULTS_URL": redis_url}).value == 42

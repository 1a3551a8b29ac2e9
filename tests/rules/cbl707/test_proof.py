"""CBL707 is true: an older Celery takes a newer setting without a word and does nothing with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_backend_lint.model import facts

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.proofs.real import RealCelery

FAILED = "(app.backend.mark_as_failure('proof', ValueError('x')), app.backend.client.ttl('celery-task-meta-proof'))[1]"


def test_the_setting_does_nothing_before_its_release(celery_at: Callable[[str], RealCelery], redis_url: str) -> None:
    settings: dict[str, object] = {"result_backend": redis_url, "result_expires": 50, "result_failure_expires": 9000}
    older = celery_at("5.6.3").evaluate(FAILED, settings=settings)
    assert older.value == 50
    assert not any("result_failure_expires" in text for text in older.warnings)
    assert celery_at("newest").evaluate(FAILED, settings=settings).value == 9000


def test_the_releases_are_those_of_celery_itself(celery_at: Callable[[str], RealCelery]) -> None:
    listed = "sorted(__import__('celery.app.defaults', fromlist=['flatten']).DEFAULTS)"
    for release in ("5.6.3", "newest"):
        names = celery_at(release).evaluate(listed).value
        assert isinstance(names, list)
        version = facts.celery_versions()[-1] if release == "newest" else facts.release_of(release)
        for name in ("result_failure_expires", "beat_enable_remote_control", "database_create_tables_at_setup"):
            since = facts.setting_releases(name)[0][0]
            assert (name in names) == (version >= since), (release, name)

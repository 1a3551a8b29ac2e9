"""CBL106 is true: what real Celery does with ``rediss://``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.proofs.real import RealCelery


def test_a_rediss_url_without_cert_reqs_does_not_load(celery: RealCelery) -> None:
    bad = celery.evaluate("app.backend", result_backend="rediss://cache/0")
    assert bad.fails_with("ValueError", "A rediss:// URL must have parameter ssl_cert_reqs")
    assert celery.evaluate("app.backend", result_backend="rediss://cache/0?ssl_cert_reqs=required").works()

"""CBL103 is true: backends that Celery dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.proofs.real import RealCelery


@pytest.mark.parametrize("version", ["5.3.6", "5.6.3", "newest"])
@pytest.mark.parametrize("removed", ["amqp", "amqp://", "amqp://guest:guest@localhost//"])
def test_amqp_is_no_backend_since_celery_5(celery_at: Callable[[str], RealCelery], version: str, removed: str) -> None:
    bad = celery_at(version).evaluate("app.backend", result_backend=removed)
    assert bad.fails_with("ImproperlyConfigured", "Unknown result backend: 'amqp'")
    assert celery_at(version).evaluate("app.backend", result_backend="rpc://").works()


@pytest.mark.parametrize("removed", ["riak", "riak://localhost"])
def test_riak_is_still_an_alias_but_its_module_is_gone(celery: RealCelery, removed: str) -> None:
    assert celery.evaluate("app.backend", result_backend=removed).fails_with(
        "ModuleNotFoundError", "celery.backends.riak"
    )

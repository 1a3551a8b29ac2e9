"""CBL202 is true: redis-py versions that fail with a certain Celery."""

from __future__ import annotations

import importlib.metadata
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement

from tests.oracle.environments import environment, newest_celery
from tests.proofs.real import RealCelery

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NEWEST = newest_celery()
STORE = "app.backend.store_result('proof', 42, 'SUCCESS') and app.backend.get_result('proof')"


@pytest.fixture(scope="module")
def celery_with() -> Iterator[Callable[..., RealCelery]]:
    """Celery beside just these requirements."""
    started: dict[tuple[str, ...], RealCelery] = {}

    def start(*requirements: str) -> RealCelery:
        if requirements not in started:
            started[requirements] = RealCelery(environment(*requirements))
        return started[requirements]

    yield start
    for real in started.values():
        real.close()


@pytest.mark.parametrize(
    ("celery_version", "redis_version", "error", "text"),
    [
        ("5.6.3", "3.5.3", "ImportError", "CredentialProvider"),
        ("5.6.3", "4.3.6", "ImportError", "CredentialProvider"),
        (NEWEST, "3.5.3", "ImportError", "CredentialProvider"),
        (NEWEST, "4.6.0", "TypeError", "lib_name"),
    ],
)
def test_results_cannot_be_stored(
    celery_with: Callable[..., RealCelery],
    redis_url: str,
    celery_version: str,
    redis_version: str,
    error: str,
    text: str,
) -> None:
    celery = celery_with(f"celery=={celery_version}", f"redis=={redis_version}")
    assert celery.evaluate(STORE, result_backend=redis_url).fails_with(error, text)


@pytest.mark.parametrize(
    ("celery_version", "redis_version"),
    [("5.6.3", "4.5.1"), ("5.6.3", "8.1.0"), (NEWEST, "5.0.0"), (NEWEST, "8.1.0"), ("5.5.3", "3.5.3")],
)
def test_results_are_stored(
    celery_with: Callable[..., RealCelery], redis_url: str, celery_version: str, redis_version: str
) -> None:
    celery = celery_with(f"celery=={celery_version}", f"redis=={redis_version}")
    assert celery.evaluate(STORE, result_backend=redis_url).value == 42


@pytest.mark.parametrize(("package", "too_old"), [("redis", "4.4.4"), ("sqlalchemy", "1.3.24")])
def test_celerys_own_extra_asks_for_more(package: str, too_old: str) -> None:
    asked = [
        requirement
        for requirement in map(Requirement, importlib.metadata.requires("kombu") or ())
        if requirement.name.lower() == package and requirement.marker is not None
    ]
    assert asked
    assert not any(too_old in requirement.specifier for requirement in asked)

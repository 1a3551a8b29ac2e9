"""CBL201 is true: without its package a backend does not load."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.oracle.environments import environment, newest_celery
from tests.proofs.real import RealCelery

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def bare() -> Iterator[RealCelery]:
    """Celery as ``pip install celery`` leaves it."""
    celery = RealCelery(environment(f"celery=={newest_celery()}"))
    yield celery
    celery.close()


@pytest.mark.parametrize(
    ("backend", "error", "text"),
    [
        ("redis://cache/0", "ModuleNotFoundError", "redis"),
        ("sentinel://cache/0", "ModuleNotFoundError", "redis"),
        ("db+sqlite:///results.db", "ModuleNotFoundError", "sqlalchemy"),
        ("django-db", "ModuleNotFoundError", "django-db"),
        ("django-cache", "ModuleNotFoundError", "django-cache"),
        ("mongodb://cache", "ImproperlyConfigured", "pymongo"),
        ("cache+memcached://cache:11211/", "ImproperlyConfigured", "pymemcache"),
        ("elasticsearch://cache", "ImproperlyConfigured", "elasticsearch"),
        ("s3://bucket", "ImproperlyConfigured", "boto3"),
        ("dynamodb://", "ImproperlyConfigured", "boto3"),
        ("couchdb://cache", "ImproperlyConfigured", "pycouchdb"),
        ("couchbase://cache", "ImproperlyConfigured", "couchbase"),
        ("consul://cache", "ImproperlyConfigured", "consul"),
        ("arangodb://cache", "ImproperlyConfigured", "pyArango"),
        ("cassandra://cache", "ImproperlyConfigured", "cassandra-driver"),
        ("cosmosdbsql://cache", "ImproperlyConfigured", "pydocumentdb"),
        ("azureblockblob://DefaultEndpointsProtocol=https", "ModuleNotFoundError", "azure"),
        ("gs://bucket", "ImproperlyConfigured", "google-cloud"),
    ],
)
def test_the_backend_asks_for_its_package(bare: RealCelery, backend: str, error: str, text: str) -> None:
    assert bare.evaluate("app.backend", result_backend=backend).fails_with(error, text)


@pytest.mark.parametrize("backend", ["rpc://", "cache+memory://", None])
def test_these_need_nothing_beyond_celery(bare: RealCelery, backend: str | None) -> None:
    assert bare.evaluate("app.backend", result_backend=backend).works()


def test_a_folder_needs_nothing_beyond_celery(bare: RealCelery, tmp_path: Path) -> None:
    assert bare.evaluate("app.backend", result_backend=f"file://{tmp_path}").works()


def test_with_the_package_it_loads(celery: RealCelery, tmp_path: Path) -> None:
    assert celery.evaluate("app.backend", result_backend="redis://cache/0").works()
    assert celery.evaluate("app.backend", root=tmp_path, result_backend="db+sqlite:///results.db").works()

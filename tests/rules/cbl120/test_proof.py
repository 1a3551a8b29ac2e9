"""CBL120 is true: SQLAlchemy refuses an asyncio driver in synchronous code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.oracle.environments import environment
from tests.proofs.real import RealCelery

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STORE = "app.backend.store_result('proof', 42, 'SUCCESS')"


@pytest.fixture(scope="module")
def with_drivers() -> Iterator[RealCelery]:
    wanted = ("celery==5.7.0", "sqlalchemy", "greenlet", "asyncpg", "aiosqlite", "aiomysql", "asyncmy", "psycopg")
    real = RealCelery(environment(*wanted, name="celery-5.7.0-async-drivers"))
    yield real
    real.close()


@pytest.mark.parametrize(
    "url",
    [
        "db+postgresql+asyncpg://127.0.0.1/x",
        "db+postgresql+psycopg_async://127.0.0.1/x",
        "db+mysql+aiomysql://127.0.0.1/x",
        "db+mysql+asyncmy://127.0.0.1/x",
    ],
)
def test_an_asyncio_driver_is_refused(with_drivers: RealCelery, url: str) -> None:
    assert with_drivers.evaluate("app.AsyncResult('proof').state", result_backend=url).fails_with("MissingGreenlet")


def test_nothing_is_stored(with_drivers: RealCelery, tmp_path: Path) -> None:
    bad = with_drivers.evaluate(STORE, result_backend=f"db+sqlite+aiosqlite:///{tmp_path}/results.db")
    assert bad.error in ("MissingGreenlet", "BackendStoreError")
    assert with_drivers.evaluate(STORE, result_backend=f"db+sqlite:///{tmp_path}/results.db").value == 42

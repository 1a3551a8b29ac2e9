"""CBL113 is true: one writer at a time, and a relative path means another file in another folder."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.proofs.real import RealCelery

STORE = "app.backend.store_result({name!r}, None, 'SUCCESS')"


@pytest.mark.parametrize("version", ["5.6.3", "newest"])
def test_a_result_is_lost_while_another_process_writes(
    celery_at: Callable[[str], RealCelery], tmp_path: Path, version: str
) -> None:
    celery = celery_at(version)
    settings: dict[str, object] = {
        "result_backend": f"db+sqlite:///{tmp_path}/results.db",
        "database_engine_options": {"connect_args": {"timeout": 0.05}},
    }
    assert celery.evaluate(STORE.format(name="first"), settings=settings).works()
    with closing(sqlite3.connect(tmp_path / "results.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        bad = celery.evaluate(STORE.format(name="second"), settings=settings)
        assert bad.error in ("BackendStoreError", "OperationalError")
        other.execute("ROLLBACK")
    assert celery.evaluate("app.AsyncResult('second').state", settings=settings).value == "PENDING"
    assert celery.evaluate(STORE.format(name="second"), settings=settings).works()


def test_five_seconds_are_pythons_default(celery: RealCelery, tmp_path: Path) -> None:
    source = "import inspect, sqlite3\n"
    default = celery.evaluate("sqlite3.connect.__text_signature__ or inspect.getdoc(sqlite3.connect)", source)
    assert "timeout=5.0" in str(default.value)


def errors_while_another_writes(celery: RealCelery, folder: Path, *lines: str) -> object:
    """What SQLite told the process that wants to store a result, and whether that was given up."""
    url = f"db+sqlite:///{folder}/results.db?timeout=0.05"
    source = "\n".join(
        (
            "from sqlalchemy import event",
            "from sqlalchemy.engine import Engine",
            "told, lost = [], False",
            "event.listen(Engine, 'handle_error', lambda context: told.append(str(context.original_exception)))",
            f"app = Celery('shop', backend={url!r})",
            *lines,
            "try:",
            "    app.backend.store_result('second', None, 'SUCCESS')",
            "except Exception:",
            "    lost = True",
        )
    )
    assert celery.evaluate(STORE.format(name="first"), result_backend=url).works()
    with closing(sqlite3.connect(folder / "results.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        outcome = celery.evaluate("[told, lost]", source)
        other.execute("ROLLBACK")
    assert outcome.works()
    return outcome.value


@pytest.mark.parametrize(("version", "tries"), [("5.3.6", 3), ("5.6.3", 3), ("newest", 4)])
def test_a_result_is_lost_after_so_many_tries(
    celery_at: Callable[[str], RealCelery], tmp_path: Path, version: str, tries: int
) -> None:
    assert errors_while_another_writes(celery_at(version), tmp_path) == [["database is locked"] * tries, True]


@pytest.mark.parametrize(("version", "tries"), [("5.6.3", 3), ("newest", 1)])
def test_a_setting_changes_how_often_it_tries(
    celery_at: Callable[[str], RealCelery], tmp_path: Path, version: str, tries: int
) -> None:
    once = "app.conf.result_backend_always_retry = False"
    assert errors_while_another_writes(celery_at(version), tmp_path, once) == [["database is locked"] * tries, True]
    again = "app.conf.update(result_backend_always_retry=True, result_backend_max_retries=4)"
    told = errors_while_another_writes(celery_at(version), tmp_path, again)
    assert isinstance(told, list)
    assert len(told[0]) > 4


def test_a_relative_path_is_another_file_elsewhere(celery: RealCelery, tmp_path: Path) -> None:
    for folder in ("worker", "web"):
        (tmp_path / folder).mkdir()
    url = "db+sqlite:///results.db"
    assert celery.evaluate(STORE.format(name="proof"), root=tmp_path / "worker", result_backend=url).works()
    state = "app.AsyncResult('proof').state"
    assert celery.evaluate(state, root=tmp_path / "worker", result_backend=url).value == "SUCCESS"
    assert celery.evaluate(state, root=tmp_path / "web", result_backend=url).value == "PENDING"
    assert (tmp_path / "web" / "results.db").is_file()

"""Databases that work: what is tried, what is made and dropped again, what is told of clean-up."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.oracle.environments import environment
from tests.verify.conftest import Run, Verify
from tests.verify.live.database_sites import Database, make_tables, mariadb, postgresql
from tests.verify.live.site import APP
from tests.verify.live.test_live import names, wait_for

MAY_CREATE = "GRANT CREATE ON SCHEMA public TO {account}"
GRANTS = {postgresql: MAY_CREATE, mariadb: "GRANT ALL ON {database}.* TO {account}@'%'"}
SERVERS = [pytest.param(postgresql, id="PostgreSQL"), pytest.param(mariadb, id="MariaDB")]
OLD = ("celery==5.3.6", "sqlalchemy==1.4.54", "psycopg2-binary", "PyMySQL", "packaging")
WAY = ["backend", "driver", "dns", "tcp", "auth", "database", "tables"]
RESULT = ["isolation", "store", "read", "forget"]

Server = Callable[[], AbstractContextManager[Database]]


def live_of(done: Run) -> dict[str, Any]:
    [app] = done.json["apps"]
    live: dict[str, Any] = app["live"]
    return live


def notes(live: dict[str, Any], step: str) -> list[str]:
    [found] = [one for one in live["steps"] if one["name"] == step]
    return [note["cause"] for note in found["notes"]]


@pytest.mark.parametrize("server", SERVERS)
def test_tables_that_were_not_there_are_made_and_dropped_again(server: Server, connect: Verify) -> None:
    with server() as one:
        one.run(GRANTS[server], "CREATE TABLE orders (id INTEGER)")
        done = connect({"tasks.py": APP.format(backend=one.url())}, "--format", "json")
        live = live_of(done)
        assert names(live["steps"], "ok") == [*WAY, "create", *RESULT, "drop"]
        assert (notes(live, "tables"), notes(live, "drop")) == (["tables-to-come"], ["tables-dropped"])
        assert (done.code, live["kind"], live["left"]) == (0, "database", [])
        assert one.holds() == ["orders"]


@pytest.mark.parametrize("server", SERVERS)
def test_tables_and_rows_that_were_there_stay(server: Server, connect: Verify) -> None:
    with server() as one:
        one.run(GRANTS[server])
        make_tables(one)
        one.run(
            "INSERT INTO celery_taskmeta (id, task_id, status) VALUES (1000000, 'of-somebody', 'SUCCESS')",
            *(["GRANT ALL ON celery_taskmeta, celery_tasksetmeta TO {account}"] if server is postgresql else []),
            *(["GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {account}"] if server is postgresql else []),
        )
        before = one.holds()
        done = connect({"tasks.py": APP.format(backend=one.url())}, "--format", "json")
        live = live_of(done)
        assert names(live["steps"], "ok") == [*WAY, *RESULT, "clean-up"]
        assert live["left"] == []
        assert one.holds() == before
        assert "of-somebody" in before


@pytest.mark.parametrize("server", SERVERS)
def test_nothing_is_made_with_no_write(server: Server, connect: Verify) -> None:
    with server() as one:
        one.run(GRANTS[server])
        done = connect({"tasks.py": APP.format(backend=one.url())}, "--no-write", "--format", "json")
        steps = live_of(done)["steps"]
        assert names(steps, "ok") == WAY
        assert {step["cause"] for step in steps if step["status"] == "skipped"} == {"no-write"}
        assert one.holds() == []


def test_a_worker_stores_there_and_the_tables_are_dropped_after_it(connect: Verify, redis_url: str) -> None:
    with postgresql() as one:
        one.run(MAY_CREATE)
        settings = f"    app.conf.broker_url = {redis_url!r}\n"
        done = connect({"tasks.py": APP.format(backend=one.url()) + settings}, "--worker", "--format", "json")
        live = live_of(done)
        assert names(live["steps"], "ok")[-3:] == ["task-forget", "worker-end", "drop"]
        assert (done.code, live["left"], one.holds()) == (0, [], [])


@pytest.mark.parametrize("server", SERVERS)
def test_the_oldest_celery_with_the_oldest_sqlalchemy(server: Server, connect: Verify) -> None:
    with server() as one:
        one.run(GRANTS[server])
        python = str(environment(*OLD, name="celery-5.3.6-databases"))
        done = connect({"tasks.py": APP.format(backend=one.url())}, "--format", "json", python=python)
        live = live_of(done)
        assert names(live["steps"], "ok") == [*WAY, "create", *RESULT, "drop"]
        assert one.holds() == []


def test_polling_sees_what_is_stored_later_though_reads_are_repeatable(connect: Verify) -> None:
    with mariadb() as one:
        one.run(GRANTS[mariadb])
        live = live_of(connect({"tasks.py": APP.format(backend=one.url())}, "--format", "json"))
        assert notes(live, "isolation") == ["isolation-level"]
        assert live["label"].startswith("MariaDB at 127.0.0.1")
        assert "read" in names(live["steps"], "ok")


@pytest.fixture
def sqlite(tmp_path: Path) -> Path:
    return tmp_path / "results.db"


def files(path: Path, settings: str = "") -> dict[str, str]:
    return {"tasks.py": APP.format(backend=f"db+sqlite:///{path}") + settings}


def test_a_file_that_was_not_there_is_removed_again(connect: Verify, sqlite: Path) -> None:
    done = connect(files(sqlite), "--format", "json")
    live = live_of(done)
    assert names(live["steps"], "ok") == ["backend", "driver", "file", "tables", "create", *RESULT, "drop"]
    assert (done.code, live["left"], sqlite.exists()) == (0, [], False)


def test_no_file_is_made_with_no_write(connect: Verify, sqlite: Path) -> None:
    done = connect(files(sqlite), "--no-write", "--format", "json")
    assert names(live_of(done)["steps"], "ok") == ["backend", "driver", "file", "tables"]
    assert not sqlite.exists()


def store(path: Path, *ages: float) -> None:
    """Let Celery make its tables in a file, and put results of an age in days there."""
    from celery import Celery

    backend = Celery(backend=f"db+sqlite:///{path}", set_as_current=False).backend
    for number, days in enumerate(ages):
        backend.store_result(str(number), None, "SUCCESS")
        moment = datetime.now(timezone.utc).replace(tzinfo=None) - timedelta(days=days)
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE celery_taskmeta SET date_done = ? WHERE task_id = ?", (str(moment), str(number)))


@pytest.mark.parametrize(
    ("ages", "settings", "expected"),
    [
        ([0.1, 0.9], "", []),
        ([0.1, 1.5], "", ["to-be-cleaned"]),
        ([1.5, 4, 5], "", ["never-cleaned"]),
        ([0.1], "    app.conf.result_expires = None\n", ["beat-does-not-clean"]),
        ([4, 40], "    app.conf.result_expires = 50 * 24 * 3600\n", []),
    ],
)
def test_what_clean_up_would_delete(
    ages: list[float], settings: str, expected: list[str], connect: Verify, sqlite: Path
) -> None:
    store(sqlite, *ages)
    live = live_of(connect(files(sqlite, settings), "--format", "json"))
    assert notes(live, "clean-up") == expected
    with sqlite3.connect(sqlite) as connection:
        assert connection.execute("SELECT count(*) FROM celery_taskmeta").fetchone() == (len(ages),)


def test_the_number_of_results_that_nobody_cleans_is_told(connect: Verify, sqlite: Path) -> None:
    store(sqlite, 3.5, 4, 0)
    assert "does not run: of 2 the time (result_expires) was over more than two days ago" in connect(files(sqlite)).out


SLOW = {
    postgresql: "SELECT i AS id, '' AS taskset_id, '' AS result, (SELECT localtimestamp FROM pg_sleep(0.02 + i * 0))"
    " AS date_done FROM generate_series(1, 1000) AS i",
    mariadb: "SELECT seq AS id, '' AS taskset_id, '' AS result, IF(SLEEP(0.02), NULL, NOW()) AS date_done"
    " FROM seq_1_to_1000",
}


@pytest.mark.parametrize("server", SERVERS)
def test_rows_are_not_counted_for_long(server: Server, connect: Verify) -> None:
    with server() as one:
        make_tables(one)
        one.run(
            "ALTER TABLE celery_tasksetmeta RENAME TO slow_groups",
            "CREATE VIEW celery_tasksetmeta AS " + SLOW[server],
            GRANTS[server],
            *(["GRANT ALL ON ALL TABLES IN SCHEMA public TO {account}"] if server is postgresql else []),
            *(["GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {account}"] if server is postgresql else []),
        )
        done = connect({"tasks.py": APP.format(backend=one.url())}, "--step-timeout", "3", "--format", "json")
        assert (done.code, notes(live_of(done), "clean-up")) == (0, ["too-many-to-count"])


def test_a_table_of_an_older_celery_is_not_altered(connect: Verify, sqlite: Path) -> None:
    store(sqlite)
    with sqlite3.connect(sqlite) as connection:
        connection.execute("ALTER TABLE celery_taskmeta DROP COLUMN children")
        before = connection.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()
    done = connect(files(sqlite), "--format", "json")
    live = live_of(done)
    assert (done.code, notes(live, "tables")) == (0, ["columns-to-come"])
    assert "store" not in [step["name"] for step in live["steps"]]
    with sqlite3.connect(sqlite) as connection:
        assert connection.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall() == before


INTERFERING = """\
    import sqlite3

    from celery.backends.database import DatabaseBackend


    class Backend(DatabaseBackend):
        def _forget(self, task_id):
            super()._forget(task_id)
            {interference}
"""
ANOTHER = 'sqlite3.connect({path!r}, isolation_level=None).execute("INSERT INTO celery_taskmeta VALUES {row}")'


def test_a_process_that_found_the_tables_fails_once_they_are_dropped(sqlite: Path) -> None:
    """Which is why that is told."""
    from celery import Celery
    from celery.exceptions import BackendStoreError

    backend = Celery(backend=f"db+sqlite:///{sqlite}", set_as_current=False).backend
    backend.store_result("1", None, "SUCCESS")
    with sqlite3.connect(sqlite) as connection:
        connection.execute("DROP TABLE celery_taskmeta")
    with pytest.raises(BackendStoreError):
        backend.store_result("2", None, "SUCCESS")


def test_tables_that_somebody_else_uses_by_now_stay(connect: Verify, sqlite: Path) -> None:
    row = "(9, 'of-somebody', 'SUCCESS'" + ", NULL" * 11 + ")"
    project = {
        "own.py": INTERFERING.format(interference=ANOTHER.format(path=str(sqlite), row=row)),
        "tasks.py": APP.format(backend=f"own.Backend+sqlite:///{sqlite}"),
    }
    done = connect(project, "--format", "json")
    live = live_of(done)
    assert (done.code, notes(live, "drop"), live["left"]) == (0, ["tables-in-use"], [])
    with sqlite3.connect(sqlite) as connection:
        assert connection.execute("SELECT task_id FROM celery_taskmeta").fetchall() == [("of-somebody",)]


WAITING = 'open("waits", "w").close(); import time; time.sleep(60)'


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_what_was_made_is_dropped_when_the_run_is_interrupted(number: signal.Signals, tmp_path: Path) -> None:
    with postgresql() as one:
        one.run(MAY_CREATE)
        (tmp_path / "own.py").write_text(dedent(INTERFERING.format(interference=WAITING)))
        backend = one.url().replace("db+", "own.Backend+")
        (tmp_path / "tasks.py").write_text(dedent(APP.format(backend=backend)))
        command = [sys.executable, "-m", "celery_backend_lint", "verify", "--isolated", "--python", sys.executable]
        run = subprocess.Popen(
            [*command, str(tmp_path)], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        try:
            wait_for((tmp_path / "waits").exists)
            assert one.holds()
            run.send_signal(number)
            run.communicate(timeout=20)
            wait_for(lambda: not one.holds())
        finally:
            run.kill()
            run.communicate()

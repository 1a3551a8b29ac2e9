"""Django's database and caches that work as result backends: what is tried, what is told, what stays."""

from __future__ import annotations

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

from tests.oracle.environments import celery_environment, environment
from tests.verify.conftest import Verify
from tests.verify.live.database_sites import Database, mariadb, postgresql
from tests.verify.live.django_sites import file_of, manage, migrated, migrated_file, on_server, project
from tests.verify.live.site import APP
from tests.verify.live.test_database import live_of, notes
from tests.verify.live.test_live import names

TABLES = "GRANT ALL ON ALL TABLES IN SCHEMA public TO {account}"
SEQUENCES = "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {account}"
GRANTS = {postgresql: [TABLES, SEQUENCES], mariadb: ["GRANT ALL ON {database}.* TO {account}@'%'"]}
SERVERS = [pytest.param(postgresql, id="PostgreSQL"), pytest.param(mariadb, id="MariaDB")]
RESULT = ["isolation", "store", "read", "forget"]
OF_A_FILE = ["backend", "driver", "file", "database", "migrations", *RESULT, "clean-up"]
ROW = (
    "INSERT INTO django_celery_results_taskresult"
    " (task_id, status, content_type, content_encoding, date_created, date_done)"
    " VALUES ('of-somebody', 'SUCCESS', 'application/json', 'utf-8', '2026-01-01', '2126-01-01')"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file in which the migrations are applied."""
    found = tmp_path / "db.sqlite3"
    found.write_bytes(migrated_file())
    return found


@pytest.mark.parametrize("server", SERVERS)
def test_a_database_that_works_is_left_as_it_was(
    server: Callable[[], AbstractContextManager[Database]], connect: Verify, tmp_path: Path
) -> None:
    with server() as one:
        migrated(tmp_path, one)
        one.run(*GRANTS[server], ROW)
        before = one.holds()
        done = connect(project(DATABASES=on_server(one)), "--format", "json")
        live = live_of(done)
        way = ["backend", "driver", "dns", "tcp", "auth", "database", "migrations"]
        assert names(live["steps"], "ok") == [*way, *RESULT, "clean-up"]
        assert [note for step in live["steps"] for note in step["notes"]] == []
        assert (done.code, live["kind"], live["left"]) == (0, "django", [])
        assert one.holds() == before


@pytest.mark.parametrize("version", ["5.3.6", "newest"])
def test_a_file_that_works_with_each_celery(version: str, connect: Verify, path: Path) -> None:
    files = project(DATABASES=file_of(path))
    files["shop/settings.py"] = files["shop/settings.py"].partition("MySQLdb()\n")[2]
    done = connect(files, "--format", "json", python=str(celery_environment(version)))
    live = live_of(done)
    assert names(live["steps"], "ok") == OF_A_FILE
    assert (done.code, live["left"]) == (0, [])
    assert rows(path) == 0


def rows(path: Path) -> int:
    with sqlite3.connect(path) as connection:
        return int(connection.execute("SELECT count(*) FROM django_celery_results_taskresult").fetchone()[0])


def test_nothing_is_written_with_no_write(connect: Verify, path: Path) -> None:
    path.chmod(0o400)
    before = path.read_bytes()
    steps = live_of(connect(project(DATABASES=file_of(path)), "--no-write", "--format", "json"))["steps"]
    assert names(steps, "ok") == [name for name in OF_A_FILE if name not in ("store", "read", "forget")]
    assert path.read_bytes() == before


def test_a_file_that_is_not_there_is_not_made(connect: Verify, tmp_path: Path) -> None:
    missing = tmp_path / "missing.sqlite3"
    done = connect(project(DATABASES=file_of(missing)), "--format", "json")
    steps = live_of(done)["steps"]
    assert (names(steps, "failed"), done.code) == (["migrations"], 1)
    assert not missing.exists()


def test_a_migration_that_waits_and_is_not_needed_is_but_told(connect: Verify, path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM django_migrations WHERE name LIKE '0014%'")
    done = connect(project(DATABASES=file_of(path)), "--format", "json")
    live = live_of(done)
    assert (done.code, notes(live, "migrations")) == (0, ["migrations-pending"])
    assert names(live["steps"], "ok") == OF_A_FILE


def test_results_of_tenants_are_not_tried(connect: Verify, path: Path) -> None:
    live = live_of(connect(project(DATABASES=file_of(path), SHARED_APPS=["customers"]), "--format", "json"))
    assert notes(live, "migrations") == ["of-tenants"]
    assert names(live["steps"], "ok") == ["backend", "driver", "file", "database", "migrations"]


def store(path: Path, *ages: float) -> None:
    """Put results of an age in days there."""
    with sqlite3.connect(path) as connection:
        for number, days in enumerate(ages):
            moment = datetime.now(timezone.utc).replace(tzinfo=None) - timedelta(days=days)
            text = ROW.replace("of-somebody", str(number)).replace("2126-01-01", str(moment))
            connection.execute(text)


@pytest.mark.parametrize(
    ("ages", "settings", "expected"),
    [
        ([0.1, 0.9], {}, []),
        ([0.1, 1.5], {}, ["to-be-cleaned"]),
        ([1.5, 4, 5], {}, ["never-cleaned"]),
        ([4], {"CELERY_RESULT_EXPIRES": None}, ["beat-does-not-clean"]),
    ],
)
def test_what_clean_up_would_delete(
    ages: list[float], settings: dict[str, Any], expected: list[str], connect: Verify, path: Path
) -> None:
    store(path, *ages)
    live = live_of(connect(project(DATABASES=file_of(path), **settings), "--format", "json"))
    assert notes(live, "clean-up") == expected
    assert rows(path) == len(ages)


MODELS = """\
    from django.db import models


    class Order(models.Model):
        result = models.ForeignKey("django_celery_results.TaskResult", models.CASCADE)
        group = models.ForeignKey("django_celery_results.GroupResult", models.SET_NULL, null=True)
"""


def test_rows_that_clean_up_would_delete_along_are_told(connect: Verify, path: Path) -> None:
    files = project(DATABASES=file_of(path), apps=["django_celery_results", "orders"])
    done = connect({**files, "orders/__init__.py": "", "orders/models.py": MODELS})
    assert "note: clean-up deletes with each result the rows that point at it with CASCADE: orders.Order" in done.out


REPEATABLE = {"OPTIONS": {"isolation_level": "repeatable read"}}
POLLING = """\
    import subprocess
    import sys

    from shop.celery import app
    from django.db import transaction

    STORE = (
        "from shop.celery import app; import django; django.setup(); "
        "app.backend.store_result('later', 1, 'SUCCESS')"
    )


    def status():
        return app.backend.get_task_meta("later", cache=False)["status"]


    import django
    django.setup()
    with transaction.atomic():
        before = status()
        subprocess.run([sys.executable, "-c", STORE], check=True)
        print(before, status(), end=" ")
    print(status())
"""


@pytest.mark.parametrize(
    ("options", "expected", "said"),
    [(REPEATABLE, "PENDING PENDING SUCCESS", ["isolation-level"]), ({}, "PENDING SUCCESS SUCCESS", [])],
)
def test_what_is_said_of_repeatable_reads_is_so(
    options: dict[str, Any], expected: str, said: list[str], connect: Verify, tmp_path: Path
) -> None:
    with mariadb() as one:
        migrated(tmp_path, one)
        one.run(*GRANTS[mariadb])
        files = project(DATABASES=on_server(one, **options))
        live = live_of(connect(files, "--format", "json"))
        assert notes(live, "isolation") == said
        seen = subprocess.run(
            [sys.executable, "-c", dedent(POLLING)], cwd=Path.cwd(), capture_output=True, text=True, check=True
        )
        assert seen.stdout.strip() == expected


def test_a_worker_stores_there(connect: Verify, path: Path, redis_url: str) -> None:
    files = project(DATABASES=file_of(path), CELERY_BROKER_URL=redis_url)
    done = connect(files, "--worker", "--format", "json")
    live = live_of(done)
    assert names(live["steps"], "ok")[-4:] == ["task", "task-forget", "worker-end", "clean-up"]
    assert (done.code, live["left"], rows(path)) == (0, [], 0)


def caches(name: str, location: object) -> dict[str, Any]:
    return {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
        "results": {"BACKEND": "django.core.cache.backends." + name, "LOCATION": str(location)},
    }


def cached(files: dict[str, Any], connect: Verify, *arguments: str) -> dict[str, Any]:
    given = project(backend="django-cache", CELERY_CACHE_BACKEND="results", **files)
    done = connect(given, *arguments, "--format", "json")
    assert done.code == 0
    return live_of(done)


def test_a_cache_of_files_is_shared(connect: Verify, tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    live = cached({"CACHES": caches("filebased.FileBasedCache", folder)}, connect)
    assert names(live["steps"], "ok") == ["backend", "alias", "watch", "store", "read", "shared", "forget"]
    assert (live["label"], live["left"]) == ("FileBasedCache (CACHES['results'])", [])
    assert not folder.exists()


def test_a_cache_in_redis_is_shared(connect: Verify, redis_url: str) -> None:
    import redis

    live = cached({"CACHES": caches("redis.RedisCache", redis_url)}, connect)
    way = ["backend", "alias", "dns", "tcp", "watch"]
    assert names(live["steps"], "ok") == [*way, "store", "read", "shared", "forget"]
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 1  # the claim of this test


def test_a_cache_in_a_table_is_shared(connect: Verify, tmp_path: Path) -> None:
    given = {"DATABASES": file_of(tmp_path / "db.sqlite3"), "CACHES": caches("db.DatabaseCache", "cache_table")}
    manage(tmp_path / "making", project(**given), "createcachetable")
    assert "shared" in names(cached(given, connect)["steps"], "ok")
    with sqlite3.connect(tmp_path / "db.sqlite3") as connection:
        assert connection.execute("SELECT count(*) FROM cache_table").fetchone() == (0,)


def test_a_cache_is_not_written_to_with_no_write(connect: Verify, tmp_path: Path) -> None:
    live = cached({"CACHES": caches("filebased.FileBasedCache", tmp_path / "cache")}, connect, "--no-write")
    assert names(live["steps"], "ok") == ["backend", "alias", "watch"]
    assert not (tmp_path / "cache").exists()


def test_results_of_django_without_their_package(connect: Verify) -> None:
    bare = environment("celery==5.7.0", name="celery-5.7.0-bare-py" + ".".join(map(str, sys.version_info[:2])))
    done = connect({"tasks.py": APP.format(backend="django-db")}, "--format", "json", python=str(bare))
    [step] = live_of(done)["steps"]
    assert (step["cause"], done.code) == ("django-results-missing", 1)

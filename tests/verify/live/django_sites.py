"""Projects of Django's for faults, with a database or a cache."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any

from tests.verify.live.database_sites import SECRET, Database, hold
from tests.verify.live.site import Site, nothing

CELERY = """\
    import os

    from celery import Celery

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    app = Celery("shop")
    app.config_from_object("django.conf:settings", namespace="CELERY")
"""
ENGINES = {"postgresql": "django.db.backends.postgresql", "mysql": "django.db.backends.mysql"}
PYMYSQL = "import pymysql\npymysql.version_info = (2, 2, 8, 'final', 0)\npymysql.install_as_MySQLdb()\n"
"""What makes Django take PyMySQL for mysqlclient."""


def project(
    backend: str = "django-db", apps: Sequence[str] = ("django_celery_results",), **settings: Any
) -> dict[str, str]:
    """The files of a project with these settings."""
    given = {
        "SECRET_KEY": "-",
        "USE_TZ": True,
        "INSTALLED_APPS": list(apps),
        "CELERY_RESULT_BACKEND": backend,
        **settings,
    }
    lines = [f"{name} = {value!r}\n" for name, value in given.items()]
    return {"shop/__init__.py": "", "shop/settings.py": PYMYSQL + "".join(lines), "shop/celery.py": CELERY}


def file_of(path: Path) -> dict[str, Any]:
    """DATABASES with a file."""
    return {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}}


def on_server(one: Database, **changed: Any) -> dict[str, Any]:
    """DATABASES with a database of a server and its account."""
    url = one.owner.url
    found = {
        "ENGINE": ENGINES[one.owner.dialect.name],
        "NAME": one.name,
        "USER": one.account,
        "PASSWORD": SECRET,
        "HOST": url.host,
        "PORT": str(url.port or ""),
    }
    return {"default": {**found, **changed}}


def manage(folder: Path, files: dict[str, str], *command: str) -> None:
    """Run a command of Django's in a project."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(dedent(text), encoding="utf-8")
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "shop.settings", "PYTHONPATH": str(folder)}
    subprocess.run(
        [sys.executable, "-m", "django", *command], cwd=folder, env=environment, check=True, capture_output=True
    )


def migrated(folder: Path, one: Database) -> None:
    """Apply the migrations of django_celery_results as the owner of a database."""
    url = one.owner.url
    owner = on_server(one, USER=url.username, PASSWORD=url.password or "")
    manage(folder / "migrating", project(DATABASES=owner), "migrate", "django_celery_results")


def django_on(
    server: Callable[[], AbstractContextManager[Database]],
    *statements: str,
    migrate: bool = True,
    lock: str = "",
    **changed: Any,
) -> Callable[[Path], AbstractContextManager[Site]]:
    """A site with a database of a server, in which migrations are applied, then statements run as the owner."""

    @contextmanager
    def start(folder: Path) -> Iterator[Site]:
        with server() as one:
            if migrate:
                migrated(folder, one)
            one.run(*statements)
            before = one.holds()
            with one.owner.connect() as connection:
                if lock:
                    hold(connection, lock)

                def left() -> list[str]:
                    connection.close()
                    return [name for name in one.holds() if name not in before]

                yield Site(project(DATABASES=on_server(one, **changed)), left, (SECRET,))

    return start


@cache
def migrated_file(*options: str) -> bytes:
    """An SQLite database in which the migrations are applied, up to one where that is named."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "db.sqlite3"
        files = project(DATABASES=file_of(path))
        manage(Path(name) / "migrating", files, "migrate", "django_celery_results", *options)
        return path.read_bytes()


def django_at(
    *statements: str, migrated_to: Sequence[str] | None = None, **settings: Any
) -> Callable[[Path], AbstractContextManager[Site]]:
    """A site without a server; the database, where it uses one, is a file, empty unless migrations are applied."""

    @contextmanager
    def start(folder: Path) -> Iterator[Site]:
        path = folder / "db.sqlite3"
        path.write_bytes(b"" if migrated_to is None else migrated_file(*migrated_to))
        with sqlite3.connect(path) as connection:
            for statement in statements:
                connection.execute(statement)
        yield Site(project(**{"DATABASES": file_of(path), **settings}), nothing, (SECRET,))

    return start

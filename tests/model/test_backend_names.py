"""What loads as a result backend, asked of real Celery, and what people meant who wrote what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.model import facts
from celery_backend_lint.model.backend_names import loads, meant, meant_dialect, unknown_cache
from celery_backend_lint.model.urls import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.proofs.real import RealCelery

NEWEST = facts.celery_versions()[-1]
CLASS = "__import__('celery.app.backends').app.backends.by_url(app.conf.result_backend, app.loader)[0].__name__"


@pytest.mark.parametrize("version", ["5.3.6", "5.5.3", "newest"])
@pytest.mark.parametrize(
    "text",
    [
        *("redis", "redis://h/0", "rediss://h/0?ssl_cert_reqs=none", "redis+socket:///s", "redis+sentinel://h", "rpc"),
        *("rpc://", "rpc+amqp://h", "db+sqlite://", "database", "cache+memory://", "disabled", "mongodb+srv://h/d"),
        *("consul+https://h", "elasticsearch+https://h", "sentinel://h/0", "file:///tmp", "couchdb://h", "s3"),
        *("postgresql://h/d", "sqlite:///x", "sqla+sqlite:///x", "memory://", "memory", "memcached://h", "unix:///s"),
        *("valkey://h", "none", "None", "Redis://h", "RPC", "rpc:/", "redis:/h", "redis//h", "redis-sentinel://h"),
        *("reddis://h", " redis://h", "'redis://h'", "nowhere", "nowhere:6379", "amqps://h", "gcs://b", "zk://h"),
    ],
)
def test_celery_agrees(celery_at: Callable[[str], RealCelery], version: str, text: str) -> None:
    release = NEWEST if version == "newest" else facts.release_of(version)
    assert loads(text, release) is not bool(celery_at(version).evaluate(CLASS, result_backend=text).error)


@pytest.mark.parametrize(
    "text", ["mine.Backend", "mine:Backend", "mine.Backend+redis://h", "{{ scheme }}://h", f"{UNKNOWN}://h"]
)
def test_class_paths_and_templates_cannot_be_said(text: str) -> None:
    assert loads(text, NEWEST) is None


@pytest.mark.parametrize("text", ["", "django-db", "django-cache"])
def test_nothing_and_the_entry_points_of_django_celery_results_load(text: str) -> None:
    assert loads(text, NEWEST)


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("postgres://h/d", "db+postgresql://h/d"),
        ("mysql+pymysql://h/d", "db+mysql+pymysql://h/d"),
        ("sqlalchemy+postgresql://h/d", "db+postgresql://h/d"),
        ("dbs+sqlite:///x", "db+sqlite:///x"),
        ("sqlalchemy://h", None),
        ("memory", "cache+memory://"),
        ("memcached://h:11211/", "cache+memcached://h:11211/"),
        ("filesystem:///tmp", "file:///tmp"),
        ("file:/tmp", "file:///tmp"),
        ("valkeys://h", "rediss://h"),
        ("REDIS", "redis"),
        ("REDIS://h", "redis://h"),
        ("rpc:/", "rpc://"),
        ("amqps://h", "rpc://"),
        ("none", "disabled"),
        ("django_db", "django-db"),
        ("cache.example.com:6379/1", "redis://cache.example.com:6379/1"),
        ("'redis://h'", "redis://h"),
        ("'reddis://h'", "redis://h"),
        ("sentnel://h", "sentinel://h"),
        ("rediss:h", "rediss://h"),
        ("kafka://h", None),
        ("default", None),
    ],
)
def test_what_was_meant_is_told_where_one_answer_exists(text: str, better: str | None) -> None:
    assert meant(text, NEWEST) == better
    assert better is None or loads(better, NEWEST)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("db+postgres://h/d", ("postgres", "postgresql")),
        ("db+postgres+psycopg2://h/d", ("postgres+psycopg2", "postgresql+psycopg2")),
        ("database+mysq://h/d", ("mysq", "mysql")),
        ("db+postgresql+psycopg3://h/d", ("postgresql+psycopg3", "postgresql+psycopg")),
        ("db+postgresql://h/d", None),
        ("db+cockroachdb://h/d", None),
        ("db+nobodyknows://h/d", None),
        ("redis://h", None),
    ],
)
def test_a_dialect_that_sqlalchemy_lacks(text: str, answer: tuple[str, str] | None) -> None:
    assert meant_dialect(text, (2, 1), ()) == answer


def test_a_dialect_that_a_declared_package_or_an_old_sqlalchemy_brings() -> None:
    assert meant_dialect("db+sqlites://h", (2, 1), ("sqlalchemy-sqlites",)) is None
    assert meant_dialect("db+postgres://h", (1, 3), ()) is None


@pytest.mark.parametrize(
    ("text", "version", "unknown"),
    [
        ("cache+redis://h", (5, 7, 0), "cache+redis"),
        ("cache+pymemcache://h", (5, 6, 3), "cache+pymemcache"),
        ("cache+pymemcache://h", (5, 7, 0), None),
        ("cache+memcached://h", (5, 3, 6), None),
        ("cache", (5, 7, 0), None),
        (f"cache+{UNKNOWN}://h", (5, 7, 0), None),
        ("redis://h", (5, 7, 0), None),
    ],
)
def test_a_memcached_client_that_celery_lacks(text: str, version: tuple[int, ...], unknown: str | None) -> None:
    assert unknown_cache(text, version) == unknown

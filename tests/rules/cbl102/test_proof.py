"""CBL102 is true: which backends real Celery loads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.proofs.real import RealCelery


@pytest.mark.parametrize(
    ("bad", "error", "good"),
    [
        ("postgresql+psycopg2://localhost/app", "ModuleNotFoundError", "db+sqlite://"),
        ("sqlite:///results.db", "ModuleNotFoundError", "db+sqlite:///results.db"),
        ("sqla+sqlite:///results.db", "ModuleNotFoundError", "db+sqlite:///results.db"),
        ("sqlalchemy+sqlite:///results.db", "ImproperlyConfigured", "db+sqlite:///results.db"),
        ("memory://", "ModuleNotFoundError", "cache+memory://"),
        ("socket:///tmp/redis.sock", "ImproperlyConfigured", "redis+socket:///tmp/redis.sock"),
        ("unix:///tmp/redis.sock", "ModuleNotFoundError", "redis+socket:///tmp/redis.sock"),
        ("valkey://cache/0", "ModuleNotFoundError", "redis://cache/0"),
        ("Redis://cache/0", "ModuleNotFoundError", "redis://cache/0"),
        ("redis-sentinel://cache/0", "ModuleNotFoundError", "sentinel://cache/0"),
        ("rpc:/", "ModuleNotFoundError", "rpc://"),
        ("none", "ModuleNotFoundError", "disabled"),
        ("None", "ModuleNotFoundError", "disabled"),
        ("redis:/cache", "AttributeError", "redis://cache"),
        ("http://cache", "ImproperlyConfigured", "redis://cache"),
        (" redis://cache", "ModuleNotFoundError", "redis://cache"),
        ("'redis://cache'", "ModuleNotFoundError", "redis://cache"),
        ("reddis://cache", "ModuleNotFoundError", "redis://cache"),
    ],
)
def test_the_scheme_does_not_load_and_the_correction_does(
    celery: RealCelery, tmp_path: Path, bad: str, error: str, good: str
) -> None:
    # The class is enough: Sentinel and others would connect as soon as they are asked for their client.
    assert celery.evaluate("app.backend", root=tmp_path, result_backend=bad).fails_with(error)
    load = "__import__('celery.app.backends').app.backends.by_url(app.conf.result_backend, app.loader)[0].__name__"
    assert celery.evaluate(load, root=tmp_path, result_backend=good).works()


def test_a_filesystem_scheme_is_spelt_file(celery: RealCelery, tmp_path: Path) -> None:
    assert celery.evaluate("app.backend", result_backend=f"filesystem://{tmp_path}").fails_with("ModuleNotFoundError")
    assert celery.evaluate("app.backend", result_backend=f"file://{tmp_path}").works()


def test_sqlalchemy_has_no_postgres_dialect(celery: RealCelery) -> None:
    bad = celery.evaluate("app.backend", result_backend="db+postgres://localhost/app")
    assert bad.fails_with("NoSuchModuleError", "sqlalchemy.dialects:postgres")
    good = "db+postgresql+psycopg2://localhost/app"
    driver = "__import__('sqlalchemy').make_url(app.conf.result_backend[3:]).get_dialect().driver"
    assert celery.evaluate(driver, result_backend=good).value == "psycopg2"


@pytest.mark.parametrize(
    ("package", "error"),
    [
        ("django-celery-results", "ModuleNotFoundError"),
        ("django_celery_results", "ImproperlyConfigured"),
        ("django", "ImproperlyConfigured"),
    ],
)
def test_the_name_of_a_package_is_no_backend_of_it(celery: RealCelery, package: str, error: str) -> None:
    assert celery.evaluate("app.backend", result_backend=package).fails_with(error)
    registered = "{one.name for one in __import__('importlib.metadata').metadata.entry_points(group=group)}"
    given = celery.evaluate(f"sorted({registered})", "group = 'celery.result_backends'").value
    assert given == ["django-cache", "django-db"]


@pytest.mark.parametrize("nothing", [None, "", "disabled", False])
def test_nothing_is_a_backend_that_drops_results(celery: RealCelery, nothing: object) -> None:
    assert celery.evaluate("type(app.backend).__name__", result_backend=nothing).value == "DisabledBackend"


@pytest.mark.parametrize("path", ["mine.Backend", "mine:Backend", "mine.Backend+redis://cache/0"])
def test_a_class_path_of_the_project_loads(celery: RealCelery, tmp_path: Path, path: str) -> None:
    (tmp_path / "mine.py").write_text("from celery.backends.redis import RedisBackend as Backend\n")
    assert celery.evaluate("app.backend", root=tmp_path, result_backend=path).works()
    assert celery.evaluate("app.backend", root=tmp_path, result_backend="mine.Backed").fails_with("AttributeError")
    assert celery.evaluate("app.backend", root=tmp_path, result_backend="mine").fails_with("ImproperlyConfigured")


def test_a_stray_comma_makes_a_tuple_that_crashes(celery: RealCelery) -> None:
    assert celery.evaluate("app.backend", result_backend=("redis://cache",)).fails_with("TypeError")


@pytest.mark.parametrize("version", ["5.3.6", "newest"])
def test_a_tuple_loses_to_the_variable_that_celery_reads(celery_at: Callable[[str], RealCelery], version: str) -> None:
    read = "type(app.backend).__name__"
    variable = {"CELERY_RESULT_BACKEND": "redis://cache"}
    told = celery_at(version).evaluate(read, result_backend=("redis://cache",), environment=variable)
    assert told.value == "RedisBackend"
    told = celery_at(version).evaluate(read, result_backend=("",), environment={"CELERY_RESULT_BACKEND": ""})
    assert told.fails_with("TypeError")

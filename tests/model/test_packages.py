"""What brings a backend's package, what may bring it, and what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.model.packages import Packages, backend_needs, extra_floor
from tests.model.build import model_of

if TYPE_CHECKING:
    from pathlib import Path

APP = 'from celery import Celery\n\napp = Celery("shop", backend="redis://cache/0")\n'


def packages_of(root: Path, files: dict[str, str], app: str = "tasks.py") -> Packages:
    model = model_of(root, {app: APP, **files})
    return Packages(model, model.apps[0])


@pytest.mark.parametrize(
    ("kind", "text", "version", "wanted"),
    [
        ("redis", "redis://h", (5, 6, 2), ("redis",)),
        ("sentinel", "sentinel://h", (5, 6, 2), ("redis",)),
        ("database", "db+sqlite://", (5, 6, 2), ("sqlalchemy",)),
        ("mongodb", "mongodb://h", (5, 6, 2), ("pymongo",)),
        ("s3", "s3://b", (5, 6, 2), ("boto3",)),
        ("django-db", "django-db", (5, 6, 2), ("django-celery-results",)),
        ("cache", "cache+memcached://h", (5, 6, 3), ("pylibmc", "python-memcached")),
        ("cache", "cache+memcached://h", (5, 7, 0), ("pymemcache",)),
        ("cache", "cache+memory://", (5, 7, 0), ()),
        ("cache", "cache", (5, 7, 0), ()),
        ("rpc", "rpc://", (5, 6, 2), ()),
        ("file", "file:///x", (5, 6, 2), ()),
        ("disabled", "", (5, 6, 2), ()),
        ("unknown", "shop.backends:Own", (5, 6, 2), ()),
    ],
)
def test_each_backend_needs_what_its_class_imports(
    kind: str, text: str, version: tuple[int, ...], wanted: tuple[str, ...]
) -> None:
    needs = backend_needs(kind, text, version)
    assert tuple(name for need in needs for name in need.distributions) == wanted


@pytest.mark.parametrize(
    ("requirements", "name"),
    [
        ("celery\nredis", "redis"),
        ("celery[redis]", "redis"),
        ("celery\nkombu[redis]", "redis"),
        ("celery\ncelery-redbeat", "redis"),
        ("celery\nchannels_redis", "redis"),
        ("celery\nrq", "redis"),
        ("celery\nFlask-SQLAlchemy", "sqlalchemy"),
        ("celery\nalembic", "sqlalchemy"),
        ("celery\nsqlmodel", "sqlalchemy"),
        ("celery\nmongoengine", "pymongo"),
        ("celery[mongodb]", "pymongo"),
        ("celery\ndjango-storages[boto3]", "boto3"),
        ("celery\nSQLAlchemy[postgresql_psycopg2binary]", "psycopg2-binary"),
        ("celery\nSQLAlchemy[mysql]", "mysqlclient"),
        ("celery\npsycopg[binary]", "psycopg"),
    ],
)
def test_what_brings_a_package_gives_it(tmp_path: Path, requirements: str, name: str) -> None:
    assert packages_of(tmp_path, {"requirements.txt": requirements}).gives([name])


@pytest.mark.parametrize(
    ("requirements", "name"),
    [
        ("celery", "redis"),
        ("celery\ntypes-redis", "redis"),
        ("celery\nhiredis", "redis"),
        ("celery\nSQLAlchemy[postgresql]", "mysqlclient"),
        ("celery\nSQLAlchemy[nothing]", "psycopg2"),
        ("celery[nothing]", "redis"),
        ("celery\npsycopg2-binary", "psycopg"),
        ("celery\npsycopg[binary]", "psycopg2"),
        ("celery\npsycopg2cffi", "psycopg2"),
        ("celery\nsqlalchemy2-stubs", "sqlalchemy"),
        ("celery\nflower", "redis"),
    ],
)
def test_a_name_that_only_looks_like_it_does_not(tmp_path: Path, requirements: str, name: str) -> None:
    assert not packages_of(tmp_path, {"requirements.txt": requirements}).gives([name])


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Dockerfile", "RUN pip install celery 'redis>=5'\n"),
        ("docker/worker.Dockerfile", "RUN uv pip install \\\n    --no-cache \\\n    redis\n"),
        ("setup.sh", "apt-get install -y python3-redis\n"),
        ("Makefile", "init:\n\tpip3 install celery[redis]\n"),
        (".gitlab-ci.yml", "test:\n  script:\n    - pip install redis\n"),
    ],
)
def test_a_script_that_installs_it_gives_it(tmp_path: Path, path: str, text: str) -> None:
    assert packages_of(tmp_path, {"requirements.txt": "celery", path: text}).gives(["redis"])


@pytest.mark.parametrize(
    "text",
    [
        "# pip install redis\n",
        "apt-get install redis-server\n",
        "pip install -r requirements.txt && redis-cli ping\n",
        "pip install redis-cluster-tool\n",
        "pip install flask\n",
    ],
)
def test_a_script_that_speaks_of_the_server_does_not(tmp_path: Path, text: str) -> None:
    assert not packages_of(tmp_path, {"requirements.txt": "celery", "setup.sh": text}).gives(["redis"])


@pytest.mark.parametrize("path", ["redis/__init__.py", "src/redis/__init__.py", "shop/_vendor/redis/__init__.py"])
def test_a_vendored_package_counts(tmp_path: Path, path: str) -> None:
    assert packages_of(tmp_path, {"requirements.txt": "celery", path: ""}).gives(["redis"])


def test_a_module_of_the_project_with_that_name_is_no_vendored_package(tmp_path: Path) -> None:
    assert not packages_of(tmp_path, {"requirements.txt": "celery", "shop/redis/__init__.py": ""}).gives(["redis"])


@pytest.mark.parametrize(
    "files",
    [
        {"requirements.txt": "celery\ngit+https://git.example.org/base.git"},
        {"requirements.txt": "celery\n-r https://example.org/base.txt"},
        {"requirements.txt": "celery\n-r base.txt"},
        {"requirements.txt": "--index-url https://pypi.example.org/simple\ncelery"},
        {"requirements.txt": "celery\n-e ./libs/base"},
        {"requirements.txt": "celery\napache-superset"},
        {"requirements.txt": "celery", "pyproject.toml": "[project\n"},
        {
            "pyproject.toml": '[project]\nname = "s"\ndependencies = ["celery"]\n[[tool.uv.index]]\nurl = "https://pip.example.org"\n'
        },
    ],
)
def test_what_cannot_be_looked_into_may_hide_a_package(tmp_path: Path, files: dict[str, str]) -> None:
    assert packages_of(tmp_path, files).hides_something()


@pytest.mark.parametrize(
    "files",
    [
        {"requirements.txt": "celery\nflask==3.0"},
        {"requirements.txt": "celery @ git+https://github.com/celery/celery.git"},
        {"requirements.txt": "--index-url https://pypi.org/simple\ncelery"},
        {"requirements.txt": "celery\n-e ."},
        {
            "requirements.txt": "celery\n-e ./libs/base",
            "libs/base/setup.py": "from setuptools import setup\nsetup(name='base')",
        },
        {"requirements.txt": "celery\n-r base.txt", "base.txt": "flask"},
    ],
)
def test_what_is_all_in_sight_hides_nothing(tmp_path: Path, files: dict[str, str]) -> None:
    assert not packages_of(tmp_path, files).hides_something()


def test_another_service_of_the_repository_gives_nothing(tmp_path: Path) -> None:
    found = packages_of(
        tmp_path,
        {"a/requirements.txt": "celery", "b/requirements.txt": "celery\nredis", "requirements/dev.txt": "pymongo"},
        app="a/tasks.py",
    )
    assert not found.gives(["redis"])
    assert found.gives(["pymongo"])


def test_celery_may_come_with_another_package(tmp_path: Path) -> None:
    celery = packages_of(tmp_path, {"requirements.txt": "django-celery-beat"}).manifest_of_celery()
    assert celery is not None
    assert celery.name == "django-celery-beat"


def test_celery_that_nothing_explains_is_not_known(tmp_path: Path) -> None:
    assert packages_of(tmp_path, {"requirements.txt": "flask"}).manifest_of_celery() is None


def test_the_floor_of_an_extra_is_that_of_the_declared_kombu(tmp_path: Path) -> None:
    manifests = packages_of(tmp_path, {"requirements.txt": "celery==5.6.2\nkombu==5.6.2"}).set
    assert extra_floor(manifests, "redis", (5, 6, 2)) == (4, 5, 2)
    assert extra_floor(manifests, "redis", (5, 2, 7)) == (3, 4, 1)
    assert extra_floor(manifests, "sqlalchemy", (5, 2, 7)) == (0,)


def test_the_floor_of_an_extra_without_kombu_is_a_fresh_installs(tmp_path: Path) -> None:
    manifests = packages_of(tmp_path, {"requirements.txt": "celery==5.6.2"}).set
    assert extra_floor(manifests, "redis", (5, 6, 2)) >= (6, 4)

"""What to declare for a package: the range of Celery's own extra, or the extra itself."""

from __future__ import annotations

import pytest

from celery_backend_lint.location import Location
from celery_backend_lint.model.manifests.declared import Requirement
from celery_backend_lint.model.manifests.selection import ManifestSet
from celery_backend_lint.model.wanted_requirements import Wanted, described, goes_as_extra, wanted


def declared(
    name: str = "celery", extras: tuple[str, ...] = (), specifier: str = "", *, url: str = "", kind: str = "runtime"
) -> Requirement:
    return Requirement(name, extras, specifier, "", kind, "", Location("requirements.txt"), url)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("distribution", "extra", "celery", "expected"),
    [
        ("redis", "redis", (5, 5, 3), Wanted("redis>=4.5.2,<=5.2.1", "redis")),
        ("redis", "redis", (5, 7, 0), Wanted("redis>=6.4.0,<9.0.0", "redis", whole=True)),
        ("sqlalchemy", "sqlalchemy", (5, 2, 7), Wanted("sqlalchemy", "sqlalchemy")),
        ("sqlalchemy", "sqlalchemy", (5, 6, 3), Wanted("sqlalchemy>=1.4.54,<2.2", "sqlalchemy")),
        ("pymongo", "mongodb", (5, 3, 6), Wanted("pymongo[srv]>=4.0.2", "mongodb")),
        ("pymongo", "mongodb", (5, 5, 3), Wanted("pymongo>=4.10.1", "mongodb")),
        ("django-celery-results", "", (5, 7, 0), Wanted("django-celery-results")),
        ("pymongo", "redis", (5, 7, 0), Wanted("pymongo")),
    ],
)
def test_range_of_the_extra(distribution: str, extra: str, celery: tuple[int, ...], expected: Wanted) -> None:
    assert wanted(ManifestSet([], []), distribution, extra, celery) == expected


@pytest.mark.parametrize(
    ("needed", "celery", "format", "expected"),
    [
        (Wanted("redis>=4", "redis"), declared(), "requirements", "redis>=4"),
        (
            Wanted("redis>=4", "redis"),
            declared(extras=("sqs",), specifier="==5.5"),
            "setup.py",
            "celery[sqs,redis]==5.5",
        ),
        (Wanted("redis>=4", "redis", whole=True), declared(specifier=">=5.7"), "pipfile", "celery[redis]>=5.7"),
        (Wanted("redis>=4", "redis", whole=True), declared(specifier=">=5||<6"), "pyproject", "celery[redis]"),
        (Wanted("redis>=4", "redis", whole=True), declared(), "conda", "redis>=4"),
        (Wanted("redis>=4", "redis", whole=True), declared(url="https://x"), "requirements", "redis>=4"),
        (Wanted("redis>=4", "redis", whole=True), declared(kind="lock"), "", "redis>=4"),
        (Wanted("redis>=4", "redis", whole=True), declared("flower"), "requirements", "celery[redis]"),
        (Wanted("redis>=4", "redis"), declared("flower"), "requirements", "redis>=4"),
        (Wanted("psycopg[binary]"), declared(extras=("sqs",)), "requirements", "psycopg[binary]"),
    ],
)
def test_in_words(needed: Wanted, celery: Requirement, format: str, expected: str) -> None:
    assert described(needed, celery, format) == expected
    assert goes_as_extra(needed, celery, format) == (expected.startswith("celery[") and celery.name == "celery")

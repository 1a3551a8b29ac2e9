"""Which driver an SQLAlchemy URL needs, and for which SQLAlchemy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.model.sqlalchemy_drivers import admitted_sqlalchemy, needed_driver
from tests.model.build import model_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "sqlalchemy", "wanted"),
    [
        ("db+postgresql://h/d", (2, 0, 44), "psycopg2"),
        ("db+postgresql://h/d", (2, 1, 0), "psycopg"),
        ("database+mysql://h/d", (2, 0, 44), "mysqldb"),
        ("db+mysql+pymysql://h/d", (2, 0, 44), "pymysql"),
        ("db+oracle://h/d", (2, 0, 44), "cx_oracle"),
        ("db+oracle://h/d", (2, 1, 0), "oracledb"),
        ("db+sqlite:///x", (2, 1, 0), None),
        ("db+postgres://h/d", (2, 0, 44), None),
        ("db+postgresql+psycopg3://h/d", (2, 0, 44), None),
        ("db+cockroachdb://h/d", (2, 0, 44), None),
        ("redis://h", (2, 0, 44), None),
        ("db+", (2, 0, 44), None),
    ],
)
def test_the_driver_is_the_named_one_or_the_dialects_default(
    text: str, sqlalchemy: tuple[int, ...], wanted: str | None
) -> None:
    found = needed_driver(text, sqlalchemy)
    assert (found.name if found is not None else None) == wanted


@pytest.mark.parametrize(
    ("requirements", "celery", "first", "last"),
    [
        ("celery==5.6.2\nsqlalchemy==2.0.44", (5, 6, 2), (2, 0, 44), (2, 0, 44)),
        ("celery==5.3.6", (5, 3, 6), (2, 0, 58), (1, 4, 48)),
        ("celery==5.7.0", (5, 7, 0), (2, 1, 9), (1, 4, 54)),
    ],
)
def test_the_release_that_a_fresh_install_gets_comes_first(
    tmp_path: Path, requirements: str, celery: tuple[int, ...], first: tuple[int, ...], last: tuple[int, ...]
) -> None:
    app = "from celery import Celery\napp = Celery('shop')\n"
    manifests = model_of(tmp_path, {"tasks.py": app, "requirements.txt": requirements}).manifests.for_path("tasks.py")
    found = admitted_sqlalchemy(manifests, celery)
    assert found[0] == first
    assert found[-1] == last

"""Credentials in values of every form, with the place of the literal that holds each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.model.credentials import credentials
from tests.model.build import model_of

if TYPE_CHECKING:
    from pathlib import Path

    from celery_backend_lint.model.credentials import HeldCredential

SECRET = "wK7n0tF0rPr0d"


def found_in(root: Path, value: str, *, setting: str = "result_backend", before: str = "") -> list[HeldCredential]:
    text = f"import os\nfrom urllib.parse import quote\nfrom celery import Celery\n{before}\napp = Celery('proj')\n"
    model = model_of(root, {"proj.py": f"{text}app.conf.{setting} = {value}\n"})
    return list(credentials(model, model.apps[0]))


@pytest.mark.parametrize(
    "value",
    [
        f"'redis://:{SECRET}@cache.example.com/0'",
        f"'redis://:{SECRET}@' + os.environ['HOST'] + '/0'",
        f"'redis://:%s@cache.example.com' % '{SECRET}'",
        f"'redis://:{{}}@cache.example.com'.format('{SECRET}')",
        f"'redis://:' + quote('{SECRET}') + '@' + os.environ['HOST']",
        f"'sentinel://:{SECRET}@one.example.com:26379/0;sentinel://two.example.com:26379/0'",
        f"'redis://cache.example.com/0?password={SECRET}'",
        f"'db+postgresql://app:{SECRET}@db.example.com/app'",
    ],
)
def test_literal(tmp_path: Path, value: str) -> None:
    (found,) = found_in(tmp_path, value)
    assert found.read is None
    assert not found.stand_in
    assert found.location.line == 6
    assert SECRET not in found.shown
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("value", "variable"),
    [
        (f"os.getenv('URL', 'redis://:{SECRET}@cache.example.com/0')", "URL"),
        (f"os.environ.get('URL') or 'redis://:{SECRET}@cache.example.com/0'", "URL"),
        (f"'redis://:' + os.getenv('PASSWORD', '{SECRET}') + '@cache.example.com'", "PASSWORD"),
        (f"'redis://:' + quote(os.getenv('PASSWORD', '{SECRET}')) + '@cache.example.com'", "PASSWORD"),
        (f"'redis://:' + os.getenv('PASSWORD', '{SECRET}') + '@' + os.getenv('HOST', 'cache')", "PASSWORD"),
        (f"os.getenv('A', os.getenv('B', 'redis://:{SECRET}@cache.example.com/0'))", "B"),
    ],
)
def test_default(tmp_path: Path, value: str, variable: str) -> None:
    (found,) = found_in(tmp_path, value)
    assert found.read is not None
    assert found.read.variable == variable
    assert SECRET not in found.shown


def test_constants_are_found_where_they_are_written(tmp_path: Path) -> None:
    before = f"PASSWORD = '{SECRET}'; WHOLE = PASSWORD"
    (found,) = found_in(tmp_path, "f'redis://:{WHOLE}@cache.example.com/0'", before=before)
    assert (found.location.line, found.location.span.column) == (4, 12)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("redis_password", f"'{SECRET}'"),
        ("redis_password", f"os.environ.get('X') or '{SECRET}'"),
        ("mongodb_backend_settings", f"{{'host': 'db', 'password': '{SECRET}'}}"),
        ("result_backend_transport_options", f"{{'sentinel_kwargs': {{'password': '{SECRET}'}}}}"),
        ("broker_url", f"['amqp://app:{SECRET}@one.example.com//']"),
        ("security_key_password", f"'{SECRET}'"),
        ("redis_password", f"quote(os.getenv('P', '{SECRET}'))"),
    ],
)
def test_other_settings(tmp_path: Path, setting: str, value: str) -> None:
    (found,) = found_in(tmp_path, value, setting=setting)
    assert found.assignment.setting == setting
    assert not found.stand_in


@pytest.mark.parametrize(
    ("value", "stand_in"),
    [
        ("'amqp://guest:guest@localhost//'", True),
        ("'redis://:changeme@cache.example.com/0'", True),
        ("'redis://:password@redis:6379/0'", True),
        ("'redis://:123456@localhost/0'", True),
        ("'redis://:redis@redis:6379/0'", True),
        ("'amqp://shop_user:shop_password@localhost:5672/'", True),
        ("'amqp://shop_user:shop_password@mq.shop-of-ours.io:5672/'", False),
        ("'redis://:password@cache.shop-of-ours.io/0'", False),
        ("'redis://:n0t-A-placeholder@cache.internal/0'", False),
    ],
)
def test_stand_ins_are_told_apart(tmp_path: Path, value: str, *, stand_in: bool) -> None:
    (found,) = found_in(tmp_path, value)
    assert found.stand_in is stand_in


@pytest.mark.parametrize(
    "value",
    [
        "'redis://cache.example.com/0'",
        "'redis://:<password>@cache.example.com/0'",
        "'redis://:***@cache.example.com/0'",
        "'redis://:{password}@cache.example.com/0'",
        "'redis://:' + os.environ['PASSWORD'] + '@cache.example.com'",
        "os.environ['URL']",
        "''",
        "None",
        "unknown()",
        "{'retry_policy': {1: 'x'}}",
    ],
)
def test_nothing_to_find(tmp_path: Path, value: str) -> None:
    assert found_in(tmp_path, value) == []


def test_settings_of_tests_are_left_out(tmp_path: Path) -> None:
    model = model_of(
        tmp_path,
        {
            "tests/values.py": f"URL = 'redis://:{SECRET}@cache.example.com/0'\n",
            "tests/__init__.py": "",
            "proj.py": "from celery import Celery\nfrom tests.values import URL\napp = Celery('proj', backend=URL)\n",
        },
    )
    assert list(credentials(model, model.apps[0])) == []


def test_names_that_celery_does_not_read_hold_credentials_too(tmp_path: Path) -> None:
    model = model_of(
        tmp_path,
        {
            "proj.py": (
                "from celery import Celery\napp = Celery('proj')\n"
                f"app.conf.update(CELERY_BROKER_URL='amqp://app:{SECRET}@mq.example.com//', CELERY_TASK_TIME_LIMIT=1)\n"
            )
        },
    )
    (found,) = credentials(model, model.apps[0])
    assert (found.assignment.written, found.assignment.setting) == ("CELERY_BROKER_URL", "broker_url")

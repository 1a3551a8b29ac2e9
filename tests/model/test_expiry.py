"""What ``result_expires`` does on each kind of backend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.location import Location
from celery_backend_lint.model.expiry import ExpiryOutcome, expiry_outcomes, verdict
from tests.model.build import model_of

if TYPE_CHECKING:
    from pathlib import Path

HERE = Location("celeryconfig.py")


def judged(plain: float | str | bool | None, kind: str, *, scheduled: bool = False, from_text: bool = False) -> str:
    found = verdict(ExpiryOutcome(plain, HERE, from_text=from_text), kind, cleanup_scheduled=scheduled)
    assert not (found.never and found.invalid)
    assert bool(found.why) == (found.never or found.invalid)
    return "never" if found.never else "invalid" if found.invalid else "fine"


@pytest.mark.parametrize(
    ("plain", "wanted"),
    [
        # the columns of the table: redis, database, file, rpc, cache, django-db, django-cache, unknown
        (3600, "fine fine fine fine fine fine fine fine"),
        (None, "never never never never never never never never"),
        (0, "never never never invalid never never invalid never"),
        (False, "never never never invalid never never invalid never"),
        (True, "invalid invalid invalid invalid invalid invalid invalid invalid"),
        (-1, "invalid invalid invalid invalid invalid invalid invalid invalid"),
        (0.5, "never fine fine fine never fine fine fine"),
        (3600.7, "fine fine fine fine fine fine fine fine"),
        ("3600", "fine invalid invalid fine fine invalid invalid fine"),
        ("3600.5", "invalid invalid invalid fine invalid invalid invalid fine"),
        ("0", "never invalid invalid invalid never invalid invalid fine"),
        ("-5", "invalid invalid invalid invalid invalid invalid invalid fine"),
        ("1 day", "invalid invalid invalid invalid invalid invalid invalid invalid"),
        ("", "invalid invalid invalid invalid invalid invalid invalid invalid"),
        (float("inf"), "invalid invalid fine invalid invalid invalid invalid fine"),
    ],
)
def test_each_kind_of_backend_takes_a_value_its_own_way(plain: float | str | bool | None, wanted: str) -> None:
    kinds = ("redis", "database", "file", "rpc", "cache", "django-db", "django-cache", "unknown")
    assert " ".join(judged(plain, kind) for kind in kinds) == wanted


@pytest.mark.parametrize("kind", ["s3", "cassandra", "dynamodb", "gs", "elasticsearch", "disabled"])
def test_a_backend_that_does_not_read_it_takes_anything(kind: str) -> None:
    assert judged(None, kind) == judged(-1, kind) == judged("soon", kind) == "fine"


def test_a_scheduled_clean_up_of_a_database_deletes_everything_or_fails() -> None:
    assert judged(0, "database", scheduled=True) == "invalid"
    assert judged(None, "database", scheduled=True) == "invalid"
    assert judged(0, "file", scheduled=True) == "never"


def test_text_that_a_variable_gives_is_left_to_another_rule_where_nothing_converts_it() -> None:
    assert judged("3600", "database", from_text=True) == "fine"
    assert judged("3600", "django-cache", from_text=True) == "fine"
    assert judged("soon", "redis", from_text=True) == "invalid"


def test_a_stray_comma_is_invalid() -> None:
    assert verdict(ExpiryOutcome(None, HERE, sequence=True), "redis", cleanup_scheduled=False).invalid


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("60 * 60", [3600]),
        ("timedelta(hours=1)", [3600.0]),
        ("int(os.getenv('TTL', '0'))", [0]),
        ("os.getenv('TTL', 60)", [60]),
        ("os.environ['TTL']", []),
        ("60 if os.getenv('FAST') else None", [60, None]),
        ("compute()", []),
        ("(60,)", [None]),
        ("{60}", []),
        ("int(os.environ['TTL'])", []),
        ('f\'{os.getenv("TTL", "x")}\'', []),
        ("b'60'", []),
    ],
)
def test_the_outcomes_that_can_be_told_are(tmp_path: Path, written: str, wanted: list[float | None]) -> None:
    text = (
        "import os\nfrom datetime import timedelta\nfrom celery import Celery\nfrom other import compute\n\n"
        f"app = Celery('shop', backend='redis://h', result_expires={written})\n"
    )
    model = model_of(tmp_path, {"tasks.py": text})
    assert [outcome.plain for outcome in expiry_outcomes(model.apps[0])] == wanted


def test_a_default_of_celerys_is_no_outcome(tmp_path: Path) -> None:
    model = model_of(tmp_path, {"tasks.py": "from celery import Celery\napp = Celery('shop')\n"})
    assert expiry_outcomes(model.apps[0]) == ()

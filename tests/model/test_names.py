"""What names mean to Celery, asked of the table and of real Celery alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.model import facts
from celery_backend_lint.model.apps.declared_celery import DeclaredCelery
from celery_backend_lint.model.names import (
    OLD,
    OLD_IGNORED,
    READ,
    UNKNOWN,
    UNSEEN,
    Meaning,
    is_below_four,
    meaning,
    uses,
)
from tests.model.build import model_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.proofs.real import RealCelery

NEWEST = facts.celery_versions()[-1]
NAMES = {
    "result_expires": "result_expires",
    "CELERY_TASK_RESULT_EXPIRES": "result_expires",
    "CELERY_RESULT_EXPIRES": "result_expires",
    "celery_result_expires": "result_expires",
    "RESULT_EXPIRES": "result_expires",
    "CELERY_TASK_TIME_LIMIT": "task_time_limit",
    "CELERYD_TASK_TIME_LIMIT": "task_time_limit",
    "TASK_TIME_LIMIT": "task_time_limit",
    "BROKER_HEARTBEAT": "broker_heartbeat",
    "CELERY_BROKER_HEARTBEAT": "broker_heartbeat",
    "CELERY_RESULT_CHORD_JOIN_TIMEOUT": "result_chord_join_timeout",
    "S3_BUCKET": "s3_bucket",
    "work_result_expires": "result_expires",
    "WORK_RESULT_EXPIRES": "result_expires",
}


@pytest.mark.parametrize("namespace", ["", "CELERY", "celery", "WORK", "work_"])
@pytest.mark.parametrize("release", ["5.7.0", "5.6.3", "5.3.6"])
def test_names_are_read_where_real_celery_reads_them(
    celery_at: Callable[[str], RealCelery], release: str, namespace: str
) -> None:
    source = (
        "from celery import Celery\n\n\ndef seen(name, setting):\n    app = Celery('proj')\n"
        f"    app.config_from_object({{name: 'seen'}}, namespace={namespace or None!r})\n"
        "    return app.conf[setting] == 'seen'\n"
    )
    outcome = celery_at(release).evaluate(f"[seen(*pair) for pair in {list(NAMES.items())!r}]", source=source)
    version = facts.release_of(release)
    expected = {name: meaning(name, version, namespace).status in (READ, OLD) for name in NAMES}
    assert expected == dict(zip(NAMES, outcome.value or (), strict=True))


@pytest.mark.parametrize(
    ("name", "version", "namespace", "expected"),
    [
        ("result_backend", NEWEST, "", Meaning(READ, "result_backend")),
        ("redis_client_name", NEWEST, "", Meaning(READ, "redis_client_name")),
        ("BROKER_URL", NEWEST, "", Meaning(OLD, "broker_url")),
        ("BROKER_URL", NEWEST, "CELERY", Meaning(OLD, "broker_url")),
        ("BROKER_URL", (5, 6, 3), "CELERY", Meaning(OLD_IGNORED, "broker_url")),
        ("CELERY_RESULT_BACKEND", (5, 6, 3), "WORK", Meaning(OLD, "result_backend")),
        ("CELERY_ENABLE_UTC", NEWEST, "", Meaning(UNSEEN, "enable_utc")),
        ("WORK_BROKER_URL", NEWEST, "work", Meaning(UNSEEN, "broker_url")),
        ("TimeZone", NEWEST, "", Meaning(UNKNOWN, "")),
        ("CELERY_SEND_TASK_ERROR_EMAILS", NEWEST, "", Meaning(UNKNOWN, "")),
    ],
)
def test_meaning(name: str, version: tuple[int, ...], namespace: str, expected: Meaning) -> None:
    assert meaning(name, version, namespace) == expected


def test_a_name_of_another_release_is_no_unknown_one() -> None:
    assert meaning("worker_soft_shutdown_timeout", (5, 2, 7), "").status == READ
    assert meaning("CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT", (5, 2, 7), "CELERY").status == READ
    assert meaning("DATABASE_CREATE_TABLES_AT_SETUP", (5, 3, 6), "").status != UNKNOWN


@pytest.mark.parametrize(
    ("text", "locked", "version", "below"),
    [
        ("==3.1.26", True, (3, 1, 26), True),
        ("==4.1.1", True, (4, 1, 1), False),
        ("<4", False, NEWEST, True),
        ("~=4.2.0", False, NEWEST, False),
        (">=3.1", False, NEWEST, False),
        ("", False, NEWEST, False),
    ],
)
def test_celery_3_is_told_by_what_is_declared(
    text: str, version: tuple[int, ...], *, locked: bool, below: bool
) -> None:
    assert is_below_four(DeclaredCelery(text, version, version, locked)) is below


def test_only_names_that_are_not_simply_read_come_with_one_place_a_file(tmp_path: Path) -> None:
    model = model_of(
        tmp_path,
        {
            "celeryconfig.py": "import os\nbroker_url = 'amqp://'\nRESULT_EXPIRES = 1\nRESULT_EXPIRES = 2\n",
            "proj.py": "from celery import Celery\napp = Celery('proj')\napp.config_from_object('celeryconfig')\n",
        },
    )
    found = list(uses(model, model.apps[0]))
    assert {use.written for use in found if use.meaning.status == UNSEEN} == {"RESULT_EXPIRES"}
    assert [place.line for use in found if use.written == "RESULT_EXPIRES" for place in use.locations] == [3]
    assert not any(use.written in ("os", "broker_url") for use in found)


def test_a_class_a_dict_and_the_apps_own_module_are_places_of_names(tmp_path: Path) -> None:
    head = "from celery import Celery\n\n"
    model = model_of(
        tmp_path,
        {
            "one.py": (
                "from celery import Celery\n\n\nclass Config:\n    RESULT_EXPIRES = 1\n\n\n"
                "app = Celery('one')\napp.config_from_object(Config)\n"
            ),
            "two.py": head + "app = Celery('two')\napp.config_from_object({'RESULT_EXPIRES': 1})\n",
            "three.py": head + "MINE = 1\napp = Celery('three')\napp.config_from_object('three')\n",
        },
    )
    found = {app.name: [(use.written, use.shared) for use in uses(model, app)] for app in model.apps}
    assert found == {"one": [("RESULT_EXPIRES", False)], "two": [("RESULT_EXPIRES", False)], "three": []}

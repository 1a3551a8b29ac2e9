"""CBL701 is true: Celery takes any name in silence and reads its own only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.proofs.real import RealCelery

VERSIONS = ["5.3.6", "5.6.3", "newest"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("lines", "setting"),
    [
        ("app = Celery(results_backend='redis://cache')", "result_backend"),
        ("app = Celery()\napp.conf.update(result_expire=60)", "result_expires"),
        ("app = Celery()\napp.conf.result_backed = 'redis://cache'", "result_backend"),
        ("app = Celery()\napp.conf['worker_send_task_event'] = True", "worker_send_task_events"),
        ("app = Celery()\napp.config_from_object({'backend': 'redis://cache'})", "result_backend"),
        ("app = Celery()\napp.config_from_object({'CELERY_BACKEND': 'redis://cache'})", "result_backend"),
        (
            "app = Celery()\napp.config_from_object({'CELERY_RESULT_BACKED': 'redis://'}, namespace='CELERY')",
            "result_backend",
        ),
        ("app = Celery()\napp.add_defaults({'TimeZone': 'Europe/Paris'})", "timezone"),
    ],
)
def test_a_misspelt_name_changes_nothing_and_warns_nobody(
    celery_at: Callable[[str], RealCelery], version: str, lines: str, setting: str
) -> None:
    bad = celery_at(version).evaluate(
        f"app.conf.{setting}" if setting == "timezone" else f"app.conf['{setting}']", lines
    )
    default = celery_at(version).evaluate(f"app.conf['{setting}']", "app = Celery()")
    assert bad.works()
    assert bad.value == default.value
    assert bad.warnings == ()


def test_spelt_right_it_comes_alive(celery: RealCelery, tmp_path: Path) -> None:
    files = {
        "proj.py": "from celery import Celery\n\napp = Celery()\napp.config_from_object('celeryconfig')\n",
        "celeryconfig.py": "result_backend = 'redis://cache'\nresult_expires = 60\n",
    }
    settings = celery.load(tmp_path, files).settings
    assert (settings["result_backend"], settings["result_expires"]) == ("redis://cache", 60)

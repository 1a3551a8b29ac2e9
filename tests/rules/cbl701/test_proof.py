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


@pytest.mark.parametrize("version", VERSIONS)
def test_options_of_tasks_are_no_settings_and_annotations_set_them(
    celery_at: Callable[[str], RealCelery], version: str
) -> None:
    options = {
        "max_retries": 2,
        "default_retry_delay": 7,
        "retry_backoff": 5,
        "retry_backoff_max": 6,
        "retry_jitter": False,
        "autoretry_for": ["OSError"],
    }
    lines = (
        "app = Celery(broker='memory://', backend='cache+memory://')\n"
        "app.conf.update(%s, task_always_eager=True)\n"
        "tries = []\n"
        "@app.task(bind=True)\n"
        "def fail(self):\n"
        "    tries.append(self.request.retries)\n"
        "    raise OSError\n"
    )
    asked = "(fail.apply().state, len(tries), getattr(fail, 'retry_backoff', None), fail.default_retry_delay)"
    as_settings = lines % ", ".join(f"task_{name}={value!r}" for name, value in options.items())
    assert celery_at(version).evaluate(asked, as_settings).value == ("FAILURE", 1, None, 180)
    annotations = str({"*": options}).replace("['OSError']", "(OSError,)")
    assert celery_at(version).evaluate(asked, lines % f"task_annotations={annotations}").value == ("FAILURE", 3, 5, 7)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_apps_class_of_tasks_has_defaults_and_annotations_beat_what_a_task_sets(
    celery_at: Callable[[str], RealCelery], version: str
) -> None:
    lines = (
        "app = Celery(broker='memory://', backend='cache+memory://')\n"
        "app.conf.update(task_always_eager=True%s)\n"
        "%s\n"
        "tries = []\n"
        "@app.task(bind=True)\n"
        "def fail(self):\n"
        "    tries.append(self.request.retries)\n"
        "    raise OSError\n"
        "@app.task(max_retries=9, default_retry_delay=30)\n"
        "def own(): pass\n"
    )
    asked = "(fail.apply().state, len(tries), fail.retry_backoff, own.max_retries, own.default_retry_delay)"
    options = {"max_retries": "2", "default_retry_delay": "7", "retry_backoff": "5", "autoretry_for": "(OSError,)"}
    of_the_class = "\n".join(f"app.Task.{name} = {value}" for name, value in options.items())
    told = celery_at(version).evaluate(asked, lines % ("", of_the_class))
    assert told.value == ("FAILURE", 3, 5, 9, 30)
    annotation = ", ".join(f"'{name}': {value}" for name, value in options.items())
    told = celery_at(version).evaluate(asked, lines % (f", task_annotations={{'*': {{{annotation}}}}}", ""))
    assert told.value == ("FAILURE", 3, 5, 2, 7)

"""CBL702 is true: where Celery reads a pre-4.0 name, and where it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.proofs.real import RealCelery

# For each old name: a configuration of nothing else, and whether its new name then has the value.
READ = """
from celery.app.defaults import _TO_NEW_KEY as names

def read(namespace):
    found = {}
    for old, new in names.items():
        app = Celery(set_as_current=False)
        app.config_from_object({old: "marked"}, namespace=namespace)
        found[old] = app.conf[new] == "marked"
    return found

def prefixed(old):
    return old == "CELERY_" + names[old].upper()
"""
VERSIONS = ["5.3.6", "5.5.3", "5.6.3", "newest"]


@pytest.mark.parametrize("version", VERSIONS)
def test_without_a_namespace_every_old_name_is_read(celery_at: Callable[[str], RealCelery], version: str) -> None:
    assert celery_at(version).evaluate("all(read(None).values())", READ).value is True


@pytest.mark.parametrize("version", ["5.3.6", "5.5.3", "5.6.3"])
def test_under_a_namespace_only_those_that_look_like_new_ones_before_5_7(
    celery_at: Callable[[str], RealCelery], version: str
) -> None:
    different = "[old for old, found in read('CELERY').items() if found != prefixed(old)]"
    assert celery_at(version).evaluate(different, READ).value == []


def test_under_a_namespace_all_from_5_7(celery: RealCelery) -> None:
    assert celery.evaluate("all(read('CELERY').values()) and all(read('MINE').values())", READ).value is True


@pytest.mark.parametrize(
    ("old", "new", "setting"),
    [
        ("CELERY_TASK_RESULT_EXPIRES", "CELERY_RESULT_EXPIRES", "result_expires"),
        ("CELERYD_CONCURRENCY", "CELERY_WORKER_CONCURRENCY", "worker_concurrency"),
        ("CELERY_IGNORE_RESULT", "CELERY_TASK_IGNORE_RESULT", "task_ignore_result"),
        ("CELERY_ALWAYS_EAGER", "CELERY_TASK_ALWAYS_EAGER", "task_always_eager"),
        ("BROKER_URL", "CELERY_BROKER_URL", "broker_url"),
    ],
)
def test_an_upgrade_brings_these_to_life(
    celery_at: Callable[[str], RealCelery], old: str, new: str, setting: str
) -> None:
    source = "app = Celery()\napp.config_from_object({%r: 7}, namespace='CELERY')"
    assert celery_at("5.6.3").evaluate(f"app.conf['{setting}']", source % old).value != 7
    assert celery_at("newest").evaluate(f"app.conf['{setting}']", source % old).value == 7
    assert celery_at("5.6.3").evaluate(f"app.conf['{setting}']", source % new).value == 7


@pytest.mark.parametrize("version", VERSIONS)
def test_the_worker_warns_that_they_go_with_celery_6(celery_at: Callable[[str], RealCelery], version: str) -> None:
    source = "app = Celery()\napp.config_from_object({'CELERY_TASK_RESULT_EXPIRES': 60})"
    bad = celery_at(version).evaluate("app.conf.maybe_warn_deprecated_settings()", source)
    assert any("CELERY_TASK_RESULT_EXPIRES" in text and "6.0.0" in text for text in bad.warnings)
    source = "app = Celery()\napp.config_from_object({'result_expires': 60})"
    assert celery_at(version).evaluate("app.conf.maybe_warn_deprecated_settings()", source).warnings == ()


@pytest.mark.parametrize("version", VERSIONS)
def test_enable_utc_never_had_a_prefix(celery_at: Callable[[str], RealCelery], version: str) -> None:
    names = "from celery.app.defaults import _TO_NEW_KEY as names"
    told = celery_at(version).evaluate("('CELERY_ENABLE_UTC' in names, 'ENABLE_UTC' in names)", names)
    assert told.value == (False, True)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "write",
    [
        "app.conf.update(BROKER_URL='redis://h')",
        "app.conf['BROKER_URL'] = 'redis://h'",
        "app.conf.BROKER_URL = 'redis://h'",
    ],
)
def test_written_to_conf_it_is_read_whatever_the_namespace(
    celery_at: Callable[[str], RealCelery], version: str, write: str
) -> None:
    lines = f"app = Celery()\napp.config_from_object({{'CELERY_TIMEZONE': 'UTC'}}, namespace='CELERY')\n{write}"
    assert celery_at(version).evaluate("app.conf.broker_url", lines).value == "redis://h"


@pytest.mark.parametrize("version", VERSIONS)
def test_an_old_name_that_says_the_default_changes_nothing(
    celery_at: Callable[[str], RealCelery], version: str
) -> None:
    source = "app = Celery()\napp.config_from_object({'CELERY_CREATE_MISSING_QUEUES': %r}, namespace='CELERY')"
    read = "app.conf['task_create_missing_queues']"
    assert celery_at(version).evaluate(read, source % True).value is True
    assert celery_at(version).evaluate(read, "app = Celery()").value is True

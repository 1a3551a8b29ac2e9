"""CBL116 is true: which of several result backends Celery uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.proofs.real import RealCelery

VERSIONS = ["5.3.6", "5.5.3", "5.6.3", "newest"]
CONFIGURED = "app.config_from_object({'result_backend': 'redis://source'})"
NAMESPACED = "app.config_from_object({'CELERY_RESULT_BACKEND': 'redis://source'}, namespace='CELERY')"
CONSTRUCTOR = "app = Celery('proof', backend='redis://constructor')"
PLAIN = "app = Celery('proof')"


def used(celery: RealCelery, *lines: str) -> object:
    outcome = celery.evaluate("app.conf.result_backend", "\n".join(lines))
    assert outcome.works()
    return outcome.value


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("lines", "winner"),
    [
        ([CONSTRUCTOR, CONFIGURED], "redis://constructor"),
        (["app = Celery(backend=None)", CONFIGURED], "redis://source"),
        (["app = Celery(backend='')", CONFIGURED], ""),
        (["app = Celery(backend='redis://one', result_backend='redis://two')"], "redis://two"),
        (["app = Celery(backend='redis://one', changes={'result_backend': 'redis://two'})"], "redis://one"),
        ([CONSTRUCTOR, "app.conf.result_backend = 'redis://conf'"], "redis://conf"),
        ([PLAIN, CONFIGURED, "app.conf.result_backend = 'redis://conf'"], "redis://conf"),
        ([PLAIN, "app.conf.result_backend = 'redis://conf'", CONFIGURED], "redis://conf"),
        ([PLAIN, CONFIGURED, "app.conf.update(result_backend='redis://conf')"], "redis://conf"),
        ([PLAIN, CONFIGURED, "app.conf.timezone", "app.conf.result_backend = None"], None),
        ([PLAIN, CONFIGURED, "app.add_defaults({'result_backend': 'redis://default'})"], "redis://default"),
        ([CONSTRUCTOR, "app.add_defaults({'result_backend': 'redis://default'})"], "redis://constructor"),
        ([PLAIN, "app.conf.add_defaults({'result_backend': 'redis://default'})"], None),
        ([PLAIN, CONFIGURED, "app.config_from_object({'result_expires': 1})"], None),
        ([PLAIN, CONFIGURED, "app.conf.timezone", "app.config_from_object({'result_expires': 1})"], None),
        (
            [PLAIN, "app.conf.timezone", "app.conf.result_backend = 'redis://conf'", CONFIGURED],
            "redis://source",
        ),
        ([CONSTRUCTOR, "app.conf.timezone", CONFIGURED], "redis://constructor"),
    ],
)
def test_without_a_namespace_every_version_agrees(
    celery_at: Callable[[str], RealCelery], version: str, lines: list[str], winner: str | None
) -> None:
    assert used(celery_at(version), *lines) == winner


@pytest.mark.parametrize(
    "lines",
    [
        [CONSTRUCTOR, NAMESPACED],
        [PLAIN, NAMESPACED, "app.conf.result_backend = 'redis://constructor'"],
        [PLAIN, NAMESPACED, "app.conf.timezone", "app.conf.result_backend = 'redis://constructor'"],
        [PLAIN, NAMESPACED, "app.conf.update(result_backend='redis://constructor')"],
        [PLAIN, NAMESPACED, "app.add_defaults({'result_backend': 'redis://constructor'})"],
    ],
)
def test_a_namespaced_source_beats_everything_before_5_7_and_nothing_from_then_on(
    celery_at: Callable[[str], RealCelery], lines: list[str]
) -> None:
    assert used(celery_at("5.3.6"), *lines) == "redis://source"
    assert used(celery_at("5.6.3"), *lines) == "redis://source"
    assert used(celery_at("newest"), *lines) == "redis://constructor"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_prefixed_write_after_loading_beats_a_namespaced_source(
    celery_at: Callable[[str], RealCelery], version: str
) -> None:
    lines = [PLAIN, NAMESPACED, "app.conf.timezone", "app.conf.update(CELERY_RESULT_BACKEND='redis://conf')"]
    assert used(celery_at(version), *lines) == "redis://conf"


def test_a_pending_prefixed_write_loses_before_5_7_for_it_is_an_old_name(
    celery_at: Callable[[str], RealCelery],
) -> None:
    lines = [PLAIN, NAMESPACED, "app.conf.update(CELERY_RESULT_BACKEND='redis://conf')"]
    assert used(celery_at("5.6.3"), *lines) == "redis://source"
    assert used(celery_at("newest"), *lines) == "redis://conf"


def test_the_environment_beats_them_all(celery: RealCelery) -> None:
    source = f"{CONSTRUCTOR}\n{CONFIGURED}\napp.conf.result_backend = 'redis://conf'"
    environment = {"CELERY_RESULT_BACKEND": "redis://environment"}
    told = celery.evaluate("app.conf.result_backend", source, environment=environment)
    assert told.value == "redis://environment"
    empty = celery.evaluate("app.conf.result_backend", source, environment={"CELERY_RESULT_BACKEND": ""})
    assert empty.value == "redis://conf"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_losing_read_of_celerys_own_variable_is_not_needed_for_it_to_win(
    celery_at: Callable[[str], RealCelery], version: str
) -> None:
    lines = [
        "import os",
        PLAIN,
        "class module: pass",
        "module.CELERY_RESULT_BACKEND = os.environ.get('CELERY_RESULT_BACKEND', 'redis://default')",
        "module.CELERY_RESULT_BACKEND = 'redis://again'",
        "app.config_from_object(module, namespace='CELERY')",
    ]
    celery = celery_at(version)
    assert used(celery, *lines) == "redis://again"
    told = celery.evaluate(
        "app.conf.result_backend", "\n".join(lines), environment={"CELERY_RESULT_BACKEND": "redis://environment"}
    )
    assert told.value == "redis://environment"


def test_one_place_is_no_conflict(celery: RealCelery) -> None:
    assert used(celery, PLAIN, CONFIGURED) == "redis://source"

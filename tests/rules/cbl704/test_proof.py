"""CBL704 is true: when Celery refuses a mix of old and new names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.proofs.real import RealCelery

VERSIONS = ["5.3.6", "5.5.3", "5.6.3", "newest"]
READ = "app.conf.result_backend"


def configured(names: dict[str, str], namespace: str = "") -> str:
    extra = f", namespace={namespace!r}" if namespace else ""
    return f"app = Celery()\napp.config_from_object({names!r}{extra})"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("names", "to_rename", "style"),
    [
        ({"result_serializer": "json", "CELERY_RESULT_BACKEND": "redis://"}, "CELERY_RESULT_BACKEND", "new format"),
        ({"timezone": "UTC", "BROKER_URL": "amqp://"}, "BROKER_URL", "new format"),
        ({"result_backend": "redis://", "ENABLE_UTC": "1"}, "ENABLE_UTC", "new format"),
        (
            {"result_serializer": "json", "CELERY_RESULT_BACKEND": "redis://", "CELERY_TASK_SERIALIZER": "json"},
            "result_serializer",
            "old format",
        ),
    ],
)
def test_one_configuration_with_both_is_refused(
    celery_at: Callable[[str], RealCelery], version: str, names: dict[str, str], to_rename: str, style: str
) -> None:
    bad = celery_at(version).evaluate(READ, configured(names))
    assert bad.fails_with("ImproperlyConfigured", "Cannot mix new")
    assert " ".join(bad.text.split()).find(style) > 0
    assert f"\n{to_rename} " in bad.text


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "names",
    [
        {"result_serializer": "json", "result_backend": "redis://"},
        {"CELERY_RESULT_SERIALIZER": "json", "CELERY_RESULT_BACKEND": "redis://"},
        {"result_backend": "redis://", "CELERY_RESULT_BACKEND": "rpc://"},
        {"result_backend": "redis://", "CELERY_BROKER_URL": "no old name"},
    ],
)
def test_these_are_no_mix(celery_at: Callable[[str], RealCelery], version: str, names: dict[str, str]) -> None:
    assert celery_at(version).evaluate(READ, configured(names)).value == "redis://"


@pytest.mark.parametrize("version", VERSIONS)
def test_under_a_namespace_nothing_is_refused(celery_at: Callable[[str], RealCelery], version: str) -> None:
    names = {"CELERY_RESULT_BACKEND": "redis://", "result_serializer": "json", "BROKER_URL": "amqp://"}
    assert celery_at(version).evaluate(READ, configured(names, "CELERY")).value == "redis://"


@pytest.mark.parametrize("version", VERSIONS)
def test_writes_to_conf_are_the_configuration_where_there_is_no_other(
    celery_at: Callable[[str], RealCelery], version: str
) -> None:
    celery = celery_at(version)
    update = "app.conf.update(result_serializer='json', CELERY_RESULT_BACKEND='redis://')"
    assert celery.evaluate(READ, f"app = Celery()\n{update}").fails_with("ImproperlyConfigured", "Cannot mix")
    beside = f"app = Celery()\napp.config_from_object({{'imports': ()}})\n{update}"
    assert celery.evaluate(READ, beside).value == "redis://"
    loaded = f"app = Celery()\napp.conf.timezone\n{update}"
    assert celery.evaluate(READ, loaded).value == "redis://"


@pytest.mark.parametrize("version", VERSIONS)
def test_constructor_keywords_do_not_count(celery_at: Callable[[str], RealCelery], version: str) -> None:
    source = "app = Celery(backend='redis://')\napp.config_from_object({'CELERY_TASK_SERIALIZER': 'yaml'})"
    told = celery_at(version).evaluate("(app.conf.result_backend, app.conf.task_serializer)", source)
    assert told.value == ("redis://", "yaml")

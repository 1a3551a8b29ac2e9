"""CBL705 is true: real names in places where Celery does not look."""

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
    ("bad", "good", "setting"),
    [
        ("CELERY_BROKER_URL", "broker_url", "broker_url"),
        ("CELERY_RESULT_EXPIRES", "result_expires", "result_expires"),
        ("CELERY_TASK_TIME_LIMIT", "task_time_limit", "task_time_limit"),
        ("RESULT_BACKEND", "result_backend", "result_backend"),
        ("RESULT_EXPIRES", "result_expires", "result_expires"),
        ("TASK_SERIALIZER", "task_serializer", "task_serializer"),
        ("celery_result_backend", "result_backend", "result_backend"),
        ("REDIS_BACKEND_HEALTH_CHECK_INTERVAL", "redis_backend_health_check_interval", None),
    ],
)
def test_without_a_namespace_these_are_not_read(
    celery_at: Callable[[str], RealCelery], version: str, bad: str, good: str, setting: str | None
) -> None:
    celery = celery_at(version)
    source = "app = Celery()\napp.config_from_object({%r: 'marked'})"
    value = f"app.conf.get('{setting or good}')"
    assert celery.evaluate(value, source % bad).value != "marked"
    assert celery.evaluate(value, source % good).value == "marked"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("capitals", "setting"),
    [
        ("BROKER_URL", "broker_url"),
        ("S3_BUCKET", "s3_bucket"),
        ("RESULT_ACCEPT_CONTENT", "result_accept_content"),
        ("DATABASE_TABLE_SCHEMAS", "database_table_schemas"),
        ("CELERY_RESULT_BACKEND", "result_backend"),
        ("CELERY_REDIS_MAX_CONNECTIONS", "redis_max_connections"),
    ],
)
def test_these_capitals_are_old_names_and_read(
    celery_at: Callable[[str], RealCelery], version: str, capitals: str, setting: str
) -> None:
    source = f"app = Celery()\napp.config_from_object({{{capitals!r}: 'marked'}})"
    assert celery_at(version).evaluate(f"app.conf['{setting}']", source).value == "marked"


@pytest.mark.parametrize(
    "source",
    [
        "app = Celery()\napp.config_from_object({'CELERY_RESULT_EXPIRES': 7}, namespace='CELERY')",
        "app = Celery(namespace='CELERY')\napp.config_from_object({'CELERY_RESULT_EXPIRES': 7})",
        "app = Celery()\napp.config_from_object({'CELERY_RESULT_EXPIRES': 7})\napp.namespace = 'CELERY'",
        "app = Celery()\napp.namespace = 'CELERY'\napp.conf.update(CELERY_RESULT_EXPIRES=7)",
    ],
)
def test_a_namespace_makes_the_prefix_count_wherever_it_is_set(celery: RealCelery, source: str) -> None:
    assert celery.evaluate("app.conf.result_expires", source).value == 7


DJANGO = {
    "site_/__init__.py": "",
    "site_/celery.py": (
        "import os\n\nfrom celery import Celery\n\n"
        "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site_.settings')\n"
        "app = Celery('site')\napp.config_from_object('django.conf:settings', namespace='CELERY')\n"
    ),
}


@pytest.mark.parametrize("version", VERSIONS)
def test_django_settings_have_no_lower_case_names(
    celery_at: Callable[[str], RealCelery], tmp_path: Path, version: str
) -> None:
    celery = celery_at(version)
    bad = {**DJANGO, "site_/settings.py": "result_backend = 'redis://cache'\ncelery_result_expires = 7\n"}
    settings = celery.load(tmp_path / "bad", bad, "site_.celery").settings
    assert settings["result_backend"] is None
    assert settings["result_expires"] != 7
    good = {**DJANGO, "site_/settings.py": "CELERY_RESULT_BACKEND = 'redis://cache'\nCELERY_RESULT_EXPIRES = 7\n"}
    settings = celery.load(tmp_path / "good", good, "site_.celery").settings
    assert (settings["result_backend"], settings["result_expires"]) == ("redis://cache", 7)


def test_flask_config_classes_give_capitals_only(celery: RealCelery, tmp_path: Path) -> None:
    app = (
        "from flask import Flask\nfrom celery import Celery\n\n\n"
        "class Config:\n    {name} = 'redis://cache'\n\n\n"
        "flask = Flask(__name__)\nflask.config.from_object(Config)\napp = Celery()\napp.conf.update(flask.config)\n"
    )
    bad = celery.load(tmp_path / "bad", {"proj.py": app.format(name="result_backend")})
    assert bad.settings["result_backend"] is None
    good = celery.load(tmp_path / "good", {"proj.py": app.format(name="CELERY_RESULT_BACKEND")})
    assert good.settings["result_backend"] == "redis://cache"


def test_a_variable_beside_the_app_is_no_setting(celery: RealCelery, tmp_path: Path) -> None:
    bad = "from celery import Celery\n\nresult_backend = 'redis://cache'\napp = Celery()\n"
    assert celery.load(tmp_path / "bad", {"proj.py": bad}).settings["result_backend"] is None
    good = "from celery import Celery\n\nresult_backend = 'redis://cache'\napp = Celery(backend=result_backend)\n"
    assert celery.load(tmp_path / "good", {"proj.py": good}).settings["result_backend"] == "redis://cache"


def test_a_celeryconfig_is_read_by_the_default_app_alone(celery: RealCelery, tmp_path: Path) -> None:
    orphan = {"celeryconfig.py": "result_backend = 'redis://cache'\n"}
    bad = {**orphan, "proj.py": "from celery import Celery\n\napp = Celery()\n"}
    assert celery.load(tmp_path / "bad", bad).settings["result_backend"] is None
    good = {**orphan, "proj.py": bad["proj.py"] + "app.config_from_object('celeryconfig')\n"}
    assert celery.load(tmp_path / "good", good).settings["result_backend"] == "redis://cache"
    assert celery.load(tmp_path / "default", orphan, None).settings["result_backend"] == "redis://cache"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("own", [{}, {"result_extended": True}])
def test_djangos_settings_are_not_read_unless_the_app_asks_for_them(
    celery_at: Callable[[str], RealCelery], version: str, own: dict[str, object], tmp_path: Path
) -> None:
    (tmp_path / "their_settings.py").write_text(
        "SECRET_KEY = 'x'\nINSTALLED_APPS = []\nCELERY_BROKER_URL = 'redis://h/0'\nCELERY_RESULT_BACKEND = 'redis://h/1'\n"
    )
    source = (
        "import os, sys\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n"
        "os.environ['DJANGO_SETTINGS_MODULE'] = 'their_settings'\n"
        "app = Celery('shop')\n"
    )
    read = "(app.conf.broker_url, app.conf.result_backend)"
    without = source + (f"app.config_from_object({own!r})\n" if own else "")
    assert celery_at(version).evaluate(read, without).value in ((None, None), ("amqp://", None))
    loaded = source + "app.config_from_object('django.conf:settings', namespace='CELERY')\n"
    assert celery_at(version).evaluate(read, loaded).value == ("redis://h/0", "redis://h/1")

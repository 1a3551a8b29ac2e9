"""CBL124 is true: a configuration that is not there is found out when it is first needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.proofs.real import write_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.proofs.real import RealCelery

FILES = {
    "shop/__init__.py": "",
    "shop/celeryconfig.py": 'broker_url = "memory://"\n\n\nclass Base:\n    broker_url = "memory://"\n',
}


@pytest.mark.parametrize("version", ["5.3.6", "newest"])
@pytest.mark.parametrize(
    ("named", "error"),
    [
        ("shop.celery_config", "ModuleNotFoundError"),
        ("celeryconfig", "ModuleNotFoundError"),
        ("shop.celeryconfig:Production", "ModuleNotFoundError"),
    ],
)
def test_the_app_is_made_and_its_first_use_fails(
    celery_at: Callable[[str], RealCelery], version: str, named: str, error: str, tmp_path: Path
) -> None:
    write_files(tmp_path, FILES)
    source = f"app = Celery('shop')\napp.config_from_object({named!r})"
    made = celery_at(version).evaluate("1", source, root=tmp_path)
    assert made.works()
    assert celery_at(version).evaluate("app.conf.broker_url", source, root=tmp_path).fails_with(error)


def test_a_name_of_a_file_is_none_of_a_module(celery: RealCelery, tmp_path: Path) -> None:
    write_files(tmp_path, FILES)
    source = "app = Celery('shop', config_source='shop.celeryconfig.py')"
    told = celery.evaluate("app.conf.broker_url", source, root=tmp_path)
    assert told.error in ("ImportError", "ModuleNotFoundError", "ImproperlyConfigured", "AttributeError")


@pytest.mark.parametrize("named", ["shop.celeryconfig", "shop.celeryconfig:Base", "shop.celeryconfig.Base"])
def test_what_is_there_is_read(celery: RealCelery, named: str, tmp_path: Path) -> None:
    write_files(tmp_path, FILES)
    source = f"app = Celery('shop')\napp.config_from_object({named!r})"
    assert celery.evaluate("app.conf.broker_url", source, root=tmp_path).value == "memory://"


def test_silent_nothing_fails(celery: RealCelery) -> None:
    source = "app = Celery('shop')\napp.config_from_object('nowhere', silent=True)"
    assert celery.evaluate("app.conf.broker_url", source).works()


def test_django_settings_that_are_not_there(celery: RealCelery, tmp_path: Path) -> None:
    write_files(tmp_path, {"shop/__init__.py": "", "shop/settings.py": 'CELERY_BROKER_URL = "memory://"\n'})
    source = (
        "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', {!r})\n"
        "app = Celery('shop')\napp.config_from_object('django.conf:settings', namespace='CELERY')"
    )
    bad = celery.evaluate("app.conf.broker_url", source.format("shop.setting"), root=tmp_path)
    assert bad.fails_with("ModuleNotFoundError", "shop.setting")
    good = celery.evaluate("app.conf.broker_url", source.format("shop.settings"), root=tmp_path)
    assert good.value == "memory://"


def test_a_field_that_the_settings_do_not_have(celery: RealCelery) -> None:
    source = (
        "from pydantic_settings import BaseSettings\n"
        "class Settings(BaseSettings):\n    broker_url: str = 'memory://'\n"
        "app = Celery('shop', broker=Settings().{})"
    )
    assert celery.evaluate("app", source.format("broker")).fails_with("AttributeError", "broker")
    assert celery.evaluate("app.conf.broker_url", source.format("broker_url")).value == "memory://"

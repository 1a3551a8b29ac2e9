"""A module that git has not and that goes over what is written is a thing to remember."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cases import git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.configure.conftest import Run

SETTINGS = 'broker_url = "amqp://localhost//"\nresult_backend = "redis://localhost:6379/1"\n'
TRIED = "try:\n    from {} import *\nexcept ImportError:\n    pass\n"
APP = 'from celery import Celery\n\napp = Celery("shop")\napp.config_from_object("{}")\n'


def reminded(root: Path, configure: Callable[..., Run], ignored: str, files: dict[str, str]) -> str:
    for path, text in {"requirements.txt": "celery==5.6.3\n", ".gitignore": f".env\n{ignored}\n", **files}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    git(root, "init", "-q")
    git(root, "add", "-A")
    done = configure(root, "rpc")
    assert done.status == 0, done.err
    return "\n".join(one for one in done.told["reminders"] if "imports" in one)


@pytest.mark.parametrize("is_there", [False, True])
def test_one_that_git_ignores(is_there: bool, tmp_path: Path, configure: Callable[..., Run]) -> None:
    files = {"celeryconfig.py": SETTINGS + TRIED.format("celeryconfig_local"), "tasks.py": APP.format("celeryconfig")}
    if is_there:
        files["celeryconfig_local.py"] = 'result_backend = "redis://10.0.0.7/1"\n'
    told = reminded(tmp_path, configure, "*_local.py", files)
    assert "`celeryconfig.py` line" in told
    assert told.endswith("`celeryconfig_local.py` where it is there, which git ignores: what it sets goes over this")


def test_a_relative_one_of_djangos_settings(tmp_path: Path, configure: Callable[..., Run]) -> None:
    settings = SETTINGS.replace("broker_url", "CELERY_BROKER_URL").replace("result_backend", "CELERY_RESULT_BACKEND")
    files = {
        "shop/__init__.py": "",
        "shop/settings/__init__.py": "from .base import *\n" + TRIED.format(".local"),
        "shop/settings/base.py": settings,
        "manage.py": 'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n',
    }
    files["shop/celery.py"] = (
        'import os\n\nfrom celery import Celery\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n'
        'app = Celery("shop")\napp.config_from_object("django.conf:settings", namespace="CELERY")\n'
    )
    told = reminded(tmp_path, configure, "shop/settings/local.py", files)
    assert told.startswith("`shop/settings/__init__.py` line 3 imports `shop/settings/local.py` where")


@pytest.mark.parametrize(
    "config",
    [
        TRIED.format("local_settings") + SETTINGS,  # what is written comes after it
        SETTINGS + TRIED.format("raven.defaults"),  # a package that may be missing
        SETTINGS + TRIED.format("more"),  # in the tree
        SETTINGS + TRIED.format(".test"),  # for tests
    ],
)
def test_what_goes_over_nothing_is_not_told(config: str, tmp_path: Path, configure: Callable[..., Run]) -> None:
    files = {"celeryconfig.py": config, "tasks.py": APP.format("celeryconfig"), "more.py": "task_acks_late = True\n"}
    assert reminded(tmp_path, configure, "local_settings.py", files) == ""

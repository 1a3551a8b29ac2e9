"""Names that are written differently, with everybody who uses them, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.fixes.python.names import rename_setting
from tests.fixes.python.writing import assignment, written

if TYPE_CHECKING:
    from pathlib import Path

APP = 'from celery import Celery\n\napp = Celery("a")\n'
LOADS = APP + 'app.config_from_object("cfg")\n'


def renamed(root: Path, files: dict[str, str]) -> dict[str, str] | str:
    return written(root, files, lambda model: rename_setting(model, assignment(model, "broker_url"), "broker_url"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("BROKER_URL: str = 'a'\n", "broker_url: str = 'a'\n"),
        ("BROKER_URL = 'a'\nURL = f'{BROKER_URL}/1'\n", "broker_url = 'a'\nURL = f'{broker_url}/1'\n"),
        (
            "BROKER_URL = 'a'\n\n\ndef change():\n    global BROKER_URL\n    BROKER_URL = 'b'\n",
            "broker_url = 'a'\n\n\ndef change():\n    global broker_url\n    broker_url = 'b'\n",
        ),
        (
            "BROKER_URL = 'a'\n\n\ndef f():\n    BROKER_URL = 1\n    return BROKER_URL\n",
            "broker_url = 'a'\n\n\ndef f():\n    BROKER_URL = 1\n    return BROKER_URL\n",
        ),
        (
            "import os\n\nBROKER_URL = os.environ['BROKER_URL']  # BROKER_URL\n",
            "import os\n\nbroker_url = os.environ['BROKER_URL']  # BROKER_URL\n",
        ),
    ],
)
def test_a_variable_is_renamed_where_its_module_uses_it(tmp_path: Path, before: str, after: str) -> None:
    assert renamed(tmp_path, {"t.py": LOADS, "cfg.py": before}) == {"cfg.py": after}


def test_a_class_that_has_the_name_from_its_module_is_refused(tmp_path: Path) -> None:
    before = "BROKER_URL = 'a'\n\n\nclass C:\n    BROKER_URL = BROKER_URL\n"
    assert renamed(tmp_path, {"t.py": LOADS, "cfg.py": before}) == "`BROKER_URL` is also used in `cfg.py` line 5"


def test_modules_that_build_upon_it_are_renamed_with_it(tmp_path: Path) -> None:
    files = {
        "t.py": LOADS,
        "cfg.py": "BROKER_URL = 'a'\n",
        "cfg_test.py": "from cfg import *\n\nBROKER_URL = BROKER_URL + '/1'\n",
        "cfg_more.py": "from cfg_test import *\n\nURL = BROKER_URL\n",
        "other.py": "def f(BROKER_URL):\n    return BROKER_URL\n",
    }
    assert renamed(tmp_path, files) == {
        "cfg.py": "broker_url = 'a'\n",
        "cfg_test.py": "from cfg import *\n\nbroker_url = broker_url + '/1'\n",
        "cfg_more.py": "from cfg_test import *\n\nURL = broker_url\n",
    }


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ("import cfg\n\nprint(cfg.BROKER_URL)\n", "line 3"),
        ("from cfg import BROKER_URL\n", "line 1"),
        ("import cfg\n\nprint(getattr(cfg, 'BROKER_URL'))\n", "by its name in `other.py` line 3"),
        ("from django.test import override_settings\n\n\n@override_settings(BROKER_URL='x')\ndef test():\n    pass\n",
         "given a value in `other.py` line 4"),
    ],
)  # fmt: skip
def test_who_uses_the_old_name_elsewhere_is_not_left_behind(tmp_path: Path, more: str, where: str) -> None:
    made = renamed(tmp_path, {"t.py": LOADS, "cfg.py": "BROKER_URL = 'a'\n", "other.py": more})
    assert isinstance(made, str)
    assert where in made


def test_a_name_that_is_taken_is_not_given_away(tmp_path: Path) -> None:
    files = {"t.py": APP + "app.conf.update(CELERY_TIMEZONE='UTC', broker_url='b')\n"}
    made = written(tmp_path, files, lambda model: rename_setting(model, assignment(model, "timezone"), "broker_url"))
    assert made == "`broker_url` is given already in `t.py` line 4"

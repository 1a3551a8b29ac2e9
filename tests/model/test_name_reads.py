"""Which names a project reads itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.model.name_reads import read_names
from tests.model.build import model_of

if TYPE_CHECKING:
    from pathlib import Path

APP = "from celery import Celery\n\napp = Celery('proj')\n"


def reads(tmp_path: Path, text: str) -> bool:
    model = model_of(tmp_path, {"proj.py": APP, "other.py": text})
    return read_names(model, ["NAME"]) == {"NAME"}


@pytest.mark.parametrize(
    "text",
    [
        "x = settings.NAME",
        "x = NAME",
        "f(NAME)",
        "f(x=NAME)",
        "x = app.config['NAME']",
        'x = app.config["NAME"]',
        "x = app.config.get('NAME', 1)",
        "x = getattr(settings, 'NAME', None)",
        "x = f'{NAME}/1'",
        "OTHER = NAME = 1\nprint(NAME)",
        "from config import NAME as name",
        "for x in NAME:\n    pass",
        "NAME.append(1)",
        "x = conf.pop('NAME')",
        "settings.NAME.x = 1",
        "_get = self.app.conf.get\nx = _get('NAME')",
        "def f(_get=app.conf.get):\n    return _get('NAME', None)",
    ],
)
def test_read(tmp_path: Path, text: str) -> None:
    assert reads(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        "NAME = 1",
        "NAME += 1",
        "NAME: int = 1",
        "_get = os.environ.get\nx = _get('NAME')",
        "_get = app.conf.get('other')\nx = _get('NAME')",
        "_get = app.conf.update\nx = _get('NAME')",
        "other_get = app.conf.get\nx = _get('NAME')",
        "NAME: int",
        "x, NAME = 1, 2",
        "(x, NAME) = 1, 2",
        "[x, NAME] = 1, 2",
        "settings.NAME = 1",
        "app.config['NAME'] = 1",
        "f(NAME=1)",
        "x = {'NAME': 1}",
        "x = ['NAME']",
        "from config import NAME",
        "import NAME",
        "# NAME",
        "'''NAME'''",
        "x = 'the NAME of it'",
        "x = os.environ['NAME']",
        "x = os.environ.get('NAME')",
        "x = os.getenv('NAME', 1)",
        "x = env('NAME')",
        "x = env.str('NAME')",
        "x = config('NAME', default=1)",
        "def NAME():\n    pass",
        "class NAME:\n    pass",
        "def f(NAME):\n    pass",
        "def f(NAME=1, *, x=2):\n    pass",
        "def f():\n    global NAME",
        "del NAME",
        "del settings.NAME",
        "for NAME in x:\n    pass",
        "x = MY_NAME + NAMES",
        "print('NAME')",
        "x = ('NAME')",
        "(lambda: 1)('NAME')",
    ],
)
def test_not_read(tmp_path: Path, text: str) -> None:
    assert not reads(tmp_path, text)


@pytest.mark.parametrize("names", [[], [""], ["a b"], ["\ud800"], ["größe"]])
def test_nothing_is_searched_for_what_is_no_name(tmp_path: Path, names: list[str]) -> None:
    model = model_of(tmp_path, {"proj.py": APP})
    assert read_names(model, names) == frozenset()

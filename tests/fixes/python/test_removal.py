"""Settings that are taken away, with what belongs to them and nothing else."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.fixes.python.removal import remove_setting
from tests.fixes.python.writing import assignment, written

if TYPE_CHECKING:
    from pathlib import Path

APP = 'from celery import Celery\n\napp = Celery("a")\n'
NAME = "redis_max_connections"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"app.conf.{NAME} = 1  # why\n", ""),
        (f"x = 1\n\napp.conf.{NAME} = 1\n\ny = 2\n", "x = 1\n\ny = 2\n"),
        (f"# about\napp.conf.{NAME} = 1\n", "# about\n"),
        (f"# about\n# https://docs/x.html#redis-max-connections\n# https://git/1\napp.conf.{NAME} = 1\n", "# about\n"),
        (f"x = 1\n# http://docs/x#std:setting-{NAME}\napp.conf.{NAME} = 1\n", "x = 1\n"),
        (f"# https://docs/x.html#result-expires\napp.conf.{NAME} = 1\n", "# https://docs/x.html#result-expires\n"),
        (f"# https://git/1\napp.conf.{NAME} = 1\n", "# https://git/1\n"),
        (f'app.conf["{NAME}"] = 1; y = 2\n', "y = 2\n"),
        (f'z = 2; app.conf["{NAME}"] = 1; y = 2\n', "z = 2; y = 2\n"),
        (f'setattr(app.conf, "{NAME}", 3)\n', ""),
        (f"app.conf.update({NAME}=1)\n", ""),
        (f'app.conf.update({NAME}=1, timezone="UTC")\n', 'app.conf.update(timezone="UTC")\n'),
        (f'app.conf.update(timezone="UTC", {NAME}=1)\n', 'app.conf.update(timezone="UTC")\n'),
        (f'app.conf.update(timezone="UTC", {NAME}=1,)\n', 'app.conf.update(timezone="UTC",)\n'),
        (
            f'app.conf.update(\n    timezone="UTC",  # a\n    # b\n    {NAME}=(\n        1\n    ),  # c\n)\n',
            'app.conf.update(\n    timezone="UTC",  # a\n    # b\n)\n',
        ),
        (f'app.conf.update({NAME}=1,\n                timezone="UTC")\n', 'app.conf.update(timezone="UTC")\n'),
        (f'app.conf.update(timezone="UTC",\n                {NAME}=1)\n', 'app.conf.update(timezone="UTC")\n'),
        (f'app.conf.update({{"{NAME}": 1, "timezone": "UTC"}})\n', 'app.conf.update({"timezone": "UTC"})\n'),
        (f'app.conf.update(**{{"{NAME}": 1}})\n', ""),
        (f"CONF = dict({NAME}=1)\napp.conf.update(CONF)\n", "CONF = dict()\napp.conf.update(CONF)\n"),
        (
            f"class C:\n    {NAME}: int = 3\n\n\napp.config_from_object(C)\n",
            "class C:\n    pass\n\n\napp.config_from_object(C)\n",
        ),
        (
            f'class C:\n    """Doc."""\n    {NAME} = 3\n\n\napp.config_from_object(C)\n',
            'class C:\n    """Doc."""\n\n\napp.config_from_object(C)\n',
        ),
        (f"if 1: app.conf.{NAME} = 3; x = 4\n", "if 1: x = 4\n"),
        (f"if 1:\n    app.conf.{NAME} = 3\n", "if 1:\n    pass\n"),
    ],
)
def test_what_is_written_by_itself_goes(tmp_path: Path, before: str, after: str) -> None:
    made = written(tmp_path, {"a.py": APP + before}, lambda model: remove_setting(model, assignment(model, NAME)))
    assert made == {"a.py": APP + after}
    ast.parse(APP + after)


@pytest.mark.parametrize(
    ("before", "why"),
    [
        (f"app.conf.{NAME} = app.conf.result_cache_max = 3\n", "assigns several names"),
        (f"app.conf.{NAME} = (x := 3)\n", "besides"),
        (f"app.conf.{NAME} = input()\n", "made by code"),
        (f"class C:\n    (timezone, {NAME}) = 'UTC', 3\n\n\napp.config_from_object(C)\n", "not written by itself"),
        (f"class C:\n    {NAME} = 3\n\n\napp.config_from_object(C)\nprint(C.{NAME})\n", "is used in"),
        (f"class C:\n    {NAME} = 3\n\n\napp.config_from_object(C)\nprint(getattr(C, '{NAME}'))\n", "is used in"),
        (f"class C:\n    {NAME} = 3\n    {NAME} += 1\n\n\napp.config_from_object(C)\n", "not written by itself"),
    ],
)
def test_what_would_take_more_with_it_stays(tmp_path: Path, before: str, why: str) -> None:
    made = written(tmp_path, {"a.py": APP + before}, lambda model: remove_setting(model, assignment(model, NAME)))
    assert isinstance(made, str)
    assert why in made

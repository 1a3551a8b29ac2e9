"""CBL123 is true: the ``celery`` command ends where it cannot import the app that ``-A`` names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.proofs.real import write_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.proofs.real import RealCelery

PROJECT = {
    "shop/__init__.py": "from shop.celery import app as celery_app\n",
    "shop/celery.py": 'from celery import Celery\n\napp = Celery("shop")\n',
    "conf.py": 'import os\n\nfrom celery.schedules import crontab\n\nbroker_url = os.getenv("BROKER", "memory://")\n',
    "bare/__init__.py": "",
    "bare/app.py": 'from celery import Celery\n\napp = Celery("bare")\n',
    "factory.py": 'from celery import Celery\n\n\ndef make_celery():\n    return Celery("made")\n',
    "bound.py": "from factory import make_celery\n\nmade = make_celery()\n",
    "twin/__init__.py": "",
    "twin.py": 'from celery import Celery\n\napp = Celery("twin")\n',
    "web.py": 'from celery import Celery\n\napp = object()\ncelery = Celery("web")\n',
}
COMMAND = (
    "from click.testing import CliRunner\n"
    "from celery.bin.celery import celery as command\n"
    "told = CliRunner().invoke(command, ['-A', {!r}, 'report'])\n"
)


@pytest.mark.parametrize("version", ["5.3.6", "newest"])
@pytest.mark.parametrize(
    "named",
    [
        "shop.tasks",
        "shop.tasks:app",
        "proj",
        "shop.celery:celery",
        "shop.celery.worker",
        "bare",
        "conf",
        "factory",
        "twin",
        "beat",
    ],
)
def test_what_is_not_there_ends_the_command(
    celery_at: Callable[[str], RealCelery], version: str, named: str, tmp_path: Path
) -> None:
    write_files(tmp_path, PROJECT)
    bad = celery_at(version).evaluate("told.exit_code, told.output", COMMAND.format(named), root=tmp_path)
    assert isinstance(bad.value, tuple)
    status, output = bad.value
    assert status == 2
    assert "Unable to load celery application" in output


@pytest.mark.parametrize(
    "named",
    [
        "shop",
        "shop.celery",
        "shop.celery:app",
        "shop.celery.app",
        "shop.celery_app",
        "shop:celery_app",
        "bound",
        "web:celery",
    ],
)
def test_what_is_there_loads(celery: RealCelery, named: str, tmp_path: Path) -> None:
    write_files(tmp_path, PROJECT)
    good = celery.evaluate("told.exit_code", COMMAND.format(named), root=tmp_path)
    assert good.value == 0


def test_what_a_module_calls_app_is_taken_whatever_it_is(celery: RealCelery, tmp_path: Path) -> None:
    write_files(tmp_path, PROJECT)
    found = "type(__import__('celery.app.utils', fromlist=['x']).find_app('web')).__name__"
    assert celery.evaluate(found, root=tmp_path).value == "object"


@pytest.mark.parametrize("function", ["celery.__main__", "celery.bin.celery"])
def test_its_own_function_takes_the_app_from_the_arguments(celery: RealCelery, function: str, tmp_path: Path) -> None:
    write_files(tmp_path, PROJECT)
    call = f"import sys\nfrom {function} import main\nsys.argv = ['main', '-A', {{!r}}, 'report']\nmain()\n"
    assert celery.evaluate("0", call.format("config.celery_app"), root=tmp_path).fails_with("SystemExit", "2")
    assert celery.evaluate("0", call.format("shop"), root=tmp_path).fails_with("SystemExit", "0")

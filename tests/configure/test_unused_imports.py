"""An import goes with the last read that needed it, and not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.configure.conftest import Run

APP = 'app = Celery("shop", broker="amqp://localhost//", backend={})\n'
READ = APP.format('os.environ["RESULTS"]')


def configured(root: Path, configure: Callable[..., Run], files: dict[str, str], backend: str = "rpc") -> str:
    for path, text in {"requirements.txt": "celery==5.6.3\n", **files}.items():
        (root / path).write_text(text)
    done = configure(root, backend)
    assert done.status == 0, done.err
    return (root / "tasks.py").read_text()


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("import os\n\nfrom celery import Celery\n\n", "from celery import Celery\n\n"),
        ('"""Tasks."""\n\nimport os\n\nfrom celery import Celery\n\n', '"""Tasks."""\n\nfrom celery import Celery\n\n'),
        (
            "import os, sys\nfrom celery import Celery\n\nsys.exit\n",
            "import sys\nfrom celery import Celery\n\nsys.exit\n",
        ),
        (
            "import sys, os\nfrom celery import Celery\n\nsys.exit\n",
            "import sys\nfrom celery import Celery\n\nsys.exit\n",
        ),
        ("import re\nimport os\n\nfrom celery import Celery\n", "import re\n\nfrom celery import Celery\n"),
    ],
)
def test_what_only_the_read_needed_goes(
    head: str, expected: str, tmp_path: Path, configure: Callable[..., Run]
) -> None:
    assert configured(tmp_path, configure, {"tasks.py": head + READ}).startswith(expected + "app = ")


@pytest.mark.parametrize(
    ("statement", "read"),
    [
        ("from os import environ", 'environ["RESULTS"]'),
        ("from os import getenv as read", 'read("RESULTS")'),
        ("from decouple import config", 'config("RESULTS")'),
    ],
)
def test_other_readers(statement: str, read: str, tmp_path: Path, configure: Callable[..., Run]) -> None:
    code = f"{statement}\nfrom celery import Celery\n\n{APP.format(read)}"
    requirements = "celery==5.6.3\npython-decouple\n"
    files = {"tasks.py": code, "requirements.txt": requirements}
    assert configured(tmp_path, configure, files).startswith("from celery import Celery\n\napp = ")


@pytest.mark.parametrize(
    "more",
    [
        {"tasks.py": "print(os.sep)\n"},
        {"tasks.py": '__all__ = ["app", "os"]\n'},
        {"tasks.py": 'print(f"{os}")\n'},
        {"other.py": "from tasks import *\n"},
        {"other.py": "from tasks import app, os\n"},
    ],
)
def test_what_else_needs_it_keeps_it(more: dict[str, str], tmp_path: Path, configure: Callable[..., Run]) -> None:
    code = f"import os\n\nfrom celery import Celery\n\n{READ}{more.pop('tasks.py', '')}"
    assert configured(tmp_path, configure, {"tasks.py": code, **more}).startswith("import os\n")


def test_what_was_not_used_before_stays(tmp_path: Path, configure: Callable[..., Run]) -> None:
    code = f"import os\n\nfrom celery import Celery\n\n{APP.format(repr('redis://localhost:6379/1'))}"
    assert configured(tmp_path, configure, {"tasks.py": code}).startswith("import os\n")


def test_a_name_of_the_projects_own_goes_where_others_are_imported_with_it(
    tmp_path: Path, configure: Callable[..., Run]
) -> None:
    code = "from celery import Celery\n\nfrom settings import BROKER, RESULTS\n\n"
    code += APP.format("RESULTS").replace('"amqp://localhost//"', "BROKER")
    settings = 'BROKER = "amqp://localhost//"\nRESULTS = "redis://localhost:6379/1"\nprint(RESULTS)\n'
    after = configured(tmp_path, configure, {"tasks.py": code, "settings.py": settings})
    assert "from settings import BROKER\n" in after
    assert (tmp_path / "settings.py").read_text() == settings


def test_a_module_of_the_projects_own_stays_imported(tmp_path: Path, configure: Callable[..., Run]) -> None:
    code = f"from celery import Celery\n\nfrom settings import RESULTS\n\n{APP.format('RESULTS')}"
    settings = 'RESULTS = "redis://localhost:6379/1"\nprint(RESULTS)\n'
    after = configured(tmp_path, configure, {"tasks.py": code, "settings.py": settings})
    assert "from settings import RESULTS\n" in after

"""What is called for the old backend: a constant of the app's own goes, a variable is left, what stays is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.fixes.configuration.choices import Choices
from celery_backend_lint.fixes.configuration.misleading_names import misleads

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.configure.conftest import Run

REDIS, DATABASE, RPC = Choices("redis"), Choices("database"), Choices("rpc")


@pytest.mark.parametrize(
    ("name", "choices", "expected"),
    [
        ("REDIS_URL", DATABASE, True),
        ("redisUrl", RPC, True),
        ("POSTGRES_URL", Choices("database", dialect="mysql"), True),
        ("DATABASE_URL", REDIS, True),
        ("MONGODB_URI", REDIS, True),
        ("REDIS_URL", Choices("redis", availability="sentinel"), False),
        ("DB_URL", Choices("database", dialect="mysql"), False),
        ("PG_RESULTS", DATABASE, False),
        ("RESULTS", DATABASE, False),
        ("CELERY_RESULT_BACKEND", RPC, False),
        ("DJANGO_CELERY_RESULTS", REDIS, False),
        ("REDISTRIBUTED_URL", DATABASE, False),
        ("REDIS_OR_DB_URL", DATABASE, False),
    ],
)
def test_what_a_name_says(name: str, choices: Choices, expected: bool) -> None:
    assert misleads(name, choices) is expected


APP = 'from celery import Celery\n\n{}app = Celery("shop", broker="amqp://localhost//", backend={})\n'


def configured(root: Path, configure: Callable[..., Run], backend: str, files: dict[str, str]) -> tuple[Run, str]:
    for path, text in {"requirements.txt": "celery==5.6.3\n", **files}.items():
        (root / path).write_text(text)
    done = configure(root, backend, "--app", "tasks.py")
    assert done.status == 0, done.err
    text = (root / "tasks.py").read_text()
    assert configure(root, backend, "--app", "tasks.py").told["changed"] == []
    return done, text


@pytest.mark.parametrize("read", ['"redis://localhost:6379/1"', 'os.environ["REDIS_URL"]'])
@pytest.mark.parametrize(("backend", "written"), [("rpc", '"rpc://"'), ("database", 'os.environ["')])
def test_a_constant_of_the_apps_own_goes(
    read: str, backend: str, written: str, tmp_path: Path, configure: Callable[..., Run]
) -> None:
    code = APP.format(f"import os\n\nREDIS_URL = {read}\n\n", "REDIS_URL")
    done, text = configured(tmp_path, configure, backend, {"tasks.py": code})
    assert "REDIS_URL" not in text
    assert f"backend={written}" in text
    assert "rename" not in str(done.told)


def test_a_constant_with_a_good_variable_is_told(tmp_path: Path, configure: Callable[..., Run]) -> None:
    code = APP.format('import os\n\nREDIS_URL = os.getenv("RESULTS")\n\n', "REDIS_URL")
    done, text = configured(tmp_path, configure, "database", {"tasks.py": code})
    assert 'REDIS_URL = os.environ["RESULTS"]' in text
    assert "`REDIS_URL` in `tasks.py` line 7 is the URL of a database now: rename it" in done.told["reminders"]


def test_a_variable_is_left(tmp_path: Path, configure: Callable[..., Run]) -> None:
    code = APP.format("import os\n\n", 'os.environ["REDIS_URL"]')
    files = {"tasks.py": code, ".env.example": "REDIS_URL=redis://localhost:6379/1\n", "compose.yml": "services: {}\n"}
    done, text = configured(tmp_path, configure, "database", files)
    assert 'backend=os.environ["CELERY_RESULT_BACKEND"]' in text
    assert [one["name"] for one in done.told["variables"]] == ["CELERY_RESULT_BACKEND"]
    example = (tmp_path / ".env.example").read_text()
    assert "CELERY_RESULT_BACKEND=db+postgresql" in example
    assert "REDIS_URL" not in example


def test_what_other_code_reads_keeps_its_variable(tmp_path: Path, configure: Callable[..., Run]) -> None:
    code = APP.format("import os\n\n", 'os.environ["REDIS_URL"]')
    files = {
        "tasks.py": code,
        "cache.py": 'import os\n\nfrom redis import Redis\n\ncache = Redis.from_url(os.environ["REDIS_URL"])\n',
        ".env.example": "REDIS_URL=redis://localhost:6379/1\n",
    }
    configured(tmp_path, configure, "database", files)
    assert "REDIS_URL=redis://localhost:6379/1\n" in (tmp_path / ".env.example").read_text()
    assert "CELERY_RESULT_BACKEND=db+" in (tmp_path / ".env.example").read_text()


@pytest.mark.parametrize("backend", ["rpc", "database"])
def test_a_constant_of_several_apps_is_told(backend: str, tmp_path: Path, configure: Callable[..., Run]) -> None:
    files = {
        "settings.py": 'REDIS_URL = "redis://localhost:6379/1"\n',
        "tasks.py": APP.format("from settings import REDIS_URL\n\n", "REDIS_URL"),
        "client.py": APP.format("from settings import REDIS_URL\n\n", "REDIS_URL"),
    }
    done, text = configured(tmp_path, configure, backend, files)
    assert "REDIS_URL" in text
    assert "redis://" not in (tmp_path / "settings.py").read_text()
    told = [one for one in done.told["reminders"] if "rename" in one]
    it = "`rpc://`" if backend == "rpc" else "the URL of a database"
    assert told == [f"`REDIS_URL` in `tasks.py` line 5 is {it} now: rename it"]


def test_a_field_is_told(tmp_path: Path, configure: Callable[..., Run]) -> None:
    settings = (
        "from pydantic_settings import BaseSettings\n\n\nclass Settings(BaseSettings):\n"
        '    redis_url: str = "redis://localhost:6379/1"\n\n\nsettings = Settings()\n'
    )
    files = {
        "settings.py": settings,
        "requirements.txt": "celery==5.6.3\npydantic-settings\n",
        "tasks.py": APP.format("from settings import settings\n\n", "settings.redis_url"),
    }
    done, text = configured(tmp_path, configure, "database", files)
    assert "settings.redis_url" in text
    assert any("`redis_url` in `tasks.py`" in one and "rename it" in one for one in done.told["reminders"])


@pytest.mark.parametrize(("comment", "count"), [("  # nobody reads results", 1), ("\n# tasks below", 0), ("", 0)])
def test_a_comment_beside_the_old_value_is_told(
    comment: str, count: int, tmp_path: Path, configure: Callable[..., Run]
) -> None:
    code = f'from celery import Celery\n\napp = Celery("shop")\napp.conf.result_backend = None{comment}\n'
    done, text = configured(tmp_path, configure, "rpc", {"tasks.py": code})
    assert f'app.conf.result_backend = "rpc://"{comment.partition(chr(10))[0]}\n' in text
    told = [one for one in done.told["reminders"] if one.startswith("the comment in `tasks.py` line 4")]
    assert len(told) == count

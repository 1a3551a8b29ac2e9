"""A package of the old backend is told where nothing else is seen to use it, and never taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.configure.conftest import Run

APP = 'import os\n\nfrom celery import Celery\n\napp = Celery("shop", broker="{}", backend={})\n'
REDIS, DATABASE = '"redis://localhost:6379/1"', '"db+postgresql+psycopg2://localhost/results"'
RABBIT = "amqp://localhost//"
EXAMPLE = "BROKER=amqp://localhost//\nRESULTS=redis://localhost:6379/1\n"


def told(root: Path, configure: Callable[..., Run], backend: str, code: str, files: dict[str, str]) -> list[str]:
    for path, text in {"tasks.py": code, **files}.items():
        (root / path).write_text(text)
    before = set(files["requirements.txt"].splitlines()[1:])
    done = configure(root, backend)
    assert done.status == 0, done.err
    assert before <= set((root / "requirements.txt").read_text().splitlines())
    return [one for one in done.told["reminders"] if "may be removed" in one]


@pytest.mark.parametrize(
    ("backend", "code", "requirements", "expected"),
    [
        ("rpc", APP.format(RABBIT, REDIS), "redis==5.2.1", ["`redis` in `requirements.txt` line 2"]),
        ("database", APP.format(RABBIT, REDIS), "redis==5.2.1", ["`redis` in `requirements.txt` line 3"]),
        ("rpc", APP.format("pyamqp://", REDIS), "redis", ["`redis` in `requirements.txt` line 2"]),
        ("rpc", APP.format("", DATABASE), "sqlalchemy\npsycopg2-binary",
         ["`sqlalchemy` in `requirements.txt` line 2", "`psycopg2-binary` in `requirements.txt` line 3"]),
        ("redis", APP.format(RABBIT, '"mongodb://localhost/results"'), "pymongo[srv]",
         ["`pymongo` in `requirements.txt` line 2"]),
        ("rpc", APP.format(RABBIT, REDIS), "celery[redis]",
         ["the extra `redis` of celery in `requirements.txt` line 2"]),
    ],
)  # fmt: skip
def test_what_may_be_removed(
    backend: str, code: str, requirements: str, expected: list[str], tmp_path: Path, configure: Callable[..., Run]
) -> None:
    files = {"requirements.txt": f"celery==5.6.3\n{requirements}\n"}
    found = told(tmp_path, configure, backend, code, files)
    assert [one.partition(" was for")[0] for one in found] == expected


def test_the_broker_of_an_example_counts(tmp_path: Path, configure: Callable[..., Run]) -> None:
    code = APP.format("", 'os.environ["RESULTS"]').replace('""', 'os.environ["BROKER"]')
    files = {"requirements.txt": "celery==5.6.3\nredis\n", ".env.example": EXAMPLE}
    assert len(told(tmp_path, configure, "rpc", code, files)) == 1


@pytest.mark.parametrize(
    ("code", "files"),
    [
        (APP.format("redis://localhost:6379/0", REDIS), {}),
        (APP.format("", REDIS).replace('""', 'os.environ["BROKER"]'), {}),  # nobody knows what it is
        (APP.format(RABBIT, REDIS), {"cache.py": "from redis import Redis\n"}),
        (APP.format(RABBIT, REDIS), {"requirements.txt": "celery==5.6.3\nredis\ndjango-redis\n"}),
        (APP.format(RABBIT, REDIS), {".env.example": "CACHE_URL=redis://localhost:6379/2\n"}),
        (APP.format(RABBIT, REDIS), {"other.py": APP.replace("app =", "other =").format(RABBIT, REDIS)}),
        (APP.format(RABBIT, '"rpc://"'), {}),
    ],
)
def test_what_may_be_in_use_is_not_told(
    code: str, files: dict[str, str], tmp_path: Path, configure: Callable[..., Run]
) -> None:
    (tmp_path / "tasks.py").write_text(code)
    files = {"requirements.txt": "celery==5.6.3\nredis\n", **files}
    for path, text in files.items():
        (tmp_path / path).write_text(text)
    done = configure(tmp_path, "rpc", "--app", "tasks.py")
    assert done.status == 0, done.err
    assert "may be removed" not in str(done.told)


def test_the_backend_stays(tmp_path: Path, configure: Callable[..., Run]) -> None:
    files = {"requirements.txt": "celery==5.6.3\nredis\n"}
    assert told(tmp_path, configure, "redis", APP.format(RABBIT, REDIS), files) == []

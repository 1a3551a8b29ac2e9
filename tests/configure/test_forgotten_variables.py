"""A variable that nothing reads any more leaves the example, or it is told why it stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.configure.conftest import Run

CONSTANT = 'import os\n\nfrom celery import Celery\n\nRESULTS = os.environ["RESULTS"]\n'
PYDANTIC = "from pydantic_settings import BaseSettings\n\n\n"
APP = 'app = Celery("shop", broker="amqp://localhost//", backend=RESULTS)\n'


def after(root: Path, configure: Callable[..., Run], files: dict[str, str]) -> tuple[Run, str]:
    example = "DEBUG=1\n\n# Celery\nRESULTS=redis://localhost:6379/1\n"
    for path, text in {"requirements.txt": "celery==5.6.3\n", ".env.example": example, **files}.items():
        (root / path).write_text(text)
    done = configure(root, "rpc")
    assert done.status == 0, done.err
    return done, (root / ".env.example").read_text()


@pytest.mark.parametrize(
    "code",
    [
        CONSTANT + APP,
        CONSTANT.replace("RESULTS =", "class Config:\n    RESULTS =") + APP.replace("=RES", "=Config.RES"),
        CONSTANT + "# what RESULTS holds is kept for a day\n" + APP,
    ],
)
def test_a_constant_of_its_name_reads_nothing(code: str, tmp_path: Path, configure: Callable[..., Run]) -> None:
    done, example = after(tmp_path, configure, {"tasks.py": code})
    assert "RESULTS" in (tmp_path / "tasks.py").read_text()
    assert example == "DEBUG=1\n", "the heading goes with what stood under it"
    assert done.told["not_done"] == []


@pytest.mark.parametrize(
    "other",
    [
        'import os\n\nprint(os.environ["RESULTS"])\n',
        'import os\n\nprint(os.path.expandvars("${RESULTS}/more"))\n',
        f"{PYDANTIC}class Settings(BaseSettings):\n    results: str\n",
        f"{PYDANTIC}class Settings(BaseSettings):\n    RESULTS = ''\n",
        f"{PYDANTIC}class Settings(BaseSettings, env_prefix='re'):\n    sults: str\n",
    ],
)
def test_what_may_be_read_stays(other: str, tmp_path: Path, configure: Callable[..., Run]) -> None:
    done, example = after(tmp_path, configure, {"tasks.py": CONSTANT + APP, "other.py": other})
    assert "RESULTS=redis" in example
    assert done.told["not_done"] == []


def test_what_nobody_sees_may_read_it(tmp_path: Path, configure: Callable[..., Run]) -> None:
    code = CONSTANT.replace("RESULTS =", "backend =") + APP.replace("=RESULTS", "=backend")
    files = {"tasks.py": code, "other.py": "from elsewhere import settings\n\nprint(settings.RESULTS)\n"}
    assert "RESULTS=redis" in after(tmp_path, configure, files)[1]


def test_another_file_that_mentions_it_is_told(tmp_path: Path, configure: Callable[..., Run]) -> None:
    compose = "services:\n  app:\n    environment:\n      RESULTS: ${RESULTS}\n"
    done, example = after(tmp_path, configure, {"tasks.py": CONSTANT + APP, "compose.yml": compose})
    assert "RESULTS=redis" in example
    (told,) = done.told["not_done"]
    assert "`RESULTS` stays in `.env.example`, because `compose.yml` line 4 mentions it" in told


@pytest.mark.parametrize("broker", ['os.environ["RESULTS"]', '"amqp://localhost//"'])
def test_what_sets_it_is_told_where_nothing_else_reads_it(
    broker: str, tmp_path: Path, configure: Callable[..., Run]
) -> None:
    code = CONSTANT + APP.replace('"amqp://localhost//"', broker)
    compose = "services:\n  app:\n    image: shop\n    environment:\n      RESULTS: redis://cache/1\n"
    done, _ = after(tmp_path, configure, {"tasks.py": code, "compose.yml": compose})
    told = "`compose.yml` line 5 sets `RESULTS`, which the result backend does not need any more"
    assert (told in done.told["reminders"]) == broker.startswith('"')

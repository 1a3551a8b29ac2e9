"""No second app beside one that the project has from somewhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.configure.conftest import Run


@pytest.mark.parametrize(
    "code",
    [
        "from company_tools.celery import CompanyCelery\n\nqueue = CompanyCelery()\n",
        "from company.queue import celery_app\n\n\n@celery_app.task\ndef add(x, y):\n    return x + y\n",
        "from celery import current_app\n\ncurrent_app.send_task('add')\n",
        "from celery import Celery\n\napps = list(map(Celery, names()))\n",
    ],
)
def test_one_that_is_out_of_sight(code: str, tmp_path: Path, configure: Callable[..., Run]) -> None:
    (tmp_path / "requirements.txt").write_text("celery==5.6.3\n")
    (tmp_path / "tasks.py").write_text(f'"""Tasks."""\n{code}')
    done = configure(tmp_path, "redis")
    assert done.status == 2
    assert "`tasks.py` line 2 imports one" in done.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["requirements.txt", "tasks.py"]


@pytest.mark.parametrize(
    "code",
    [
        "from celery import shared_task\n\n\n@shared_task\ndef add(x, y):\n    return x + y\n",
        "from celery.utils.log import get_task_logger\n",
        "from sentry_sdk.integrations.celery import CeleryIntegration\n",
        "from opentelemetry.instrumentation.celery import CeleryInstrumentor\n",
        "# from celery import Celery\n",
    ],
)
def test_code_that_waits_for_one_gets_one(code: str, tmp_path: Path, configure: Callable[..., Run]) -> None:
    (tmp_path / "requirements.txt").write_text("celery==5.6.3\n")
    (tmp_path / "tasks.py").write_text(code)
    done = configure(tmp_path, "redis")
    assert done.status == 0, done.err
    assert "celeryconfig.py" in done.told["changed"]

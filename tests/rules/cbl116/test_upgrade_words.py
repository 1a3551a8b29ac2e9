"""What is said of Celery 5.7 hangs on what the requirement admits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.model import read_model
from celery_backend_lint.project.discovery import open_project
from celery_backend_lint.rules.cbl116_conflicting_backends import check_conflicting_backends

if TYPE_CHECKING:
    from pathlib import Path

CELERY = """from celery import Celery
app = Celery("shop", backend="rpc://")
app.config_from_object("settings", namespace="CELERY")
"""


@pytest.mark.parametrize(
    ("requirement", "ends"),
    [
        ("celery<=4.4.7", "wins"),
        ("celery>=5.2,<5.6", "wins"),
        ("celery~=5.4.0", "wins"),
        ("celery==5.6.3", "Celery 5.7.0 will use this one"),
        ("celery>=5.4", "older ones, which `>=5.4` admits, use this one"),
        ("celery>=5.7", "wins"),
    ],
)
def test_the_release_that_turns_the_order_is_named_where_it_may_come(
    requirement: str, ends: str, tmp_path: Path
) -> None:
    (tmp_path / "settings.py").write_text('CELERY_BROKER_URL = "amqp://"\nCELERY_RESULT_BACKEND = "redis://cache/0"\n')
    (tmp_path / "tasks.py").write_text(CELERY)
    (tmp_path / "requirements.txt").write_text(f"{requirement}\n")
    model = read_model(open_project([], str(tmp_path)))
    assert model is not None
    (found,) = check_conflicting_backends(model)
    assert found.message.endswith(ends)

"""CBL302 is true: a secret as default is used whenever the variable is not set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.proofs.real import RealCelery

VALUE = "redis://:Qr7xV2mPz@cache:6379/0"
PYDANTIC = """
from pydantic_settings import BaseSettings

class Settings(BaseSettings):
    celery_backend: str{default}

backend = Settings().celery_backend
"""


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        (
            f'import os\nbackend = os.getenv("BACKEND_URL", "{VALUE}")',
            'import os\nbackend = os.environ["BACKEND_URL"]',
        ),
        (
            f'import os\nbackend = os.environ.get("BACKEND_URL") or "{VALUE}"',
            'import os\nbackend = os.environ["BACKEND_URL"]',
        ),
        (
            f'import environ\nbackend = environ.Env()("BACKEND_URL", default="{VALUE}")',
            'import environ\nbackend = environ.Env()("BACKEND_URL")',
        ),
        (
            f'from decouple import config\nbackend = config("BACKEND_URL", default="{VALUE}")',
            'from decouple import config\nbackend = config("BACKEND_URL")',
        ),
        (PYDANTIC.format(default=f' = "{VALUE}"'), PYDANTIC.format(default="")),
    ],
    ids=["getenv", "or", "environ", "decouple", "pydantic"],
)
def test_celery_connects_with_the_secret_of_the_code(celery: RealCelery, tmp_path: Path, bad: str, good: str) -> None:
    app = "\nfrom celery import Celery\napp = Celery(backend=backend)\n"
    assert celery.evaluate("app.conf.result_backend", bad + app, root=tmp_path).value == VALUE
    assert celery.evaluate("app.conf.result_backend", good + app, root=tmp_path).error

"""CBL301 is true: a credential in the code reaches everyone who has the code, and stays in its history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.proofs.real import RealCelery
    from tests.proofs.repository import Repository

SECRET = "Qr7xV2mPz"
BAD = {"celeryconfig.py": f'result_backend = "redis://:{SECRET}@cache:6379/0"\n'}
GOOD = {"celeryconfig.py": 'import os\n\nresult_backend = os.environ["CELERY_RESULT_BACKEND"]\n'}
APP = {"proj.py": 'from celery import Celery\n\napp = Celery("proj")\napp.config_from_object("celeryconfig")\n'}
VALUE = f"redis://:{SECRET}@cache:6379/0"


def test_the_code_alone_gives_the_password_away(celery: RealCelery, tmp_path: Path) -> None:
    assert celery.load(tmp_path / "bad", {**APP, **BAD}).settings["result_backend"] == VALUE
    good = celery.load(tmp_path / "good", {**APP, **GOOD})
    assert good.error == "KeyError"
    assert SECRET not in good.text


def test_from_the_environment_celery_gets_the_same(celery: RealCelery, tmp_path: Path) -> None:
    good = celery.load(tmp_path, {**APP, **GOOD}, environment={"CELERY_RESULT_BACKEND": VALUE})
    assert good.settings["result_backend"] == VALUE


def test_history_keeps_it_after_the_fix_so_it_must_be_rotated(repository: Repository) -> None:
    repository.commit_all(BAD)
    repository.commit_all(GOOD)
    assert SECRET not in repository.git("grep", SECRET)
    assert SECRET in repository.git("log", "--patch")


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"result_backend": "redis", "redis_password": SECRET}, "app.backend.connparams['password']"),
        (
            {
                "result_backend": "db+postgresql+psycopg2://127.0.0.1/app",
                "database_create_tables_at_setup": False,
                "database_engine_options": {"connect_args": {"password": SECRET}},
            },
            "app.backend.engine_options['connect_args']['password']",
        ),
        (
            {
                "result_backend": "rediss://cache",
                "redis_backend_use_ssl": {"ssl_cert_reqs": "required", "ssl_password": SECRET},
            },
            "app.backend.connparams['ssl_password']",
        ),
    ],
)
def test_these_settings_carry_credentials_too(celery: RealCelery, settings: dict[str, object], place: str) -> None:
    assert celery.evaluate(place, settings=settings).value == SECRET

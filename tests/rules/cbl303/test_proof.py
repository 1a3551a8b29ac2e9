"""CBL303 is true: a literal URL cannot follow the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.proofs.real import RealCelery

APP = {"proj.py": 'from celery import Celery\n\napp = Celery("proj")\napp.config_from_object("settings")\n'}
BAD = {"settings.py": 'result_backend = "redis://cache:6379/0"\n'}
GOOD = {
    "settings.py": ('import os\n\nresult_backend = os.environ.get("CELERY_RESULT_BACKEND", "redis://cache:6379/0")\n')
}
ELSEWHERE = {"CELERY_RESULT_BACKEND": "redis://production:6379/0"}


def test_a_deployment_cannot_move_the_configured_value(celery: RealCelery, tmp_path: Path) -> None:
    bad = celery.load(tmp_path / "bad", {**APP, **BAD}, environment=ELSEWHERE)
    assert bad.settings["result_backend"] == "redis://cache:6379/0"
    good = celery.load(tmp_path / "good", {**APP, **GOOD}, environment=ELSEWHERE)
    assert good.settings["result_backend"] == "redis://production:6379/0"


def test_without_the_variable_the_fix_changes_nothing(celery: RealCelery, tmp_path: Path) -> None:
    assert celery.load(tmp_path, {**APP, **GOOD}).settings["result_backend"] == "redis://cache:6379/0"


def test_celery_itself_looks_at_one_variable_only(celery: RealCelery, tmp_path: Path) -> None:
    bad = celery.load(tmp_path, {**APP, **BAD}, environment=ELSEWHERE)
    assert bad.effective["result_backend"] == "redis://production:6379/0"
    bad = celery.load(tmp_path, {**APP, **BAD}, environment={"REDIS_URL": "redis://production:6379/0"})
    assert bad.effective["result_backend"] == "redis://cache:6379/0"


def test_a_switch_in_the_source_makes_the_url_follow_the_environment(celery: RealCelery, tmp_path: Path) -> None:
    line = 'import os\n\nDEBUG = {}\nresult_backend = "redis://localhost" if DEBUG else os.environ["RESULTS"]\n'
    environment = {"RESULTS": "redis://production:6379/0"}
    on = celery.load(tmp_path / "on", {**APP, "settings.py": line.format(True)}, environment=environment)
    assert on.settings["result_backend"] == "redis://localhost"
    off = celery.load(tmp_path / "off", {**APP, "settings.py": line.format(False)}, environment=environment)
    assert off.settings["result_backend"] == "redis://production:6379/0"

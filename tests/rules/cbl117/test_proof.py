"""CBL117 is true: variables that Celery, or its command, reads itself beat the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.proofs.real import write_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.proofs.real import RealCelery

PROJECT = {
    "proj.py": 'from celery import Celery\n\napp = Celery("proj", broker="memory://", backend="redis://code/0")\n'
}
REPORT = (
    "from click.testing import CliRunner\n"
    "from celery.bin.celery import celery as command\n"
    "told = CliRunner().invoke(command, {arguments!r})\n"
)
USED = "app.backend.connparams['host'], app.backend.connparams['db']"


@pytest.mark.parametrize("version", ["5.3.6", "newest"])
def test_the_variable_beats_the_constructor_and_conf(celery_at: Callable[[str], RealCelery], version: str) -> None:
    source = "app = Celery('proj', backend='redis://code/0')\napp.conf.result_backend = 'redis://conf/1'"
    bad = celery_at(version).evaluate(USED, source, environment={"CELERY_RESULT_BACKEND": "redis://cache:6379/3"})
    assert bad.value == ("cache", 3)
    assert celery_at(version).evaluate(USED, source).value == ("conf", 1)


def test_none_in_the_configuration_loses_too(celery: RealCelery) -> None:
    told = celery.evaluate(
        "app.backend.connparams['host']", result_backend=None, environment={"CELERY_RESULT_BACKEND": "redis://cache"}
    )
    assert told.value == "cache"


def test_what_the_code_makes_of_the_variable_is_not_used(celery: RealCelery) -> None:
    source = "app = Celery('proj', backend=os.environ['CELERY_RESULT_BACKEND'] + '/7')"
    told = celery.evaluate(USED, source, environment={"CELERY_RESULT_BACKEND": "redis://cache:6379"})
    assert told.value == ("cache", 0)


def test_a_configuration_that_reads_the_variable_agrees(celery: RealCelery) -> None:
    source = "app = Celery('proj', backend=os.environ['CELERY_RESULT_BACKEND'])"
    told = celery.evaluate(USED, source, environment={"CELERY_RESULT_BACKEND": "redis://cache:6379/3"})
    assert told.value == ("cache", 3)


@pytest.mark.parametrize("version", ["5.3.6", "newest"])
def test_only_the_command_reads_result_backend(
    celery_at: Callable[[str], RealCelery], version: str, tmp_path: Path
) -> None:
    write_files(tmp_path, PROJECT)
    celery, environment = celery_at(version), {"RESULT_BACKEND": "redis://other/3", "BROKER_URL": "amqp://other"}
    worker = REPORT.format(arguments=["-A", "proj", "report"])
    read = "app.conf.result_backend, app.conf.broker_url"
    told = celery.evaluate(read, f"{worker}from proj import app", root=tmp_path, environment=environment)
    assert told.value == ("redis://other/3", "amqp://other")
    told = celery.evaluate(read, "from proj import app", root=tmp_path, environment=environment)
    assert told.value == ("redis://code/0", "memory://")


@pytest.mark.parametrize(
    ("variable", "arguments", "module"),
    [("LOADER", ["-A", "proj", "report"], "yamlloader"), ("APP", ["report"], "production")],
)
def test_the_command_imports_what_loader_and_app_name(
    celery: RealCelery, tmp_path: Path, variable: str, arguments: list[str], module: str
) -> None:
    write_files(tmp_path, PROJECT)
    bad = celery.evaluate(
        "told.exit_code != 0 and told.output + repr(told.exception)",
        REPORT.format(arguments=arguments),
        root=tmp_path,
        environment={variable: module},
    )
    assert module in str(bad.value)
    good = celery.evaluate("told.exit_code", REPORT.format(arguments=["-A", "proj", "report"]), root=tmp_path)
    assert good.value == 0


def test_an_option_beats_its_variable(celery: RealCelery, tmp_path: Path) -> None:
    write_files(tmp_path, PROJECT)
    source = REPORT.format(arguments=["-A", "proj", "--result-backend", "redis://code/0", "report"])
    told = celery.evaluate("told.output", source, root=tmp_path, environment={"RESULT_BACKEND": "redis://other/3"})
    assert "results:redis://code/0" in str(told.value)


def test_load_dotenv_reaches_celery_and_pydantics_env_file_does_not(celery: RealCelery, tmp_path: Path) -> None:
    write_files(tmp_path, {".env": "CELERY_RESULT_BACKEND=redis://dotenv:6379/5\n"})
    path = str(tmp_path / ".env")
    app = "app = Celery('proj', backend='redis://code/0')"
    loaded = celery.evaluate(USED, f"from dotenv import load_dotenv\nload_dotenv({path!r})\n{app}")
    assert loaded.value == ("dotenv", 5)
    pydantic = (
        "from pydantic_settings import BaseSettings\n"
        f"class Settings(BaseSettings):\n    model_config = {{'env_file': {path!r}, 'extra': 'ignore'}}\n"
        f"    celery_result_backend: str\nassert Settings().celery_result_backend\n{app}"
    )
    assert celery.evaluate(USED, pydantic).value == ("code", 0)

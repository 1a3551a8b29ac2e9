"""The health check's text, its place in a project, and what our own rules say to it."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from celery_backend_lint.cli import main
from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.health_check import (
    app_reference,
    default_health_check_path,
    health_check_module,
    health_check_name,
    is_health_check,
)
from tests.fixes.probing import write_project
from tests.model.build import model_of

APP = 'from celery import Celery\n\napp = Celery("proj")\n'
REFERENCES = [
    ("proj.celery", "app", "proj.health"),
    ("proj", "celery_app", "proj.celery_health"),
    ("tasks", "create_app().extensions.celery", "celery_health"),
    ("company.department.product.services.background.worker", "background_application", "company.health_of_everything"),
]


@pytest.mark.parametrize(("app_module", "attribute", "module"), REFERENCES)
def test_text_is_formatted_and_passes_ruff(tmp_path: Path, app_module: str, attribute: str, module: str) -> None:
    text = health_check_module(app_module, attribute, module)
    path = tmp_path / "health.py"
    path.write_text(text)
    ast.parse(text, feature_version=(3, 8))
    assert max(len(line) for line in text.splitlines()) <= 88
    ruff = [sys.executable, "-m", "ruff"]
    for command in (["check", "--target-version", "py38"], ["check"], ["check", "--extend-select", "E501,I,UP,S,RUF"]):
        done = subprocess.run([*ruff, *command, "--isolated", str(path)], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout
    done = subprocess.run([*ruff, "format", "--isolated", "--diff", str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_text_passes_mypy_strict(tmp_path: Path) -> None:
    write_project(tmp_path)
    command = [sys.executable, "-m", "mypy", "--strict", "--ignore-missing-imports", "--config-file=", "proj/health.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_text_is_made_without_celery() -> None:
    script = (
        "import sys; from celery_backend_lint.fixes.health_check import health_check_module as text;"
        "text('proj.celery', 'app', 'proj.health'); print({'celery', 'kombu', 'redis'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("set()\n", "")


@pytest.mark.parametrize(
    ("attribute", "statements"),
    [
        ("app", "    from proj.celery import app\n\n    return app\n"),
        ("web.celery", "    from proj.celery import web\n\n    return web.celery\n"),
        ("make()", "    from proj.celery import make\n\n    return make()\n"),
    ],
)
def test_app_is_imported_by_its_name(attribute: str, statements: str) -> None:
    assert statements in health_check_module("proj.celery", attribute, "proj.health")


@pytest.mark.parametrize(
    ("app_module", "attribute", "module"),
    [
        ("proj.celery", "app; import os", "proj.health"),
        ("proj.celery", "app[0]", "proj.health"),
        ("proj.celery", "class", "proj.health"),
        ("proj-x.celery", "app", "proj.health"),
        ("proj.celery", "app", "proj.class"),
        ("", "app", "proj.health"),
    ],
)
def test_what_is_no_name_is_refused(app_module: str, attribute: str, module: str) -> None:
    with pytest.raises(ValueError, match="not the names"):
        health_check_module(app_module, attribute, module)


@pytest.mark.parametrize(
    ("files", "path", "module", "folder"),
    [
        ({"proj/__init__.py": "", "proj/celery.py": APP}, "proj/health.py", "proj.health", "."),
        ({"proj/__init__.py": APP}, "proj/health.py", "proj.health", "."),
        ({"src/proj/__init__.py": "", "src/proj/celery.py": APP}, "src/proj/health.py", "proj.health", "src"),
        ({"proj/celery.py": APP}, "proj/health.py", "proj.health", "."),
        ({"tasks.py": APP}, "celery_health.py", "celery_health", "."),
        ({"worker/tasks.py": APP}, "worker/celery_health.py", "celery_health", "worker"),
        (
            {"proj/__init__.py": "", "proj/celery.py": APP, "proj/health.py": "OK = 1\n"},
            "proj/celery_health.py",
            "proj.celery_health",
            ".",
        ),
        (
            {"proj/__init__.py": "", "proj/celery.py": APP, "proj/health/__init__.py": ""},
            "proj/celery_health.py",
            "proj.celery_health",
            ".",
        ),
    ],
)
def test_file_goes_next_to_the_app(tmp_path: Path, files: dict[str, str], path: str, module: str, folder: str) -> None:
    model = model_of(tmp_path, files)
    (app,) = model.apps
    assert default_health_check_path(model, app) == path
    assert health_check_name(model, app, path) == (module, folder)
    prefix = module.rpartition(".")[0]
    app_module, name = app_reference(model, app)
    assert (app_module.startswith(prefix), name) == (True, "app")


def test_place_stays_when_the_file_is_there(tmp_path: Path) -> None:
    write_project(tmp_path)
    path = tmp_path / "proj/health.py"
    path.write_text(path.read_text() + "\n# people change it\n")
    model = model_of(tmp_path, {})
    (app,) = model.apps
    assert default_health_check_path(model, app) == "proj/health.py"
    assert is_health_check(model, "proj/health.py")
    assert not is_health_check(model, "proj/celery.py")


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("src/proj/health", "does not end in .py"),
        ("ops/health.py", "put it below that"),
        ("src/proj/health-check.py", "cannot be imported"),
        ("src/2proj/health.py", "cannot be imported"),
    ],
)
def test_place_that_cannot_work_is_refused(tmp_path: Path, path: str, why: str) -> None:
    model = model_of(tmp_path, {"src/proj/__init__.py": "", "src/proj/celery.py": APP})
    with pytest.raises(CannotFixError, match=why):
        health_check_name(model, model.apps[0], path)


def test_app_that_has_no_name_is_refused(tmp_path: Path) -> None:
    text = 'from celery import Celery\n\n\ndef make():\n    return Celery("proj")\n\n\nmake()\n'
    model = model_of(tmp_path, {"proj/celery.py": text})
    with pytest.raises(CannotFixError, match=r"celery\.py"):
        app_reference(model, model.apps[0])


def test_rules_find_nothing_in_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_project(tmp_path, {"requirements.txt": "celery[redis]\n"})
    monkeypatch.chdir(tmp_path)
    found = []
    for _ in range(2):
        main(["check", "--isolated", "--min-severity", "advice", "--output-format", "json"])
        found.append(json.loads(capsys.readouterr().out)["findings"])
        (tmp_path / "proj/health.py").unlink(missing_ok=True)
    assert found[0] == found[1]

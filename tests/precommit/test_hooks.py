"""The hooks that others install, run through pre-commit itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git repository with a clean project: one app whose results come from the environment."""
    files = {
        "tasks.py": (
            "import os\n\nfrom celery import Celery\n\n"
            "app = Celery('shop')\napp.conf.result_backend = os.environ['CELERY_RESULT_BACKEND']\n"
        ),
        "requirements.txt": "celery[redis]==5.6.2\n",
        ".env.example": "CELERY_RESULT_BACKEND=redis://:your_redis_password_here@localhost:6379/0\n",
        ".gitignore": ".env\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    return tmp_path


def try_repo(
    repository: Path, hook: str = "celery-backend-lint", stage: str = "pre-commit"
) -> subprocess.CompletedProcess[str]:
    """Install a hook from this repository's work tree into a fresh environment, and run it."""
    subprocess.run(["git", "add", "-A"], cwd=repository, check=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "COV", "PYTEST"))}
    options = ["--all-files", "--verbose", "--hook-stage", stage]
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", "try-repo", str(ROOT), hook, *options],
        cwd=repository,
        env={**environment, "PRE_COMMIT_COLOR": "never"},
        capture_output=True,
        text=True,
        timeout=600,
    )


def test_the_hook_passes_a_repository_without_findings(repository: Path) -> None:
    run = try_repo(repository)
    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(r"^celery-backend-lint\.+Passed$", run.stdout, re.MULTILINE)
    assert "All checks passed!" in run.stdout


def test_the_hook_fails_on_a_finding_anywhere_in_the_repository(repository: Path) -> None:
    (repository / "stale.py").write_text("x = 1  # cbl: ignore[CBL301]\n")
    run = try_repo(repository)
    assert run.returncode == 1, run.stdout + run.stderr
    assert re.search(r"^celery-backend-lint\.+Failed$", run.stdout, re.MULTILINE)
    assert "CBL002 [warning]" in run.stdout
    assert " --> stale.py:1:8" in run.stdout


def test_the_fixing_hook_fixes_and_says_so_and_passes_then(repository: Path) -> None:
    stale = repository / "stale.py"
    stale.write_text("x = 1  # cbl: ignore[CBL301]\n")
    run = try_repo(repository, "celery-backend-lint-fix")
    assert run.returncode == 1, run.stdout + run.stderr
    assert re.search(r"^celery-backend-lint --fix\.+Failed$", run.stdout, re.MULTILINE)
    assert "Fixed 1 finding, none remaining." in run.stdout
    assert stale.read_text() == "x = 1\n"
    run = try_repo(repository, "celery-backend-lint-fix")
    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(r"^celery-backend-lint --fix\.+Passed$", run.stdout, re.MULTILINE)


def test_the_verifying_hook_tries_the_backend_with_the_projects_own_python(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    # The environment that pre-commit makes for the hook has no Celery: PDM's file names the one that has.
    (repository / ".pdm-python").write_text(f"{sys.executable}\n")
    results = tmp_path_factory.mktemp("results")
    (repository / "tasks.py").write_text(
        "from celery import Celery\n\n"
        f"good = Celery('good', backend='file://{results}')\nbad = Celery('bad', backend='file:///no/such/folder')\n"
    )
    run = try_repo(repository, "celery-backend-verify", "manual")
    assert run.returncode == 1, run.stdout + run.stderr
    assert re.search(r"^celery-backend-verify\.+Failed$", run.stdout, re.MULTILINE)
    assert re.search(r"^    ok      forget ", run.stdout, re.MULTILINE), run.stdout
    assert re.search(r"^    failed  backend ", run.stdout, re.MULTILINE), run.stdout
    assert not list(results.iterdir())


def test_the_verifying_hook_runs_only_when_it_is_asked_for() -> None:
    [hook] = [hook for hook in hooks() if hook["id"] == "celery-backend-verify"]
    assert hook["stages"] == ["manual"]
    assert hook["always_run"]
    assert hook["pass_filenames"] is False
    assert hook["require_serial"]


@pytest.mark.parametrize(
    "path",
    [
        "proj/celery.py",
        "pyproject.toml",
        "requirements/base.txt",
        "requirements.in",
        "uv.lock",
        "setup.cfg",
        "docker-compose.prod.yml",
        "environment.yaml",
        ".env",
        ".env.example",
        "docker/.env.sample",
        ".envs/.local/.django.env",
        "env.template",
        "example.env",
        "app.env.dist",
        ".docker.env",
        "Pipfile",
        "Pipfile.lock",
        "Procfile",
        "Dockerfile.worker",
        ".gitignore",
        ".secrets.baseline",
    ],
)
def test_the_hook_runs_when_a_file_changes_that_can_matter(path: str) -> None:
    assert hook_matches(path)


@pytest.mark.parametrize("path", ["README.md", "static/app.js", "logo.png", "environment.ts", "envelope.go"])
def test_the_hook_does_not_run_for_what_cannot_matter(path: str) -> None:
    assert not hook_matches(path)


def hooks() -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    return read


def hook_matches(path: str) -> bool:
    assert [hook["id"] for hook in hooks()] == [
        "celery-backend-lint",
        "celery-backend-lint-fix",
        "celery-backend-verify",
    ]
    checking = hooks()[:2]
    assert all(hook["pass_filenames"] is False and hook["require_serial"] for hook in checking)
    matches = {re.search(hook["files"], path) is not None for hook in checking}
    assert len(matches) == 1
    return matches.pop()

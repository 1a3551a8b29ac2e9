"""A credential that was moved is nowhere but in .env, which is private and ignored, and the project runs on as before.

Each safe fix case of CBL301 and CBL302 is loaded by real Celery before and after, with nothing set: what its own code
loads from ``.env`` is all that there is.
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from celery_backend_lint.cli import main
from tests.cases import Case, fix_cases

if TYPE_CHECKING:
    from collections.abc import Iterator

MOVED = [case for case in fix_cases() if case.code in ("CBL301", "CBL302") and ".env" in case.after]
SAFE = [case for case in MOVED if "fix_args" not in case.head]
SETTINGS = ("broker_url", "result_backend", "redis_password", "database_engine_options", "s3_secret_access_key")
LOAD = f"""
import importlib, json, os, sys
sys.path.insert(0, os.getcwd())
from celery import Celery
found = []
for name in sys.argv[1:]:
    module = importlib.import_module(name)
    found += [value for _, value in sorted(vars(module).items()) if isinstance(value, Celery)]
print(json.dumps([[repr(app.conf.get(name)) for name in {SETTINGS!r}] for app in found]))
"""


def modules(case: Case) -> list[str]:
    return [
        path.removesuffix(".py").replace("/", ".")
        for path in case.files
        if path.endswith(("proj.py", "celery.py", "worker.py"))
    ]


def configuration(root: Path, case: Case) -> Any:
    """What real Celery has for each app of a case, with no variable set."""
    environment = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", LOAD, *modules(case)],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def fix(root: Path, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    main(
        ["--isolated", "--fix", "--select", case.code, "--min-severity", "advice", *case.head.get("fix_args", []), "."]
    )


def committed(root: Path) -> Iterator[Path]:
    """The files that git has or would take."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=True,
    )
    yield from (root / os.fsdecode(name) for name in listed.stdout.split(b"\0") if name)


@pytest.mark.parametrize("case", SAFE, ids=lambda case: f"{case.path.parent.name}/{case.path.stem}")
def test_the_project_runs_on_as_before(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = case.build(tmp_path.resolve())
    before = configuration(root, case)
    assert before, "the case has apps"
    fix(root, case, monkeypatch)
    assert configuration(root, case) == before


@pytest.mark.parametrize("case", MOVED, ids=lambda case: f"{case.path.parent.name}/{case.path.stem}")
def test_the_credential_is_in_no_file_of_the_repository(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = case.build(tmp_path.resolve())
    new = ".env" not in case.files
    fix(root, case, monkeypatch)
    named = case.path.stem == "fix_also_in_a_comment"
    for path in committed(root):
        assert path.name != ".env"
        for secret in case.head["secret"]:
            assert named or secret.encode() not in path.read_bytes()
    if new and os.name == "posix":
        assert stat.S_IMODE((root / ".env").stat().st_mode) == 0o600


def test_without_git_nothing_has_to_be_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = next(case for case in SAFE if case.path.stem == "fix_celeryconfig")
    root = case.write(tmp_path.resolve())
    before = configuration(root, case)
    fix(root, case, monkeypatch)
    assert b"n0t-f0r-pr0d" in (root / ".env").read_bytes()
    assert b"n0t-f0r-pr0d" not in (root / "celeryconfig.py").read_bytes()
    assert configuration(root, case) == before

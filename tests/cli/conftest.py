"""Projects to check, and rules to check them with."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from celery_backend_lint import rules
from celery_backend_lint.cli import main

CELERY = "from celery import Celery\n\napp = Celery('shop')\napp.config_from_object('celeryconfig')\n"

RULE = '''\
from celery_backend_lint.findings.finding import Severity
from celery_backend_lint.location import Location, Span
from celery_backend_lint.rules.rule import Rule

RULE = Rule("{code}", "{name}", Severity.{severity}, since="0.1.0")


def check_{function}(model):
    """A rule for tests.

    ## What it does
    Looks at nothing.
    """
    {body}
'''


@pytest.fixture(autouse=True)
def quiet_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No colour but what a test asks for, no configuration of a developer's."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one app, as the working directory; ``celeryconfig.py`` has five lines."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "tasks.py").write_text(CELERY, encoding="utf-8")
    (root / "celeryconfig.py").write_text("result_backend = 'rpc://'\none = 1\ntwo = 2\nthree = 3\nfour = 4\n")
    monkeypatch.chdir(root)
    return root


AddRule = Callable[..., None]


@pytest.fixture
def add_rule(tmp_path: Path) -> Iterator[AddRule]:
    """Add a rule to the catalogue: it reports a line of celeryconfig.py, or has a body of its own."""
    folder = tmp_path / "rules"
    folder.mkdir()
    before = set(sys.modules)
    rules.__path__.append(str(folder))

    def add(
        code: str = "CBL999", name: str = "test-rule", severity: str = "ERROR", line: int = 2, body: str = ""
    ) -> None:
        function = name.replace("-", "_")
        place = f"Location('celeryconfig.py', Span({line}, 1, {line}, 4))"
        body = body or f"yield RULE.finding({place}, 'the message of {name}', help='the help')"
        text = RULE.format(code=code, name=name, severity=severity, function=function, body=body)
        (folder / f"{code.lower()}_{function}.py").write_text(text, encoding="utf-8")

    yield add
    rules.__path__.remove(str(folder))
    for module in set(sys.modules) - before:
        if module.startswith("celery_backend_lint.rules.cbl9"):
            del sys.modules[module]


class Run:
    """What a run of the command line came to."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


Lint = Callable[..., Run]


@pytest.fixture
def lint(capsys: pytest.CaptureFixture[str]) -> Lint:
    """Run the command line in this process."""

    def run(*arguments: str) -> Run:
        try:
            code = main(arguments)
        except SystemExit as stopped:  # argparse
            code = stopped.code if isinstance(stopped.code, int) else 1
        captured = capsys.readouterr()
        return Run(code, captured.out, captured.err)

    return run


@pytest.fixture
def command() -> Lint:
    """Run the installed command itself."""

    def run(*arguments: str, stdin: bytes | None = None, **environment: str) -> Run:
        done = subprocess.run(
            [sys.executable, "-m", "celery_backend_lint", *arguments],
            input=stdin,
            capture_output=True,
            env={**os.environ, **environment},
            timeout=60,
        )
        return Run(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run

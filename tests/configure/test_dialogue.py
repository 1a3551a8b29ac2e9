"""The questions on a terminal, and that nothing is ever asked without one."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.configure.known_states import tree
from tests.configure.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

CONFIGURED = (
    'import os\n\nbroker_url = os.environ["CELERY_BROKER_URL"]\nresult_backend = "rpc://"\n'
    "result_expires = 3600\nresult_persistent = True\n"
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project whose results go by RPC for an hour."""
    root = tmp_path / "shop"
    root.mkdir()
    app = 'from celery import Celery\n\napp = Celery("shop")\napp.config_from_object("celeryconfig")\n'
    (root / "tasks.py").write_text(app)
    (root / "celeryconfig.py").write_text(CONFIGURED)
    (root / "requirements.txt").write_text("celery==5.6.3\n")
    return root


def test_enter_takes_what_is_proposed_and_that_is_what_the_project_has(root: Path) -> None:
    with Terminal(root, "configure", "--isolated") as terminal:
        terminal.expect("rpc: results as messages, which only the process that sent the task can read")
        terminal.expect("Result backend [rpc]: ")
        terminal.type("\n")
        terminal.expect("[yes]: ")
        terminal.type("\n")
        terminal.expect("How long are results kept (600s, 12h, 7d) [1h]: ")
        terminal.type("\n")
        terminal.expect("How many tasks does a worker run at once [8]: ")
        terminal.type("\n")
        terminal.expect("probes [no]: ")
        terminal.type("\n")
        assert terminal.status() == 0
        assert "Configured RPC as the result backend of tasks" in terminal.seen
    text = (root / "celeryconfig.py").read_text()
    assert text.startswith(CONFIGURED), "what is there stays"
    assert 'result_serializer = "json"' in text


def test_answers_are_written(root: Path) -> None:
    with Terminal(root, "configure", "--isolated") as terminal:
        for question, answer in (
            ("Result backend [rpc]: ", "Redis"),
            ("Server [single]: ", "sentinel"),
            ("[no]: ", "yes"),
            ("kept (600s, 12h, 7d) [1h]: ", "7d"),
            ("at once [8]: ", "16"),
            ("probes [no]: ", "y"),
        ):
            terminal.expect(question)
            terminal.type(f"{answer}\n")
        assert terminal.status() == 0
        assert "appendonly yes" in terminal.seen
        assert "Redis with Sentinel" in terminal.seen
    text = (root / "celeryconfig.py").read_text()
    assert "result_expires = 604800" in text
    assert "redis_max_connections = 36" in text
    assert '"master_name": "mymaster"' in text
    assert "result_persistent" not in text
    assert "sentinel://" in (root / ".env.example").read_text()
    assert any(path.endswith("health.py") for path in tree(root))


def test_wrong_answers_are_asked_again(root: Path) -> None:
    with Terminal(root, "configure", "--isolated", "--dry-run") as terminal:
        for question, answers in (
            ("Result backend [rpc]: ", [("mongodb", "expected one of redis, database, rpc"), ("database", "")]),
            ("Database [postgresql]: ", [("oracle", "expected one of postgresql"), ("mysql", "")]),
            (
                "[1h]: ",
                [
                    ("soon", "expected a time such as"),
                    ("0", "expected a time such as"),
                    ("-1d", "expected a time such as"),
                    ("99999999999999999999d", "expected a time such as"),
                    ("²", "expected a time such as"),
                    ("30m", ""),
                ],
            ),
            ("[8]: ", [("0", "from 1 to 9999"), ("four", "from 1 to 9999"), ("4", "")]),
            ("[no]: ", [("maybe", "expected yes or no"), ("no", "")]),
        ):
            for answer, told in answers:
                terminal.expect(question)
                terminal.type(f"{answer}\n")
                if told:
                    terminal.expect(told)
        assert terminal.status() == 1
        assert "Would configure MySQL" in terminal.seen
    assert (root / "celeryconfig.py").read_text() == CONFIGURED


def test_what_was_said_is_not_asked(root: Path) -> None:
    said = ["redis", "--availability", "tls", "--persistent", "--expires", "2h", "--concurrency", "2"]
    with Terminal(root, "configure", *said, "--isolated", "--health-check") as terminal:
        assert terminal.status() == 0
        assert "[" not in terminal.seen.partition("Configured")[0]
    assert "result_expires = 7200" in (root / "celeryconfig.py").read_text()


@pytest.mark.parametrize(("key", "status"), [("\x04", 2), ("\x03", 130)], ids=["end of input", "Ctrl-C"])
@pytest.mark.parametrize("question", ["Result backend [rpc]: ", "at once [8]: "])
def test_a_dialogue_that_ends_early_leaves_everything_as_it_was(
    root: Path, key: str, status: int, question: str
) -> None:
    before = tree(root)
    with Terminal(root, "configure", "--isolated") as terminal:
        if not question.startswith("Result"):
            for earlier in ("[rpc]: ", "[yes]: ", "[1h]: "):
                terminal.expect(earlier)
                terminal.type("\n")
        terminal.expect(question)
        terminal.type(key)
        assert terminal.status() == status
        assert "Traceback" not in terminal.seen
        assert status == 130 or "nothing is changed" in terminal.seen
    assert tree(root) == before


def test_no_input_asks_nothing_on_a_terminal(root: Path) -> None:
    with Terminal(root, "configure", "--no-input", "--isolated") as terminal:
        assert terminal.status() == 0
        assert "Configured RPC" in terminal.seen, "what the project has"


@pytest.mark.parametrize("backend", [[], ["redis"]], ids=["no backend", "redis"])
def test_an_input_that_stays_open_and_silent_does_not_block(root: Path, backend: list[str]) -> None:
    reading, writing = os.pipe()
    try:
        command = [sys.executable, "-m", "celery_backend_lint", "configure", *backend, "--isolated"]
        done = subprocess.run(command, cwd=root, stdin=reading, capture_output=True, text=True, timeout=60)
    finally:
        os.close(reading)
        os.close(writing)
    if backend:
        assert done.returncode == 0, done.stderr
    else:
        assert done.returncode == 2
        assert "which backend? Say redis, database or rpc" in done.stderr


def test_questions_that_nobody_would_see_are_not_asked(root: Path) -> None:
    script = f"{sys.executable} -m celery_backend_lint configure --isolated 2>errors; exit $?"
    reading, writing = os.openpty()
    try:
        done = subprocess.run(["sh", "-c", script], cwd=root, stdin=writing, capture_output=True, timeout=60)
    finally:
        os.close(reading)
        os.close(writing)
    assert done.returncode == 2
    assert "which backend?" in (root / "errors").read_text()


def test_without_any_input_it_does_not_crash(root: Path) -> None:
    script = f"exec {sys.executable} -m celery_backend_lint configure redis --isolated <&-"
    done = subprocess.run(["sh", "-c", script], cwd=root, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr

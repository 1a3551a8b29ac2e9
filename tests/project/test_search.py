"""Two processes find in many files what one finds, and a process with threads is never copied."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from celery_backend_lint.project.search import MANY, nested
from tests.project.repositories import commit, write

linux = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2, reason="needs Linux and two processors"
)

SEARCH = """
import json, os, sys, threading
fork, forks = os.fork, []
os.fork = lambda: forks.append(1) or fork()
how, root = sys.argv[1:]
if how == "one processor":
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
if how == "a thread":
    threading.Thread(target=threading.Event().wait, daemon=True).start()
from celery_backend_lint.project import discovery
if how == "no room":
    def refuse():
        raise BlockingIOError(11, "Resource temporarily unavailable")
    os.fork = refuse
project = discovery.open_project(["."], root)
first = [project.python_files_mentioning([needle]) for needle in (b"elery", b"conf", b".conf.")]
text = [project.source(path).text for path in project.python_files_mentioning([b"broker"])]
print(json.dumps([len(forks), first, text, sorted((note.path, note.reason) for note in project.notes)]))
"""

WORK = """
from celery_backend_lint.project.search import Helper
def fails():
    raise ValueError
print([Helper(lambda: {b"a": ["x" * 200_000]}).finish() == {b"a": ["x" * 200_000]}, Helper(fails).finish()])
"""


def output(script: str, *arguments: str) -> str:
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("many")
    files: dict[str, str | bytes] = {f"package/module_{number:04}.py": "x = 1\n" for number in range(MANY)}
    files["package/module_0001.py"] = "import celery\n"
    files["package/module_0009.py"] = "broker = 'first'\n"
    files["package/module_0900.py"] = "app.conf.x = celery\n"
    files["package/module_0901.py"] = "from django.conf import settings\n"
    files["package/module_0902.py"] = b"celery" + b" " * (3 * 1024 * 1024)
    files["package/module_0903.py"] = b"celery" + b" " * (1024 * 1024)
    files["package/module_0904.py"] = "broker = 'second'\n"
    files["package/module_0905.py"] = "gone"
    write(root, files)
    (root / "package/link_0999.py").symlink_to("module_0900.py")
    commit(root)
    (root / "package/module_0905.py").unlink()
    (root / "package/module_0905.py").mkdir()
    return root


def found(how: str, root: Path) -> Any:
    return json.loads(output(SEARCH, how, str(root)))


@linux
def test_two_processes_find_what_one_finds(many: Path) -> None:
    forks, *two = found("two processors", many)
    none, *one = found("one processor", many)
    assert forks > 0
    assert none == 0
    assert two == one
    files, text, notes = two
    assert [path.rpartition("/")[2] for path in files[0]] == [
        "link_0999.py",
        "module_0001.py",
        "module_0900.py",
        "module_0903.py",
    ]
    assert [path.rpartition("/")[2] for path in files[2]] == ["link_0999.py", "module_0900.py"]
    assert text == ["broker = 'first'\n", "broker = 'second'\n"]
    assert ["package/module_0902.py", "is larger than 2 MiB"] in notes


@linux
def test_a_process_with_a_thread_is_not_copied(many: Path) -> None:
    forks, *threaded = found("a thread", many)
    assert forks == 0
    assert threaded == found("one processor", many)[1:]


@linux
def test_without_room_for_a_second_process_one_does_it_all(many: Path) -> None:
    assert found("no room", many)[1:] == found("one processor", many)[1:]


@linux
def test_a_helper_hands_over_its_answer_and_one_that_fails_hands_over_nothing() -> None:
    assert output(WORK) == "[True, None]\n"


def test_a_needle_that_holds_another_is_looked_for_in_that_ones_files_only() -> None:
    assert nested([b".conf.", b"elery", b".conf", b".conf["]) == [(b"elery", []), (b".conf", [b".conf.", b".conf["])]

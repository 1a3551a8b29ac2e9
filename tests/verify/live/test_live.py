"""Trying a result backend, whichever it is: what is reported, what is written, what is left on interruption."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from tests.verify.conftest import Verify
from tests.verify.live.generic_faults import own_backend

FILES = """\
    from celery import Celery

    app = Celery("shop", backend="file://{folder}")
"""


@pytest.fixture
def results(tmp_path: Path) -> Path:
    folder = tmp_path / "results"
    folder.mkdir()
    return folder


def names(steps: list[dict[str, object]], status: str) -> list[object]:
    return [step["name"] for step in steps if step["status"] == status]


def test_a_backend_that_works_passes_each_step_and_is_left_as_it_was(connect: Verify, results: Path) -> None:
    (results / "celery-task-meta-of-somebody").write_text("{}")
    done = connect({"tasks.py": FILES.format(folder=results)})
    assert (done.code, done.err) == (0, "")
    label, *steps = done.out.splitlines()[4:]
    assert label == "  FilesystemBackend:"
    assert [line.split()[:2] for line in steps] == [["ok", name] for name in ("backend", "store", "read", "forget")]
    assert all(line.endswith(" ms") for line in steps)
    assert [path.name for path in results.iterdir()] == ["celery-task-meta-of-somebody"]


def test_the_same_as_json(connect: Verify, results: Path) -> None:
    done = connect({"tasks.py": FILES.format(folder=results)}, "--format", "json")
    [app] = done.json["apps"]
    live = app["live"]
    assert (live["kind"], live["backend"]) == ("generic", "celery.backends.filesystem.FilesystemBackend")
    assert names(live["steps"], "ok") == ["backend", "store", "read", "forget"]
    assert live["left"] == []


def test_nothing_is_written_with_no_write(connect: Verify, results: Path) -> None:
    results.chmod(0o500)
    done = connect({"tasks.py": FILES.format(folder=results)}, "--no-write", "--format", "json")
    assert done.code == 0
    [app] = done.json["apps"]
    [step] = app["live"]["steps"]
    assert (step["name"], step["status"], step["cause"]) == ("backend", "skipped", "no-write")


def test_no_step_that_writes_is_tried_with_no_write(connect: Verify, tmp_path: Path) -> None:
    with own_backend("def set(self, key, value): raise AssertionError")(tmp_path) as site:
        done = connect(site.files, "--no-write", "--format", "json")
    assert done.code == 0
    steps = done.json["apps"][0]["live"]["steps"]
    assert names(steps, "ok") == ["backend"]
    assert {step["cause"] for step in steps if step["status"] == "skipped"} == {"no-write"}


def test_an_app_without_a_backend_is_said_to_have_none(connect: Verify) -> None:
    done = connect({"tasks.py": "from celery import Celery\napp = Celery('a')\n"})
    assert done.code == 0
    assert (
        "      note: no result backend is configured: results are not kept, and there is nothing to try\n" in done.out
    )


def test_an_app_that_only_running_the_project_shows_is_tried(connect: Verify, results: Path) -> None:
    hidden = f"import celery\napp = getattr(celery, 'Cel' + 'ery')('hidden', backend='file://{results}')\n"
    done = connect({"tasks.py": hidden}, "-A", "tasks", "--format", "json")
    assert done.code == 0
    assert "the static reading does not see" in done.json["error"]["message"]
    shown = connect({}, "-A", "tasks")
    assert shown.code == 0
    assert (
        "note: nothing is compared: tasks is an app that tasks.py:2 creates, which the static reading does" in shown.out
    )
    assert "\nFilesystemBackend:\n  ok      backend " in shown.out
    assert names(done.json["live"]["steps"], "ok") == ["backend", "store", "read", "forget"]


def test_with_no_connect_nothing_is_tried(verify: Verify) -> None:
    done = verify({"tasks.py": FILES.format(folder="/no/such/folder")}, "--format", "json")
    assert done.code == 0
    assert done.json["apps"][0]["live"] is None


def test_an_app_whose_configuration_celery_refuses_is_not_tried(connect: Verify) -> None:
    files = {
        "cfg.py": "result_serializer = 'json'\nCELERY_RESULT_BACKEND = 'redis://'\n",
        "tasks.py": "from celery import Celery\napp = Celery('a')\napp.config_from_object('cfg')\n",
    }
    done = connect(files, "--format", "json")
    assert done.json["apps"][0]["live"] is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_what_is_stored_is_removed_when_the_run_is_interrupted(number: signal.Signals, tmp_path: Path) -> None:
    waiting = """\
        really_get = get

        def get(self, key):
            import time
            if os.listdir(FOLDER) and not os.path.exists("waits"):
                with open("waits.part", "w") as file:
                    file.write(str(os.getpid()))
                os.rename("waits.part", "waits")
                time.sleep(60)
            return self.really_get(key)
    """
    with own_backend(waiting)(tmp_path) as site:
        (tmp_path / "tasks.py").write_text(dedent(site.files["tasks.py"]))
        command = [sys.executable, "-m", "celery_backend_lint", "verify", "--isolated", "--python", sys.executable]
        run = subprocess.Popen(
            [*command, str(tmp_path)], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        try:
            wait_for((tmp_path / "waits").exists)
            probe = int((tmp_path / "waits").read_text())
            assert site.left()
            run.send_signal(number)
            run.communicate(timeout=20)
            wait_for(lambda: not site.left())
            wait_for(lambda: not is_alive(probe))
        finally:
            run.kill()
            run.communicate()


def test_what_an_interrupted_run_could_not_remove_is_told(tmp_path: Path) -> None:
    waiting = """\
        def delete(self, key): raise OSError

        really_get = get

        def get(self, key):
            import time
            if os.listdir(FOLDER) and not os.path.exists("waits"):
                open("waits", "w").close()
                time.sleep(60)
            return self.really_get(key)
    """
    with own_backend(waiting)(tmp_path) as site:
        (tmp_path / "tasks.py").write_text(dedent(site.files["tasks.py"]))
        command = [sys.executable, "-m", "celery_backend_lint", "verify", "--isolated", "--python", sys.executable]
        run = subprocess.Popen([*command, str(tmp_path)], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
        try:
            wait_for((tmp_path / "waits").exists)
            run.send_signal(signal.SIGINT)
            _, told = run.communicate(timeout=20)
        finally:
            run.kill()
            run.communicate()
        [left] = site.left()
    assert run.returncode == 130
    name = left.removeprefix("celery-task-meta-")
    assert f"the result {name} could not be removed; if it was stored, it stays until you remove it" in told


def test_a_backend_that_cannot_even_say_where_it_is(connect: Verify) -> None:
    text = """\
        from celery import Celery
        from celery.backends.redis import RedisBackend


        class Backend(RedisBackend):
            def __init__(self, *args, **options):
                super().__init__(*args, **options)
                self.connparams = None


        app = Celery("shop", backend="tasks:Backend")
    """
    done = connect({"tasks.py": text}, "--format", "json")
    assert done.code == 1
    steps = done.json["apps"][0]["live"]["steps"]
    assert [(step["name"], step["status"], step["cause"]) for step in steps] == [
        ("backend", "ok", None),
        ("steps", "failed", "error"),
    ]


def test_a_process_that_ends_between_steps_is_no_success(connect: Verify, tmp_path: Path) -> None:
    with own_backend("connparams = property(lambda self: os._exit(0))")(tmp_path) as site:
        done = connect(site.files, "--format", "json")
    assert done.code == 1
    steps = done.json["apps"][0]["live"]["steps"]
    assert [(step["name"], step["cause"]) for step in steps] == [("backend", None), ("steps", "ended")]


def test_the_working_directory_is_no_credential_though_its_variable_is_called_pwd(
    connect: Verify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PWD", "/srv/shop-of-mine")
    with own_backend("def set(self, key, value): raise OSError('cannot write /srv/shop-of-mine/x')")(tmp_path) as site:
        assert "cannot write /srv/shop-of-mine/x" in connect(site.files).out


SECRET = "hunter2/is@a:secret"
QUOTED = "hunter2%2Fis%40a%3Asecret"


@pytest.mark.parametrize(
    "raising",
    [
        f"raise RuntimeError('no such user: ' + {SECRET!r})",
        f"raise RuntimeError('cannot reach redis://:{QUOTED}@cache')",
        f"raise RuntimeError(repr({{'password': {SECRET!r}}}))",
        f"print({SECRET!r}, 'redis://:{QUOTED}@cache', flush=True); os._exit(1)",
    ],
    ids=["bare", "url", "repr", "printed"],
)
@pytest.mark.parametrize("arguments", [("-v",), ("--format", "json", "-v")], ids=["text", "json"])
def test_no_credential_is_shown(raising: str, arguments: tuple[str, ...], connect: Verify, tmp_path: Path) -> None:
    with own_backend(f"def set(self, key, value): {raising}")(tmp_path) as site:
        more = f"    app.conf.broker_url = 'redis://:{QUOTED}@cache'\n"
        done = connect({"tasks.py": site.files["tasks.py"] + more}, *arguments)
    assert done.code == 1
    for secret in (SECRET, QUOTED, "hunter2"):
        assert secret not in done.out + done.err


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{process}/status").read_text().partition("State:")[2][:5]

"""A health check ends when it must, tells no credential, and says which of both sides is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.fixes.health_check import health_check_module
from tests.fixes.probing import APP, PASSWORD, STARTING, free_port, is_line, probe, project, silent_port, write_project

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

__all__ = ["project", "silent_port"]

UNREACHABLE = f"redis://:{PASSWORD}@cache.invalid:6379/0"

HANGING = """
    from celery.backends.base import BaseBackend

    class HangingBackend(BaseBackend):
        def _store_result(self, *arguments, **options):
            {hang}
"""


def run(root: Path, script: str, **variables: str) -> list[str]:
    """The lines that a script prints which has the project's health check; its own errors fail the test."""
    done = subprocess.run(
        [sys.executable, "-c", dedent(script)],
        cwd=root,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def hanging(project: Path, hang: str) -> dict[str, str]:
    """A backend that hangs so; what selects it."""
    write_project(project, {"proj/hanging.py": dedent(HANGING).format(hang=hang)})
    return {"BACKEND": "proj.hanging.HangingBackend"}


@pytest.mark.parametrize(
    "hang",
    [
        "import time; time.sleep(600)",
        "import ctypes; ctypes.PyDLL(None).sleep(600)",  # with the interpreter locked
        "import threading; lock = threading.Lock(); lock.acquire(); lock.acquire()",
    ],
    ids=["sleeping", "locked", "deadlock"],
)
def test_backend_that_hangs_is_unhealthy(project: Path, hang: str) -> None:
    probed = probe(project, "--timeout", "2", "--load-timeout", "10", **hanging(project, hang))
    assert probed.code == 1
    assert probed.seconds < 13 + STARTING
    assert probed.out in ("", "unhealthy: HangingBackend did not answer within 2 s\n")
    assert probed.err == ""


def test_name_lookup_that_hangs_is_unhealthy(project: Path) -> None:
    slow = "import socket, time\n    socket.getaddrinfo = lambda *_, **__: time.sleep(600)\n"
    write_project(project, {"proj/celery.py": APP + "    " + slow})
    probed = probe(project, "--timeout", "1", BACKEND=UNREACHABLE)
    assert is_line(probed.out, "unhealthy: redis://cache.invalid:6379/0 did not answer within 1 s")
    assert (probed.code, probed.err) == (1, "")


def test_app_that_does_not_come_up_is_misconfigured(project: Path) -> None:
    write_project(project, {"proj/celery.py": "import time\ntime.sleep(600)\n"})
    probed = probe(project, "--timeout", "1", "--load-timeout", "1")
    assert is_line(probed.out, "misconfigured: loading the app did not end within 2 s")
    assert (probed.code, probed.err) == (2, "")


def test_redis_is_not_tried_twice(project: Path) -> None:
    retries = """
    app.conf.update(
        redis_retry_on_timeout=True,
        result_backend_always_retry=True,
        result_backend_transport_options={"retry_policy": {"max_retries": 100}},
    )
    """
    write_project(project, {"proj/celery.py": APP + retries})
    probed = probe(project, "--timeout", "20", BACKEND=f"redis://:{PASSWORD}@127.0.0.1:{free_port()}/0")
    assert "Connection refused" in probed.out
    assert (probed.code, probed.err) == (1, "")


@pytest.mark.parametrize("backend", ["db+postgresql+psycopg2://u:{0}@127.0.0.1:{1}/db", "rpc://"])
def test_failures_of_other_servers_are_not_tried_twice(project: Path, backend: str) -> None:
    port = free_port()
    given = {"BACKEND": backend.format(PASSWORD, port), "BROKER": f"amqp://u:{PASSWORD}@127.0.0.1:{port}//"}
    probed = probe(project, "--timeout", "20", **given)
    assert "Connection refused" in probed.out
    assert probed.code == 1


@pytest.mark.parametrize(
    ("backend", "said"),
    [
        ("", "no result backend is configured"),
        ("nowhere://u:{0}@host/", "No module named 'nowhere'"),
        ("db+nowhere://u:{0}@host/", "nowhere://host/: sqlalchemy.exc.NoSuchModuleError"),
        ("db+postgresql+asyncmy2://u:{0}@host/", "NoSuchModuleError"),
        ("db+oracle+cx_oracle://u:{0}@host/", "No module named"),
        ("mongodb://u:{0}@host/", "You need to install the pymongo library"),
        ("redis://:{0}", "ValueError"),
        ("redis://:5319{0}", "ValueError"),
        ("amqp://u:{0}@host//", "Unknown result backend: 'amqp'"),
        ("redis://:x/{0}@host/0", "ValueError"),
        ("redis:/:{0}@host/0", ""),
        ("redis://:{0}@host/{0}", "ValueError"),
        ("redis://:{0}@host:{0}/0", "ValueError"),
        ("rediss://:{0}@host/0", "ssl_cert_reqs"),
        ("db+postgresql//u:{0}@host/", ""),
        ("db+://u:{0}@host/db", ""),
        ("{0}", ""),
        ("Tr0ub4dor", "ModuleNotFoundError"),
        ("{0}.backend:Backend", ""),
    ],
)
def test_configuration_that_cannot_work_is_misconfigured(project: Path, backend: str, said: str) -> None:
    probed = probe(project, BACKEND=backend.format(PASSWORD))
    assert is_line(probed.out, "misconfigured: ")
    assert said in probed.out or "ValueError" in probed.out
    assert (probed.code, probed.err) == (2, "")


@pytest.mark.parametrize(
    "backend",
    [
        "redis://{0}@127.0.0.1:{1}/0",
        "redis://user:1/{0}@127.0.0.1:{1}/0",
        "redis://:{0}@{0}@127.0.0.1:{1}/0",
        "redis://:%68unter2-Tr0ub4dor@127.0.0.1:{1}/0",
        "redis://127.0.0.1:{1}/0?password={0}",
        "sentinel://:{0}@127.0.0.1:{1};sentinel://:{0}@127.0.0.1:{1}/0",
        "db+postgresql+psycopg2://{0}@127.0.0.1:{1}/db",
        "db+postgresql+psycopg2://u:a@{0}@127.0.0.1:{1}/db",
        "db+postgresql+psycopg2://u@127.0.0.1:{1}/db?password={0}",
        "db+postgresql+psycopg2://u@/db?host=127.0.0.1&port={0}&password={0}",
        "db+mysql+pymysql://u:{0}%@127.0.0.1:{1}/db",
        "db+mysql+pymysql://u:p@{0}.invalid:{1}/db?password={0}",
    ],
)
def test_no_spelling_of_a_password_is_told(project: Path, backend: str) -> None:
    probed = probe(project, BACKEND=backend.format(PASSWORD, free_port()))
    assert is_line(probed.out, ("unhealthy: ", "misconfigured: "))
    assert probed.code in (1, 2)


@pytest.mark.parametrize(
    ("backend", "shown"),
    [
        ("redis://:secret@cache:6379/1", "redis://cache:6379/1"),
        ("redis://user:secret@[::1]:6379/1?socket_timeout=3", "redis://[::1]:6379/1"),
        ("redis://:secret@cache/secret", "redis://cache/..."),
        ("redis://:secret@secret/1", "redis://..."),
        ("redis://secret@cache", "redis://cache"),
        ("redis://:secret", "redis://..."),
        ("redis://:12/34@cache:6379", "redis://..."),
        ("sentinel://:a@one:26379;sentinel://:b@two:26379/0", "sentinel://one:26379;sentinel://two:26379/0"),
        ("sentinel://:a;b@one:26379/0", "sentinel://one:26379/0"),
        ("postgresql+psycopg2://postgres@db/postgres", "postgresql+psycopg2://db/..."),
        ("postgresql+psycopg2:///app?host=/run&password=secret", "postgresql+psycopg2:///app"),
        ("amqp://guest:guest@broker:5672//", "amqp://broker:5672//"),
        ("sqlite:////var/lib/results.sqlite", "sqlite:////var/lib/results.sqlite"),
        ("memory://", "memory://"),
        ("secret", "..."),
        (["amqp://a:b@one//", "amqp://a:b@two//"], "amqp://one//;amqp://two//"),
        (None, ""),
    ],
)
def test_urls_are_shown_without_user_and_options(backend: object, shown: str) -> None:
    namespace: dict[str, Any] = {"__name__": "health"}
    exec(health_check_module("proj.celery", "app", "proj.health"), namespace)
    assert namespace["_shown"](backend) == shown


def test_redis_key_is_deleted_and_would_expire(project: Path, redis_url: str) -> None:
    script = """
        import redis
        from proj.health import check_result_backend

        kept = []
        original = redis.Redis.delete
        redis.Redis.delete = lambda self, *keys: kept.extend((self.ttl(key), original(self, key)) for key in keys)
        print(check_result_backend(3.0, 20.0).healthy, [(10 < left <= 13, gone) for left, gone in kept])
        del kept[:]

        def fail(*_):
            raise redis.ConnectionError

        redis.Redis.get = fail
        print(check_result_backend(3.0).healthy, [gone for _, gone in kept])
    """
    assert run(project, script, BACKEND=redis_url) == ["True [(True, 1)]", "False [1]"]


def test_password_in_settings_is_not_told(project: Path) -> None:
    app = f"""
    app.conf.update(
        result_backend="database",
        database_url="postgresql+psycopg2://u@/",
        database_engine_options={{"connect_args": {{"port": "{PASSWORD}", "password": "{PASSWORD}"}}}},
    )
    """
    write_project(project, {"proj/celery.py": APP + app})
    probed = probe(project)
    assert is_line(probed.out, "unhealthy: postgresql+psycopg2://")
    assert probed.code == 1


@pytest.mark.parametrize(
    "raised",
    [
        f"raise RuntimeError('cannot connect to redis://:{PASSWORD}@host')",
        f"{{}}['{PASSWORD}']",
        f"raise SystemExit('no such password: {PASSWORD}')",
        f"raise KeyboardInterrupt('{PASSWORD}')",
        f"class Error(Exception):\n    def __str__(self):\n        raise ValueError('{PASSWORD}')\nraise Error",
        f"from celery.exceptions import ImproperlyConfigured\nraise ImproperlyConfigured('{PASSWORD}')",
    ],
)
def test_what_the_projects_own_code_raises_is_not_told(project: Path, raised: str) -> None:
    write_project(project, {"proj/celery.py": raised})
    probed = probe(project)
    assert is_line(probed.out, "misconfigured: loading the app: ")
    assert (probed.code, probed.err) == (2, "")


def test_variable_that_is_missing_is_named(project: Path) -> None:
    write_project(project, {"proj/celery.py": "import os\n\nURL = os.environ['RESULT_URL']\n"})
    probed = probe(project)
    assert probed.out == "misconfigured: loading the app: KeyError: 'RESULT_URL' is not in the environment\n"
    assert (probed.code, probed.err) == (2, "")


def test_what_the_project_prints_and_logs_is_not_told(project: Path) -> None:
    noise = f"""
    import atexit, logging, sys, threading, time, warnings

    print("{PASSWORD}")
    print("{PASSWORD}", file=sys.stderr)
    os.write(1, b"{PASSWORD}")
    os.write(2, b"{PASSWORD}")
    logging.basicConfig(level=logging.DEBUG)
    logging.getLogger().warning("{PASSWORD}")
    warnings.warn("{PASSWORD}")
    atexit.register(print, "{PASSWORD}")
    threading.Thread(target=time.sleep, args=(600,)).start()
    """
    write_project(project, {"proj/celery.py": APP + noise})
    probed = probe(project, BACKEND="cache+memory://")
    assert is_line(probed.out, "healthy: memory:// answered in ")
    assert (probed.code, probed.err) == (0, "")


@pytest.mark.parametrize(
    "arguments", [["--timeout", "0"], ["--timeout", "nan"], ["--load-timeout", "x"], ["--nothing"]]
)
def test_bad_arguments_end_with_2(project: Path, arguments: list[str]) -> None:
    probed = probe(project, *arguments)
    assert (probed.code, probed.out) == (2, "")
    assert "error: " in probed.err


@pytest.mark.parametrize("closed", ["0<&-", ">&-", "2>&-", "0<&- >&- 2>&-", ">/dev/full"])
def test_exit_code_is_right_where_nothing_can_be_printed(project: Path, closed: str) -> None:
    for backend, code in (("cache+memory://", 0), ("", 2)):
        command = f"{sys.executable} -m proj.health {closed}"
        done = subprocess.run(command, shell=True, cwd=project, env={**os.environ, "BACKEND": backend})
        assert done.returncode == code


def test_function_in_the_main_thread_and_in_another(project: Path) -> None:
    script = """
        import threading
        from proj.health import check_result_backend

        print(check_result_backend(2.0, 20.0).healthy)
        thread = threading.Thread(target=lambda: print(check_result_backend(2.0).healthy))
        thread.start()
        thread.join()
        print(threading.active_count())
    """
    assert run(project, script, BACKEND="cache+memory://") == ["True", "True", "1"]


def test_function_leaves_the_apps_own_backend_alone(project: Path, silent_port: int) -> None:
    script = """
        from proj.celery import app
        from proj.health import check_result_backend

        app.conf.result_backend_always_retry = True
        before = app.backend, app.backend.always_retry, app.backend.max_retries, dict(app.backend.connparams)
        print(check_result_backend(0.2).exit_code)
        print(before == (app.backend, app.backend.always_retry, app.backend.max_retries, app.backend.connparams))
        print("client" in vars(app.backend))
    """
    assert run(project, script, BACKEND=f"redis://127.0.0.1:{silent_port}/0") == ["1", "True", "False"]


def test_function_gives_up_in_time_and_does_not_heap_up_threads(project: Path) -> None:
    script = """
        import threading, time
        from proj import celery
        from proj.health import check_result_backend

        check_result_backend(2.0)
        for _ in range(40):
            begun = time.monotonic()
            health = check_result_backend(0.2)
            print(health.message if time.monotonic() - begun < 2 else "late")
            time.sleep(0.2)
        print(threading.active_count() - 1 <= 3)
    """
    lines = run(project, script, **hanging(project, "import time; time.sleep(600)"))
    said = "unhealthy: HangingBackend did not answer within"
    assert {line.rpartition(" ")[0].rpartition(" ")[0] for line in lines[:-1]} == {said}
    assert lines[-1] == "True"


def test_function_tries_again_after_checks_that_hang_for_good(project: Path) -> None:
    script = """
        import time
        from proj import celery, hanging
        from proj.health import check_result_backend

        print(check_result_backend(2.0).exit_code)
        hanging.HangingBackend._store_result = lambda *_, **__: None
        hanging.HangingBackend.get_result = lambda self, task_id: task_id
        hanging.HangingBackend._forget = lambda *_: None
        print(check_result_backend(0.5).exit_code)
        time.sleep(2.1)
        print(check_result_backend(2.0).exit_code)
    """
    lines = run(project, script, **hanging(project, "import time; time.sleep(600)"))
    assert lines == ["1", "1", "0"]


def test_checks_at_the_same_time_are_one(project: Path) -> None:
    script = """
        import sys, threading
        from proj import celery
        from proj.health import check_result_backend

        def check():
            sys.stdout.write(f"{check_result_backend(1.5).exit_code}\\n")

        threads = [threading.Thread(target=check) for _ in range(20)]
        for thread in threads:
            thread.start()
        sys.stdout.write(f"{sum(one.name == 'result-backend-health' for one in threading.enumerate())}\\n")
    """
    lines = run(project, script, **hanging(project, "import time; time.sleep(600)"))
    assert sorted(lines) == ["1"] * 21


def test_function_sees_a_backend_come_back(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "results"
    script = f"""
        import os
        from proj.health import check_result_backend

        print(check_result_backend(5.0, 20.0).exit_code)
        os.mkdir({str(folder)!r})
        print(check_result_backend().exit_code)
    """
    assert run(project, script, BACKEND=f"file://{folder}") == ["2", "0"]


def test_process_ends_while_a_check_hangs(project: Path) -> None:
    begun = time.monotonic()
    script = "from proj.health import check_result_backend; print(check_result_backend(0.5, 10.0).healthy)"
    assert run(project, script, **hanging(project, "import time; time.sleep(600)")) == ["False"]
    assert time.monotonic() - begun < 11 + STARTING

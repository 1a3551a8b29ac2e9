"""``verify --no-connect`` says where the loaded app is not what was read, and why; each app here is really loaded."""

from __future__ import annotations

import json
import ssl
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from celery_backend_lint.verify import probe
from celery_backend_lint.verify.comparison import CONSTANTS, same
from celery_backend_lint.verify.tags import untagged
from tests.oracle.environments import newest_celery
from tests.verify.conftest import Verify

SHOP = """\
    import os

    from celery import Celery

    app = Celery("shop", backend=os.environ.get("RESULTS", "redis://localhost/1"))
    app.conf.result_expires = 60
"""


def test_an_app_that_is_what_was_read_agrees(verify: Verify) -> None:
    done = verify({"tasks.py": SHOP})
    assert (done.code, done.err) == (0, "")
    first, _, name, verdict = done.out.splitlines()
    assert (
        first == f"Loaded with Celery {newest_celery()}, Python {sys.version.split()[0]}: {sys.executable} (--python)"
    )
    assert name == "shop (tasks.py:5:7)"
    assert verdict.startswith("  agrees: 2 settings that the project sets, ")


def test_a_variable_that_decides_a_setting_is_named(verify: Verify, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESULTS", "redis://:hunter2@cache/4")
    done = verify({"tasks.py": SHOP})
    assert done.code == 0
    assert "  note: result_backend depends on RESULTS, set here: 'redis://:***@cache/4'\n" in done.out
    assert "hunter2" not in done.out


def test_a_variable_that_celery_itself_reads_is_the_cause(verify: Verify, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELERY_RESULT_BACKEND", "redis://:hunter2@other")
    done = verify({"tasks.py": SHOP}, "--format", "json")
    assert done.code == 1
    [app] = done.json["apps"]
    [difference] = app["differences"]
    assert difference["message"].startswith(
        "a variable of Celery's own is set, which it reads before what the project says: CELERY_RESULT_BACKEND"
    )
    assert {key: difference[key] for key in ("setting", "read", "loaded", "path", "line", "cause")} == {
        "setting": "result_backend",
        "read": "'redis://localhost/1'",
        "loaded": "'redis://:***@other'",
        "path": "tasks.py",
        "line": 5,
        "cause": "environment",
    }
    assert "hunter2" not in done.out


def test_the_same_value_in_that_variable_is_no_difference(verify: Verify, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELERY_RESULT_BACKEND", "redis://localhost/1")
    assert verify({"tasks.py": SHOP}).code == 0


def test_a_variable_that_the_project_reads_as_celery_does_is_no_difference(
    verify: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CELERY_RESULT_BACKEND", "redis://localhost/1")
    text = SHOP.replace('os.environ.get("RESULTS", "redis://localhost/1")', 'os.environ["CELERY_RESULT_BACKEND"]')
    assert verify({"tasks.py": text}).code == 0


def test_an_env_file_that_the_project_loads_is_followed(verify: Verify) -> None:
    loading = SHOP.replace(
        "import os\n", "import os\n\n    from dotenv import load_dotenv\n\n    load_dotenv('.env')\n", 1
    )
    done = verify({"tasks.py": loading, ".env": "RESULTS=redis://from-file/2\n"}, "--format", "json")
    assert done.code == 0
    [app] = done.json["apps"]
    assert app["decided_by_environment"] == [
        {"setting": "result_backend", "variables": ["RESULTS"], "loaded": "'redis://from-file/2'"}
    ]


READERS_OF_FILES = {
    "python-decouple": """\
        from decouple import config

        RESULTS = config("RESULTS", default="redis://localhost/1")
    """,
    "Starlette": """\
        from starlette.config import Config

        RESULTS = Config(".env")("RESULTS", default="redis://localhost/1")
    """,
    "pydantic-settings": """\
        from pydantic_settings import BaseSettings

        class Settings(BaseSettings):
            model_config = {"env_file": ".env"}
            results: str = "redis://localhost/1"

        RESULTS = Settings().results
    """,
}
WITH_RESULTS = """\
    from celery import Celery

    from settings import RESULTS

    app = Celery("shop", backend=RESULTS)
"""


@pytest.mark.parametrize("library", READERS_OF_FILES)
def test_an_env_file_that_a_library_reads_by_itself_is_followed(verify: Verify, library: str) -> None:
    """Such a library puts nothing into the process's environment."""
    files = {"tasks.py": WITH_RESULTS, "settings.py": READERS_OF_FILES[library]}
    done = verify({**files, ".env": "RESULTS=redis://:hunter2@from-file/2\n"}, "-v")
    assert done.code == 0
    [name] = [line.split("depends on ")[1] for line in done.out.splitlines() if "result_backend depends on" in line]
    assert name.endswith(", set here: 'redis://:***@from-file/2'")
    assert "read and not set here" not in done.out
    assert "hunter2" not in done.out


def test_a_variable_in_a_file_that_is_not_seen_makes_a_setting_unknown(verify: Verify) -> None:
    settings = READERS_OF_FILES["pydantic-settings"].replace('".env"', '"shop.txt"')
    files = {"tasks.py": WITH_RESULTS, "settings.py": settings, "shop.txt": "RESULTS=redis://from-text/2\n"}
    done = verify(files, "-v")
    assert done.code == 0
    [line] = [line for line in done.out.splitlines() if "not known statically: result_backend" in line]
    assert "pydantic-settings looks for results in files as well" in line.lower()
    assert line.endswith("'redis://from-text/2'")


def test_a_constant_of_the_standard_library_is_compared(verify: Verify) -> None:
    files = {
        "tasks.py": """\
            import ssl

            from celery import Celery

            app = Celery("shop", backend="rediss://h", redis_backend_use_ssl={"ssl_cert_reqs": ssl.CERT_NONE})
            app.conf.broker_use_ssl = {"ssl_cert_reqs": ssl.CERT_REQUIRED}
        """,
    }
    done = verify(files)
    assert done.code == 0
    assert "  agrees: 3 settings that the project sets, " in done.out


@pytest.mark.parametrize("name", CONSTANTS)
def test_constants_are_what_the_probe_tells(name: str) -> None:
    told = untagged(json.loads(json.dumps(probe.tagged(getattr(ssl, name.removeprefix("ssl."))))))
    assert [one for one, known in CONSTANTS.items() if same(known, told)] == [name]
    assert not same(CONSTANTS[name].value, told)


def test_another_celery_than_declared_is_the_cause(verify: Verify, celery_python: Callable[[str], Path]) -> None:
    files = {
        "requirements.txt": "celery==5.7.0\n",
        "tasks.py": """\
            from celery import Celery

            app = Celery("shop", result_expires=60)
            app.config_from_object({"C_RESULT_EXPIRES": 5}, namespace="C")
        """,
    }
    done = verify(files, "--format", "json", python=str(celery_python("5.6.3")))
    assert done.code == 1
    [app] = done.json["apps"]
    assert [(one["setting"], one["cause"], one["read"], one["loaded"]) for one in app["differences"]] == [
        ("result_expires", "version", "60", "5")
    ]
    message = "Celery 5.6.3 is installed; the project is read for 5.7.0 (==5.7.0)"
    assert app["differences"][0]["message"] == message


def test_what_another_module_may_do_is_not_known(verify: Verify) -> None:
    files = {"tasks.py": SHOP, "worker.py": "from tasks import app\n\napp.conf.result_expires = 5\n"}
    assert "1 not known statically" in verify(files).out
    done = verify({}, "-A", "worker", "-v")
    assert done.code == 0
    [line] = [line for line in done.out.splitlines() if "not known statically: result_expires" in line]
    assert line.endswith(", is 5")


def test_other_settings_than_those_that_were_read_are_the_cause(
    verify: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {
        "site_/__init__.py": "",
        "site_/settings.py": "CELERY_RESULT_EXPIRES = 60\n",
        "site_/production.py": "CELERY_RESULT_EXPIRES = 5\n",
        "site_/celery.py": """\
            import os

            from celery import Celery

            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_.settings")
            app = Celery("site")
            app.config_from_object("django.conf:settings", namespace="CELERY")
        """,
    }
    assert verify(files).code == 0
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "site_.production")
    done = verify({})
    assert done.code == 1
    assert "  differs: result_expires is 5, read as 60\n    site_/settings.py:1:1\n" in done.out
    cause = "the variable DJANGO_SETTINGS_MODULE is set to site_.production; what was read is site_/settings.py"
    assert f"    cause: {cause}\n" in done.out


def test_what_is_read_wrongly_is_called_a_bug(verify: Verify) -> None:
    files = {
        "tasks.py": """\
            import gc

            from celery import Celery

            app = Celery("shop", backend="rpc://")
            [found] = [one for one in gc.get_objects() if type(one) is Celery]
            setattr(getattr(found, "co" "nf"), "result_extended", True)
        """
    }
    done = verify(files)
    assert done.code == 1
    assert "  differs: result_extended is True, read as False\n" in done.out
    assert "    cause: a bug of celery-backend-lint: please report it" in done.out


def test_what_is_not_known_is_listed_with_its_reason(verify: Verify) -> None:
    files = {
        "tasks.py": """\
            import subprocess

            from celery import Celery

            app = Celery("shop", backend=subprocess.getoutput("echo rpc://"))
        """
    }
    done = verify(files, "-v")
    assert done.code == 0
    [line] = [line for line in done.out.splitlines() if "not known statically: result_backend" in line]
    assert line.endswith(", is 'rpc://'")
    assert "not known statically: " not in verify(files).out


def test_variables_that_are_read_and_not_set_are_named(verify: Verify) -> None:
    assert "  note: read and not set here: RESULTS\n" in verify({"tasks.py": SHOP}, "-v").out


def test_a_configuration_that_celery_refuses_agrees_when_it_was_read_so(verify: Verify) -> None:
    files = {
        "cfg.py": "result_serializer = 'json'\nCELERY_RESULT_BACKEND = 'redis://'\n",
        "tasks.py": "from celery import Celery\napp = Celery('a')\napp.config_from_object('cfg')\n",
    }
    done = verify(files)
    assert (done.code, done.out.splitlines()[-1]) == (
        0,
        "  agrees: Celery refuses its configuration, and so it was read",
    )


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "soon"])
def test_a_time_limit_is_a_number_of_seconds(verify: Verify, text: str) -> None:
    with pytest.raises(SystemExit) as ended:
        verify({}, "--timeout", text)
    assert ended.value.code == 2


def test_django_is_set_up(verify: Verify) -> None:
    files = {
        "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site_.settings')\n",
        "site_/__init__.py": "",
        "site_/settings.py": "USE_TZ = True\nCELERY_RESULT_BACKEND = 'rpc://'\nCELERY_RESULT_EXPIRES = 60\n",
        "site_/celery.py": """\
            import os

            from celery import Celery

            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_.settings")
            app = Celery("site")
            app.config_from_object("django.conf:settings", namespace="CELERY")
        """,
    }
    done = verify(files)
    assert done.code == 0
    assert "agrees: 2 settings that the project sets" in done.out
    assert verify({}, "-A", "site_").code == 0


def test_several_apps_and_the_default_app_are_loaded(verify: Verify) -> None:
    files = {
        "a.py": "from celery import Celery\none = Celery('one')\ntwo = Celery('two', result_expires=5)\n",
        "service/celeryconfig.py": "result_backend = 'rpc://'\n",
        "service/Procfile": "worker: celery worker\n",
        "tests/test_app.py": "from celery import Celery\napp = Celery(backend='nonsense')\n",
    }
    done = verify(files, "--format", "json")
    assert done.code == 0
    assert [app["name"] for app in done.json["apps"]][:2] == ["one", "two"]
    assert verify({}, "-A", "a:two", "--format", "json").json["apps"][0]["name"] == "two"


@pytest.mark.parametrize(
    ("text", "message", "line", "advice"),
    [
        ("import no_such_thing", "No module named 'no_such_thing'", 1, "install what the project needs there"),
        ("import os\nos.environ['NEEDED']", "KeyError: 'NEEDED'", 2, "set the variables that the project needs"),
        ("def f(: pass", "SyntaxError", 1, "the project's own code fails here"),
        ("x = 1\nraise SystemExit('redis://:hunter2@h')", "SystemExit: redis://:***@h", 2, "the project's own code"),
    ],
)
def test_a_project_that_cannot_be_imported_is_told_with_its_line(
    verify: Verify, text: str, message: str, line: int, advice: str
) -> None:
    files = {"settings.py": text, "tasks.py": "from celery import Celery\napp = Celery('a')\nimport settings\n"}
    done = verify(files, "--format", "json")
    assert done.code == 2
    error = done.json["apps"][0]["error"]
    assert message in error["message"]
    assert (error["path"], error["line"]) == ("settings.py", line)
    assert error["help"].startswith(advice)
    assert "hunter2" not in done.out
    assert f"(settings.py:{line})" in verify({}).out


def test_output_of_the_project_is_shown_on_failure_only_and_masked(verify: Verify) -> None:
    printing = "import os, sys\nprint('{}')\nos.write(1, b'password=hunter2\\n')\nsys.__stdout__.flush()\n"
    assert "it printed" not in verify({"tasks.py": printing + "from celery import Celery\napp = Celery('a')\n"}).out
    done = verify({"tasks.py": printing + "from celery import Celery\napp = Celery('a')\nraise ValueError\n"})
    assert done.code == 2
    assert "  it printed:\n" in done.out
    assert "password=***" in done.out
    assert "hunter2" not in done.out


def test_an_interpreter_without_celery_is_told(verify: Verify, tmp_path: Path) -> None:
    import venv

    venv.create(tmp_path / "bare", with_pip=False)
    done = verify({"tasks.py": SHOP}, python=str(tmp_path / "bare"))
    assert done.code == 2
    assert "error: Celery cannot be imported there: ModuleNotFoundError: No module named 'celery'" in done.out
    assert "help: install it there, or name the project's own interpreter with --python" in done.out


INSIDE = """\
    from celery import Celery

    app = Celery("shop", backend="redis://localhost/1")
    app.config_from_object("celeryconfig")
"""


def test_a_package_that_python_is_started_in_is_loaded_from_inside(verify: Verify) -> None:
    configuration = {
        "src/celeryconfig.py": "import words\nresult_expires = words.EXPIRES\n",
        "src/words.py": "EXPIRES = 60\n",
    }
    done = verify({"src/__init__.py": "", "src/tasks.py": INSIDE, **configuration})
    assert done.code == 0
    assert "agrees: 2 settings" in done.out


@pytest.mark.parametrize(
    ("more", "missing"),
    [
        # what is missing from inside as well is what is told
        ({"src/celeryconfig.py": "import nowhere\n"}, "ModuleNotFoundError: No module named 'nowhere'"),
        # what lies nowhere
        ({}, "ModuleNotFoundError: No module named 'celeryconfig'"),
        # from inside the package has none around it
        ({"src/celeryconfig.py": "from .. import words\n"}, "ModuleNotFoundError: No module named 'celeryconfig'"),
    ],
)
def test_where_starting_inside_of_the_package_does_not_help_the_module_is_told(
    verify: Verify, more: dict[str, str], missing: str
) -> None:
    done = verify({"src/__init__.py": "", "src/tasks.py": INSIDE, **more})
    assert done.code == 2
    assert f"the project cannot be imported: {missing}\n" in done.out or f"imported: {missing} (" in done.out


def test_a_module_called_celery_is_no_module_to_start_beside(verify: Verify) -> None:
    done = verify({"src/__init__.py": "", "src/celery.py": INSIDE, "src/celeryconfig.py": ""})
    assert done.code == 2
    assert "No module named 'celeryconfig'" in done.out


def test_a_module_called_celery_is_the_library(verify: Verify) -> None:
    done = verify({"shop/celery.py": SHOP, "shop/manage.py": "", "shop/tasks.py": "import celery\n"})
    assert done.code == 2
    assert "the module celery is the library of that name, not this file (shop/celery.py:5)" in done.out
    assert "with -A shop.celery from the folder above" in done.out


def test_a_file_that_hides_the_library_is_told(verify: Verify, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hiding = tmp_path / "hiding"
    hiding.mkdir()
    (hiding / "celery.py").write_text("from celery import Celery\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(hiding))
    done = verify({"tasks.py": SHOP})
    assert done.code == 2
    assert "a file called celery hides the library of that name: ImportError: " in done.out
    assert "take its folder off PYTHONPATH" in done.out


def test_a_project_without_an_app_cannot_be_verified(verify: Verify) -> None:
    done = verify({"tasks.py": "x = 1\n"})
    assert done.code == 2
    assert "No Celery app was found outside of tests; name one with -A MODULE" in done.out


def test_an_app_that_a_function_makes_is_found_through_its_caller(verify: Verify) -> None:
    files = {
        "factory.py": "from celery import Celery\n\n\ndef make(name):\n    return Celery(name, backend='rpc://')\n",
        "worker.py": "from factory import make\n\napp = make('w')\n",
    }
    assert verify(files).code == 0
    done = verify({"other.py": "from factory import make\n\napp = make('o')\n"})
    assert done.code == 2
    assert "importing the module does not create the app" in done.out
    assert verify({}, "-A", "worker").code == 0


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_an_import_that_takes_too_long_is_ended_with_all_it_started(verify: Verify) -> None:
    files = {
        "tasks.py": """\
            import subprocess, time
            from celery import Celery

            app = Celery("a")
            child = subprocess.Popen(["sleep", "60"])
            open("pid", "w").write(str(child.pid))
            time.sleep(60)
        """
    }
    started = time.monotonic()
    done = verify(files, "--timeout", "3")
    assert done.code == 2
    assert "no answer within 3 seconds" in done.out
    assert "--timeout" in done.out
    assert time.monotonic() - started < 20
    time.sleep(0.2)
    assert not is_alive(int(Path("pid").read_text()))


def test_a_process_that_the_project_leaves_does_not_hold_the_answer(verify: Verify) -> None:
    files = {
        "tasks.py": """\
            import os, time
            from celery import Celery

            app = Celery("a")
            child = os.fork()
            if not child:
                time.sleep(60)
                os._exit(0)
            open("pid", "w").write(str(child))
        """
    }
    started = time.monotonic()
    assert verify(files).code == 0
    assert time.monotonic() - started < 20
    time.sleep(0.2)
    assert not is_alive(int(Path("pid").read_text()))


def test_a_project_that_ends_the_process_is_told(verify: Verify) -> None:
    done = verify({"tasks.py": "from celery import Celery\napp = Celery('a')\nimport os\nos._exit(0)\n"})
    assert done.code == 2
    assert "the process ended without an answer" in done.out


def test_the_probe_is_one_file_of_old_python() -> None:
    import ast

    from celery_backend_lint.verify.loading import PROBE

    tree = ast.parse(Path(PROBE).read_text(), feature_version=(3, 6))
    imported = {
        name.name.partition(".")[0]
        for node in tree.body
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in (node.names if isinstance(node, ast.Import) else [ast.alias(node.module or "")])
    }
    assert imported <= sys.stdlib_module_names

"""The oracle's loader tells what real Celery has, whatever the project does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from celery_backend_lint.verify.tags import Opaque, untagged
from tests.oracle.server import CeleryProcess
from tests.proofs.real import write_files

if TYPE_CHECKING:
    from collections.abc import Iterator

LOAD = Path(__file__).parent / "load.py"


@pytest.fixture(scope="module")
def loader() -> Iterator[CeleryProcess]:
    with CeleryProcess(Path(sys.executable), LOAD, traced=True) as process:
        yield process


def ask(loader: CeleryProcess, root: Path, files: dict[str, str], **request: Any) -> dict[str, Any]:
    write_files(root, files)
    return loader.ask({"root": str(root), **request})


def test_every_setting_is_told_with_its_type(loader: CeleryProcess, tmp_path: Path) -> None:
    text = """\
        from celery import Celery

        app = Celery("p", backend="redis://h")
        app.conf.imports = ("a", "b")
        app.conf.task_routes = print
    """
    reply = ask(loader, tmp_path, {"proj.py": dedent(text)}, app={"module": "proj"})
    assert reply["error"] is None
    [told] = reply["apps"]
    assert (told["attribute"], told["main"], told["path"], told["line"]) == ("app", "p", "proj.py", 3)
    settings = {name: untagged(value) for name, value in told["settings"].items()}
    assert settings["result_backend"] == "redis://h"
    assert settings["imports"] == ("a", "b")
    assert settings["result_expires"] == untagged({"$timedelta": 86400})
    assert settings["task_routes"] == Opaque("builtin_function_or_method")
    assert settings["result_backend_max_retries"] == float("inf")


def test_output_of_the_project_does_not_reach_the_reply(loader: CeleryProcess, tmp_path: Path) -> None:
    text = """\
        import os, sys

        print("{")
        os.write(1, b"noise")
        sys.__stdout__.write("x")
        from celery import Celery

        app = Celery()
    """
    reply = ask(loader, tmp_path, {"proj.py": dedent(text)}, app={"module": "proj", "attribute": "app"})
    assert reply["apps"][0]["error"] is None


@pytest.mark.parametrize(
    ("text", "stage", "error"),
    [
        ("import no_such_module", "import", "ModuleNotFoundError"),
        ("raise SystemExit(3)", "import", "SystemExit"),
        ("import os; os._exit(3)", "process", "SystemExit"),
        ("import time; time.sleep(60)", "process", "TimeoutError"),
        ("def f(: pass", "import", "SyntaxError"),
    ],
)
def test_a_project_that_cannot_be_imported_is_an_answer(
    loader: CeleryProcess, tmp_path: Path, text: str, stage: str, error: str
) -> None:
    reply = ask(loader, tmp_path, {"proj.py": text}, app={"module": "proj"}, timeout=2)
    assert (reply["error"]["stage"], reply["error"]["type"]) == (stage, error)
    after = ask(loader, tmp_path, {"other.py": "from celery import Celery\napp = Celery()"}, app={"module": "other"})
    assert len(after["apps"]) == 1


def test_a_configuration_that_celery_refuses_is_told_with_its_app(loader: CeleryProcess, tmp_path: Path) -> None:
    files = {
        "cfg.py": "result_serializer = 'json'\nCELERY_RESULT_BACKEND = 'redis://'\n",
        "proj.py": "from celery import Celery\napp = Celery()\napp.config_from_object('cfg')\n",
    }
    [told] = ask(loader, tmp_path, files, app={"module": "proj"})["apps"]
    assert told["error"]["type"] == "ImproperlyConfigured"
    assert told["error"]["stage"] == "configuration"


def test_a_missing_variable_is_told_though_celery_swallows_it(loader: CeleryProcess, tmp_path: Path) -> None:
    files = {
        "cfg.py": "import os\nresult_backend = os.environ['RESULTS']\n",
        "proj.py": "from celery import Celery\napp = Celery()\napp.config_from_object('cfg')\n",
    }
    [told] = ask(loader, tmp_path, files, app={"module": "proj"})["apps"]
    assert (told["error"]["type"], told["error"]["text"]) == ("KeyError", "'RESULTS'")
    assert told["error"]["place"]["line"] == 2


def test_every_app_of_a_module_is_told_in_order_with_its_line(loader: CeleryProcess, tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": "",
        "pkg/base.py": (
            "from celery import Celery\n\n\n"
            "class Mine(Celery):\n    def __init__(self, name):\n        super().__init__(name)\n"
        ),
        "pkg/apps.py": (
            "from celery import Celery, current_app\nfrom pkg.base import Mine\n\n"
            "first = Mine('a')\nsecond = Celery(\n    'b',\n)\n\n\nclass Service:\n    app = Celery('c')\n"
        ),
    }
    apps = ask(loader, tmp_path, files, app={"module": "pkg.apps"})["apps"]
    assert [(app["attribute"], app["main"], app["path"], app["line"]) for app in apps] == [
        ("first", "a", "pkg/apps.py", 4),
        ("second", "b", "pkg/apps.py", 5),
        (None, "c", "pkg/apps.py", 11),
    ]
    [told] = ask(loader, tmp_path, {}, app={"module": "pkg.apps", "attribute": "Service.app"})["apps"]
    assert told["main"] == "c"


def test_a_factory_is_called_when_asked_for(loader: CeleryProcess, tmp_path: Path) -> None:
    factory = "from celery import Celery\n\n\ndef make():\n    return Celery('made')\n"
    reply = ask(loader, tmp_path, {"proj.py": factory}, app={"module": "proj", "attribute": "make()"})
    assert [app["main"] for app in reply["apps"]] == ["made"]


def test_the_default_app_reads_celeryconfig(loader: CeleryProcess, tmp_path: Path) -> None:
    reply = ask(loader, tmp_path, {"celeryconfig.py": "result_backend = 'rpc://'\n"}, app=None)
    assert reply["apps"][0]["settings"]["result_backend"] == "rpc://"


def test_the_environment_is_the_requests_own(
    loader: CeleryProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"proj.py": "from celery import Celery\napp = Celery(backend='redis://a')\n"}
    environment = {"CELERY_RESULT_BACKEND": "redis://b"}
    [told] = ask(loader, tmp_path, files, app={"module": "proj"}, environment=environment)["apps"]
    assert told["settings"]["result_backend"] == "redis://a"
    assert told["effective"]["result_backend"] == "redis://b"
    [told] = ask(loader, tmp_path, files, app={"module": "proj"})["apps"]
    assert told["effective"]["result_backend"] == "redis://a"


def test_django_is_set_up_before_the_configuration_is_read(loader: CeleryProcess, tmp_path: Path) -> None:
    files = {
        "site_/__init__.py": "",
        "site_/settings.py": "CELERY_RESULT_EXPIRES = 60\nINSTALLED_APPS = ['shop.apps.Shop']\n",
        "site_/celery.py": (
            "import os\nfrom celery import Celery\n"
            "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site_.settings')\n"
            "app = Celery('site')\napp.config_from_object('django.conf:settings', namespace='CELERY')\n"
        ),
        "shop/__init__.py": "",
        "shop/apps.py": (
            "from django.apps import AppConfig\n\n\nclass Shop(AppConfig):\n    name = 'shop'\n\n"
            "    def ready(self):\n        from site_.celery import app\n        app.conf.result_extended = True\n"
        ),
    }
    [told] = ask(loader, tmp_path, files, app={"module": "site_.celery"})["apps"]
    assert told["namespace"] == "CELERY"
    assert told["settings"]["result_expires"] == 60
    assert told["settings"]["result_extended"] is True


def test_one_request_on_standard_input_is_answered_without_serving(tmp_path: Path) -> None:
    write_files(tmp_path, {"proj.py": "from celery import Celery\napp = Celery('once')\n"})
    request = json.dumps({"root": str(tmp_path), "app": {"module": "proj"}, "id": 7})
    done = subprocess.run([sys.executable, str(LOAD)], input=request, capture_output=True, text=True, check=True)
    reply = json.loads(done.stdout)
    assert (reply["id"], reply["apps"][0]["main"]) == (7, "once")

"""The default app as flask-celeryext configures it, compared with flask-celeryext and Celery themselves."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.evaluate.values import Literal
from celery_backend_lint.model import read_model
from celery_backend_lint.model.data.flask_celeryext import NAMES
from celery_backend_lint.project.discovery import open_project
from tests.evaluate.agreement import write

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "from flask import Flask\nfrom flask_celeryext import FlaskCeleryExt\n"
FORMS = {
    "the app given to the extension": (
        "app = Flask('a')\napp.config.update(CELERY_RESULT_BACKEND='redis://h/3', CELERY_TASK_SERIALIZER='yaml')\n"
        "ext = FlaskCeleryExt(app)\ncelery = ext.celery\napp.config['CELERY_RESULT_BACKEND'] = 'rpc://'\n"
    ),
    "init_app in a factory": (
        "ext = FlaskCeleryExt()\ndef create_app():\n    app = Flask('a')\n"
        "    app.config['CELERY_RESULT_BACKEND'] = 'redis://h/4'\n    ext.init_app(app)\n    return app\n"
        "app = create_app()\n"
    ),
    "made in the factory, and kept as a global": (
        "ext = None\ndef create_app():\n    global ext\n    app = Flask('a')\n"
        "    app.config['CELERY_RESULT_BACKEND'] = 'redis://h/6'\n    ext = FlaskCeleryExt()\n    ext.init_app(app)\n"
        "    return app\napp = create_app()\n"
    ),
    "made by a function, and given its app by another": (
        "ext = None\ndef make():\n    global ext\n    ext = FlaskCeleryExt()\nmake()\n"
        "app = Flask('a')\napp.config['CELERY_RESULT_BACKEND'] = 'redis://h/7'\n"
        "def start():\n    ext.init_app(app)\nstart()\n"
    ),
    "made under a condition": (
        "import sys\next = FlaskCeleryExt() if sys.argv else None\napp = Flask('a')\n"
        "app.config['CELERY_RESULT_BACKEND'] = 'redis://h/8'\nif ext is not None:\n    ext.init_app(app)\n"
    ),
    "new names": (
        "def make_celery(app=None):\n    app = app or create_app()\n    return FlaskCeleryExt(app).celery\n"
        "def create_app():\n    app = Flask('a')\n    app.config['result_backend'] = 'redis://h/5'\n    return app\n"
        "celery = make_celery()\n"
    ),
}
ASK = (
    "import json, main_of_test; from celery import current_app as app; "
    "print(json.dumps([app.conf.result_backend, app.conf.task_serializer]))"
)


@pytest.mark.parametrize("source", FORMS.values(), ids=FORMS)
def test_the_default_app_is_what_celery_has(source: str, tmp_path: Path) -> None:
    write(tmp_path, {"main_of_test.py": HEAD + source})
    asked = subprocess.run([sys.executable, "-c", ASK], cwd=tmp_path, capture_output=True, check=True, text=True)
    backend, serializer = json.loads(asked.stdout)
    model = read_model(open_project([str(tmp_path)], str(tmp_path)))
    assert model is not None
    app = next(app for app in model.apps if app.name == "default")
    held = app.settings["result_backend"].value
    assert isinstance(held, Literal)
    assert held.value == backend
    found = app.settings.get("task_serializer")
    assert (found.value.value if found is not None and isinstance(found.value, Literal) else "json") == serializer


def test_what_is_written_to_the_extensions_app_is_not_overlooked(tmp_path: Path) -> None:
    source = HEAD + (
        "app = Flask('a')\napp.config.update(CELERY_RESULT_BACKEND='redis://h/3', CELERY_TASK_SERIALIZER='yaml')\n"
        "ext = FlaskCeleryExt(app)\ncelery = ext.celery\ncelery.conf['result_backend'] = 'rpc://'\n"
    )
    write(tmp_path, {"web.py": source})
    ask = ASK.replace("main_of_test", "web")
    asked = subprocess.run([sys.executable, "-c", ask], cwd=tmp_path, capture_output=True, check=True, text=True)
    assert json.loads(asked.stdout)[0] == "rpc://"
    model = read_model(open_project([str(tmp_path)], str(tmp_path)))
    assert model is not None
    [app] = model.apps
    assert app.unread
    assert app.result_backend.kind == "unknown"


def test_the_names_are_those_of_the_installed_extension() -> None:
    mapping = pytest.importorskip("flask_celeryext._mapping").FLASK_TO_CELERY_MAPPING
    assert mapping == NAMES

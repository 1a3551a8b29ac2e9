"""Settings that are put in: where the app is configured, as its neighbours are, and so that Celery has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.fixes.python.insertion import insert_setting
from tests.fixes.python.writing import read, written

if TYPE_CHECKING:
    from pathlib import Path

    from tests.proofs.real import RealCelery

APP = 'from celery import Celery\n\napp = Celery("a", broker="memory://")\n'
LOADS = APP + 'app.config_from_object("cfg")\n'
DJANGO = (
    'import os\n\nfrom celery import Celery\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings")\n'
    'app = Celery("p")\napp.config_from_object("django.conf:settings", namespace="CELERY")\n'
)
PYDANTIC = "from pydantic_settings import BaseSettings\n\n\nclass C(BaseSettings):\n"

STYLES = {
    "nothing": ({"t.py": APP}, "t.py", 'memory://")\n', 'memory://")\napp.conf.result_expires = 3600\n'),
    "attribute": (
        {"t.py": APP + 'app.conf.result_backend = "rpc://"\n\n\n@app.task\ndef f():\n    pass\n'},
        "t.py",
        '"rpc://"\n',
        '"rpc://"\napp.conf.result_expires = 3600\n',
    ),
    "item": (
        {"t.py": APP + "app.conf['result_backend'] = 'rpc://'\napp.conf['timezone'] = 'UTC'"},
        "t.py",
        "'rpc://'\n",
        "'rpc://'\napp.conf['result_expires'] = 3600\n",
    ),
    "keywords": (
        {"t.py": APP + 'app.conf.update(result_backend="rpc://", timezone="UTC")\n'},
        "t.py",
        '"rpc://",',
        '"rpc://", result_expires=3600,',
    ),
    "keywords one a line": (
        {"t.py": APP + 'app.conf.update(\n    timezone="UTC",\n    result_backend="rpc://"  # c\n)\n'},
        "t.py",
        '"rpc://"  # c\n',
        '"rpc://",  # c\n    result_expires=3600,\n',
    ),
    "keywords lined up": (
        {"t.py": APP + 'app.conf.update(timezone="UTC",\n                result_backend="rpc://")\n'},
        "t.py",
        '"rpc://")',
        '"rpc://",\n                result_expires=3600)',
    ),
    "keywords that do not fit": (
        {
            "t.py": APP + 'app.conf.update(result_backend="rpc://", timezone="UTC", task_default_queue="q")\n',
            "pyproject.toml": "[tool.black]\nline-length = 79\n",
        },
        "t.py",
        'result_backend="rpc://", timezone="UTC", task_default_queue="q")',
        '\n    result_backend="rpc://",\n    result_expires=3600,\n    timezone="UTC",\n    task_default_queue="q",\n)',
    ),
    "dict": (
        {"t.py": APP + "app.conf.update({\n    'result_backend': 'rpc://',\n})\n"},
        "t.py",
        "'rpc://',\n",
        "'rpc://',\n    'result_expires': 3600,\n",
    ),
    "constructor": (
        {"t.py": 'from celery import Celery\n\napp = Celery("a", result_serializer="json")\n'},
        "t.py",
        '"json")',
        '"json", result_expires=3600)',
    ),
    "class": (
        {"t.py": APP + '\n\nclass Config:\n\tresult_backend="rpc://"\n\n\napp.config_from_object(Config)\n'},
        "t.py",
        '"rpc://"\n',
        '"rpc://"\n\tresult_expires=3600\n',
    ),
    "old names": (
        {"t.py": LOADS, "cfg.py": 'BROKER_URL = "memory://"\nCELERY_RESULT_BACKEND = "rpc://"\n'},
        "cfg.py",
        '"rpc://"\n',
        '"rpc://"\nCELERY_TASK_RESULT_EXPIRES = 3600\n',
    ),
    "module": (
        {"t.py": LOADS, "cfg.py": 'broker_url = "a://"\nresult_backend = (\n    "rpc://"\n)\n\ntimezone = "UTC"\n'},
        "cfg.py",
        ")\n",
        ")\nresult_expires = 3600\n",
    ),
    "sorted module": (
        {"t.py": LOADS, "cfg.py": 'broker_url = "memory://"\nresult_backend = "rpc://"\ntask_serializer = "json"'},
        "cfg.py",
        '"rpc://"\n',
        '"rpc://"\nresult_expires = 3600\n',
    ),
    "empty module": ({"t.py": LOADS, "cfg.py": "# later\n"}, "cfg.py", "later\n", "later\n\nresult_expires = 3600\n"),
    "branch": (
        {"t.py": APP + 'if True:\n    app.conf.result_backend = "rpc://"\n'},
        "t.py",
        "if True",
        "app.conf.result_expires = 3600\nif True",
    ),
    "django": (
        {"t.py": DJANGO, "site_settings.py": 'SECRET_KEY = "x"\nCELERY_RESULT_BACKEND = "rpc://"\n\nDEBUG = True\n'},
        "site_settings.py",
        '"rpc://"\n',
        '"rpc://"\nCELERY_RESULT_EXPIRES = 3600\n',
    ),
    "django without a setting": (
        {"t.py": DJANGO, "site_settings.py": 'SECRET_KEY = "x"'},
        "site_settings.py",
        '"x"',
        '"x"\n\nCELERY_RESULT_EXPIRES = 3600',
    ),
    "flask": (
        {
            "t.py": "from celery import Celery\nfrom flask import Flask\n\nweb = Flask('x')\nweb.config['CELERY'] = {\n"
            "    'result_backend': 'rpc://'\n}\napp = Celery('x')\napp.config_from_object(web.config['CELERY'])\n"
        },
        "t.py",
        "'rpc://'\n",
        "'rpc://',\n    'result_expires': 3600\n",
    ),
    "pydantic": (
        {"t.py": PYDANTIC + '    result_backend: str = "rpc://"\n\n\n' + APP + "app.config_from_object(C())\n"},
        "t.py",
        '"rpc://"\n',
        '"rpc://"\n    result_expires: int = 3600\n',
    ),
    "factory": (
        {"t.py": "from celery import Celery\n\n\ndef make():\n    app = Celery('x')\n    app.conf.timezone = 'UTC'\n"
         "    return app\n\n\napp = make()\n"},
        "t.py",
        "'UTC'\n",
        "'UTC'\n    app.conf.result_expires = 3600\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("version", ["5.6.3", "newest"])
@pytest.mark.parametrize("style", STYLES)
def test_a_setting_is_put_where_celery_has_it(tmp_path: Path, celery_at, style: str, version: str) -> None:
    files, path, old, new = STYLES[style]
    made = written(
        tmp_path / "a", files, lambda model: insert_setting(model, model.checked_apps[0], "result_expires", "3600")
    )
    assert made == {path: files[path].replace(old, new, 1)}
    fixed = {**files, **made}
    real: RealCelery = celery_at(version)
    assert real.load(tmp_path / "b", fixed, "t").settings["result_expires"] == 3600
    setting = read(tmp_path / "c", fixed).checked_apps[0].settings["result_expires"]
    assert setting.assignments[0].location.path == path


def test_two_settings_can_be_put_at_one_place(tmp_path: Path) -> None:
    files = {"t.py": APP + 'app.conf.update(\n    timezone="UTC",\n    result_backend="rpc://"  # c\n)\n'}

    def write(model):
        app = model.checked_apps[0]
        edits = [
            *insert_setting(model, app, "result_expires", "1"),
            *insert_setting(model, app, "result_extended", "0"),
        ]
        return list(dict.fromkeys(edits))

    made = written(tmp_path, files, write)
    assert made["t.py"].endswith('"rpc://",  # c\n    result_expires=1,\n    result_extended=0,\n)\n')


def test_a_file_that_only_this_app_has_comes_before_a_shared_one(tmp_path: Path) -> None:
    both = 'app.config_from_object("cfg")\n'
    files = {
        "one.py": APP + both + 'app.conf.timezone = "UTC"\n',
        "two.py": APP.replace('"a"', '"b"') + both,
        "cfg.py": 'result_backend = "rpc://"\nresult_extended = True\n',
    }
    made = written(tmp_path, files, lambda model: insert_setting(model, model.checked_apps[0], "result_expires", "1"))
    assert list(made) == ["one.py"]


def test_what_is_set_already_is_not_put_in_again(tmp_path: Path) -> None:
    files = {"t.py": APP + "app.conf.result_expires = 1\n"}
    made = written(tmp_path, files, lambda model: insert_setting(model, model.checked_apps[0], "result_expires", "2"))
    assert made == "`result_expires` is set already, in `t.py` line 4"


def test_the_line_length_of_the_project_counts(tmp_path: Path) -> None:
    files = {
        "t.py": APP + 'app.conf.update(result_backend="rpc://", timezone="UTC", task_default_queue="long_name")\n',
        "pyproject.toml": "[tool.ruff]\nline-length = 120\n",
    }
    made = written(tmp_path, files, lambda model: insert_setting(model, model.checked_apps[0], "result_expires", "1"))
    assert 'app.conf.update(result_backend="rpc://", result_expires=1, timezone="UTC",' in made["t.py"]

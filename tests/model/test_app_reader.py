"""What a project does to an app, statement by statement: each reading is compared with what real Celery has."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.model.build import model_of
from tests.model.real_celery import UNKNOWN, agreed, claims

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from celery_backend_lint.model import Model

    Agreed = Callable[[Path, dict[str, str]], Model]

__all__ = ["agreed"]

DAY = timedelta(days=1)
"""Celery's default of ``result_expires``."""
HEAD = "import os\nfrom celery import Celery\n"
APP = HEAD + "app = Celery('a')\n"


def check(agreed: Agreed, root: Path, code: str, expected: dict[str, Any]) -> None:
    [app] = agreed(root, {"tasks.py": code}).apps
    assert claims(app, *expected) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("'a', None, 'rpc://'", {"result_backend": "rpc://"}),
        ("'a', backend='rpc://', broker='memory://'", {"result_backend": "rpc://", "broker_url": "memory://"}),
        ("'a', include=['m.tasks']", {"include": ("m.tasks",)}),
        ("'a', include=None, backend=None", {"include": (), "result_backend": None}),
        ("'a', result_expires=5, timezone='UTC'", {"result_expires": 5, "timezone": "UTC"}),
        ("'a', results_backend='rpc://'", {"result_backend": None}),
        ("'a', changes={'result_expires': 5}", {"result_expires": 5}),
        ("'a', changes={'result_backend': 'rpc://'}, backend='cache+memory://'", {"result_backend": "cache+memory://"}),
        ("'a', changes={os.getenv('K', 'x'): 5}", {"result_expires": UNKNOWN, "result_backend": UNKNOWN}),
        ("'a', changes=None", {"result_expires": DAY}),
        ("'a', config_source=None", {"result_expires": DAY}),
        ("'a', config_source={'result_expires': 5}", {"result_expires": 5}),
        ("'a', config_source={'X_RESULT_EXPIRES': 5}, namespace='X'", {"result_expires": 5}),
        ("'a', config_source={'X_RESULT_EXPIRES': 5}, namespace=None", {"result_expires": DAY}),
        ("'a', **{'backend': 'rpc://'}", {"result_backend": "rpc://"}),
        ("'a', backend=os.getenv('B')", {"result_backend": None}),
        ("'a', backend=os.getenv('B', 'rpc://')", {"result_backend": "rpc://"}),
        ("'a', backend=os.getenv('B'), config_source={'result_backend': 'rpc://'}", {"result_backend": "rpc://"}),
        ("'a', set_as_current=False, strict_typing=True, tasks=None", {"result_expires": DAY}),
    ],
)
def test_constructor(arguments: str, expected: dict[str, Any], agreed: Agreed, tmp_path: Path) -> None:
    check(agreed, tmp_path, f"{HEAD}app = Celery({arguments})\n", expected)


def test_constructor_keywords_that_are_not_known_may_set_anything(agreed: Agreed, tmp_path: Path) -> None:
    code = "import json\nfrom celery import Celery\napp = Celery('a', **json.loads(open(__file__).name and '{}'))\n"
    [app] = agreed(tmp_path, {"tasks.py": code}).apps
    assert app.unread
    assert claims(app, "result_expires") == {"result_expires": UNKNOWN}


def test_unknown_keywords_are_settings_from_5_1_only(tmp_path: Path) -> None:
    files = {"tasks.py": f"{HEAD}app = Celery('a', result_expires=5)\n"}
    [app] = model_of(tmp_path, {**files, "requirements.txt": "celery==5.0.5\n"}).apps
    assert "result_expires" not in app.settings
    [app] = model_of(tmp_path, {**files, "requirements.txt": "celery==5.1.0\n"}).apps
    assert claims(app, "result_expires") == {"result_expires": 5}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("app.conf.result_expires = 5", {"result_expires": 5}),
        ("app.conf['result_expires'] = 5", {"result_expires": 5}),
        ("KEY = 'result_expires'\napp.conf[KEY] = 5", {"result_expires": 5}),
        ("app.conf[os.getenv('K', 'x')] = 5", {"result_expires": UNKNOWN}),
        ("app.conf['x', 'y'] = 5", {"result_expires": UNKNOWN}),
        ("a = app.conf.result_expires = 5", {"result_expires": 5}),
        ("app.conf.result_expires: int = 5", {"result_expires": 5}),
        ("app.conf.result_expires = app.conf.visibility = 5", {"result_expires": 5}),
        ("app.conf.update(result_expires=5)", {"result_expires": 5}),
        ("app.conf.update({'result_expires': 5}, timezone='UTC')", {"result_expires": 5, "timezone": "UTC"}),
        ("app.conf.update(**{'result_expires': 5})", {"result_expires": 5}),
        ("S = dict(result_expires=5)\napp.conf.update(**S)", {"result_expires": 5}),
        ("app.conf.update([('result_expires', 5)])", {"result_expires": 5}),
        ("app.conf.update(dict(os.environ))", {"result_expires": UNKNOWN}),
        ("app.conf.update()", {"result_expires": DAY}),
        ("setattr(app.conf, 'result_expires', 5)", {"result_expires": 5}),
        ("print(app.conf, 'result_expires', 5)", {"result_expires": DAY}),
        ("app.conf.setdefault('result_expires', 5)", {"result_expires": 5}),
        ("app.conf.setdefault('result_backend')", {"result_backend": None}),
        ("app.conf.result_expires = 5\napp.conf.setdefault('result_expires', 6)", {"result_expires": 5}),
        ("app.conf.timezone\napp.conf.setdefault('result_expires', 5)", {"result_expires": DAY}),
        (
            "if os.getenv('X'):\n    app.conf.result_expires = 5\napp.conf.setdefault('result_expires', 6)",
            {"result_expires": UNKNOWN},
        ),
        ("app.conf.result_expires = 5\nif os.getenv('X'):\n    app.conf.result_expires = 6", {"result_expires": 5}),
        ("if False:\n    app.conf.result_expires = 5", {"result_expires": DAY}),
        ("if not True:\n    app.conf.update(result_expires=5)", {"result_expires": DAY}),
        ("for n in ('a',):\n    app.conf.result_expires = 5", {"result_expires": 5}),
        ("try:\n    import nothing\nexcept ImportError:\n    app.conf.result_expires = 5", {"result_expires": UNKNOWN}),
        ("if os.getenv('X'):\n    pass\nelse:\n    app.conf.result_expires = 5", {"result_expires": 5}),
        ("if os.getenv('X'):\n    pass\nelif os.getenv('Y'):\n  app.conf.result_expires = 5", {"result_expires": DAY}),
        ("if os.getenv('X'):\n    if os.getenv('Y'):\n        app.conf.result_expires = 5", {"result_expires": DAY}),
        ("def later():\n    app.conf.result_expires = 5", {"result_expires": UNKNOWN}),
        ("def now():\n    app.conf.result_expires = 5\ndone = now()", {"result_expires": 5}),
        ("def now(app):\n    pass\nif now(app):\n    app.conf.result_expires = 5", {"result_expires": DAY}),
        ("app.conf.result_backend_transport_options['k'] = 5", {"result_backend_transport_options": UNKNOWN}),
        ("app.conf.beat_schedule['k'] = {}", {"beat_schedule": UNKNOWN, "result_expires": DAY}),
        ("app.conf.beat_schedule.update(k={})", {"beat_schedule": UNKNOWN}),
        ("app.conf['beat_schedule'].update(k={})", {"beat_schedule": UNKNOWN}),
        ("print(app.conf.beat_schedule['k'] if app.conf.beat_schedule else 1)", {"beat_schedule": {}}),
        ("app.conf.result_expires = 5\napp.conf.pop('result_expires', None)", {"result_expires": timedelta(days=1)}),
        ("app.conf.task_routes = ()\napp.conf.task_routes += ('x',)", {"task_routes": UNKNOWN}),
        ("app.conf.result_expires = 5\napp.conf['result_expires'] += 5", {"result_expires": UNKNOWN}),
        ("app.conf.clear()\napp.conf.result_expires = 5", {"result_expires": 5, "timezone": None}),
        ("app.conf.__setitem__('result_expires', 5)", {"result_expires": 5}),
        ("app.conf.get('result_expires')", {"result_expires": DAY}),
        ("app.conf.humanize()\napp.conf.result_expires = 5", {"result_expires": 5}),
        ("app.add_defaults({'result_expires': 5})", {"result_expires": 5}),
        ("app.add_defaults(lambda: {'result_expires': 5})", {"result_expires": 5}),
        ("app.add_defaults({'result_expires': 5})\napp.add_defaults({'result_expires': 6})", {"result_expires": 6}),
        ("app.add_defaults({'result_expires': 5})\napp.conf.result_expires = 6", {"result_expires": 6}),
        ("app.conf.timezone\napp.add_defaults({'result_expires': 5})", {"result_expires": 5}),
        ("app.conf.timezone\napp.conf.add_defaults({'result_expires': 5})", {"result_expires": 5}),
    ],
)  # fmt: skip
def test_what_is_done_to_the_app(code: str, expected: dict[str, Any], agreed: Agreed, tmp_path: Path) -> None:
    check(agreed, tmp_path, f"{APP}{code}\n", expected)


def test_augmented_conf_is_not_known_any_more(tmp_path: Path) -> None:
    [app] = model_of(tmp_path, {"tasks.py": f"{APP}app.conf |= {{'result_expires': 5}}\n"}).apps
    assert (app.unread, claims(app, "result_expires")) == (
        "app.conf is changed by an operator",
        {"result_expires": UNKNOWN},
    )


def test_replaced_conf_is_not_known_any_more(tmp_path: Path) -> None:
    [app] = model_of(tmp_path, {"tasks.py": f"{APP}app.conf = {{'result_expires': 5}}\n"}).apps
    assert (app.unread, claims(app, "result_expires")) == ("app.conf is replaced", {"result_expires": UNKNOWN})


OBJECT = "S = {'X_RESULT_EXPIRES': 5, 'result_expires': 7}\n"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("app.config_from_object(S)", {"result_expires": 7}),
        ("app.config_from_object(obj=S)", {"result_expires": 7}),
        ("app.config_from_object(S, namespace='X')", {"result_expires": 5}),
        ("app.config_from_object(S, False, False, 'X')", {"result_expires": 5}),
        ("app.config_from_object(S, namespace=None)", {"result_expires": 7}),
        ("app.config_from_object(S, namespace='X_')", {"result_expires": 5}),
        ("app.config_from_object(S)\napp.namespace = 'X'", {"result_expires": 5}),
        ("app.namespace = 'X'\napp.config_from_object(S)", {"result_expires": 5}),
        ("app.config_from_object(S)\napp.conf.timezone\napp.namespace = 'X'", {"result_expires": 7}),
        ("app.config_from_object(S)\napp.namespace = os.getenv('Q', '')", {"result_expires": UNKNOWN}),
        ("app.config_from_object(S)\nprint(app.namespace == 'X')", {"result_expires": 7}),
        ("app.config_from_object(S)\napp.config_from_object({})", {"result_expires": DAY}),
        ("app.config_from_object(S)\napp.conf.result_expires = 6", {"result_expires": 6}),
        ("app.conf.result_expires = 6\napp.config_from_object(S)", {"result_expires": 6}),
        ("app.conf.timezone\napp.conf.result_expires = 6\napp.config_from_object(S)", {"result_expires": 7}),
        ("app.add_defaults({'result_expires': 6})\napp.config_from_object(S)", {"result_expires": 6}),
        ("if os.getenv('Q'):\n    app.config_from_object(S)", {"result_expires": timedelta(days=1)}),
        ("app.config_from_object(S if os.getenv('Q') else {'result_expires': 8})", {"result_expires": 8}),
        ("app.config_from_object(S if os.getenv('Q') else {'timezone': 'UTC'})", {"timezone": "UTC"}),
    ],
)
def test_configuration_object(code: str, expected: dict[str, Any], agreed: Agreed, tmp_path: Path) -> None:
    check(agreed, tmp_path, f"{APP}{OBJECT}{code}\n", expected)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("app.config_from_envvar('WHERE')", "the environment variable WHERE names it"),
        ("app.config_from_envvar(NAME, silent=True)", "the environment variable of a name that is not known names it"),
        ("app.config_from_object('nowhere.at.all')", "the module nowhere.at is not in the tree"),
        ("app.config_from_object(open(__file__))", "what open() returns"),
        ("app.config_from_object(print)", "the configuration object cannot be read"),
        (
            "try:\n    app.main()\nexcept TypeError:\n    app.config_from_object({'result_expires': 5})",
            "whether this configuration is read",
        ),
        ("app.config_from_object({}, namespace=open(__file__).read()[:0])", "the namespace is not known"),
    ],
)
def test_why_a_configuration_is_not_known_is_said(code: str, why: str, tmp_path: Path) -> None:
    head = "import os, sys\nfrom celery import Celery\nNAME = sys.argv[0]\napp = Celery('a')\n"
    [app] = model_of(tmp_path, {"tasks.py": f"{head}{code}\n"}).apps
    assert app.unread == why
    assert claims(app, "result_expires") == {"result_expires": UNKNOWN}


@pytest.mark.parametrize("code", ["app.config_from_object()", "app.add_defaults()", "app.config_from_envvar()"])
def test_call_that_python_refuses_sets_nothing(code: str, tmp_path: Path) -> None:
    [app] = model_of(tmp_path, {"tasks.py": f"{APP}{code}\n"}).apps
    assert (app.settings, app.sources, app.unread) == ({}, (), "")


def test_order_is_that_of_the_files_module_before_functions_before_other_files(tmp_path: Path) -> None:
    files = {
        "a_other.py": "from tasks import app  # the Celery app\napp.conf.result_expires = 1\n",
        "tasks.py": f"{APP}def later():\n    app.conf.result_expires = 2\napp.conf.result_expires = 3\n",
    }
    [app] = model_of(tmp_path, files).apps
    assert [write.value.value for write in app.writes] == [3, 2, 1]  # type: ignore[union-attr]


def test_factory_does_to_its_app_what_it_says(agreed: Agreed, tmp_path: Path) -> None:
    code = (
        f"{HEAD}def make():\n    app = Celery('a')\n    app.conf.result_expires = 5\n"
        "    app.config_from_object({'timezone': 'UTC'})\n    return app\n"
        "app = make()\napp.conf.task_always_eager = True\n"
    )
    [app] = agreed(tmp_path, {"tasks.py": code}).apps
    expected = {"result_expires": 5, "timezone": "UTC", "task_always_eager": True}
    assert claims(app, *expected) == expected


FLASK = "from flask import Flask\nflask = Flask('a')\n"


def test_flask_configuration_is_celerys_only_where_it_has_celerys_names(agreed: Agreed, tmp_path: Path) -> None:
    code = (
        f"{APP}{FLASK}flask.config['CELERY_RESULT_EXPIRES'] = 5\nflask.config['SECRET'] = 'x'\n"
        "flask.config['result_backend'] = 'rpc://'\napp.conf.update(flask.config)\n"
    )
    [app] = agreed(tmp_path, {"tasks.py": code}).apps
    assert {write.written for write in app.writes} >= {"result_backend"}
    assert "SECRET" not in {write.written for write in app.writes}


def test_tests_that_change_the_app_of_the_project_do_not_configure_it(tmp_path: Path) -> None:
    files = {
        "tasks.py": APP,
        "tests/test_tasks.py": "from tasks import app\napp.conf.task_always_eager = True\n",
    }
    [app] = model_of(tmp_path, files).apps
    assert app.settings == {}


@pytest.mark.parametrize(
    "code",
    [
        "app.conf.update(**{'result_expires': 5})\nprint(app.namespace)",
        "app.conf.result_expires = 5\nprint(getattr(app.conf, 'result_expires'))",
        "app.conf.result_expires = 5\nprint(app.conf)",
        "app.conf.result_expires = 5\nsetattr(app, 'x', app.conf)",
        "app.conf.result_expires = 5\nprint([app.conf, app.conf])",
        "app.conf.result_expires = 5\nprint(app.conf.timezone)\nprint(app.conf['timezone'])",
        "app.conf.result_expires = 5\nif os.getenv('Q'):\n    app.conf.humanize()\n    print(app.conf.timezone)",
        "app.conf.result_expires = 5\ndef show():\n    return app.conf.table(with_defaults=False), app.conf.timezone",
    ],
)
def test_reads_change_nothing(code: str, agreed: Agreed, tmp_path: Path) -> None:
    check(agreed, tmp_path, f"{APP}{code}\n", {"result_expires": 5})


def test_more_than_is_followed_is_unknown(tmp_path: Path) -> None:
    code = f"{APP}for n in range(150):\n    app.conf.result_expires = n\n" + "    app.conf.timezone = 'UTC'\n" * 20
    [app] = model_of(tmp_path, {"tasks.py": code}).apps
    assert app.unread == "too much is done to the apps to follow"
    assert claims(app, "result_expires") == {"result_expires": UNKNOWN}

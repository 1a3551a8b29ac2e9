"""Which calls make an app, what the app is called, and what counts as done to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.project.test_paths import is_test_path
from tests.model.build import model_of
from tests.model.real_celery import UNKNOWN, agreed, claims

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from celery_backend_lint.model import Model

    Agreed = Callable[[Path, dict[str, str]], Model]

__all__ = ["agreed"]

OPTIONAL = "try:\n    import celery\nexcept ImportError:\n    celery = None\n"
PUT = "def put(name, value):\n    globals()[name] = value\n"


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("from celery import Celery\nCelery('a')", ["a"]),
        ("from celery import Celery\nCelery(main='a')", ["a"]),
        ("from celery import Celery\nCelery()", [""]),
        ("from celery import Celery\nCelery(None)", [""]),
        ("from celery import Celery\nN = 'a'\nCelery(N + '1')", ["a1"]),
        ("import os\nfrom celery import Celery\nCelery(os.getenv('N', 'a'))", [""]),
        ("from celery import Celery\nCelery(__name__)", ["tasks"]),
        ("import celery\ncelery.Celery('a')", ["a"]),
        ("import celery as c\nc.Celery('a')", ["a"]),
        ("import celery.app.base\ncelery.app.base.Celery('a')", ["a"]),
        ("from celery.app import Celery\nCelery('a')", ["a"]),
        ("from celery import Celery as App\nApp('a')", ["a"]),
        ("from celery import Celery as App\nApp('a')\nApp('b')", ["a", "b"]),
        ("from celery import Celery\nMyCelery = Celery\nMyCelery('a')", ["a"]),
        ("from celery import Celery\nclass OurCelery(Celery):\n    pass\nOurCelery('a')", ["a"]),
        ("from celery import Celery\nclass A(Celery):\n    pass\nclass BCelery(A):\n    pass\nBCelery('a')", ["a"]),
        ("from celery import Celery\nclass S:\n    app = Celery('a')", ["a"]),
        ("from celery import Celery\nclass S:\n    def __init__(self):\n        self.app = Celery('a')\nS()", ["a"]),
        (f"{OPTIONAL}{PUT}celery.Celery('a')", ["a"]),
        ("from celery import Celery\ndef make():\n    return Celery('a')\nmake()", ["a"]),
        ("from celery import Celery\nhold = [Celery('a'), Celery('b')]", ["a", "b"]),
        ("from celery import Celery\napp = Celery('a') if __name__ == 'x' else Celery('b')\napp.main", ["a", "b"]),
        # none of these makes one
        ("import celery\n# app = celery.Celery('a')", []),
        ("import celery\nTEXT = '''\nfrom celery import Celery\nCelery('a')\n'''", []),
        ("import celery\nTEXT = f\"{celery.__name__} Celery('a')\"", []),
        ("from celery import Celery\nclass OurCelery(Celery):\n    pass", []),
        ("import celery\nclass Celery:\n    pass\nCelery()", []),
        ("import celery\ndef Celery(name):\n    return name\nCelery('a')", []),
        (f"import celery\ntry:\n    import mine\nexcept ImportError:\n    mine = None\n{PUT}mine.Celery('a')", []),
        ("import celery\ndef use(Celery=print):\n    Celery('a')", []),
        ("from celery import Celery\nCelery.__name__.upper()\nprint(Celery)", []),
        ("from celery import Celery\nlist(map(Celery, ()))", []),
        ("from celery import Celery as App\nclass S:\n    def App(self):\n        return 1\nS().App()", []),
    ],
)  # fmt: skip
def test_apps_found(code: str, names: list[str], tmp_path: Path) -> None:
    assert [app.name for app in model_of(tmp_path, {"tasks.py": f"{code}\n"}).apps] == names


@pytest.mark.parametrize(
    ("path", "files", "name"),
    [
        ("proj/celery.py", {"proj/__init__.py": ""}, "proj.celery"),
        ("src/proj/sub/app.py", {"src/proj/__init__.py": "", "src/proj/sub/__init__.py": ""}, "proj.sub.app"),
        ("proj/__init__.py", {}, "proj"),
        ("loose/app.py", {}, "app"),
    ],
)
def test_name_of_the_module_is_the_dotted_one(
    path: str, files: dict[str, str], name: str, agreed: Agreed, tmp_path: Path
) -> None:
    code = "from celery import Celery\napp = Celery(__name__, backend='rpc://')\n"
    [app] = agreed(tmp_path, {**files, path: code}).apps
    assert app.name == name


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tests/app.py", True),
        ("proj/test/app.py", True),
        ("proj/testing/app.py", True),
        ("proj/test_app.py", True),
        ("proj/app_test.py", True),
        ("proj/app_tests.py", True),
        ("conftest.py", True),
        ("Tests/App.py", True),
        ("t/unit/app.py", True),
        ("t/app.py", False),
        ("proj/t/unit/app.py", False),
        ("proj/contest.py", False),
        ("proj/attest/app.py", False),
        ("proj/latest_app.py", False),
        ("proj/app.py", False),
    ],
)
def test_paths_of_test_code(path: str, expected: bool, tmp_path: Path) -> None:
    assert is_test_path(path) is expected
    model = model_of(tmp_path, {path: "from celery import Celery\napp = Celery('a')\n"})
    assert [app.in_tests for app in model.apps] == [expected]
    assert len(model.checked_apps) == (not expected)


HEAD = "import os\nfrom celery import Celery\n"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("app = Celery('a')\nother = app\nother.conf.result_expires = 5", 5),
        ("app = Celery('a')\n[app][0].conf.result_expires = 5", 5),
        ("app = Celery('a')\napp . conf . result_expires = 5", 5),
        ("class S:\n    app = Celery('a')\n    app.conf.result_expires = 5", 5),
        ("class S:\n  def __init__(self):\n    self.app = Celery('a')\n    self.app.conf.result_expires = 5\nS()", 5),
        ("app = Celery('a')\nclass Other:\n    conf = None\nother = Other()\nother.conf = 5", ...),
        ("app = Celery('a')\nclass Other:\n  pass\nOther.conf = Other()\nOther.conf.result_expires = 5", ...),
        ("app = Celery('a')\n# app.conf.result_expires = 5", ...),
        ("app = Celery('a')\nT = 'app.conf.result_expires = 5'", ...),
        ("app = Celery('a')\nprint('x.conf.', app)", ...),
        ("app = Celery('a')\ndef f(app):\n    app.conf.result_expires = 5", ...),
        ("app = Celery('a')\nasync def f():\n    app.conf.result_expires = 5", UNKNOWN),
        ("app = Celery('a')\nclass S:\n    def f(self):\n        app.conf.result_expires = 5", UNKNOWN),
        ("app = Celery('a')\ndef outer():\n  def f():\n    app.conf.result_expires = 5\n  f()\nouter()", 5),
        ("app = Celery('a')\nf = lambda: app.conf.update(result_expires=5)", UNKNOWN),
        ("app = Celery('a')\ndef f():\n    app.conf.result_expires = 5\n    return 1\nassert f()", 5),
        ("app = Celery('a')\ndef f():\n    app.conf.result_expires = 5\n# we call f() nowhere", UNKNOWN),
        ("app = Celery('a')\ndef f():\n    app.conf.result_expires = 5\nif os.getenv('X') and f():\n    pass", UNKNOWN),
        ("app = Celery('a')\nif True:\n    app.conf.result_expires = 5", 5),
        ("app = Celery('a')\nif 1 == 2:\n    pass\nelse:\n    app.conf.result_expires = 5", 5),
        ("app = Celery('a')\ntry:\n    app.conf.result_expires = 5\nexcept KeyError:\n    pass", 5),
        ("app = Celery('a')\ntry:\n    pass\nfinally:\n    app.conf.result_expires = 5", 5),
        ("app = Celery('a')\nwith open(__file__):\n    app.conf.result_expires = 5", 5),
        ("app = Celery('a')\nwhile True:\n    app.conf.result_expires = 5\n    break", 5),
        ("app = Celery('a') if os.getenv('X') else Celery('b')\napp.conf.result_expires = 5", 5),
        (f"{OPTIONAL}app = celery.Celery('a')\napp.conf.result_expires = 5", 5),
        (f"{OPTIONAL}def f():\n    a = celery.Celery('a')\n    a.conf.result_expires = 5\n    return a\napp = f()", 5),
        (f"{OPTIONAL}app = celery.Celery('a')\napp.config_from_object(dict(result_expires=5))", 5),
        (f"{OPTIONAL}app = Celery('a')\nif not celery:\n    app.conf.result_expires = 5", UNKNOWN),
    ],
)  # fmt: skip
def test_what_counts_as_done_to_an_app(code: str, expected: object, agreed: Agreed, tmp_path: Path) -> None:
    app = model_of(tmp_path, {"tasks.py": f"{HEAD}{code}\n"}).apps[-1]
    said = claims(app, "result_expires")["result_expires"]
    if expected is ...:
        assert "result_expires" not in app.settings
    else:
        assert said == expected
    if "if os.getenv('X') else" not in code:
        agreed(tmp_path, {})


# What a project does to the current app, and the apps that it has by that.
CURRENT = [
    # it configures current_app, and makes no app itself: that is the default app
    ({"a.py": "from celery import current_app\ncurrent_app.config_from_object('conf')\n", "conf.py": ""}, ["default"]),
    ({"a.py": "import celery\ncelery.current_app.conf.broker_url = 'redis://h'\n"}, ["default"]),
    ({"a.py": "from celery import current_app\ncurrent_app.conf['BROKER_URL'] = 'redis://h'\n"}, ["default"]),
    ({"a.py": "from celery import current_app\ncurrent_app.conf.update({'result_backend': 'rpc://'})\n"}, ["default"]),
    (
        {"a.py": "from celery._state import get_current_app\nget_current_app().conf.update(broker_url='x')\n"},
        ["default"],
    ),
    (
        {"a.py": "from celery import current_app as c\ndef make(s):\n    a = c\n    a.config_from_object(s)\n"},
        ["default"],
    ),
    (
        {
            "a.py": "from celery import current_app\ncurrent_app.config_from_object('conf')\n",
            "conf.py": "",
            "tests/conftest.py": "from celery import Celery\napp = Celery('t')\n",
        },
        ["default", "t"],
    ),
    # it makes an app: that is what current_app is
    (
        {
            "a.py": "from celery import Celery\napp = Celery('a')\n",
            "b.py": "from celery import current_app\ncurrent_app.conf.update(broker_url='redis://h')\n",
        },
        ["a"],
    ),
    # it reads, or sets what a library may for whoever makes an app
    ({"a.py": "from celery import current_app\nprint(current_app.conf.broker_url == 'x')\n"}, []),
    ({"a.py": "from celery import current_app\ncurrent_app.conf.task_always_eager = True\n"}, []),
    ({"a.py": "from celery import current_app\ncurrent_app.conf.update(task_always_eager=True)\n"}, []),
    ({"a.py": "from celery import current_app\ncurrent_app.conf.update({'ONCE': {}})\n"}, []),
    ({"a.py": "from celery import current_app\ncurrent_app.conf.beat_schedule = {}\n"}, []),
    # tests do that to whatever is current
    ({"tests/a.py": "from celery import current_app\ncurrent_app.config_from_object('conf')\n"}, []),
    # another library's current_app, or app
    ({"a.py": "# celery\nfrom flask import current_app\ncurrent_app.conf.update(broker_url='x')\n"}, []),
    (
        {
            "a.py": "from flask_celery import Celery\ncelery = Celery()\n",
            "b.py": "from celery import current_app\ncurrent_app.conf.update(broker_url='redis://h')\n",
        },
        [],
    ),
]


@pytest.mark.parametrize(("files", "names"), CURRENT)
def test_current_app_is_an_app_where_it_is_all_there_is(
    files: dict[str, str], names: list[str], tmp_path: Path
) -> None:
    model = model_of(tmp_path, files)
    assert sorted(app.name for app in model.apps) == names

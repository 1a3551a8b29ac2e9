"""Configuration objects: what Celery reads of modules, Django settings, classes, instances and dicts."""

from __future__ import annotations

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

HEAD = "import os\nfrom celery import Celery\napp = Celery('a')\n"
FIVE = "result_expires = 5\n"
CLASS = "class C:\n    result_expires = 5\n"
SET_ON_SELF = "class C:\n    def __init__(self):\n        self.result_expires = 5\n"
PROPERTY = "class C:\n    @property\n    def result_expires(self):\n        return 5\n"
OUTSIDE = "import outside\nclass C(outside.Base):\n    result_expires = 5\n"
NO_DJANGO = "the Django settings module is not named, or not in the tree"
OTHER = "the environment variable CONF may name another configuration"


def load(argument: str, before: str = "") -> str:
    return f"{HEAD}{before}app.config_from_object({argument})\n"


@pytest.mark.parametrize(
    ("tasks", "files", "kind", "path"),
    [
        (load("'conf'"), {"conf.py": FIVE}, "module", "conf.py"),
        (load("'pkg.conf'"), {"pkg/__init__.py": "", "pkg/conf.py": FIVE}, "module", "pkg/conf.py"),
        (load("'pkg'"), {"pkg/__init__.py": FIVE}, "module", "pkg/__init__.py"),
        (load("conf", "import conf\n"), {"conf.py": FIVE}, "module", "conf.py"),
        (load("'conf'"), {"conf.py": "from more import *\n", "more.py": FIVE}, "module", "conf.py"),
        (load("'conf'"), {"conf.py": "from more import result_expires\n", "more.py": FIVE}, "module", "conf.py"),
        (load("'conf'"), {"conf.py": f"{FIVE}result_expires: int\nif True:\n    pass\n"}, "module", "conf.py"),
        (load("'conf:C'"), {"conf.py": CLASS}, "class", "conf.py"),
        (load("'conf.C'"), {"conf.py": CLASS}, "class", "conf.py"),
        (load("'pkg.conf:C'"), {"pkg/__init__.py": "", "pkg/conf.py": CLASS}, "class", "pkg/conf.py"),
        (load("'conf:D'"), {"conf.py": "D = {'result_expires': 5}\n"}, "mapping", "conf.py"),
        (load("'conf:D'"), {"conf.py": "class C:\n    result_expires = 5\nD = C()\n"}, "instance", "conf.py"),
        (load("C", CLASS), {}, "class", "tasks.py"),
        (load("C", "class B:\n    result_expires = 5\nclass C(B):\n    pass\n"), {}, "class", "tasks.py"),
        (load("C", "class B:\n    result_expires = 7\nclass C(B):\n    result_expires = 5\n"), {}, "class", "tasks.py"),
        (load("C()", CLASS), {}, "instance", "tasks.py"),
        (load("C()", SET_ON_SELF), {}, "instance", "tasks.py"),
        (load("C()", PROPERTY), {}, "instance", "tasks.py"),
        (load("{'result_expires': 5}"), {}, "mapping", "tasks.py"),
        (load("dict(result_expires=5)"), {}, "mapping", "tasks.py"),
        (load("{'result_expires': 7, **{'result_expires': 5}}"), {}, "mapping", "tasks.py"),
    ],
)  # fmt: skip
def test_objects_that_are_read(
    tasks: str, files: dict[str, str], kind: str, path: str, agreed: Agreed, tmp_path: Path
) -> None:
    [app] = agreed(tmp_path, {**files, "tasks.py": tasks}).apps
    assert claims(app, "result_expires") == {"result_expires": 5}
    [source] = app.sources
    assert (source.kind, source.path, source.why_unknown) == (kind, path, "")
    assert "result_expires" in [name.name for name in source.names]
    assert app.settings["result_expires"].assignments[0].written == "result_expires"


@pytest.mark.parametrize(
    ("tasks", "files", "why"),
    [
        (load("'conf.C'"), {"conf/__init__.py": ""}, "the module conf.C is not in the tree"),
        (load("'gone'"), {}, "the module gone is not in the tree"),
        (load("'gone:attribute'"), {}, "the module gone is not in the tree"),
        (load("os.environ['CONF']"), {}, "the environment variable CONF names it"),
        (load("os.getenv('CONF')"), {}, "the environment variable CONF names it"),
        (load("os.getenv('CONF', os.getenv('OTHER'))"), {}, "the environment variable CONF names it"),
        (load("os.getenv('CONF', 'conf')"), {"conf.py": FIVE}, OTHER),
        (load("'django.conf:settings'"), {}, NO_DJANGO),
        (load("settings", "from django.conf import settings\n"), {}, NO_DJANGO),
        (load("'conf'"), {"conf.py": f"from outside import *\n{FIVE}"}, "a star import from outside the project"),
        (load("C", OUTSIDE), {}, "a base class is not in the tree"),
        (load("{'timezone': 'UTC', **outside.S}", "import outside\n"), {}, "a dict that could not be read whole"),
        (load("5"), {}, "the configuration object cannot be read"),
        (load("print"), {}, "the configuration object cannot be read"),
    ],
)  # fmt: skip
def test_why_an_object_is_not_known(tasks: str, files: dict[str, str], why: str, tmp_path: Path) -> None:
    [app] = model_of(tmp_path, {**files, "tasks.py": tasks}).apps
    assert app.sources[-1].why_unknown == why
    assert app.unread == why


def test_each_alternative_is_a_source(tmp_path: Path) -> None:
    files = {"one.py": FIVE, "two.py": "result_expires = 6\n", "tasks.py": load("'one' if os.getenv('Q') else 'two'")}
    [app] = model_of(tmp_path, files).apps
    assert [source.path for source in app.sources] == ["one.py", "two.py"]
    assert {a.value.value for a in app.settings["result_expires"].assignments} == {5, 6}  # type: ignore[union-attr]


def test_what_a_star_import_from_outside_may_set_is_not_known(tmp_path: Path) -> None:
    files = {"conf.py": f"from outside import *\n{FIVE}", "tasks.py": load("'conf'")}
    [app] = model_of(tmp_path, files).apps
    assert claims(app, "result_expires", "timezone") == {"result_expires": 5, "timezone": UNKNOWN}


def test_optional_local_settings_that_are_not_there_hide_nothing(agreed: Agreed, tmp_path: Path) -> None:
    files = {
        "conf.py": f"{FIVE}try:\n    from local_settings import *\nexcept ImportError:\n    pass\n",
        "tasks.py": load("'conf'"),
    }
    [app] = agreed(tmp_path, files).apps
    assert (app.unread, claims(app, "result_expires")) == ("", {"result_expires": 5})


def test_modules_that_import_each_other_by_star_are_read_once(tmp_path: Path) -> None:
    files = {"one.py": f"from two import *\n{FIVE}", "two.py": "from one import *\ntimezone = 'UTC'\n"}
    [app] = model_of(tmp_path, {**files, "tasks.py": load("'one'")}).apps
    assert {"result_expires", "timezone"} <= set(app.settings)
    assert len(app.settings["result_expires"].assignments) == 1


def test_every_assignment_of_a_module_and_of_what_it_star_imports_is_kept_the_winner_first(
    agreed: Agreed, tmp_path: Path
) -> None:
    files = {"one.py": f"from two import *\nresult_expires = 6\n{FIVE}", "two.py": "result_expires = 7\n_own = 1\n"}
    [app] = agreed(tmp_path, {**files, "tasks.py": load("'one'")}).apps
    places = [(a.location.path, a.value.value) for a in app.settings["result_expires"].assignments]  # type: ignore[union-attr]
    assert places == [("one.py", 5), ("one.py", 6), ("two.py", 7)]
    assert [name.name for name in app.sources[0].names] == ["result_expires"]


DJANGO = (
    "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site_settings')\nfrom celery import Celery\n"
    "app = Celery('a')\napp.config_from_object('django.conf:settings', namespace='CELERY')\n"
)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("CELERY_RESULT_EXPIRES = 5\n", {"result_expires": 5}),
        ("CELERY_RESULT_BACKEND = 'rpc://'\nCELERY_TASK_ROUTES = {'a': 'b'}\n", {"result_backend": "rpc://"}),
        ("CELERY_result_expires = 5\n", {}),
        ("celery_result_expires = 5\n", {}),
        ("RESULT_EXPIRES = 5\n", {}),
        ("CELERY_TASK_RESULT_EXPIRES = 5\n", {"result_expires": 5}),
        ("CELERY_TIMEZONE = 'Europe/Berlin'\nTIME_ZONE = 'UTC'\n", {"timezone": "Europe/Berlin"}),
        ("USE_TZ = True\nTIME_ZONE = 'Asia/Tokyo'\n", {"timezone": "Asia/Tokyo"}),
    ],
)
def test_django_settings(settings: str, expected: dict[str, Any], agreed: Agreed, tmp_path: Path) -> None:
    files = {"site_settings.py": f"SECRET_KEY = 'x'\nUSE_TZ = True\n{settings}", "tasks.py": DJANGO}
    [app] = agreed(tmp_path, files).apps
    assert claims(app, *expected) == expected
    assert "result_expires" not in app.settings or "result_expires" in expected
    [source] = app.sources
    assert (source.kind, source.path, source.only_celery) == ("django", "site_settings.py", False)
    assert all(name.name.isupper() for name in source.names)


def test_default_app_reads_celeryconfig_where_no_app_is_made(agreed: Agreed, tmp_path: Path) -> None:
    files = {"celeryconfig.py": FIVE, "tasks.py": "from celery import shared_task\n"}
    [app] = agreed(tmp_path, files).apps
    assert (app.name, app.path, claims(app, "result_expires")) == ("default", "celeryconfig.py", {"result_expires": 5})


@pytest.mark.parametrize("text", ["import celery\n", "name = 1\n", "from celery import Celery\n_x = 1\n"])
def test_celeryconfig_without_a_setting_is_no_app(text: str, tmp_path: Path) -> None:
    assert model_of(tmp_path, {"celeryconfig.py": text, "tasks.py": "import celery\n"}).apps == ()


def test_celeryconfig_beside_an_app_that_reads_it_is_no_app_of_its_own(tmp_path: Path) -> None:
    model = model_of(tmp_path, {"celeryconfig.py": FIVE, "tasks.py": load("'celeryconfig'")})
    assert [app.name for app in model.apps] == ["a"]


def test_name_that_a_function_or_an_import_binds_is_an_assignment_too(tmp_path: Path) -> None:
    files = {"conf.py": "import re as result_expires\ndef timezone():\n    pass\n", "tasks.py": load("'conf'")}
    [app] = model_of(tmp_path, files).apps
    assert [app.settings[name].assignments[0].location.line for name in ("result_expires", "timezone")] == [1, 2]


def test_name_that_is_only_annotated_or_deleted_is_no_setting(agreed: Agreed, tmp_path: Path) -> None:
    files = {"conf.py": "result_expires: int\ntimezone = 'UTC'\ndel timezone\n", "tasks.py": load("'conf'")}
    [app] = agreed(tmp_path, files).apps
    assert "result_expires" not in app.settings


def test_settings_that_an_instance_sets_are_placed_where_it_sets_them(agreed: Agreed, tmp_path: Path) -> None:
    [app] = agreed(tmp_path, {"tasks.py": load("C()", SET_ON_SELF)}).apps
    assert [(a.place, a.location.line) for a in app.settings["result_expires"].assignments] == [("class", 6)]


def test_private_names_are_not_listed(agreed: Agreed, tmp_path: Path) -> None:
    code = load("C", "class C:\n    _own = 1\n    result_expires = 5\n")
    [app] = agreed(tmp_path, {"tasks.py": code}).apps
    assert [name.name for name in app.sources[0].names] == ["result_expires"]


def test_more_star_imports_than_are_followed_may_hide_settings(tmp_path: Path) -> None:
    files = {f"m{n}.py": f"from m{n + 1} import *\n" for n in range(110)}
    [app] = model_of(tmp_path, {**files, "m110.py": FIVE, "tasks.py": load("'m0'")}).apps
    assert app.unread == "too many star imports to follow"
    assert claims(app, "result_expires") == {"result_expires": UNKNOWN}

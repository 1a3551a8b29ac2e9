"""Which module is Django's settings module, and what ``settings.NAME`` holds."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.evaluate.django.settings import NOT_FOUND, hides_settings, settings_modules
from celery_backend_lint.evaluate.evaluator import Evaluator
from celery_backend_lint.evaluate.resolve import resolve, truth
from celery_backend_lint.evaluate.values import Unknown
from celery_backend_lint.project.discovery import open_project
from tests.evaluate.agreement import evaluate, write

if TYPE_CHECKING:
    from pathlib import Path

    from celery_backend_lint.evaluate.values import Value

SETTINGS = 'import os\nURL = os.environ.get("URL", "redis://default")\nlower = 1\nNUMBERS = [1, 2]\n'
READING = "from django.conf import settings\nX = settings.URL\nY = settings.NUMBERS\n"


def setdefault(module: str) -> str:
    return f'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "{module}")\n'


def branches(first: str, second: str) -> str:
    """Two modules, of which a variable chooses one."""
    one, other = (setdefault(module).splitlines()[1] for module in (first, second))
    return f"import os\nif os.environ.get('STAGE'):\n    {one}\nelse:\n    {other}\n"


def found(root: Path, files: dict[str, str], near: str) -> str | None:
    write(root, files)
    modules = settings_modules(Evaluator(open_project([str(root)], str(root))), near)
    assert len(modules) <= 1
    return modules[0][0] if modules else None


def value(root: Path, path: str, name: str = "X") -> Value:
    _, values = evaluate(root, path)
    held = values[name]
    assert held is not None
    return held


PACKAGE = {
    "proj/__init__.py": "",
    "proj/settings.py": SETTINGS,
    "proj/other.py": SETTINGS,
    "proj/tasks.py": READING,
}

NAMED_BY = {
    "the file itself": ({"proj/tasks.py": setdefault("proj.settings") + READING}, "proj/settings.py"),
    "an item": (
        {"proj/tasks.py": 'import os\nos.environ["DJANGO_SETTINGS_MODULE"] = "proj.settings"\n' + READING},
        "proj/settings.py",
    ),
    "manage.py": ({"manage.py": setdefault("proj.settings")}, "proj/settings.py"),
    "wsgi.py": ({"proj/wsgi.py": setdefault("proj.settings")}, "proj/settings.py"),
    "asgi.py": ({"proj/asgi.py": setdefault("proj.settings")}, "proj/settings.py"),
    "celery.py": ({"proj/celery.py": setdefault("proj.settings")}, "proj/settings.py"),
    "the file itself before manage.py": (
        {"manage.py": setdefault("proj.settings"), "proj/tasks.py": setdefault("proj.other") + READING},
        "proj/other.py",
    ),
    "manage.py before wsgi.py of the same folder": (
        {"manage.py": setdefault("proj.settings"), "wsgi.py": setdefault("proj.other")},
        "proj/settings.py",
    ),
    "the nearest folder before manage.py": (
        {"manage.py": setdefault("proj.settings"), "proj/wsgi.py": setdefault("proj.other")},
        "proj/other.py",
    ),
    "the next that is in the tree": (
        {"manage.py": setdefault("gone.settings"), "wsgi.py": setdefault("proj.settings")},
        "proj/settings.py",
    ),
    "a settings package": (
        {"manage.py": setdefault("proj.conf"), "proj/conf/__init__.py": SETTINGS},
        "proj/conf/__init__.py",
    ),
    "both branches": ({"proj/tasks.py": branches("proj.other", "proj.other")}, "proj/other.py"),
    "the branch that does not put it together": (
        {"proj/tasks.py": branches('proj." + os.environ["STAGE"] + "', "proj.settings")},
        "proj/settings.py",
    ),
    "the first of two, which setdefault() keeps to": (
        {"manage.py": setdefault("proj.settings") + setdefault("proj.other")},
        "proj/settings.py",
    ),
    "a Dockerfile": ({"Dockerfile": "FROM x\nENV DJANGO_SETTINGS_MODULE=proj.settings\n"}, "proj/settings.py"),
    "an older Dockerfile": ({"Dockerfile": "ENV DJANGO_SETTINGS_MODULE proj.settings\n"}, "proj/settings.py"),
    "a compose list": (
        {"docker-compose.yml": "environment:\n  - DJANGO_SETTINGS_MODULE=proj.settings\n"},
        "proj/settings.py",
    ),
    "a compose mapping": (
        {"compose.prod.yaml": 'environment:\n  DJANGO_SETTINGS_MODULE: "proj.settings"\n'},
        "proj/settings.py",
    ),
    "a Procfile": ({"Procfile": "web: DJANGO_SETTINGS_MODULE=proj.settings gunicorn\n"}, "proj/settings.py"),
    "an env file": ({".env.production": "DJANGO_SETTINGS_MODULE=proj.settings\n"}, "proj/settings.py"),
    "two deployment files that agree": (
        {".env": "DJANGO_SETTINGS_MODULE=proj.settings\n", "Procfile": "w: DJANGO_SETTINGS_MODULE=proj.settings x\n"},
        "proj/settings.py",
    ),
}


@pytest.mark.parametrize(("files", "expected"), NAMED_BY.values(), ids=NAMED_BY)
def test_the_settings_module_is_named_by(tmp_path: Path, files: dict[str, str], expected: str) -> None:
    assert found(tmp_path, {**PACKAGE, **files}, "proj/tasks.py") == expected


NOT_NAMED = {
    "nothing": {},
    "a starter that does not name one": {"manage.py": "import sys\n"},
    "a starter that only reads the variable": {"manage.py": 'import os\nos.environ["DJANGO_SETTINGS_MODULE"]\n'},
    "a module that is not in the tree": {"manage.py": setdefault("gone.settings")},
    "a file whose own module is not in the tree": {
        "proj/tasks.py": setdefault("gone.settings") + READING,
        "manage.py": setdefault("proj.settings"),
    },
    "a file that tries two": {
        "proj/tasks.py": branches("proj.other", "proj.settings")
        .replace("if os.environ.get('STAGE')", "try")
        .replace("else:", "except ImportError:"),
    },
    "a branch that names one which is not in the tree": {"proj/tasks.py": branches("gone.local", "proj.settings")},
    "a branch that names none": {
        "proj/tasks.py": branches("proj.other", "proj.settings").replace("else:", "elif os.name:"),
    },
    "a branch that says so whatever the variable holds": {
        "proj/tasks.py": branches("proj.other", "proj.settings")
        + 'os.environ["DJANGO_SETTINGS_MODULE"] = "proj.other"',
    },
    "a file that puts the name together": {
        "proj/tasks.py": 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", f"proj.{os.name}")\n' + READING,
        "manage.py": setdefault("proj.settings"),
    },
    "a package without __init__.py": {"manage.py": setdefault("bare"), "bare/part.py": "URL = 1\n"},
    "deployment files that differ": {
        ".env": "DJANGO_SETTINGS_MODULE=proj.settings\n",
        ".env.test": "DJANGO_SETTINGS_MODULE=proj.other\n",
    },
    "a deployment file that names one outside": {".env": "DJANGO_SETTINGS_MODULE=gone.settings\n"},
    "a comment of an env file": {".env": "# DJANGO_SETTINGS_MODULE=proj.settings\n"},
    "a text file": {"README.md": "DJANGO_SETTINGS_MODULE=proj.settings\n"},
}


@pytest.mark.parametrize("files", NOT_NAMED.values(), ids=NOT_NAMED)
def test_no_settings_module_is_named_by(tmp_path: Path, files: dict[str, str]) -> None:
    assert found(tmp_path, {**PACKAGE, **files}, "proj/tasks.py") is None


def test_each_branch_names_one(tmp_path: Path) -> None:
    text = branches("proj.other", "proj.settings")
    inner = "def main():\n" + "".join(f"    {line}\n" for line in text.splitlines())
    for number, files in enumerate(({"proj/tasks.py": text}, {"manage.py": inner})):
        root = tmp_path / str(number)
        write(root, {**PACKAGE, **files})
        ev = Evaluator(open_project([str(root)], str(root)))
        (first, when), other = settings_modules(ev, "proj/tasks.py")
        assert (first, other) == ("proj/other.py", ("proj/settings.py", None))
        assert when is not None
        assert truth(when, {"STAGE": "1"})
        assert not truth(when, {})


def test_each_branch_has_its_own_values(tmp_path: Path) -> None:
    text = branches("proj.other", "proj.settings") + READING + "Z = settings.NOBODY\n"
    write(tmp_path, {**PACKAGE, "proj/tasks.py": text, "proj/other.py": 'URL = "other"\n'})
    held = value(tmp_path, "proj/tasks.py")
    assert resolve(held, {"STAGE": "1"}) == "other"
    assert resolve(held, {"URL": "one"}) == "one"
    assert isinstance(value(tmp_path, "proj/tasks.py", "Z"), Unknown)


def test_the_answer_is_kept(tmp_path: Path) -> None:
    write(tmp_path, {**PACKAGE, "manage.py": setdefault("proj.settings")})
    ev = Evaluator(open_project([str(tmp_path)], str(tmp_path)))
    assert settings_modules(ev, "proj/tasks.py") == (("proj/settings.py", None),)
    assert ev.django_settings == {"proj/tasks.py": (("proj/settings.py", None),)}
    assert settings_modules(ev, "proj/tasks.py") == (("proj/settings.py", None),)


def test_of_two_projects_each_has_its_own_settings(tmp_path: Path) -> None:
    files = {
        f"{name}/{path}": text
        for name in ("one", "two")
        for path, text in {
            "manage.py": setdefault("settings"),
            "settings.py": SETTINGS,
            "tasks.py": READING,
        }.items()
    }
    assert found(tmp_path / "a", files, "one/tasks.py") == "one/settings.py"
    assert found(tmp_path / "b", files, "two/tasks.py") == "two/settings.py"


@pytest.mark.parametrize("environment", [{}, {"URL": "redis://set"}], ids=["not set", "set"])
def test_a_setting_holds_what_django_gives(tmp_path: Path, environment: dict[str, str]) -> None:
    files = {**PACKAGE, "manage.py": setdefault("proj.settings")}
    write(tmp_path, files)
    real = subprocess.run(
        [sys.executable, "-c", "from django.conf import settings; print(settings.URL); print(settings.NUMBERS)"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "proj.settings", **environment},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    claimed = [resolve(value(tmp_path, "proj/tasks.py", name), environment) for name in ("X", "Y")]
    assert [str(one) for one in claimed] == real


@pytest.mark.parametrize("name", ["lower", "NOT_THERE", "Mixed"])
def test_names_that_django_does_not_expose_are_unknown(tmp_path: Path, name: str) -> None:
    tasks = f"from django.conf import settings\nX = settings.{name}\n"
    files = {**PACKAGE, "manage.py": setdefault("proj.settings"), "proj/tasks.py": tasks}
    write(tmp_path, files)
    held = value(tmp_path, "proj/tasks.py")
    assert isinstance(held, Unknown)
    assert held.why == f"Django's settings do not set {name}"


def test_without_a_settings_module_every_setting_is_unknown(tmp_path: Path) -> None:
    write(tmp_path, PACKAGE)
    held = value(tmp_path, "proj/tasks.py")
    assert isinstance(held, Unknown)
    assert held.why == NOT_FOUND


HIDING = {
    "dynaconf": ("import dynaconf\nsettings = dynaconf.DjangoDynaconf(__name__)\n", True),
    "include under another name": ("from split_settings.tools import optional, include as load\nload('x.py')\n", True),
    "a comment about dynaconf": ("# dynaconf is not used\n", False),
    "plain settings": (SETTINGS, False),
}


@pytest.mark.parametrize(("text", "hides"), HIDING.values(), ids=HIDING)
def test_settings_that_are_read_from_elsewhere_are_hidden(tmp_path: Path, text: str, hides: bool) -> None:
    files = {**PACKAGE, "manage.py": setdefault("proj.settings"), "proj/settings.py": f"URL = 1\nNUMBERS = []\n{text}"}
    write(tmp_path, files)
    ev = Evaluator(open_project([str(tmp_path)], str(tmp_path)))
    file = ev.modules.file("proj/settings.py")
    assert file is not None
    assert bool(hides_settings(ev, file.source)) is hides
    assert isinstance(value(tmp_path, "proj/tasks.py"), Unknown) is hides


def test_a_module_of_the_project_called_dynaconf_hides_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"settings.py": "from dynaconf import DjangoDynaconf\n", "dynaconf.py": "DjangoDynaconf = 1\n"})
    ev = Evaluator(open_project([str(tmp_path)], str(tmp_path)))
    file = ev.modules.file("settings.py")
    assert file is not None
    assert hides_settings(ev, file.source) == ""


GETATTR = """
from django.conf import settings
X = getattr(settings, "URL", "redis://other")
Y = getattr(settings, "NOT_THERE", "redis://other")
Z = getattr(settings, "lower", 5)
"""


def test_getattr_of_settings_has_its_default(tmp_path: Path) -> None:
    write(tmp_path, {**PACKAGE, "manage.py": setdefault("proj.settings"), "proj/tasks.py": GETATTR})
    held = [resolve(value(tmp_path, "proj/tasks.py", name), {}) for name in "XYZ"]
    assert held == ["redis://default", "redis://other", 5]

"""Flask's app.config, as Flask itself fills it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.evaluate.values import Instance, Mapping
from tests.evaluate.agreement import MAIN, assert_agrees, assert_knows, assert_unknown, evaluate, write

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """
import os
from flask import Flask
app = Flask("example")
"""
CONFIG = """
import os
URL = "redis://module"
lower = "not taken"
PORT = int(os.environ.get("PORT", "6379"))
"""


def config_of(root: Path, files: dict[str, str], module: str = MAIN) -> Mapping:
    write(root, files)
    _, values = evaluate(root, f"{module}.py")
    config = values["CONFIG"]
    assert isinstance(config, Mapping)
    return config


def keys(config: Mapping) -> list[object]:
    return [getattr(entry.key, "value", None) for entry in config.entries]


READ = 'X = app.config["URL"]\nY = app.config.get("PORT")\n'

FILLED = {
    "items": 'app.config["URL"] = "redis://item"\napp.config["PORT"] = 1\n',
    "update of a dict": 'app.config.update({"URL": "redis://update", "PORT": 1})\n',
    "update of keywords": 'app.config.update(URL="redis://update", PORT=1)\n',
    "update of both": 'app.config.update({"URL": "redis://update"}, PORT=1)\n',
    "from_mapping": 'app.config.from_mapping(URL="redis://mapping", PORT=1)\n',
    "from_mapping of a dict": 'app.config.from_mapping({"URL": "redis://mapping", "PORT": 1})\n',
    "the last one wins": 'app.config["URL"] = "redis://1"\napp.config["PORT"] = 1\napp.config["URL"] = "redis://2"\n',
    "a module by its name": 'app.config.from_object("config_of_test")\n',
    "a module": "import config_of_test\napp.config.from_object(config_of_test)\n",
    "a class": 'class C:\n    URL = "redis://class"\n    PORT = 2\napp.config.from_object(C)\n',
    "an instance": 'class C:\n    URL = "redis://class"\n    PORT = 2\napp.config.from_object(C())\n',
    "an inherited class": (
        'class B:\n    URL = "redis://base"\n    PORT = 1\nclass C(B):\n    PORT = 2\napp.config.from_object(C)\n'
    ),
    "a class by its name": 'app.config.from_object("classes_of_test.Production")\n',
    "a class after a colon": 'app.config.from_object("classes_of_test:Production")\n',
    "a module with a star": 'app.config.from_object("star_of_test")\n',
    "an instance of a class whose base is harmless": (
        'class C(object):\n    URL = "redis://class"\n    PORT = 2\napp.config.from_object(C())\n'
    ),
    "a module of a package": 'app.config.from_object("config_package.production")\n',
    "a property": (
        'class C:\n    PORT = 1\n    @property\n    def URL(self): return f"redis://{self.PORT}"\n'
        "app.config.from_object(C())\n"
    ),
}
MODULES = {
    "config_of_test": CONFIG,
    "classes_of_test": 'class Base:\n    PORT = 5\nclass Production(Base):\n    URL = "redis://production"\n',
    "config_package__production": CONFIG,
    "star_of_test": "from config_of_test import *\n",
}


@pytest.mark.parametrize("environment", [{}, {"PORT": "7"}], ids=["not set", "set"])
@pytest.mark.parametrize("source", FILLED.values(), ids=FILLED)
def test_what_is_put_into_the_configuration_is_in_it(source: str, environment: dict[str, str]) -> None:
    assert_knows(HEAD + source + READ, environment, **MODULES)


def test_from_object_takes_upper_case_names_only(tmp_path: Path) -> None:
    source = HEAD + 'app.config.from_object("config_of_test")\nCONFIG = app.config\n'
    config = config_of(tmp_path, {f"{MAIN}.py": source, "config_of_test.py": CONFIG})
    assert keys(config) == ["PORT", "URL"]
    assert config.complete


def test_an_entry_of_from_object_stands_where_the_name_is_bound(tmp_path: Path) -> None:
    source = HEAD + 'app.config.from_object("config_of_test")\nCONFIG = app.config\n'
    config = config_of(tmp_path, {f"{MAIN}.py": source, "config_of_test.py": CONFIG})
    assert {entry.origin.path for entry in config.entries} == {"config_of_test.py"}


INCOMPLETE = {
    "from_envvar": 'app.config.from_envvar("SETTINGS")\n',
    "from_pyfile": 'app.config.from_pyfile("settings.cfg")\n',
    "from_prefixed_env": "app.config.from_prefixed_env()\n",
    "setdefault": 'app.config.setdefault("A", 1)\n',
    "a name that is not in the tree": 'app.config.from_object("nothing_here.config")\n',
    "a word that is not in the tree": 'app.config.from_object("nothing_here")\n',
    "a variable's module": 'app.config.from_object(os.environ["SETTINGS"])\n',
    "an unknown mapping": "app.config.update(os.environ)\n",
    "a class with an unknown base": "from nothing_here import B\nclass C(B): pass\napp.config.from_object(C)\n",
    "a star from outside": 'app.config.from_object("outside_star")\n',
    "an unknown key": 'import socket\napp.config[socket.gethostname()] = "redis://"\n',
    "an object of another library": (
        "from types import SimpleNamespace\napp.config.from_object(SimpleNamespace(URL=1))\n"
    ),
    "an empty class": "class C: pass\napp.config.from_object(C)\n",
    "from_object of nothing": "app.config.from_object()\n",
}


@pytest.mark.parametrize("source", INCOMPLETE.values(), ids=INCOMPLETE)
def test_a_configuration_that_cannot_be_read_is_not_complete(tmp_path: Path, source: str) -> None:
    files = {
        f"{MAIN}.py": HEAD + source + "CONFIG = app.config\n",
        "outside_star.py": "from nothing_here import *\nURL = 1\n",
    }
    assert not config_of(tmp_path, files).complete


def test_what_is_read_or_called_otherwise_puts_nothing_in(tmp_path: Path) -> None:
    source = (
        HEAD + 'A = app.config["DEBUG"]\nB = app.config.update\nprint(app.config["DEBUG"])\n'
        'app.config["A"], C = 1, 2\ndel app.config["A"]\nCONFIG = app.config\n'
    )
    assert config_of(tmp_path, {f"{MAIN}.py": source}).entries == ()


def test_what_is_put_in_under_a_condition_is_in_doubt() -> None:
    source = (
        HEAD
        + 'app.config["URL"] = "redis://a"\nif os.environ.get("DEBUG"):\n    app.config["URL"] = "redis://b"\n'
        + 'X = app.config["URL"]\n'
    )
    assert_unknown(source, "X", environment={"DEBUG": "1"})
    assert_unknown(source, "X")


def test_what_is_put_in_under_a_try_is_not_in_doubt() -> None:
    assert_knows(HEAD + 'try:\n    app.config["URL"] = "a"\nexcept KeyError:\n    pass\nX = app.config["URL"]\n')


def test_another_app_s_configuration_is_its_own() -> None:
    source = (
        HEAD + 'other = Flask("other")\nother.config["URL"] = "o"\napp.config["URL"] = "a"\nX = app.config["URL"]\n'
    )
    assert assert_knows(source).known == {"X": "a"}


def test_the_configuration_of_a_factory_s_app() -> None:
    source = """
import os
from flask import Flask
def create_app(name=None):
    app = Flask("example")
    app.config.from_mapping(URL=os.environ.get("URL", "redis://default"))
    return app
app = create_app()
X = app.config["URL"]
"""
    for environment in ({}, {"URL": "redis://set"}):
        assert_agrees(source, environment)


def test_an_entry_may_be_made_of_another() -> None:
    source = HEAD + 'app.config["HOST"] = "h"\napp.config["URL"] = f"redis://{app.config[\'HOST\']}"\n'
    assert_agrees(source + 'X = app.config["URL"]\nY = app.config["HOST"]\n')


def test_other_modules_add_after_the_one_that_makes_the_app(tmp_path: Path) -> None:
    files = {
        f"{MAIN}.py": HEAD + 'app.config["A"] = 1\nCONFIG = app.config\n',
        "another.py": f'from {MAIN} import app\napp.config["B"] = 2\nother = object()\nother.config["C"] = 3\n',
    }
    assert keys(config_of(tmp_path, files)) == ["A", "B"]


def test_an_app_that_is_one_of_two_takes_what_is_put_into_either(tmp_path: Path) -> None:
    source = (
        HEAD + 'other = Flask("other")\nsome = app if os.environ.get("A") else other\n'
        'some.config["URL"] = "a"\nCONFIG = app.config\n'
    )
    assert keys(config_of(tmp_path, {f"{MAIN}.py": source})) == ["URL"]


def test_attributes_of_an_app_other_than_its_configuration_are_unknown(tmp_path: Path) -> None:
    write(tmp_path, {f"{MAIN}.py": HEAD + "X = app.config_class\n"})
    _, values = evaluate(tmp_path, f"{MAIN}.py")
    assert isinstance(values["app"], Instance)
    assert not isinstance(values["X"], Mapping)

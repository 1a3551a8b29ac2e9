"""Flask's app.config, as Flask itself fills it."""

# ruff: noqa: E501 -- source text stands in one line

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.evaluate.flask import config as flask
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
    ev, values = evaluate(root, f"{module}.py")
    config = values["CONFIG"]
    assert config is not None
    app = flask.app_of(config)
    assert app is not None
    return flask.at_the_end(ev, app)


def keys(config: Mapping) -> list[object]:
    """The keys that the project put in."""
    own = [entry for entry in config.entries if entry.origin != config.origin]
    return [getattr(entry.key, "value", None) for entry in own]


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
    own = [entry for entry in config.entries if entry.origin != config.origin]
    assert {entry.origin.path for entry in own} == {"config_of_test.py"}


INCOMPLETE = {
    "from_envvar": 'app.config.from_envvar("SETTINGS")\n',
    "from_pyfile": 'app.config.from_pyfile("settings.cfg")\n',
    "from_prefixed_env": "app.config.from_prefixed_env()\n",
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
    "from_object of nothing": "app.config.from_object()\n",
    "from_file": "import json\napp.config.from_file('config.json', load=json.load)\n",
    "another configuration": "app.config = dict()\n",
    "an unknown key under a name": "import socket\nc = app.config\nc[socket.gethostname()] = 1\n",
}


@pytest.mark.parametrize("source", INCOMPLETE.values(), ids=INCOMPLETE)
def test_a_configuration_that_cannot_be_read_is_not_complete(tmp_path: Path, source: str) -> None:
    files = {
        f"{MAIN}.py": HEAD + source + "CONFIG = app.config\n",
        "outside_star.py": "from nothing_here import *\nURL = 1\n",
    }
    assert not config_of(tmp_path, files).complete


def test_what_is_read_or_called_otherwise_puts_nothing_in(tmp_path: Path) -> None:
    source = HEAD + 'A = app.config["DEBUG"]\nB = app.config.update\nprint(app.config["DEBUG"])\nCONFIG = app.config\n'
    assert keys(config_of(tmp_path, {f"{MAIN}.py": source})) == []


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


# Everything below is run by Flask itself and compared -----------------------------------------------------------------

KNOWN = {
    "a read between two assignments": (
        'app.config["URL"] = "1"\nA = app.config["URL"]\napp.config["URL"] = "2"\nB = app.config["URL"]\n'
    ),
    "get before and after": (
        'A = app.config.get("URL", "none")\napp.config["URL"] = "1"\nB = app.config.get("URL", "none")\n'
    ),
    "a nested item": (
        'app.config["CELERY"] = {"a": 1}\napp.config["CELERY"]["b"] = 2\napp.config["CELERY"]["a"] = 3\n'
        'A = app.config["CELERY"]["a"]\nB = app.config["CELERY"]["b"]\n'
    ),
    "a nested update": (
        'app.config["CELERY"] = dict(a=1)\napp.config["CELERY"].update({"b": 2}, a=4)\n'
        'A = app.config["CELERY"]["a"]\nB = app.config["CELERY"]["b"]\n'
    ),
    "two levels": ('app.config["C"] = {"x": {"y": 1}}\napp.config["C"]["x"]["y"] = 2\nA = app.config["C"]["x"]["y"]\n'),
    "from_mapping takes capitals only": (
        'app.config.from_mapping({"low": 1, "UP": 2}, lower=3, UPPER=4)\nA = app.config.get("low")\n'
        'B = app.config["UP"]\nC = app.config.get("lower")\nD = app.config["UPPER"]\n'
    ),
    "update takes all": 'app.config.update({"low": 1}, lower=3)\nA = app.config["low"]\nB = app.config["lower"]\n',
    "setdefault": (
        'app.config.setdefault("A", 1)\napp.config["B"] = 2\napp.config.setdefault("B", 3)\n'
        'app.config.setdefault("SECRET_KEY", 4)\nA = app.config["A"]\nB = app.config["B"]\nC = app.config["SECRET_KEY"]\n'
    ),
    "setdefault is a read": 'A = app.config.setdefault("A", 1)\nB = app.config.setdefault("A", 2)\n',
    "another name": 'c = app.config\nc["URL"] = "1"\nc.update(B=2)\nA = c["URL"]\nB = app.config["B"]\n',
    "Flask's own": 'A = app.config["TESTING"]\nB = app.config["SECRET_KEY"]\nC = app.config["APPLICATION_ROOT"]\n',
    "an attribute of the app": 'app.testing = True\nA = app.config["TESTING"]\n',
    "deleted": 'app.config["A"] = 1\ndel app.config["A"]\nA = app.config.get("A")\n',
    "popped": 'app.config["A"] = 1\napp.config.pop("A")\nA = app.config.get("A", 5)\n',
    "merged in place": 'app.config |= {"A": 1}\nA = app.config["A"]\n',
    "chained": 'x = app.config["A"] = 1\nA = app.config["A"]\n',
    "a condition": (
        'app.config["URL"] = "1"\nif os.environ.get("DEBUG"):\n    app.config["URL"] = "2"\nA = app.config["URL"]\n'
    ),
    "inside the condition": (
        'if os.environ.get("DEBUG"):\n    app.config["URL"] = "2"\n    A = app.config["URL"]\n'
        'else:\n    app.config["URL"] = "3"\n    A = app.config["URL"]\n'
    ),
    "a conditional nested item": (
        'app.config["CELERY"] = {"a": 1}\nif os.environ.get("DEBUG"):\n    app.config["CELERY"]["b"] = 2\n'
        'A = app.config["CELERY"]\n'
    ),
    "a condition that never holds": 'app.config["A"] = 1\nif False:\n    app.config["A"] = 2\nA = app.config["A"]\n',
    "a loop over nothing": (
        'app.config["A"] = 1\nfor k, v in {}.items():\n    app.config[k] = v\nA = app.config["A"]\n'
    ),
    "an early return": (
        "def fill(app):\n    if os.environ.get('DEBUG'):\n        return\n    app.config['A'] = 1\n"
        "app.config['A'] = 0\nfill(app)\nA = app.config['A']\n"
    ),
    "functions": (
        "def one(app):\n    app.config['A'] = 1\n    two(application=app)\n"
        "def two(application, value='x'):\n    application.config['B'] = value\n    global C\n"
        "one(app)\nA = app.config['A']\nB = app.config['B']\n"
    ),
    "a function with the configuration": (
        "def fill(config, **more):\n    config['A'] = 1\n    config.update(**more)\nfill(app.config, B=2)\n"
        "A = app.config['A']\nB = app.config['B']\n"
    ),
    "a function with the global app": ("def fill():\n    app.config['A'] = 1\nfill()\nA = app.config['A']\n"),
    "an extension of the project": (
        "class Extension:\n    def __init__(self, app=None):\n        if app is not None:\n            self.init_app(app)\n"
        "    def init_app(self, app):\n        app.config.setdefault('A', 1)\n        app.config['B'] = 2\n"
        "ext = Extension()\next.init_app(app)\nA = app.config['A']\nB = app.config['B']\n"
    ),
    "an extension that is given the app": (
        "class Extension:\n    def __init__(self, app=None):\n        app.config.setdefault('A', 1)\n"
        "ext = Extension(app)\nA = app.config['A']\n"
    ),
    "what a function reads while it is called": (
        "def url(app):\n    return app.config['URL']\napp.config['URL'] = '1'\nA = url(app)\n"
    ),
    "a namespace": (
        "app.config.update(CELERY_A=1, CELERY_B_C=2, OTHER=3)\nA = app.config.get_namespace('CELERY_')\n"
        "B = app.config.get_namespace('CELERY_', lowercase=False)\n"
        "C = app.config.get_namespace('CELERY_', trim_namespace=False)\n"
    ),
    "classes under a key": (
        "class Dev:\n    URL = 'dev'\n    ONLY = 1\nclass Prod(Dev):\n    URL = 'prod'\n"
        "configs = {'dev': Dev, 'prod': Prod, 'default': Dev}\n"
        "app.config.from_object(configs[os.getenv('STAGE', 'default')])\nA = app.config['URL']\nB = app.config['ONLY']\n"
    ),
    "classes by get": (
        "class Dev:\n    URL = 'dev'\nclass Prod(Dev):\n    URL = 'prod'\nconfigs = dict(dev=Dev, prod=Prod)\n"
        "app.config.from_object(configs.get(os.environ.get('STAGE'), Prod))\nA = app.config['URL']\n"
    ),
    "names under a key": (
        "configs = {'dev': 'classes_of_test.Base', 'prod': 'classes_of_test:Production'}\n"
        "app.config.from_object(configs[os.getenv('STAGE') or 'dev'])\nA = app.config['PORT']\n"
        "B = app.config.get('URL')\n"
    ),
    "a name put together": (
        "stage = os.getenv('CLASS', 'Base')\napp.config.from_object(f'classes_of_test.{stage}')\n"
        "A = app.config.get('URL')\nB = app.config['PORT']\n"
    ),
    "a name with an ending": (
        "app.config.from_object('stages_of_test.' + os.getenv('STAGE', 'dev').capitalize() + 'Config')\n"
        "A = app.config['URL']\n"
    ),
    "a whole name from the environment": (
        "app.config.from_object(os.environ.get('SETTINGS', 'stages_of_test.DevConfig'))\nA = app.config['URL']\n"
    ),
    "a module of a package by its name": (
        "app.config.from_object(f\"config_package.{os.getenv('MODULE', 'production')}\")\nA = app.config['URL']\n"
    ),
    "getattr": (
        "import stages_of_test\n"
        "app.config.from_object(getattr(stages_of_test, os.getenv('STAGE', 'dev').title() + 'Config'))\n"
        "A = app.config['URL']\n"
    ),
    "globals": (
        "class DevConfig:\n    URL = 'dev'\nclass ProdConfig:\n    URL = 'prod'\n"
        "app.config.from_object(globals()[os.getenv('STAGE', 'dev').title() + 'Config'])\nA = app.config['URL']\n"
    ),
    "import_module": (
        "import importlib\n"
        "app.config.from_object(importlib.import_module('config_package.' + os.getenv('MODULE', 'production')))\n"
        "A = app.config['URL']\n"
    ),
    "import_string": (
        "from werkzeug.utils import import_string\n"
        "app.config.from_object(import_string('stages_of_test.DevConfig')())\nA = app.config['URL']\n"
    ),
    "match": (
        "from stages_of_test import DevConfig, ProdConfig\nmatch os.getenv('STAGE'):\n"
        "    case 'prod':\n        app.config.from_object(ProdConfig)\n"
        "    case _:\n        app.config.from_object(DevConfig())\nA = app.config['URL']\n"
    ),
    "if and else": (
        "from stages_of_test import DevConfig, ProdConfig\nif os.getenv('STAGE') == 'prod':\n"
        "    app.config.from_object(ProdConfig)\nelse:\n    app.config.from_object('stages_of_test.DevConfig')\n"
        "app.config['B'] = app.config['URL'] + '!'\nA = app.config['B']\n"
    ),
    "one of several classes under a condition": (
        "class Dev:\n    A = 'dev'\nclass Prod:\n    URL = 'prod'\nconfigs = {'dev': Dev, 'prod': Prod}\n"
        "app.config['A'] = 'before'\nif 'DEBUG' not in os.environ:\n"
        "    app.config.from_object(configs.get(os.getenv('STAGE', 'dev'), Dev))\nA = app.config['A']\n"
    ),
    "a conditional expression": (
        "from stages_of_test import DevConfig, ProdConfig\n"
        "app.config.from_object(ProdConfig if os.getenv('STAGE') == 'prod' else DevConfig)\nA = app.config['URL']\n"
    ),
    "settings of tests that are not given": (
        "def make(test_config=None):\n    app = Flask('x')\n    app.config['A'] = 1\n    if test_config:\n"
        "        app.config.update(test_config)\n    return app\nmade = make()\nA = made.config['A']\n"
    ),
    "settings of tests or nothing": (
        "def make(test_config=None):\n    app = Flask('x')\n    app.config['A'] = 1\n"
        "    app.config.update(test_config or {})\n    return app\nmade = make({'A': 2})\nA = made.config['A']\n"
    ),
    "what a caller does": (
        "def make(name):\n    app = Flask('x')\n    app.config['A'] = name\n    return app\nmade = make('a')\n"
        "A = made.config['A']\nmade.config['A'] = 'b'\nB = made.config['A']\n"
    ),
    "a tuple that a factory returns": (
        "def make():\n    app = Flask('x')\n    app.config['A'] = 1\n    return app, 'other'\nmade, other = make()\n"
        "made.config['B'] = 2\nA = made.config['A']\nB = made.config['B']\n"
    ),
    "set in __init__": (
        "class C:\n    def __init__(self, stage):\n        self.URL = 'redis://' + stage\n        self.lower = 1\n"
        "app.config.from_object(C(os.getenv('STAGE', 'dev')))\nA = app.config['URL']\nB = app.config.get('lower')\n"
    ),
    "in a with": "with app.app_context():\n    app.config['A'] = 1\n    A = app.config['A']\n",
    "variables with a prefix": (
        "app.config['A'] = 1\napp.config['CELERY'] = {'backend': 'x', 'n': 1}\napp.config.from_prefixed_env()\n"
        "A = app.config['A']\nB = app.config['CELERY']['backend']\nC = app.config['CELERY']['n']\n"
    ),
    "variables with another prefix": (
        "app.config['A'] = 1\napp.config.from_prefixed_env('MYAPP')\nA = app.config['A']\n"
    ),
    "a file that a variable may name": (
        "app.config['A'] = 1\napp.config.from_envvar('NOT_SET_HERE', silent=True)\nA = app.config['A']\n"
        "B = app.config.get('C', 'none')\n"
    ),
}
ENVIRONMENTS = {
    "nothing set": {},
    "debug": {"DEBUG": "1", "STAGE": "dev"},
    "production": {
        "STAGE": "prod",
        "CLASS": "Production",
        "SETTINGS": "stages_of_test.ProdConfig",
        "MODULE": "staging",
    },
    "flask": {"FLASK_A": "2", "FLASK_CELERY__backend": "y", "FLASK_CELERY__n": "[1]", "MYAPP_A": "text"},
}
MORE = {
    **MODULES,
    "stages_of_test": "class DevConfig:\n    URL = 'dev'\nclass ProdConfig(DevConfig):\n    URL = 'prod'\n",
    "config_package__staging": "URL = 'staging'\n",
}


@pytest.mark.parametrize("environment", ENVIRONMENTS.values(), ids=ENVIRONMENTS)
@pytest.mark.parametrize("source", KNOWN.values(), ids=KNOWN)
def test_what_flask_holds_is_known(source: str, environment: dict[str, str]) -> None:
    found = assert_agrees(HEAD + source, environment, **MORE)
    assert {name for name in found.unknown if name.isupper()} == set()


NEVER_KNOWN = {
    "a key of a loop": "for k in os.environ:\n    app.config[k] = 1\nA = app.config['SECRET_KEY']\n",
    "a key that is popped at random": "app.config['A'] = 1\napp.config.popitem()\nA = app.config.get('A')\n",
    "a function that perhaps is called": (
        "def fill():\n    app.config['A'] = 2\napp.config['A'] = 1\nfor f in (fill,):\n    f()\nA = app.config['A']\n"
    ),
    "a file of another kind": (
        "import io, json\napp.config['A'] = 1\ntry:\n    app.config.from_file('x.json', load=json.load)\n"
        "except OSError:\n    pass\nA = app.config['A']\n"
    ),
    "whether it is debugging": "A = app.config['DEBUG']\n",
}


@pytest.mark.parametrize("source", NEVER_KNOWN.values(), ids=NEVER_KNOWN)
def test_what_flask_holds_is_not_known(source: str) -> None:
    assert_unknown(HEAD + source, "A")

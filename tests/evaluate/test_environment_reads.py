"""Readers of the environment: what os, django-environ and python-decouple make of a variable, and the others' shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.evaluate.values import Choice, Environment, Literal, Operation, Unknown
from tests.evaluate.agreement import MAIN, assert_agrees, assert_knows, assert_unknown, evaluate, write

if TYPE_CHECKING:
    from pathlib import Path

    from celery_backend_lint.evaluate.values import Value

SET = {
    "HOST": "redis.internal",
    "PORT": "6380",
    "RATIO": "0.5",
    "DEBUG": "yes",
    "OFF": "0",
    "HOSTS": "a,b,c",
    "EMPTY": "",
    "OPTIONS": '{"visibility_timeout": 3600, "keys": [1, true, null]}',
}


def value_of(root: Path, source: str, name: str = "X") -> Value:
    write(root, {f"{MAIN}.py": source})
    _, values = evaluate(root, f"{MAIN}.py")
    found = values[name]
    assert found is not None
    return found


def read_of(root: Path, source: str) -> Environment:
    value = value_of(root, source)
    assert isinstance(value, Environment)
    return value


def plain(value: Value | None) -> object:
    assert isinstance(value, Literal)
    return value.value


OS = """
import os
from os import environ, getenv
A = os.getenv("HOST")
B = os.getenv("HOST", "localhost")
C = os.getenv(key="HOST", default="localhost")
D = os.environ.get("HOST", default="localhost")
E = getenv("PORT", 6379)
F = environ.get("EMPTY") or "fallback"
G = int(environ.get("PORT", 6379))
H = "HOST" in os.environ
I = "HOST" not in environ
J = os.environ.get("DEBUG", "no") == "yes"
"""


@pytest.mark.parametrize("environment", [SET, {}], ids=["set", "not set"])
def test_os_reads_the_text_or_returns_the_default_as_it_is(environment: dict[str, str]) -> None:
    assert_knows(OS, environment)


def test_an_item_of_os_environ_is_required(tmp_path: Path) -> None:
    assert_knows('import os\nX = os.environ["HOST"]\n', SET)
    assert read_of(tmp_path, 'import os\nX = os.environ["HOST"]\n').required


@pytest.mark.parametrize("which", ["HOST", "PORT"])
def test_a_name_that_another_variable_chooses_is_one_of_two(which: str) -> None:
    source = """
import os
NAME = "HOST" if os.getenv("WHICH") == "HOST" else "PORT"
X = os.getenv(NAME, "none")
Y = os.environ.get(NAME)
Z = os.environ[NAME]
"""
    assert_knows(source, {**SET, "WHICH": which})


def test_a_name_that_cannot_be_read_is_unknown() -> None:
    source = """
import os, socket
NAME = socket.gethostname()
X = os.getenv(NAME, "none")
Y = os.getenv("A_" + NAME, "none")
"""
    assert_unknown(source, "X", "Y")


def test_reading_no_name_at_all_is_unknown(tmp_path: Path) -> None:
    assert isinstance(value_of(tmp_path, "import os\nX = os.getenv()\n"), Unknown)
    assert isinstance(value_of(tmp_path, "import environ\nX = environ.Env()()\n"), Unknown)


DJANGO_ENVIRON = """
import environ
env = environ.Env(DEBUG=(bool, False), PORT=int, OFF=bool, PLAIN=(str, "declared"))
A = env("HOST", default="localhost")
B = env.str("HOST", "localhost")
C = env.int("PORT", default=6379)
D = env.float("RATIO", default=1.5)
E = env.bool("DEBUG", default=False)
F = env.bool("OFF", default=True)
G = env.list("HOSTS", default=["x"])
H = env("DEBUG")
I = env("PLAIN")
J = env("HOST", str, "localhost")
K = env("RATIO", cast=float, default=2.0)
L = env("PORT", default=6379)
M = env("RATIO", default=1.5)
N = env("HOSTS", default=["x", "y"])
O = env.json("OPTIONS", default={"visibility_timeout": 1})
P = env.str(var="HOST", default=None)
Q = env("HOST", default=None)
R = env.list("HOSTS", default=[])
S = env("PORT", default=1)
"""


@pytest.mark.parametrize("environment", [SET, {}], ids=["set", "not set"])
def test_django_environ_casts_the_text_and_not_the_default(environment: dict[str, str]) -> None:
    assert_knows(DJANGO_ENVIRON, environment)


def test_django_environ_casts_by_the_default_where_nothing_else_says_a_type() -> None:
    source = """
import environ
env = environ.Env()
A = env("PORT", default=1)
B = env("RATIO", default=1.0)
C = env("DEBUG", default=False)
D = env("HOSTS", default=["x"])
E = env("HOST", default="x")
F = env("HOST")
"""
    known = assert_knows(source, SET).known
    assert known == {"A": 6380, "B": 0.5, "C": True, "D": ["a", "b", "c"], "E": "redis.internal", "F": "redis.internal"}


@pytest.mark.parametrize(("declared", "cast"), [("PORT=int", "int"), ("PORT=(float, 1.0)", "float")])
def test_a_scheme_gives_the_cast_and_the_default(tmp_path: Path, declared: str, cast: str) -> None:
    read = read_of(tmp_path, f'import environ\nenv = environ.Env({declared})\nX = env("PORT")\n')
    assert (read.cast, read.required) == (cast, cast == "int")
    assert_knows(f'import environ\nenv = environ.Env({declared})\nX = env("PORT")\n', SET)


def test_what_a_call_says_beats_the_scheme() -> None:
    source = """
import environ
env = environ.Env(PORT=(int, 1), NOT_SET=(int, 1))
X = env("PORT", cast=str)
Y = env.str("PORT")
Z = env("NOT_SET", default=7)
"""
    assert assert_knows(source, SET).known == {"X": "6380", "Y": "6380", "Z": 7}


def test_a_method_that_is_no_reader_is_unknown(tmp_path: Path) -> None:
    assert isinstance(value_of(tmp_path, 'import environ\nX = environ.Env().search_url("X")\n'), Unknown)


DECOUPLE = """
from decouple import config, Csv
A = config("HOST", default="localhost")
B = config("PORT", default=6379, cast=int)
C = config("PORT", default="6379", cast=int)
D = config("DEBUG", default=False, cast=bool)
E = config("OFF", default="yes", cast=bool)
F = config("RATIO", default="1.5", cast=float)
G = config("HOST", "localhost")
H = config("PORT", 6379, int)
I = config("RATIO", default=1, cast=float)
J = config("HOST", default=None)
K = config("HOST", default="x", cast=str)
L = config("PORT", default=6379)
M = config("DEBUG", cast=bool, default=0)
"""


@pytest.mark.parametrize("environment", [SET, {}], ids=["set", "not set"])
def test_decouple_casts_the_default_as_well(environment: dict[str, str]) -> None:
    assert_agrees(DECOUPLE, environment)


def test_decouple_is_known_throughout_when_the_variables_are_set() -> None:
    assert_knows(DECOUPLE, SET)


def test_decouple_refuses_a_default_that_is_no_truth_value(tmp_path: Path) -> None:
    read = read_of(tmp_path, 'from decouple import config\nX = config("NOT_SET", default="maybe", cast=bool)\n')
    assert isinstance(read.default, Unknown)
    with pytest.raises(ValueError, match="maybe"):
        assert_agrees('from decouple import config\nX = config("NOT_SET", default="maybe", cast=bool)\n')


def test_decouple_without_a_default_is_required(tmp_path: Path) -> None:
    assert read_of(tmp_path, 'from decouple import config\nX = config("HOST")\n').required
    assert_knows('from decouple import config\nX = config("HOST")\n', SET)


@pytest.mark.parametrize(
    ("source", "variable", "cast", "default"),
    [
        ('from environs import Env\nX = Env().str("HOST", "a")\n', "HOST", "str", "a"),
        ('from environs import Env\nX = Env().int("PORT", default=1)\n', "PORT", "int", 1),
        ('from environs import Env\nX = Env().bool("DEBUG", missing=False)\n', "DEBUG", "bool", False),
        ('import environs\nX = environs.Env(prefix="APP_").str("HOST", "a")\n', "APP_HOST", "str", "a"),
        ('from environs import Env\nX = Env().str(name="HOST", default=None)\n', "HOST", "str", None),
        ('from starlette.config import Config\nX = Config()("HOST", default="a")\n', "HOST", "str", "a"),
        ('from starlette.config import Config\nX = Config(".env")("DEBUG", bool, "true")\n', "DEBUG", "bool", True),
        (
            'from starlette.config import Config\nX = Config(env_prefix="APP_")("HOST", str, "a")\n',
            "APP_HOST",
            "str",
            "a",
        ),
    ],
)
def test_environs_and_starlette(tmp_path: Path, source: str, variable: str, cast: str, default: object) -> None:
    read = read_of(tmp_path, source)
    assert (read.variables, read.cast, plain(read.default)) == ((variable,), cast, default)


def test_environs_and_starlette_without_a_default_are_required(tmp_path: Path) -> None:
    assert read_of(tmp_path, 'from environs import Env\nX = Env().str("HOST")\n').required
    assert read_of(tmp_path, 'from starlette.config import Config\nX = Config()("HOST")\n').required


def test_starlette_casts_the_default_as_well(tmp_path: Path) -> None:
    head = "from starlette.config import Config\n"
    assert isinstance(read_of(tmp_path, f'{head}X = Config()("PORT", int, "1")\n').default, Operation)
    assert isinstance(read_of(tmp_path, f'{head}X = Config()("DEBUG", bool, 1)\n').default, Operation)
    assert isinstance(read_of(tmp_path, f'{head}X = Config()("KEY", Secret, "a")\n').default, Unknown)
    assert plain(read_of(tmp_path, f'{head}X = Config()("KEY", int, None)\n').default) is None


def test_a_prefix_that_cannot_be_read_is_left_out_of_no_name(tmp_path: Path) -> None:
    source = 'import os\nfrom environs import Env\nX = Env(prefix="A_", eager=True).str("HOST")\n'
    assert read_of(tmp_path, source).variables == ("A_HOST",)


def test_a_choice_of_names_keeps_a_read_for_each(tmp_path: Path) -> None:
    source = 'import os\nX = os.getenv("A" if os.getenv("W") else "B")\n'
    value = value_of(tmp_path, source)
    assert isinstance(value, Choice)
    assert [one.value.variables for one in value.alternatives if isinstance(one.value, Environment)] == [("A",), ("B",)]


def test_a_default_that_is_a_container_is_kept(tmp_path: Path) -> None:
    source = 'from decouple import config, Csv\nX = config("NOT_SET", default=[1, 2], cast=list)\n'
    assert assert_knows(source).known == {"X": [1, 2]}

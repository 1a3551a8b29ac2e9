"""Each library that reads the environment, compared with itself: every form of call, every kind of text.

django-environ, environs, python-decouple, Starlette, dj-database-url and urllib as installed beside the tests
(requirements-dev.txt). A form is evaluated once and then read in each environment, and so is the library.
"""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING
from unittest import mock

import pytest

from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, resolve
from tests.evaluate.agreement import MAIN, evaluate, same, write

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = (
    "", "0", "1", "7", "-3", "2.5", "1,5", "true", "True", "TRUE", "tRue", "yes", "on", "ok", "t", "no", "off", "f",
    "false", "text", "a,b", " a , b ,", "a,,b", "(1,2)", "1,2", "a=1,b=2", "a=1=2", "a = 1, b = 2", '{"a": [1]}',
    "$OTHER", "$$OTHER", "${OTHER}", "$GONE", "$X", " 1 ", "inf", "1e3", "None", "redis://u:p%40w@h:6379/1?a=b#c",
    "redis://h", "postgres://u:p@db.example:5432/name?sslmode=require", "postgres://u@h/n", "mysql://u:p@h:3306/n",
    "sqlite:///db.sqlite3", "sqlite://", "oracle://u:p@h:1521/n", "not a url", "'a,b',c", '"a b", c', "a;b", "a#b",
    "line\\nnext", "60", "1h", "b", "x-text", "[1, 'a']",
)  # fmt: skip
OTHERS: tuple[dict[str, str], ...] = ({}, {"OTHER": "5"}, {"OTHER": ""})
DEFAULTS = ("", ", None", ", 5", ", '5'", ", 'text'", ", True", ", False", ", 1.5", ", ['a']", ", ('a',)", ", {'a': 1}",
            ", ''", ", '$OTHER'", ", 'yes'", ", 'a,b'", ", 'redis://d:1/2'", ", timedelta(seconds=3)")  # fmt: skip

HEADS = {
    "environ": "import environ\nenv = environ.Env()\n",
    "environ scheme": "import environ\nenv = environ.Env(X=(int, 3), OTHER=(bool, True), P_X=str)\n",
    "environ prefix": "import environ\nenv = environ.Env()\nenv.prefix = 'P_'\n",
    "environs": "from environs import Env\nenv = Env()\n",
    "environs made": "from environs import env\n",
    "environs expanding": "from environs import Env\nenv = Env(expand_vars=True)\n",
    "environs later": "from environs import Env\nenv = Env(eager=False)\n",
    "decouple": "from decouple import config, Csv, Choices, undefined\n",
    "starlette": "from starlette.config import Config\nconfig = Config()\n",
    "os": "import os\nimport json\nfrom ast import literal_eval\nfrom urllib.parse import urlparse, urlsplit\n",
    "dj_database_url": "import dj_database_url\nfrom os import environ\n",
}


def _with_defaults(*calls: str, keyword: str = "default") -> list[str]:
    return [
        call.replace("@", default if not default or keyword == "" else f", {keyword}={default[2:]}")
        for call in calls
        for default in DEFAULTS
    ]


ENVIRON = _with_defaults(
    "env('X'@)", "env('X', cast=int@)", "env('X', bool@)", "env('X', list@)", "env('X', cast=[int]@)", "env.str('X'@)",
    "env('X', cast=(int,)@)", "env('X', cast=tuple@)", "env('X', cast=dict@)", "env('X', cast=float@)",
    "env.bool('X'@)", "env.int('X'@)", "env.float('X'@)", "env.json('X'@)", "env.list('X'@)", "env.tuple('X'@)",
    "env.dict('X'@)", "env.list('X', int@)", "env.list('X', cast=float@)", "env.get_value('X', str@)",
    "env.url('X'@).hostname", "env.url('X'@).geturl()", "env.db('X'@)['NAME']", "env.db_url('X'@)['USER']",
    "env.db('X'@)['HOST']", "env.db('X'@)['PORT']", "env.cache('X'@)['LOCATION']",
)  # fmt: skip
ENVIRONS = _with_defaults(
    "env('X'@)", "env.str('X'@)", "env.int('X'@)", "env.bool('X'@)", "env.float('X'@)", "env.json('X'@)",
    "env.list('X'@)", "env.list('X', subcast=int@)", "env.dict('X'@)", "env.timedelta('X'@)",
    "env.str('X', validate=lambda t: None@)", "env.dj_db_url('X'@)['NAME']",
)  # fmt: skip
FORMS: dict[str, list[str]] = {
    "environ": ENVIRON,
    "environ scheme": ["env('X')", "env('X', default=9)", "env.str('X')", "env('X', cast=str)", "env('OTHER')"],
    "environ prefix": ["env('X')", "env('X', default='a')", "env.int('X', 5)", "env.str(var='X', default=None)"],
    "environs": ENVIRONS,
    "environs made": ["env.str('X', 'a')", "env.int('X', default=1)", "env('X', None)"],
    "environs expanding": ["env.str('X', 'a')", "env.int('X', default=1)", "env('X', None)"],
    "environs later": ["env.str('X', 'a')", "env.int('X')", "env('X', None)"],
    "decouple": [
        *_with_defaults(
        "config('X'@)", "config('X', cast=int@)", "config('X', cast=bool@)", "config('X', cast=float@)",
        "config('X', cast=str@)", "config('X', cast=Csv()@)", "config('X', cast=Csv(int)@)",
        "config('X', cast=Csv(post_process=tuple)@)", "config('X', cast=Csv(delimiter=';')@)",
        "config('X', cast=Choices(['text', 'b'])@)", "config('X', cast=Choices([1, 7], cast=int)@)",
        "config('X', cast=lambda v: v.split(',')@)", "config('X', cast=list@)", "config('X', cast=undefined@)",
        ),
        "config('X', 'a', str)", "config('X', undefined)", "config('X', default=undefined, cast=int)",
    ],
    "starlette": _with_defaults(
        "config('X'@)", "config('X', cast=int@)", "config('X', cast=bool@)", "config('X', cast=float@)",
        "config('X', str@)", "config.get('X', bool@)", "config('X', cast=lambda v: v.split(',')@)",
    ),
    "os": [
        "os.getenv('X', 'redis://d')", "os.environ['X']", "int(os.environ.get('X', 1))", "bool(os.getenv('X'))",
        "json.loads(os.environ.get('X', '{}'))", "literal_eval(os.environ.get('X', '[]'))",
        *(f"urlparse(os.environ.get('X', 'redis://u:p@d:1/2')).{name}"
          for name in ("hostname", "port", "username", "password", "scheme", "path", "netloc", "geturl()")),
        "urlsplit(os.environ['X']).query", "int(urlparse(os.environ['X']).port or 6379)",
        "urlparse(os.environ['X']).path[1:]", "urlparse(os.environ['X']).path.lstrip('/')",
    ],
    "dj_database_url": [
        f"dj_database_url.{call}{key}"
        for call in ("config(env='X')", "config('X', default='postgres://u:p@h:1/n')", "parse(environ['X'])",
                     "config('X', 'sqlite:///a.db', conn_max_age=6)", "parse(environ.get('X', 'mysql://h/n'))")
        for key in ("['NAME']", "['USER']", "['PASSWORD']", "['HOST']", "['PORT']", "['ENGINE']", ".get('NAME')")
    ],
}  # fmt: skip

MOST_UNKNOWN = {
    "environ": 0.36, "environ scheme": 0.26, "environ prefix": 0.31, "environs": 0.2, "environs expanding": 0.31,
    "environs later": 0.31, "os": 0.06, "dj_database_url": 0.93,
}  # fmt: skip
"""The part that may stay unknown: ``$`` in django-environ, and that most texts are no URL of a database.
A twentieth where nothing is said.
"""


def environments() -> list[dict[str, str]]:
    """X set to every text, and not set, beside OTHER."""
    texts = [{}, *({"X": text, "P_X": text} for text in TEXTS)]
    few = OTHERS[1:2]
    return [
        {**one, **other}
        for one in texts
        for other in (OTHERS if not one or "OTHER" in one["X"] or one["X"].startswith("$") else few)
    ]


def really(head: str, forms: list[str], environment: dict[str, str]) -> list[object]:
    """What the library gives for each form in an environment; the exception where it raises."""
    found: list[object] = []
    with warnings.catch_warnings(), mock.patch.dict(os.environ, environment, clear=True):
        warnings.simplefilter("ignore")
        namespace: dict[str, object] = {}
        exec(head, namespace)
        for form in forms:
            try:
                found.append(eval(form, namespace))
            except BaseException as error:
                found.append(error)
    return found


@pytest.mark.parametrize("library", FORMS)
def test_a_reader_is_read_as_the_library_reads(library: str, tmp_path: Path) -> None:
    forms = FORMS[library]
    head = "from datetime import timedelta\n" + HEADS[library]
    source = head + "".join(f"V{number} = {form}\n" for number, form in enumerate(forms))
    write(tmp_path, {f"{MAIN}.py": source})
    _, values = evaluate(tmp_path, f"{MAIN}.py")
    wrong: list[str] = []
    known = unknown = 0
    for environment in environments():
        for (number, form), real in zip(enumerate(forms), really(head, forms, environment), strict=True):
            value = values[f"V{number}"]
            assert value is not None
            try:
                claimed: object = resolve(value, environment)
            except UndeterminedError:
                unknown += 1
                continue
            except WouldRaiseError as error:
                claimed = error
            known += 1
            fails = isinstance(real, BaseException) and isinstance(claimed, WouldRaiseError)
            if not fails and not same(claimed, real):
                wrong.append(f"{form} with {environment} is {real!r}, the evaluator says {claimed!r}")
    assert wrong == []
    assert unknown <= MOST_UNKNOWN.get(library, 0.05) * (known + unknown)

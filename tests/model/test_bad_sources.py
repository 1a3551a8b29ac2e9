"""Sources that hurt a reader: nothing raises, nothing hangs, and what cannot be said is unknown with a reason."""

# ruff: noqa: E501 -- source text stands in one line
from __future__ import annotations

import gc
import os
import random
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from celery_backend_lint.cli import main
from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, resolve
from celery_backend_lint.model import Model, read_model
from celery_backend_lint.project.discovery import open_project
from tests.oracle.generators.celery_objects import make_project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEAD = "from celery import Celery\n\n"
END = "\napp = Celery('a', backend=RESULT)\napp.config_from_object('celeryconfig')\n"
SECONDS_FOR_A_FILE = 10.0
SECONDS_FOR_A_CHAIN = 2.0


@pytest.fixture(autouse=True)
def as_the_tool_runs() -> Iterator[None]:
    """Collect no garbage, as the command line does: the time it takes depends on what other tests have left."""
    gc.disable()
    yield
    gc.enable()


def model_of(root: Path, files: dict[str, str | bytes]) -> Model:
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape"))
    model = read_model(open_project([str(root)], str(root)))
    assert model is not None
    for app in model.apps:
        for setting in app.settings.values():
            try:
                resolve(setting.value, {})
            except (UndeterminedError, WouldRaiseError) as error:
                assert str(error)
    return model


BIG = 200_000
DEEP = {
    "parentheses": "RESULT = " + "(" * 10_000 + "'rpc://'" + ")" * 10_000,
    "unclosed parentheses": "RESULT = " + "(" * 10_000,
    "a long sum": "RESULT = " + " + ".join(["'a'"] * 5_000),
    "a long sum of names": "A = 'a'\nRESULT = " + " + ".join(["A"] * 5_000),
    "a long sum of reads": "import os\nRESULT = " + " + ".join(["os.environ['A']"] * 5_000),
    "a long or": "import os\nRESULT = " + " or ".join(f"os.getenv('A{n}')" for n in range(5_000)),
    "a long comparison": "RESULT = " + " < ".join(["1"] * 5_000),
    "nots": "RESULT = " + "not " * 10_000 + "0",
    "minuses": "RESULT = " + "-" * 10_000 + "1",
    "lists": "RESULT = " + "[" * 5_000 + "]" * 5_000,
    "dicts": "RESULT = " + "{1:" * 5_000 + "1" + "}" * 5_000,
    "calls": "def f(x): return x\nRESULT = " + "f(" * 5_000 + "1" + ")" * 5_000,
    "chained calls": "RESULT = 'a'" + ".lower()" * 5_000,
    "chained attributes": "RESULT = a" + ".b" * 5_000,
    "chained subscripts": "RESULT = {}" + "['a']" * 5_000,
    "lambdas": "RESULT = " + "lambda: " * 5_000 + "1",
    "conditional expressions": "RESULT = " + "1 if x else " * 5_000 + "2",
    "f-strings": "A = 'a'\nRESULT = f'" + "{A}" * 5_000 + "'",
    "nested ifs": "x = 1\n" + "".join(" " * n + "if x:\n" for n in range(2_000)) + " " * 2_000 + "RESULT = 1\n",
    "nested ifs on the environment": "import os\nRESULT = 0\n"
    + "".join(" " * n + f"if os.getenv('A{n}'):\n" for n in range(2_000))
    + " " * 2_000
    + "RESULT = 1\n",
    "elifs": "import os\nif 0:\n    RESULT = 0\n" + "".join(f"elif os.getenv('A{n}'):\n    RESULT = {n}\n" for n in range(3_000)),
    "nested tries": "".join(" " * n + "try:\n" for n in range(1_000)) + " " * 1_000 + "RESULT = 1\n",
    "nested functions": "".join(" " * n + f"def f{n}():\n" for n in range(1_000)) + " " * 1_000 + "RESULT = 1\n",
    "nested classes": "".join(" " * n + f"class C{n}:\n" for n in range(1_000)) + " " * 1_000 + "RESULT = 1\n",
    "nested loops": "".join(" " * n + "for RESULT in x:\n" for n in range(1_000)) + " " * 1_000 + "RESULT = 1\n",
    "a chain of assignments": "RESULT = " + " = ".join(f"A{n}" for n in range(5_000)) + " = 1",
    "nested tuples": "RESULT, " * 3_000 + "= x",
    "names after names": "A0 = 'a'\n" + "".join(f"A{n + 1} = A{n}\n" for n in range(5_000)) + "RESULT = A5000",
    "names before names": "".join(f"A{n} = A{n + 1}\n" for n in range(5_000)) + "RESULT = A0",
    "functions after functions": "def f0(): return 1\n"
    + "".join(f"def f{n + 1}(): return f{n}()\n" for n in range(3_000))
    + "RESULT = f3000()",
    "bases after bases": "class C0: a = 1\n" + "".join(f"class C{n + 1}(C{n}): pass\n" for n in range(2_000)) + "RESULT = C2000.a",
    "doubling": "A0 = 'ab'\n" + "".join(f"A{n + 1} = A{n} + A{n}\n" for n in range(60)) + "RESULT = A60",
    "doubling lists": "A0 = ['ab']\n" + "".join(f"A{n + 1} = A{n} + A{n}\n" for n in range(60)) + "RESULT = A60",
    "doubling lists with stars": "A0 = ['ab']\n" + "".join(f"A{n + 1} = [*A{n}, *A{n}]\n" for n in range(60)) + "RESULT = A60",
    "doubling dicts": "A0 = {1: 2}\n" + "".join(f"A{n + 1} = {{**A{n}, **A{n}}}\n" for n in range(60)) + "RESULT = A60",
    "doubling reads": "import os\nA0 = os.environ['X']\n" + "".join(f"A{n + 1} = A{n} + A{n}\n" for n in range(60)) + "RESULT = A60",
    "doubling reads with f-strings": "import os\nA0 = os.environ['X']\n"
    + "".join(f"A{n + 1} = f'{{A{n}}}{{A{n}}}'\n" for n in range(60))
    + "RESULT = A60",
    "doubling arithmetic": "import os\nA0 = int(os.environ['X'])\n"
    + "".join(f"A{n + 1} = A{n} * A{n}\n" for n in range(60))
    + "RESULT = A60",
    "doubling tuples": "import os\nA0 = os.environ['X']\n" + "".join(f"A{n + 1} = (A{n}, A{n})\n" for n in range(60)) + "RESULT = A60",
    "doubling calls": "def f0(): return 'a'\n"
    + "".join(f"def f{n + 1}(): return f{n}() + f{n}()\n" for n in range(40))
    + "RESULT = f40()",
    "doubling branches": "import os\nA0 = os.environ['X']\n"
    + "".join(f"A{n + 1} = A{n} if A{n} else A{n} + 'x'\n" for n in range(40))
    + "RESULT = A40",
    "many switches": "import os\nRESULT = ''\n" + "".join(f"if os.getenv('A{n}'):\n    RESULT += '{n}'\n" for n in range(300)),
    "many switches on one dict": "import os\nRESULT = {}\n"
    + "".join(f"if os.getenv('A{n}'):\n    RESULT['{n}'] = 1\n" for n in range(300)),
    "many switches on one name": "import os\nRESULT = ''\n" + "".join(f"if os.getenv('A{n}'):\n    RESULT = '{n}'\n" for n in range(2_000)),
    "many tries": "import os\nRESULT = ''\n"
    + "".join(f"try:\n    RESULT = os.environ['A{n}']\nexcept KeyError:\n    pass\n" for n in range(1_000)),
    "recursion": "def f(n): return g(n)\ndef g(n): return f(n)\nRESULT = f(1)",
    "growing recursion": "def f(n): return f(n + 1) + f(n + 2)\nRESULT = f(1)",
    "recursion through a class": "class A:\n    def __init__(self): self.b = B().a\nclass B:\n    def __init__(self): self.a = A().b\nRESULT = A().b",
    "a class of itself": "class A(A): a = 1\nRESULT = A.a",
    "classes of each other": "class A(B): a = 1\nclass B(A): b = A.a\nRESULT = B.b",
    "a property of itself": "class A:\n    @property\n    def x(self): return self.x\nRESULT = A().x",
    "a default of itself": "def f(x=f()): return x\nRESULT = f()",
    "a huge power": "RESULT = 9 ** 9 ** 9 ** 9",
    "a huge product": "RESULT = 'a' * 10 ** 10",
    "a huge list": "RESULT = [0] * 10 ** 10",
    "a huge shift": "RESULT = 1 << 10 ** 10",
    "a negative shift": "RESULT = 1 << -1",
    "a huge number": "RESULT = " + "9" * 100_000,
    "a huge number as text": "RESULT = str(10 ** 4000) + f'{10 ** 6000}' + '%s' % 10 ** 7000",
    "a huge number from text": "RESULT = int('9' * 10_000)",
    "a huge padding": "RESULT = 'a'.zfill(10 ** 9)",
    "huge padding in a format": "RESULT = '%999999999d' % 1 + '{:999999999}'.format(1) + f'{1:999999999}'",
    "a replacement that grows": "RESULT = ('a' * 90_000).replace('a', 'b' * 90_000)",
    "a join that grows": "RESULT = ('b' * 90_000).join('a' * 90_000)",
    "an infinite float": "RESULT = int(1e400)",
    "a duration that overflows": "from datetime import timedelta\nRESULT = timedelta(days=10 ** 10) * 10 ** 10 + timedelta(hours=float('nan'))",
    "a huge dict": "RESULT = {" + ", ".join(f"'k{n}': {n}" for n in range(50_000)) + "}",
    "a huge list of text": "RESULT = [" + ", ".join(f"'k{n}'" for n in range(50_000)) + "]",
    "ten thousand settings": "RESULT = 1\n" + "".join(f"S{n} = 'v{n}'\n" for n in range(10_000)),
    "one name ten thousand times": "".join(f"RESULT = '{n}'\n" for n in range(10_000)),
    "one name changed ten thousand times": "RESULT = ''\n" + "RESULT += 'x'\n" * 10_000,
    "one dict changed ten thousand times": "RESULT = {}\n" + "".join(f"RESULT['{n}'] = {n}\n" for n in range(10_000)),
    "one list changed five thousand times": "RESULT = []\n" + "".join(f"RESULT.append({n})\n" for n in range(5_000)),
    "rebound in a loop": "RESULT = 1\nwhile RESULT:\n    for RESULT in RESULT:\n        RESULT = RESULT + RESULT\n",
    "many writes": "app0 = Celery('b')\n" + "".join(f"app0.conf.result_expires = {n}\n" for n in range(3_000)) + "RESULT = 1",
    "many conditional writes": "import os\napp0 = Celery('b')\n"
    + "".join(f"if os.getenv('A{n}'):\n    app0.conf.result_expires = {n}\n" for n in range(1_000))
    + "RESULT = 1",
    "many apps": "".join(f"app{n} = Celery('x{n}', backend='rpc://')\n" for n in range(500)) + "RESULT = 1",
    "a two megabyte line": "RESULT = '" + "x" * (2 * 1024 * 1024 - 400) + "'",
    "a two megabyte list": "RESULT = [" + "1," * (1024 * 1024 - 300) + "]",
    "two megabytes of names": "".join(f"N{n} = N{n - 1}\n" for n in range(140_000))[: 2 * 1024 * 1024 - 400].rpartition("\n")[0] + "\nRESULT = N9999",
    "two megabytes of brackets": "RESULT = " + "[" * (2 * 1024 * 1024 - 400),
    "two megabytes of operators": "RESULT = " + "1+" * (1024 * 1024 - 300) + "1",
    "two megabytes of statements": "a=1;" * (512 * 1024 - 200) + "\nRESULT = a",
    "two megabytes of calls": "f()\n" * (512 * 1024 - 200) + "\nRESULT = a",
}  # fmt: skip


@pytest.mark.no_cover  # the bound is for the tool, not for the tool while it is traced
@pytest.mark.parametrize("source", DEEP.values(), ids=DEEP.keys())
def test_deep_and_large_sources_end_in_time(source: str, tmp_path: Path) -> None:
    started = time.process_time()
    # One large file at a time: the bound is for one.
    configuration = "result_expires = 1\n" if len(source) > 1_000_000 else source + "\nresult_backend = RESULT\n"
    model = model_of(tmp_path, {"tasks.py": HEAD + source + END, "celeryconfig.py": configuration})
    assert time.process_time() - started < SECONDS_FOR_A_FILE
    if "class of itself" not in source and "unclosed" not in source and "[" * 100 not in source:
        assert isinstance(model.apps, tuple)


CHAINS: dict[str, dict[str, str | bytes]] = {
    "itself": {"tasks.py": HEAD + "from tasks import *\nfrom tasks import RESULT" + END},
    "itself, relative": {"p/__init__.py": "", "p/tasks.py": HEAD + "from .tasks import *\nfrom . import tasks\nRESULT = tasks.RESULT" + END},
    "a cycle": {
        "tasks.py": HEAD + "from a import RESULT" + END,
        "a.py": "from b import RESULT\n",
        "b.py": "from a import RESULT\n",
    },
    "a cycle of stars": {
        "tasks.py": HEAD + "from a import *" + END,
        "a.py": "from b import *\nX = 1\n",
        "b.py": "from c import *\nY = X\n",
        "c.py": "from a import *\nRESULT = Y\n",
    },
    "a cycle of configuration": {
        "tasks.py": HEAD + "RESULT = app.conf.result_backend" + END,
        "celeryconfig.py": "from tasks import app\nresult_backend = app.conf.result_backend\nfrom celeryconfig import *\n",
    },
    "a long chain": {
        "tasks.py": HEAD + "from m0 import RESULT" + END,
        **{f"m{n}.py": f"from m{n + 1} import RESULT\n" for n in range(1_000)},
    },
    "a long chain of stars": {
        "tasks.py": HEAD + "from m0 import *" + END,
        **{f"m{n}.py": f"from m{n + 1} import *\n" for n in range(1_000)},
        "m1000.py": "RESULT = 'rpc://'\n",
    },
    "many stars": {
        "tasks.py": HEAD + "".join(f"from m{n} import *\n" for n in range(60)) + END,
        **{f"m{n}.py": "".join(f"from m{other} import *\n" for other in range(60)) for n in range(60)},
    },
    "settings of each other": {
        "proj/__init__.py": "",
        "proj/celery.py": HEAD + "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'proj.settings')\nRESULT = 1\n"
        "app = Celery('x')\napp.config_from_object('django.conf:settings', namespace='CELERY')\n",
        "proj/settings.py": "from django.conf import settings\nCELERY_RESULT_BACKEND = settings.CELERY_RESULT_BACKEND\n",
    },
}  # fmt: skip


@pytest.mark.parametrize("files", CHAINS.values(), ids=CHAINS.keys())
def test_chains_of_modules_end_in_time(files: dict[str, str | bytes], tmp_path: Path) -> None:
    started = time.process_time()
    assert model_of(tmp_path, files).apps
    assert time.process_time() - started < SECONDS_FOR_A_CHAIN


SHARED = {
    "config.py": f"from unknown import {', '.join(f'N{n}' for n in range(9))}\nclass Base:\n    CELERY_RESULT_BACKEND = 'redis://'\n",
    "tasks.py": "import os\nimport config\nfrom celery import Celery\nfrom flask import Flask\nfrom unknown import f0, f1\n"
    "celery = Celery()\n"
    "def get_config(cfg):\n    if isinstance(cfg, str):\n        module = __import__('config', fromlist=[cfg])\n        return getattr(module, cfg)\n    return cfg\n"
    "def create_app(cfg):\n    settings = get_config(cfg)\n    app = Flask(settings.NAME)\n    app.config.from_object(settings)\n"
    "    f0(app)\n    celery.conf.update(app.config)\n    f1(app)\n    return app\n"
    "def create_app_from_env():\n    try:\n        name = os.environ['NAME'].title()\n    except KeyError:\n        name = 'Base'\n"
    "    return create_app(getattr(config, name))\n",
}
"""Any name of a module may be the configuration: outcomes that share their outcomes, with more ways than can be counted."""


def test_rules_end_in_time_where_outcomes_share_outcomes(tmp_path: Path) -> None:
    model = model_of(tmp_path, SHARED)
    assert "too many alternatives" in str(model.apps[0].settings["result_backend"].value)
    started = time.process_time()
    assert main(["--min-severity", "advice", "--isolated", "--output-format", "json", str(tmp_path)]) in (0, 1)
    assert time.process_time() - started < SECONDS_FOR_A_CHAIN


BROKEN: dict[str, str | bytes] = {
    "Python 2": "print 'x'\nexec 'y'\ntry:\n    pass\nexcept KeyError, e:\n    raise ValueError, 'x'\nRESULT = ur'x' <> 0777L or `x`\n",
    "Python 3.14": "try:\n    pass\nexcept KeyError, ValueError:\n    pass\nRESULT = t'{x!r:>{y}}'\ntype X[T = int] = list[T]\n",
    "tabs mixed": "if 1:\n\tRESULT = 1\n        RESULT = 2\n",
    "an indent from nowhere": "RESULT = 1\n    x = 2\n  y = 3\n",
    "cut in the middle": "RESULT = {'a': [1, (2, f'{x",
    "cut in a call": "RESULT = f(a, b=",
    "only operators": "RESULT = + * / = = == := -> @\n",
    "keywords as names": "class = 1\ndef import(): pass\nRESULT = lambda\n",
    "Jinja": "RESULT = '{{ cookiecutter.x }}'\n{% if x %}\nY = 1\n{% endif %}\n",
    "conflict marks": "<<<<<<< HEAD\nRESULT = 1\n=======\nRESULT = 2\n>>>>>>> x\n",
    "invalid escapes": "RESULT = '\\x' + '\\u12' + '\\N{NO SUCH}' + '\\777' + b'\\xff\\x'\n",
    "surrogates": "RESULT = '\\ud800' + '\\U0010ffff'\nX = RESULT.encode()\n",
    "numbers": "RESULT = 0x + 1__0 + 09 + 1e + 0b2 + 1_ + 0o9\n",
    "carriage returns": "RESULT = '''a\r\nb\rc'''\rX = 1\r\n",
    "form feeds": "\f\nRESULT = 1\f\n",
    "latin-1": b"# -*- coding: latin-1 -*-\nRESULT = '\xe9'\n",
    "no encoding": b"RESULT = '\xe9'\n",
    "NUL": b"RESULT = 1\0\n",
    "UTF-16": "RESULT = 'é'\n".encode("utf-16"),
    "BOM": b"\xef\xbb\xbfRESULT = 1\n",
    "empty": "",
    "a comment": "#",
    "a backslash": "RESULT = 1 \\",
    "decorators of nothing": "@\n@x\nRESULT = 1\n@y",
    "walrus everywhere": "RESULT = (RESULT := (RESULT := RESULT))\n",
    "stars everywhere": "*a, *b = *c, *d\nRESULT = [*RESULT, **RESULT]\nf(*, **, *a, **b)\nfrom . import *\nfrom .. import x\nimport .\n",
    "subscripts of nothing": "RESULT = a[]\nRESULT[1:2, ...] = b[::]\nRESULT[()] += 1\ndel RESULT[0], (RESULT), [x]\n",
    "match without cases": "match x:\n    case [a, *b, {'c': d, **e}] if f | g: RESULT = 1\nmatch\nmatch x:\n",
    "unpacking": "a, (b, *c), d.e, f[g] = 1, 2\n(RESULT), [x, y] = z = w\nfor a.b, c[d] in e: pass\nwith a as (b, c), d as e.f: pass\n",
    "async": "async def f():\n    async with a as b:\n        async for RESULT in x: await y\nRESULT = f()\n",
    "globals": "def f():\n    global RESULT, f\n    nonlocal x\n    RESULT = f = x = 1\nglobal RESULT\nf()\n",
}  # fmt: skip


@pytest.mark.parametrize("source", BROKEN.values(), ids=BROKEN.keys())
def test_sources_that_no_python_reads_cost_nothing_but_their_own_values(source: str | bytes, tmp_path: Path) -> None:
    data = source if isinstance(source, bytes) else source.encode()
    model = model_of(
        tmp_path,
        {
            "tasks.py": HEAD.encode() + b"from broken import RESULT, X\nfrom broken import *\n" + END.encode(),
            "broken.py": data,
            "celeryconfig.py": data + b"\nfrom broken import *\nresult_expires = RESULT\n",
            "inline.py": HEAD.encode() + data + END.encode(),
            "good.py": HEAD + "app = Celery('good', backend='rpc://')\n",
        },
    )
    assert [app.result_backend.kind for app in model.apps if app.path == "good.py"] == ["rpc"]


def mutated(text: str, chooser: random.Random) -> str:
    """A text with a few pieces cut, doubled, moved or replaced."""
    pieces = ["(", ")", "[", "]", "{", "}", ":", "=", ",", ".", "'", '"', "\n", "    ", "\t", "\\", "#", "*", "def ", "class ", "if ",
              "else:", "try:", "except:", "for x in ", "lambda ", "return ", "import ", "from ", "f'{", "await ", "yield ", "\0", "é", "x"]  # fmt: skip
    for _ in range(chooser.randint(1, 8)):
        start = chooser.randint(0, len(text))
        end = min(len(text), start + chooser.choice([0, 1, 2, 5, 20, 80]))
        other = chooser.randint(0, len(text))
        new = chooser.choice(["", chooser.choice(pieces), text[other : other + chooser.choice([1, 10, 60])]])
        text = text[:start] + new + text[end:]
    return text


@settings(
    max_examples=int(os.environ.get("CBL_MUTATIONS", "150")), deadline=None, derandomize="CBL_MUTATIONS" not in os.environ,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(st.integers(0, 2**32))
def test_no_mutation_of_a_source_raises(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    chooser = random.Random(seed)
    project = make_project(chooser.randint)
    files: dict[str, str | bytes] = {path: mutated(text, chooser) for path, text in project.files.items()}
    files["good.py"] = HEAD + "app = Celery('good', backend='rpc://')\n"
    started = time.process_time()
    model_of(tmp_path_factory.mktemp("mutated"), files)
    assert time.process_time() - started < SECONDS_FOR_A_CHAIN

"""Hostile and generated files: reading comes to an end in time, and says why it stopped. Limits are generous."""

# ruff: noqa: E501 -- source text stands in one line

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.evaluate.evaluator import Evaluator
from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, resolve, truth
from celery_backend_lint.evaluate.values import Alternative, Choice, Environment, Literal, Operation
from celery_backend_lint.location import Location
from celery_backend_lint.project.discovery import open_project
from tests.evaluate.agreement import write

if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Value

LIMIT = 6.0
"""Seconds of CPU: three times what a module chain may take."""


def read(files: dict[str, str], name: str = "X") -> tuple[Value | None, float]:
    """What a name of settings.py holds, every other name read first, and the CPU seconds that took."""
    from time import process_time

    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), files)
        ev = Evaluator(open_project([folder], folder))
        start = process_time()
        file = ev.modules.file("settings.py")
        assert file is not None
        for other in list(file.scope.bindings):
            ev.read(file.scope, other, None)
        value = ev.read(file.scope, name, None)
        return value, process_time() - start


def outcome(value: Value | None) -> object:
    """The plain value, or the reason why there is none, as text that starts with a question mark."""
    if value is None:
        return None
    try:
        return resolve(value, {})
    except UndeterminedError as error:
        return f"?{error}"
    except WouldRaiseError as error:
        return f"!{error}"


def lines(count: int, line: str) -> str:
    return "".join(line.format(i=i, j=i + 1, h=i - 1) for i in range(count))


HOSTILE: dict[str, tuple[dict[str, str], object]] = {
    "ten thousand settings": ({"settings.py": lines(10_000, "S{i} = 'v{i}'\n") + "X = S9999\n"}, "v9999"),
    "one name assigned five thousand times": ({"settings.py": lines(5_000, "X = {i}\n")}, 4_999),
    "a chain of five thousand names": ({"settings.py": "N0 = 1\n" + lines(5_000, "N{j} = N{i}\n") + "X = N5000\n"}, None),
    "a dict of twenty thousand keys": ({"settings.py": "D = {\n" + lines(20_000, "    'k{i}': {i},\n") + "}\nX = D['k19999']\n"}, None),
    "thousands of elifs": (
        {"settings.py": "import os\nE = os.getenv('E')\nif E == 'a':\n    X = 0\n" + lines(3_000, "elif E == 'b{i}':\n    X = {i}\n")},
        None,
    ),
    "thousands of ifs": ({"settings.py": "import os\nX = 0\n" + lines(3_000, "if os.getenv('V{i}'):\n    X = {i}\n")}, None),
    "ifs that each change a dict": ({"settings.py": "import os\nX = {}\n" + lines(300, "if os.getenv('V{i}'):\n    X['k{i}'] = {i}\n")}, None),
    "a dict filled ten thousand times": ({"settings.py": "D = {}\n" + lines(10_000, "D['k{i}'] = {i}\n") + "X = D\n"}, None),
    "a dict filled four hundred times": ({"settings.py": "D = {}\n" + lines(400, "D['k{i}'] = {i}\n") + "X = D['k7']\n"}, 7),
    "four hundred dicts changed": ({"settings.py": lines(400, "D{i} = {{}}\nD{i}['a'] = {i}\n") + "X = D399['a']\n"}, 399),
    "text that doubles": ({"settings.py": "A0 = 'ab'\n" + lines(60, "A{j} = A{i} + A{i}\n") + "X = A60\n"}, None),
    "unknown text that doubles": ({"settings.py": "import os\nA0 = os.getenv('Q', 'a')\n" + lines(60, "A{j} = A{i} + A{i}\n") + "X = A60\n"}, None),
    "lists that double": ({"settings.py": "A0 = [1]\n" + lines(60, "A{j} = A{i} + A{i}\n") + "X = A60\n"}, None),
    "lists that hold each other twice": ({"settings.py": "A0 = [1]\n" + lines(60, "A{j} = [A{i}, A{i}]\n") + "X = A60\n"}, None),
    "dicts that hold each other twice": ({"settings.py": "A0 = {}\n" + lines(60, "A{j} = dict(a=A{i}, b=A{i})\n") + "A3['q'] = 1\nX = A60\n"}, None),
    "choices of choices": (
        {"settings.py": "import os\nA0 = 1\n" + lines(60, "A{j} = A{i} if os.getenv('V{i}') else [A{i}]\n") + "X = A60\n"},
        None,
    ),
    "numbers that square": ({"settings.py": "A0 = 7\n" + lines(60, "A{j} = A{i} * A{i}\n") + "X = A60\n"}, None),
    "a loop of many rounds": ({"settings.py": "X = 0\nfor i in range(100_000_000):\n    X = i\n"}, None),
    "loops in loops": ({"settings.py": "X = 0\n" + lines(8, "{i}".replace("{i}", "")) + "for a in range(150):\n    for b in range(150):\n        for c in range(150):\n            X = X + 1\n"}, None),
    "a loop that never ends": ({"settings.py": "X = 0\nwhile True:\n    X = X + 1\n"}, None),
    "comprehensions in comprehensions": ({"settings.py": "X = [[[c for c in range(200)] for b in range(200)] for a in range(200)]\n"}, None),
    "a loop that doubles": ({"settings.py": "X = 'a'\nfor i in range(150):\n    X = X + X\n"}, None),
    "a loop that doubles a list": ({"settings.py": "X = [1]\nfor i in range(150):\n    X = X + X\n"}, None),
    "a product": ({"settings.py": "X = 'a' * 10 ** 12\n"}, None),
    "a wide format": ({"settings.py": "X = f'{1:>1000000000}'\n"}, None),
    "a wide percent format": ({"settings.py": "X = '%1000000000d' % 5\n"}, None),
    "a wide field from a value": ({"settings.py": "W = 10 ** 9\nX = f'{1:{W}}'\n"}, None),
    "a range of everything": ({"settings.py": "X = list(range(10 ** 12))\n"}, None),
    "a call that recurs": ({"settings.py": "def f(n):\n    return f(n - 1) + 1 if n else 0\nX = f(10_000)\n"}, None),
    "calls that recur twice": ({"settings.py": "def f(n):\n    return f(n - 1) + f(n - 2) if n > 1 else n\nX = f(40)\n"}, None),
    "functions that call each other": ({"settings.py": "def f(n):\n    return g(n)\ndef g(n):\n    return f(n)\nX = f(1)\n"}, None),
    "a function that goes round and calls itself": ({"settings.py": "def f(n):\n    for i in (1, 2, 3):\n        n = f(n)\n    return n\nX = f(1)\n"}, None),
    "a class that is its own base": ({"settings.py": "class C(C):\n    a = 1\nX = C.a\n"}, None),
    "names that are each other": ({"settings.py": "A = B\nB = A\nX = A\n"}, None),
    "a name that is itself": ({"settings.py": "X = X\n"}, None),
    "a dict that holds itself": ({"settings.py": "X = {}\nX['a'] = X\n"}, None),
    "a list that holds itself": ({"settings.py": "X = []\nX.append(X)\nY = [X]\nX += Y\n"}, None),
    "deep parentheses": ({"settings.py": "X = " + "(" * 400 + "1" + ")" * 400 + "\n"}, None),
    "deep lists": ({"settings.py": "X = " + "[" * 300 + "1" + "]" * 300 + "\n"}, None),
    "deep calls": ({"settings.py": "X = " + "str(" * 300 + "1" + ")" * 300 + "\n"}, None),
    "deep attributes": ({"settings.py": "import os\nX = os" + ".a" * 3_000 + "\n"}, None),
    "deep items": ({"settings.py": "D = {}\nX = D" + "['a']" * 3_000 + "\n"}, None),
    "deep changes": ({"settings.py": "D = {}\nD" + "['a']" * 500 + " = 1\nX = D\n"}, None),
    "a long sum": ({"settings.py": "X = " + " + ".join(["'a'"] * 4_000) + "\n"}, "a" * 4_000),
    "a long or": ({"settings.py": "import os\nX = " + " or ".join(f"os.getenv('V{i}')" for i in range(2_000)) + "\n"}, None),
    "a long and": ({"settings.py": "import os\nX = " + " and ".join(f"os.getenv('V{i}')" for i in range(2_000)) + "\n"}, None),
    "deep blocks": ({"settings.py": "X = 0\n" + "".join("    " * i + "if X == 0:\n" for i in range(90)) + "    " * 90 + "X = 1\n"}, None),
    "deep loops": ({"settings.py": "X = 0\n" + "".join("    " * i + f"for i{i} in (1, 2):\n" for i in range(40)) + "    " * 40 + "X = 1\n"}, None),
    "a chain of three hundred modules": (
        {"settings.py": "from m0 import X\n", **{f"m{i}.py": f"from m{i + 1} import X\n" for i in range(300)}, "m300.py": "X = 1\n"},
        None,
    ),
    "modules that import each other": (
        {"settings.py": "from a import X\n", "a.py": "from b import X\n", "b.py": "from a import X\n"},
        None,
    ),
    "modules that change what they import from each other": (
        {"settings.py": "from a import D\nD['s'] = 1\nX = D\n", "a.py": "from b import D\nD['a'] = 1\n", "b.py": "from a import D\nD['b'] = 1\n"},
        None,
    ),
    "many functions that change one dict": (
        {"settings.py": "X = {}\n" + lines(500, "def f{i}(d):\n    d['k{i}'] = X\nf{i}(X)\n")},
        None,
    ),
    "many names for one list": ({"settings.py": "A0 = []\n" + lines(500, "A{j} = A{i}\nA{j}.append({i})\n") + "X = A0\n"}, None),
    "a slice of a slice": ({"settings.py": "X = 'a' * 50_000\n" + lines(200, "X = X[1:] + X\n")}, None),
    "many tries": ({"settings.py": "import os\n" + lines(1_000, "try:\n    X = os.environ['V{i}']\nexcept KeyError:\n    X = {i}\n")}, None),
}  # fmt: skip
"""Files, and the value where it must be known (None: known or unknown, but in time)."""


@pytest.mark.parametrize(("files", "expected"), HOSTILE.values(), ids=HOSTILE)
def test_reading_comes_to_an_end_in_time(files: dict[str, str], expected: object) -> None:
    value, seconds = read(files)
    start = time.process_time()
    found = outcome(value)
    assert seconds + time.process_time() - start < LIMIT
    if expected is not None:
        assert found == expected
    if isinstance(found, str) and found.startswith("?"):
        assert len(found) > 5


@pytest.mark.parametrize("operator", ["or", "and"])
@pytest.mark.parametrize("environment", [None, {}, {"V0": "x"}, {"V20": "x"}, {f"V{i}": "x" for i in range(30)}])
def test_the_truth_of_a_chain_is_asked_once_of_each_part(operator: str, environment: dict[str, str] | None) -> None:
    where = Location("settings.py")
    reads = [Environment((f"V{i}",), Literal(None, where), "str", "os.environ", where) for i in range(24)]
    value: Value = reads[0]
    for read_next in reads[1:]:
        condition = value if operator == "or" else Operation("not", (value,), where)
        value = Choice((Alternative(value, condition), Alternative(read_next, None)), where)
    start = time.process_time()
    try:
        found: object = truth(value, environment)
        assert resolve(value, environment) == ("x" if found else None)
    except UndeterminedError:
        found = None
    assert time.process_time() - start < 1
    held = [f"V{i}" in environment for i in range(24)] if environment is not None else []
    assert found == ((any(held) if operator == "or" else all(held)) if held else None)

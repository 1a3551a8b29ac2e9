"""Statements that bring names into a module: star imports in circles and long chains, included files, globals()."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.evaluate.evaluator import Evaluator
from celery_backend_lint.evaluate.resolve import resolve
from celery_backend_lint.evaluate.values import Unknown
from celery_backend_lint.project.discovery import open_project
from tests.evaluate.agreement import MAIN, assert_agrees, assert_knows, evaluate, write

if TYPE_CHECKING:
    from pathlib import Path

    from celery_backend_lint.evaluate.values import Value

COUNT = 300


def _body(number: int) -> str:
    return f"S{number} = {number}\nif S{number}:\n    SHARED = {number}\n"


CHAINS = {
    "each the next": [f"from m{i + 1} import *\n{_body(i)}" for i in range(COUNT - 1)],
    "each the next at the end": [f"{_body(i)}from m{i + 1} import *\n" for i in range(COUNT - 1)],
    "each the two next": [
        f"from m{i + 1} import *\nfrom m{min(i + 2, COUNT - 1)} import *\n" for i in range(COUNT - 1)
    ],
    "a ring": [f"from m{(i + 1) % (COUNT - 1)} import *\n{_body(i)}" for i in range(COUNT - 1)],
    "each all others": [
        "".join(f"from m{j} import *\n" for j in range(COUNT) if j != i) + _body(i) for i in range(COUNT - 1)
    ],
    "each all others, the names in one": [
        "".join(f"from m{j} import *\n" for j in range(COUNT) if j != i) for i in range(COUNT - 1)
    ],
    "one all others": ["".join(f"from m{j} import *\n" for j in range(1, COUNT))]
    + [_body(i) for i in range(1, COUNT - 1)],
    "each the next in a try": [
        f"try:\n    from m{i + 1} import *\nexcept ImportError:\n    pass\n" for i in range(COUNT - 1)
    ],
}


@pytest.mark.parametrize("modules", CHAINS.values(), ids=CHAINS)
def test_reading_through_three_hundred_star_imports_takes_little_time(tmp_path: Path, modules: list[str]) -> None:
    write(
        tmp_path, {f"m{number}.py": text for number, text in enumerate([*modules, "LAST = 'redis://h'\nSHARED = 1\n"])}
    )
    ev = Evaluator(open_project([str(tmp_path)], str(tmp_path)))
    names = ["LAST", "SHARED", "S7", "S150", "NOT_THERE", *(f"NOT_{number}" for number in range(50))]
    start = time.process_time()
    file = ev.modules.file("m0.py")
    assert file is not None
    held = {name: ev.read(file.scope, name, None) for name in names}
    taken = time.process_time() - start
    assert taken < 6  # seconds; about one here, for parsing mostly
    assert held["NOT_THERE"] is None
    last = held["LAST"]
    assert last is None or isinstance(last, Unknown) or resolve(last, {}) == "redis://h"
    assert (last is None) is (modules == CHAINS["a ring"])


@pytest.mark.parametrize("chain", ["each the next", "one all others"])
def test_the_end_of_a_long_chain_is_read(tmp_path: Path, chain: str) -> None:
    modules = [*CHAINS[chain], "LAST = 'redis://h'\n"]
    write(tmp_path, {f"m{number}.py": text for number, text in enumerate(modules)})
    ev = Evaluator(open_project([str(tmp_path)], str(tmp_path)))
    file = ev.modules.file("m0.py")
    assert file is not None
    last = ev.read(file.scope, "LAST", None)
    assert last is not None
    assert resolve(last, {}) == "redis://h"


def test_modules_that_star_import_each_other_have_what_was_set_so_far() -> None:
    source = "A = 1\nB = 1\nfrom local import *\nC = A + B\nB = 5\n"
    found = assert_knows(source, local=f"from {MAIN} import *\nA = A + 10\nB = B + 20\nD = 3\n")
    assert found.known == {"A": 11, "B": 5, "C": 32}


def test_a_star_import_brings_what_all_names() -> None:
    source = "A = 1\n_B = 1\nfrom other import *\n"
    found = assert_knows(source, other="__all__ = ['A', '_B']\nA = 2\n_B = 2\nC = 3\n")
    assert found.known == {"A": 2, "_B": 2}


UPDATED = {
    "a dict": "A = 1\nglobals().update({'A': 2, 'B': 3})\nC = A + B\n",
    "keywords": "locals().update(A=2, B=3)\n",
    "a named dict": "d = {'A': 2}\nd['B'] = 3\nvars().update(d)\n",
    "a class": "class C:\n    A = 2\n    B = 3\nglobals().update(vars(C))\nglobals().update(C.__dict__, B=4)\n",
    "under a condition": "import os\nA = 1\nif os.getenv('X'):\n    globals().update(A=2, B=2)\n",
    "a function": "A = 1\ndef setup(names):\n    names['A'] = 2\n    names['B'] = len('abc')\n"
    "setup(globals())\nC = A + B\n",
    "a function with more parameters": "def setup(one, names, two=5):\n"
    "    for name in one:\n        names[name] = two\n"
    "    names['A'] = 1\nsetup(('A', 'B'), names=globals())\nC = A + B\n",
    "twice": "globals().update(A=1)\nA += 1\nglobals().update(A=A + 1, B=A)\n",
}


@pytest.mark.parametrize("environment", [{}, {"X": "1"}], ids=["not set", "set"])
@pytest.mark.parametrize("source", UPDATED.values(), ids=UPDATED)
def test_updates_of_the_namespace_are_followed(source: str, environment: dict[str, str]) -> None:
    assert_knows(source, environment)


@pytest.mark.parametrize(
    "source",
    [
        "A = 1\nimport json\nglobals().update(json.JSONDecoder().decode('{\"A\": 2}'))\n",
        "A = 1\ndef setup(names):\n    names.update(A=2)\nsetup(globals())\n",
        "A = 1\ndef setup(names):\n    if names:\n        names['A'] = 2\nsetup(globals())\n",
        "A = 1\ndef setup(names):\n    names['A'] = 2\n    return names\nsetup(globals())\n",
        "import sys\nA = 1\ndef setup(name):\n    setattr(sys.modules[name], 'A', 2)\nsetup(__name__)\n",
        "A = 1\nglobals().update([('A', 2)])\n",
    ],
)
def test_updates_with_what_is_not_known_leave_settings_open(source: str) -> None:
    assert "A" in assert_agrees(source).unknown or "[(" in source


COPYING = """\
import sys


class Copying:
    @classmethod
    def copy(cls, name):
        self = cls()
        module = sys.modules[name]
        for one in dir(self):
            if one.isupper() and not one.startswith("_"):
                setattr(module, one, getattr(self, one))


class Base(Copying):
    A = 1
    _C = 1


class Own(Base):
    A = Base.A + 1
    B = property(lambda self: self.A * 2)


A = B = D = _C = 9
Own.copy(__name__)
E = [A, D]
"""
"""A module into which a method of a class copies the attributes of an instance."""


def test_attributes_that_a_class_copies_into_a_module_are_followed() -> None:
    found = assert_agrees(COPYING)
    assert {name: found.known[name] for name in ("A", "D", "_C", "E")} == {"A": 2, "D": 9, "_C": 9, "E": [2, 9]}


OTHER_COPIES = {
    "the class has a constructor": ("_C = 1\n", "_C = 1\n\n    def __init__(self):\n        self.A = 7\n"),
    "the class has more in it than stands there": ("A = 1\n", "exec('A = 7')\n"),
    "a base is not known": ("(Copying)", "(Copying, __import__('types').SimpleNamespace)"),
    "the class lists its attributes itself": ("A = 1\n", "A = 1\n    __dir__ = lambda self: ['A']\n"),
    "a decorated class": ("class Own", "@(lambda cls: cls)\nclass Own"),
    "another test": ('not one.startswith("_")', 'one != "A"'),
    "another value": ("getattr(self, one)", "getattr(self, one) + 1"),
    "another function of that name": ("import sys\n", "import sys\n\n\ndef getattr(self, one):\n    return 7\n"),
    "no class method": ("self = cls()", "self = cls()\n        self.A = 7"),
}


@pytest.mark.parametrize(("old", "new"), OTHER_COPIES.values(), ids=OTHER_COPIES)
def test_copies_of_another_kind_leave_settings_open(old: str, new: str) -> None:
    assert old in COPYING
    assert {"A", "D"} <= set(assert_agrees(COPYING.replace(old, new, 1)).unknown)


def value_of(root: Path, path: str, name: str) -> Value:
    _, values = evaluate(root, path)
    found = values[name]
    assert found is not None
    return found


HEAD = "from split_settings.tools import include, optional\nA = 1\n"
NOT_INCLUDED = {
    "files of one pattern in no order": ({"a.py": "A = 2\n", "b.py": "A = 3\n"}, "include('parts/*.py')", "no order"),
    "a file that is not in the tree": ({}, "include('parts/gone.py')", "parts/gone.py is not in the tree"),
    "a path from the root": ({}, "include('/etc/settings.py')", "not known"),
    "a path that is not known": ({}, "import socket\ninclude(socket.gethostname())", "not known"),
    "a list that is not known": ({}, "import socket\ninclude(*socket.names())", "not known"),
    "a file that a sibling feeds": (
        {"a.py": "B = 2\n", "b.py": "A = globals().get('B', 1)\n"}, "B = 1\ninclude('parts/[ab].py')", ""),
    "a file included perhaps before": (
        {"a.py": "A = 2\n"}, "import os\nif os.getenv('X'):\n    include('parts/a.py')\nA = 5\ninclude('parts/a.py')",
        "whether a file is included before"),
}  # fmt: skip


@pytest.mark.parametrize(("files", "call", "why"), NOT_INCLUDED.values(), ids=NOT_INCLUDED)
def test_what_is_included_in_ways_that_are_not_known_is_open(
    tmp_path: Path, files: dict[str, str], call: str, why: str
) -> None:
    write(tmp_path, {"settings.py": f"{HEAD}{call}\n", **{f"parts/{name}": text for name, text in files.items()}})
    found = value_of(tmp_path, "settings.py", "A")
    assert why in str(found)
    assert "Unknown" in str(found)

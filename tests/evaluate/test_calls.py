"""Calls, operators, attributes and items: what the evaluator computes is what Python computes."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.evaluate.operations import LARGEST, OPERATIONS, apply, strtobool
from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, resolve
from celery_backend_lint.evaluate.values import Choice, Instance, Module, Unknown
from tests.evaluate.agreement import MAIN, assert_agrees, assert_knows, assert_unknown, compare, evaluate, write

if TYPE_CHECKING:
    from pathlib import Path

    from celery_backend_lint.evaluate.values import Value

ENVIRONMENTS: tuple[dict[str, str], ...] = ({}, {"A": "1"}, {"A": "text", "B": "2"}, {"A": ""})


def value_of(root: Path, source: str, name: str = "X", **others: str) -> Value:
    files = {f"{MAIN}.py": source, **{path.replace("__", "/") + ".py": text for path, text in others.items()}}
    write(root, files)
    _, values = evaluate(root, f"{MAIN}.py")
    found = values[name]
    assert found is not None
    return found


KNOWN = {
    "numbers": """
A = int("5"); B = float("1.5"); C = bool("x"); D = len("abc"); E = max(1, 2, 3); F = min([3, 1])
G = abs(-5); H = round(1.25, 1); I = int(5.9); J = bool(0); K = len([1, 2]); L = int()
""",
    "operators": """
A = 1 + 2; B = 7 - 2; C = 2 * 3; D = 7 / 2; E = 7 // 2; F = 7 % 4; G = 2 ** 10; H = 6 | 1; I = 6 & 3; J = 6 ^ 3
K = 1 << 4; L = 64 >> 2; M = -5; N = +5; O = ~5; P = not 0; Q = 1 == 1.0; R = 1 != 2; S = 1 <= 2; T = 2 >= 1
U = "a" in "abc"; V = "x" not in "abc"; W = None is None
""",
    "sequences": """
A = [1] + [2]; B = (1,) + (2, 3); C = [0] * 3; D = list((1, 2)); E = tuple([1]); F = list(); G = list({"a": 1, "b": 2})
H = [1, 2, 3][0]; I = (1, 2, 3)[-1]; J = "abc"[1]; K = set([1, 1]); L = frozenset((1,)); M = [1, 2].copy()
""",
    "dicts": """
A = {"a": 1} | {"b": 2}; B = dict(a=1); C = dict({"a": 1}, b=2); D = {"a": 1}.get("a"); E = {"a": 1}.get("b")
F = {"a": 1}.get("b", 5); G = {"a": 1, "a": 2}["a"]; H = {1: "x"}[1]; I = {"a": 1}.copy(); J = dict()
K = {**A, "c": 3}; L = {True: "yes"}[True]; M = dict(**{"z": 1})
""",
    "texts": """
A = "A".lower(); B = "a".upper(); C = " a ".strip(); D = "xaax".strip("x"); E = "a,b".split(",")
F = "a".replace("a", "b")
G = ",".join(["a", "b"]); H = "abc".startswith("a"); I = "abc".endswith(("b", "c")); J = "abc".removeprefix("a")
K = "a b".title(); L = "5".zfill(3); M = "a=b".partition("="); N = "a=b=c".rpartition("="); O = "abc".find("c")
P = "abc".count("b"); Q = "a".encode(); R = b"a".decode(); S = "12".isdigit(); T = "{} {x}".format(1, x=2)
U = "%s-%d" % ("a", 1); V = str(5); W = "a\\nb".splitlines(); Y = "aBc".swapcase(); Z = "abc".removesuffix("c")
""",
    "quoting": """
from urllib.parse import quote, quote_plus
import urllib.parse
A = quote("p@ss/word"); B = quote_plus("p@ss word/"); C = quote("p@ss/", ""); D = urllib.parse.quote("é")
E = f"redis://:{quote_plus('a b')}@h"
""",
    "durations": """
from datetime import timedelta
import datetime
A = timedelta(1); B = timedelta(hours=1); C = timedelta(days=1, seconds=2).total_seconds(); D = A + B; E = A - B
F = A * 2; G = 2 * A; H = A / 2; I = datetime.timedelta(minutes=5); J = timedelta(0, 5, milliseconds=500)
K = timedelta()
L = timedelta(weeks=1); M = timedelta(microseconds=1500); N = timedelta(hours=1) + timedelta(minutes=1) * 2
O = int(timedelta(days=1).total_seconds())
""",
    "casts and attributes": """
from typing import cast
class C:
    a = 1
A = cast(int, 5); B = getattr(C, "a"); D = cast("str", "x"); E = getattr(C(), "a")
""",
    "results that are containers": """
A = max([{"a": [1, (2, b"x")]}]); B = min([[1, 2]]); C = {1, 2} & {2, 3}; D = {"a", "b"} - {"a"}
""",
    "changes": """
A = {"a": 1}
A.update({"b": 2})
A.update(c=3)
A.setdefault("d", 4)
A.setdefault("a", 9)
A.setdefault("e")
B = [1]
B.append(2)
B.extend([3, 4])
C = list(B)
""",
}


@pytest.mark.parametrize("source", KNOWN.values(), ids=KNOWN)
def test_python_and_the_evaluator_know_the_same(source: str) -> None:
    assert_knows(source)


DECIDED = {
    "a choice as an operand": """
import os
N = 1 if os.getenv("A") else 2
A = N + 1; B = -N; C = N * 2; D = str(N); E = f"{N}"; F = N == 1; G = max(N, 1); H = [N]; I = int(N)
""",
    "a choice as an owner": """
import os
T = "abc" if os.getenv("A") else "xyz"
D = {"k": 1} if os.getenv("A") else {"k": 2}
L = [1, 2] if os.getenv("A") else [3, 4]
A = T.upper(); B = D["k"]; C = D.get("k"); E = L[0]; F = T[0]; G = len(L)
""",
    "a choice as a key": """
import os
K = "a" if os.getenv("A") else "b"
D = {"a": 1, "b": 2}
A = D[K]; B = D.get(K); C = D.get(K, 5); E = {"a": 1}.get(K, 7)
""",
    "a variable as a key": """
import os
D = {"": 0, "1": 1, "text": 2}
A = D.get(os.getenv("A", "1")); B = D.get(os.getenv("B"), 9); C = D[os.getenv("A", "1")]
""",
    "a choice of functions": """
import os
def one(x): return x
def two(x): return x * 2
F = one if os.getenv("A") else two
X = F(5)
""",
    "a choice of classes": """
import os
class A:
    v = 1
class B:
    v = 2
C = A if os.getenv("A") else B
X = C.v
Y = C().v
""",
    "operations on a variable": """
import os
A = len(os.getenv("A", "")); B = os.getenv("A", "x") + "y"; C = os.getenv("A", "x").upper()
D = os.getenv("A", "x") == "1"; E = not os.getenv("A"); F = os.getenv("A", "x") * 2
G = os.getenv("A", "a,b").split(",")
H = os.getenv("A", "xyz")[0:2]; I = str(os.getenv("A", "x")); J = "A" in os.environ; K = os.getenv("A", "x").strip()
L = "pre-" + os.getenv("A", "x") + "-post"; M = "%s" % os.getenv("A", "x"); N = "{}".format(os.getenv("A", "x"))
""",
    "a changed choice": """
import os
D = {"a": 1} if os.getenv("A") else {"b": 2}
D.update(c=3)
L = [1] if os.getenv("A") else [2]
L.append(5)
""",
}


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=str)
@pytest.mark.parametrize("source", DECIDED.values(), ids=DECIDED)
def test_what_the_environment_decides_agrees_in_each(source: str, environment: dict[str, str]) -> None:
    assert_agrees(source, environment)


UNKNOWN = {
    "an unknown method of a text": 'X = "a".center(5)\n',
    "an unknown key of a dict": 'import socket\nX = {"a": 1}.get(socket.gethostname(), 5)\n',
    "a key of a dict that is not complete": 'import os\nD = dict(vars(os))\nX = D.get("A", 5)\n',
    "a duration that the environment decides": (
        'import os\nfrom datetime import timedelta\nX = timedelta(seconds=int(os.getenv("A", "5")))\n'
    ),
    "a duration with unknown keywords": (
        "import json\nfrom datetime import timedelta\nX = timedelta(**json.JSONDecoder().decode('{\"days\": 1}'))\n"
    ),
    "a duration times a variable": (
        'import os\nfrom datetime import timedelta\nX = timedelta(1) * int(os.getenv("A", "5"))\n'
    ),
    "the arguments of an unknown star": "import json\nX = max(*json.JSONDecoder().decode('[1, 2]'))\n",
    "a called object": "class C:\n    def __call__(self): return 5\nX = C()()\n",
    "a slice too far": "X = [1, 2].index(2)\n",
    "a text that grows too large": 'X = "a" * 1000000\n',
    "a number that grows too large": "X = 2 ** 1000000\n",
    "a shift too far": "X = 1 << 1000000\n",
    "a product that grows too large": "X = (1 << 90000) * (1 << 90000)\n",
    "a method of the base class": (
        "class A:\n    def f(self): return 5\nclass B(A):\n    def f(self): return super().f()\nX = B().f()\n"
    ),
    "more than so many alternatives": (
        "import os\nX = {" + ", ".join(f"'{n}': {n}" for n in range(20)) + "}[os.getenv('A', '1')]\n"
    ),
    "a key after one that is not known": "import socket\nX = {'a': 1, socket.gethostname(): 2}['a']\n",
    "a key that is not known in a dict": "import os\nX = {**os.environ, 'a': 1}[os.getenv('Q', 'a')]\n",
    "a dict given an unknown key": "import os\nX = {'a': 1}\nX.setdefault(os.getenv('A', 'b'), 1)\n",
    "a list given unknown items": "import json\nX = [1]\nX.extend(json.JSONDecoder().decode('[2]'))\n",
}


@pytest.mark.parametrize("source", UNKNOWN.values(), ids=UNKNOWN)
def test_nothing_is_claimed_of(source: str) -> None:
    assert_unknown(source, "X")


FOLLOWED = {
    "an attribute with a default": 'class C: pass\nX = getattr(C, "a", 5)\n',
    "an unknown function's result": "import json\nX = json.dumps({})\n",
    "a keyword of a pure function": 'X = int("5", base=10)\n',
    "an unknown method of a dict": 'X = list({"a": 1}.items())\n',
    "a duration by a duration": "from datetime import timedelta\nX = timedelta(2) / timedelta(1)\n",
    "a function of a module that is no constructor": "import os.path\nX = os.path.join('a', 'b')\n",
    "a list of something": "X = list(range(3))\n",
    "the greatest of some durations": "from datetime import timedelta\nX = max([timedelta(1), timedelta(2)])\n",
    "a list given something else": "X = [1]\nX.extend('ab')\n",
    "a dict given pairs": "X = {}\nX.update([('a', 1)])\n",
    "a set changed in place": "X = {1}\nX.add(2)\n",
    "a list sorted in place": "X = [2, 1]\nX.sort()\n",
    "a list inserted into": "X = [2, 1]\nX.insert(0, 5)\n",
    "a dict that loses a key": "X = {'a': 1}\nX.pop('a')\n",
}


@pytest.mark.parametrize("source", FOLLOWED.values(), ids=FOLLOWED)
def test_what_is_followed(source: str) -> None:
    assert_knows(source)


FAILING = {
    "a key that is not there": 'X = {"a": 1}["b"]\n',
    "an index out of range": "X = [1][5]\n",
    "no number": 'X = int("x")\n',
    "a division by zero": "X = 1 / 0\n",
    "a duration divided by zero": "from datetime import timedelta\nX = timedelta(1) / 0\n",
    "a cast of nothing": "import typing\nX = typing.cast()\n",
    "the attribute of a text": 'X = "a".nothing\n',
    "the seconds of a text": 'X = "a".total_seconds()\n',
    "an item of a number": "X = 5[0]\n",
    "an attribute of a class": "class C: pass\nX = C.nothing\n",
    "an operation on an object": "class C: pass\nX = C() + 1\n",
    "an operation on a function": "def f(): pass\nX = f * 2\n",
    "a matrix product": "X = 1 @ 2\n",
    "the length of nothing": "X = len()\n",
    "the attribute of an unknown": "X = nothing.at.all\n",
    "the item of an unknown": "X = nothing[0]\n",
    "text divided": 'X = "a" / 2\n',
    "a keyword given twice": "X = dict(a=1, a=2)\n",
}


@pytest.mark.parametrize("source", FAILING.values(), ids=FAILING)
@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_what_python_refuses_has_no_value(tmp_path: Path, source: str) -> None:
    refusals = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, NameError, SyntaxError)
    with pytest.raises(refusals):
        exec(source, {})
    value = value_of(tmp_path, source)
    with pytest.raises((UndeterminedError, WouldRaiseError)):
        resolve(value, {})


def test_too_many_outcomes_are_given_up(tmp_path: Path) -> None:
    chain = " else ".join(f'"{n}" if os.getenv("V{n}")' for n in range(70))
    assert isinstance(value_of(tmp_path, f"import os\nT = {chain} else 'x'\nX = T.upper()\n"), Unknown)


def test_an_attribute_of_either_of_two_modules() -> None:
    source = "import os\nimport one, two\nM = one if os.getenv('A') else two\nX = M.V\n"
    for environment in ENVIRONMENTS:
        assert_knows(source, environment, one="V = 1\n", two="V = 2\n")


def test_a_submodule_is_an_attribute_of_its_package() -> None:
    package = {"pkg/__init__.py": "W = 1\n", "pkg/sub.py": "V = 5\n"}
    for source in ("import pkg.sub\nX = pkg.sub.V\nY = pkg.W\n", "from pkg import sub, W as Y\nX = sub.V\n"):
        found = compare({**package, f"{MAIN}.py": source}, {})
        assert (found.known, found.wrong) == ({"X": 5, "Y": 1}, [])


def test_a_package_without_init_has_its_modules_as_attributes(tmp_path: Path) -> None:
    assert_knows("import bare.sub\nX = bare.sub.V\n", bare__sub="V = 5\n")
    assert_knows("from bare import sub\nX = sub.V\n", bare__sub="V = 5\n")
    value = value_of(tmp_path, "import bare\nX = bare\nY = bare.nothing\n", bare__sub="V = 5\n")
    assert isinstance(value, Module)
    assert value.scope is None
    assert isinstance(value_of(tmp_path, "import bare\nY = bare.nothing\n", "Y", bare__sub="V = 5\n"), Unknown)


def test_a_name_that_a_module_does_not_set_is_unknown(tmp_path: Path) -> None:
    assert isinstance(value_of(tmp_path, "import one\nX = one.W\n", one="V = 1\n"), Unknown)


def test_a_capital_letter_from_outside_makes_an_instance(tmp_path: Path) -> None:
    value = value_of(tmp_path, 'from kombu import Queue\nX = Queue("a", routing_key="b")\n')
    assert isinstance(value, Instance)
    assert (value.type.name, len(value.arguments), len(value.keywords)) == ("kombu.Queue", 1, 1)


def test_a_key_that_a_choice_decides_keeps_every_outcome(tmp_path: Path) -> None:
    value = value_of(tmp_path, 'import os\nX = {"a": 1, "b": 2}["a" if os.getenv("A") else "b"]\n')
    assert isinstance(value, Choice)
    assert len(value.alternatives) == 2


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("*", ["a", LARGEST + 1]),
        ("*", [LARGEST + 1, [0]]),
        ("*", [1 << LARGEST, 2]),
        ("**", [10, LARGEST]),
        ("<<", [1, LARGEST + 1]),
        ("zfill", ["5", LARGEST + 1]),
        ("replace", ["a" * 9000, "a", "b" * 200]),
        ("join", ["a" * 1000, ["b"] * 1000]),
        ("replace", ["a" * LARGEST, "a", "bb"]),
        ("+", ["a" * LARGEST, "b"]),
    ],
)
def test_nothing_large_is_made(name: str, arguments: list[object]) -> None:
    with pytest.raises(ValueError, match="too large"):
        apply(name, arguments)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("%", ["%s", 1]), ("%", [b"%s", 1]), ("upper", [5]), ("join", [5, []]), ("replace", ["a"]), ("join", ["a"])],
)
def test_what_is_no_operation_on_these_is_refused(name: str, arguments: list[object]) -> None:
    with pytest.raises(TypeError):
        apply(name, arguments)


@pytest.mark.parametrize("name", ["+", "-", "*", "/", "//", "%", "**", "|", "&", "^", "<<", ">>", "==", "!=", "<", ">"])
def test_operators_do_what_python_does(name: str) -> None:
    assert apply(name, [13, 3]) == eval(f"13 {name} 3")


@pytest.mark.parametrize("name", ["is", "is not", "in", "not in"])
def test_comparisons_of_containers_do_what_python_does(name: str) -> None:
    for left, right in (("a", "abc"), ("x", "abc")):
        assert apply(name, [left, right]) is eval(f"left {name} right", {"left": left, "right": right})


def test_an_item_is_taken_with_brackets() -> None:
    assert OPERATIONS["[]"]([1, 2], 1) == operator.getitem([1, 2], 1)


@pytest.mark.parametrize("word", ["y", "YES", "t", "True", "on", "1"])
def test_words_for_true(word: str) -> None:
    assert strtobool(word) == 1


@pytest.mark.parametrize("word", ["n", "NO", "f", "False", "off", "0"])
def test_words_for_false(word: str) -> None:
    assert strtobool(word) == 0


@pytest.mark.parametrize("word", ["", "maybe", "2", " true"])
def test_words_for_neither(word: str) -> None:
    with pytest.raises(ValueError, match="truth"):
        strtobool(word)

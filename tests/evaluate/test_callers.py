"""The parameters of factories: what their callers pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.evaluate.callers import MOST_CALLERS, MOST_PLACES, open_parameters
from celery_backend_lint.evaluate.evaluator import Evaluator
from celery_backend_lint.evaluate.values import Choice, Class, Instance, Literal, Unknown
from celery_backend_lint.project.discovery import open_project
from tests.evaluate.agreement import write

if TYPE_CHECKING:
    from pathlib import Path

    from celery_backend_lint.evaluate.values import Value


def parameters(root: Path, files: dict[str, str], name: str, path: str = "factory.py") -> dict[str, Value]:
    """The parameters of the function ``name``, a method as ``Class.method``."""
    write(root, files)
    ev = Evaluator(open_project([str(root)], str(root)))
    file = ev.modules.file(path)
    assert file is not None
    scope = file.scope
    *owners, function = name.split(".")
    for owner in owners:
        cls = ev.read(scope, owner, None)
        assert isinstance(cls, Class)
        scope = ev.scope_of(cls)
    return open_parameters(ev, scope.bindings[function][-1].node, scope)


def plain(value: Value) -> object:
    assert isinstance(value, Literal), value
    return value.value


def outcomes(value: Value) -> list[object]:
    assert isinstance(value, Choice), value
    return [plain(one.value) for one in value.alternatives]


FACTORY = "from celery import Celery\ndef make(name, backend='rpc://'):\n    return Celery(name, backend=backend)\n"
HEAD = "from celery import Celery\nfrom factory import make\n"


def test_one_caller_gives_its_arguments(tmp_path: Path) -> None:
    found = parameters(tmp_path, {"factory.py": FACTORY + "app = make('a', backend='redis://')\n"}, "make")
    assert {name: plain(value) for name, value in found.items()} == {"name": "a", "backend": "redis://"}


def test_a_default_holds_where_the_caller_says_nothing(tmp_path: Path) -> None:
    found = parameters(tmp_path, {"factory.py": FACTORY + "app = make('a')\n"}, "make")
    assert plain(found["backend"]) == "rpc://"


@pytest.mark.parametrize(
    "caller",
    [
        HEAD + "app = make('a')\n",
        "from celery import Celery\nimport factory\napp = factory.make('a')\n",
        "from celery import Celery\nfrom factory import make as build\nmake = build\napp = make('a')\n",
        HEAD + "def start():\n    return make(name='a')\n",
    ],
    ids=["imported", "of its module", "by another name that is the same again", "inside a function"],
)
def test_callers_in_other_modules_are_found(tmp_path: Path, caller: str) -> None:
    assert plain(parameters(tmp_path, {"factory.py": FACTORY, "main.py": caller}, "make")["name"]) == "a"


def test_two_callers_that_differ_give_alternatives(tmp_path: Path) -> None:
    found = parameters(tmp_path, {"factory.py": FACTORY + "a = make('a')\nb = make('b')\n"}, "make")
    assert outcomes(found["name"]) == ["a", "b"]
    assert isinstance(found["backend"], (Choice, Literal))


def test_two_callers_of_whom_it_is_not_known_which_it_is(tmp_path: Path) -> None:
    found = parameters(tmp_path, {"factory.py": FACTORY + "a = make('a')\nb = make('b')\n"}, "make")["name"]
    assert isinstance(found, Choice)
    assert isinstance(found.alternatives[0].condition, Unknown)


def test_with_as_many_callers_as_are_followed_each_is_kept(tmp_path: Path) -> None:
    text = FACTORY + "".join(f"a{n} = make('{n}')\n" for n in range(MOST_CALLERS))
    assert len(outcomes(parameters(tmp_path, {"factory.py": text}, "make")["name"])) == MOST_CALLERS


NOT_FOLLOWED = {
    "no caller": "",
    "one caller more than are followed": "".join(f"a{n} = make('{n}')\n" for n in range(MOST_CALLERS + 1)),
    "too common a name": "app = make('a')\n" + "other.make('b')\n" * MOST_PLACES,
    "a name that is bound to something else": "make = print\nmake('a')\n",
    "a definition only": "class Other:\n    def make(self): pass\n",
    "a mention without a call": "X = make\nY = [make for _ in ()]\n",
    "a text that looks like a call": "X = \"make('a')\"\n# make('b')\n",
    "a result that is called": "Other.make.run('a')\n",
}


@pytest.mark.parametrize("text", NOT_FOLLOWED.values(), ids=NOT_FOLLOWED)
def test_parameters_are_unknown_with(tmp_path: Path, text: str) -> None:
    found = parameters(tmp_path, {"factory.py": FACTORY, "main.py": HEAD + text}, "make")
    assert list(found) == ["name", "backend"]
    assert isinstance(found["name"], Unknown)


@pytest.mark.parametrize("text", [text for text in NOT_FOLLOWED.values() if text.count("make('") < 2])
def test_defaults_hold_where_nothing_is_seen_to_call(tmp_path: Path, text: str) -> None:
    found = parameters(tmp_path, {"factory.py": FACTORY, "main.py": HEAD + text}, "make")
    assert plain(found["backend"]) == "rpc://"


def test_files_that_do_not_name_celery_are_searched_where_no_other_calls(tmp_path: Path) -> None:
    other = "from factory import make\napp = make('a')\n"
    assert plain(parameters(tmp_path, {"factory.py": FACTORY, "main.py": other}, "make")["name"]) == "a"


def test_callers_that_name_celery_go_before_those_that_do_not(tmp_path: Path) -> None:
    files = {
        "factory.py": FACTORY,
        "wsgi.py": "from factory import make\napp = make('web')\n",
        "worker.py": HEAD + "app = make('worker')\n",
    }
    assert plain(parameters(tmp_path, files, "make")["name"]) == "worker"


def test_callers_in_tests_do_not_count(tmp_path: Path) -> None:
    files = {"factory.py": FACTORY, "tests/test_make.py": HEAD + "app = make('test')\n"}
    assert isinstance(parameters(tmp_path, files, "make")["name"], Unknown)


def test_callers_in_tests_count_for_what_is_test_code_itself(tmp_path: Path) -> None:
    caller = "from tests.factory import make\napp = make('test')\n"
    files = {"tests/factory.py": FACTORY, "tests/test_make.py": caller}
    assert plain(parameters(tmp_path, files, "make", "tests/factory.py")["name"]) == "test"


def test_a_function_without_parameters_has_none(tmp_path: Path) -> None:
    assert parameters(tmp_path, {"factory.py": "def make():\n    pass\nmake()\n"}, "make") == {}


def test_a_nested_function_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path, {"factory.py": "def outer():\n    def make(name):\n        return name\n    return make('a')\n"})
    ev = Evaluator(open_project([str(tmp_path)], str(tmp_path)))
    file = ev.modules.file("factory.py")
    assert file is not None
    offset = file.source.utf8.index(b"return name")
    node = file.scope.node.descendant_for_byte_range(offset, offset + 1)
    assert node is not None
    scope = ev.scope_at(node, file.scope)
    assert scope.parent is not None
    assert isinstance(open_parameters(ev, scope.node, scope.parent)["name"], Unknown)


def test_the_self_of_a_method_is_an_instance_of_its_class(tmp_path: Path) -> None:
    text = (
        "class Factory:\n    backend = 'rpc://'\n    def make(self, name):\n        return name + self.backend\n"
        "Factory().make('a')\n"
    )
    found = parameters(tmp_path, {"factory.py": text}, "Factory.make")
    assert isinstance(found["self"], Instance)
    assert plain(found["name"]) == "a"


def test_the_cls_of_a_class_method_is_the_class(tmp_path: Path) -> None:
    text = "class Factory:\n    @classmethod\n    def make(cls, name):\n        return name\n"
    found = parameters(tmp_path, {"factory.py": text}, "Factory.make")
    assert getattr(found["cls"], "name", None) == "Factory"
    assert isinstance(found["name"], Unknown)


def test_the_first_parameter_of_a_static_method_is_an_argument(tmp_path: Path) -> None:
    text = "class Factory:\n    @staticmethod\n    def make(name):\n        return name\n"
    assert isinstance(parameters(tmp_path, {"factory.py": text}, "Factory.make")["name"], Unknown)


def test_a_function_that_calls_itself_ends(tmp_path: Path) -> None:
    text = (
        "from celery import Celery\ndef make(name):\n    return make(name) if name else Celery(name)\napp = make('a')\n"
    )
    found = parameters(tmp_path, {"factory.py": text}, "make")
    assert list(found) == ["name"]


def test_two_functions_that_call_each_other_end(tmp_path: Path) -> None:
    text = "# celery\ndef one(x):\n    return two(x)\ndef two(y):\n    return one(y)\none(5)\n"
    assert list(parameters(tmp_path, {"factory.py": text}, "one")) == ["x"]
    assert list(parameters(tmp_path, {"factory.py": text}, "two")) == ["y"]


def test_an_argument_that_a_caller_leaves_out_is_unknown(tmp_path: Path) -> None:
    found = parameters(tmp_path, {"factory.py": FACTORY + "app = make()\n"}, "make")
    assert isinstance(found["name"], Unknown)


def test_each_of_several_callers_is_a_condition_of_its_own(tmp_path: Path) -> None:
    calls = "".join(f"app{number} = make('{number}')\n" for number in range(3))
    found = parameters(tmp_path, {"factory.py": FACTORY + calls}, "make")["name"]
    assert isinstance(found, Choice)
    assert len({repr(one.condition) for one in found.alternatives}) == 3

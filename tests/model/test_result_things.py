"""What expressions are for Celery: every line of the module below says beside it what it is taken for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.model import read_model
from celery_backend_lint.model.results.records import CURRENT, App, Many, Result, Signature, Task
from celery_backend_lint.project.discovery import Project
from celery_backend_lint.syntax.python import text_of

if TYPE_CHECKING:
    from pathlib import Path

    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.results.records import Thing
    from celery_backend_lint.syntax.python import Node

DEFINITIONS = """
import functools
from functools import partial

import celery
import celery.result
from celery import Celery, Task, chain, chord, current_app, group, shared_task, signature, subtask
from celery._state import get_current_app
from celery.result import AsyncResult, EagerResult, GroupResult, ResultSet
from company import something, task as their_task
from company.tasks import celery_app as theirs

from .other import *
from .other import remote, renamed as here
from . import other

app = Celery("app")
second = Celery("second")
alias = app.task


class Base(Task):
    ignore_result = True


class Plain(app.Task):
    def run(self):
        return self


class Odd(something.Base, Task):
    def run(self):
        return 1


class Never:
    pass


@app.task
def add(x, y):
    return x + y


@shared_task(bind=True, ignore_result=True)
def shared(self):
    return 1


@second.task(base=Base)
def based():
    return 1


@second.task(base=Base, ignore_result=False)
def overridden():
    return 1


@app.task(base=Odd)
def odd():
    return 1


@app.task(ignore_result=something())
def decided():
    return 1


@app.task(**something)
def spread():
    return 1


@alias
def aliased():
    return 1


@theirs.task(ignore_result=True)
def of_theirs():
    return 1


@celery.task.task
def old():
    return 1


@their_task
def not_a_task():
    return 1


def own(**options):
    def wrap(function):
        @app.task(bind=True, **options)
        @functools.wraps(function)
        def wrapper(self, *args):
            return function(*args)

        return wrapper

    return wrap


def chosen(function=None, **options):
    return shared_task(**options) if function is None else shared_task(function)


def mixed(function):
    if something:
        return function
    return app.task(function)


part = partial(second.task, queue="q")


@own(ignore_result=True)
def owned():
    return 1


@chosen
def was_chosen():
    return 1


@mixed
def was_mixed():
    return 1


@part(ignore_result=True)
def parted():
    return 1


def two_ways(flag):
    if flag:
        return add.delay(1, 2)
    return shared.delay()


def perhaps(flag):
    if flag:
        return None
    return add.delay(1, 2)


def other_ways(flag):
    if flag:
        return 3
    return add.delay(1, 2)


def generates():
    yield add.delay(1, 2)


async def awaited():
    return add.delay(1, 2)


def loops():
    return loops()


made = app.task(two_ways)
registered = app.register_task(Plain())
flag = something()
numbers = [1, 2]
nested = [[add.s(1, 2)]]
"""

EXPRESSIONS = """
add  # task add app unset
shared  # task shared current yes
based  # task based second yes
overridden  # task overridden second no
odd  # task odd app unknown
decided  # task decided app unknown
spread  # task spread app unknown
aliased  # task aliased app unset
of_theirs  # task of_theirs ? yes
old  # task old current unset
not_a_task  # -
owned  # task owned app yes
was_chosen  # task was_chosen current unset
was_mixed  # -
parted  # task parted second yes
made  # task two_ways app unset
registered  # task Plain app unset
Never()  # -
Plain()  # task Plain ? unset
remote  # task remote app unset
here  # task renamed other yes
other.remote  # task remote app unset
other.kept  # task Kept other no
kept  # -
app  # app app
current_app  # app current
get_current_app()  # app current
add.app  # app app
app.tasks["x"]  # task  app unknown
add.delay(1, 2)  # one call app unset
add.apply_async((1, 2))  # one call app unset
add.apply_async((1, 2), ignore_result=True)  # one call app yes
add.apply_async(**something)  # one call app unknown
add.apply((1, 2))  # eager call app unset
add(1, 2)  # -
shared.s().delay()  # one call current unset
shared.s().set(ignore_result=False).apply_async()  # one call current no
add.s(1).clone().apply()  # eager flow app unset
add.s(1)()  # -
add.si(1, 2)  # signature task app
add.subtask((1, 2))  # signature task app
add.map([1])  # signature task app
add.chunks([1], 2)  # signature chunks app
add.chunks([1], 2)()  # group flow app unknown
add.name  # -
add.s(1).args  # -
add.nothing()  # -
something.delay()  # -
something.AsyncResult(1)  # -
theirs.AsyncResult(1)  # one id ? unknown
app.AsyncResult("id")  # one id app unknown
app.GroupResult("id")  # group id app unknown
add.AsyncResult("id")  # one id app unset
AsyncResult("id")  # one id current unknown
celery.result.AsyncResult("id")  # one id current unknown
AsyncResult("id", app=second)  # one id second unknown
AsyncResult("id", app=something)  # one id ? unknown
AsyncResult(add.delay().id)  # one id current unknown own
GroupResult.restore("id")  # group id current unknown
AsyncResult.restore("id")  # -
ResultSet([add.delay(1, 2)])  # group call current unknown own
app.send_task("name")  # one call app unsaid
app.send_task("name", ignore_result=True)  # one call app yes
signature("name").delay()  # one call current unknown
subtask("name")  # signature task current
app.signature("name")  # signature task app
group(add.s(1, 1), add.s(2, 2))  # signature group app
group(add.s(i) for i in numbers)()  # group flow app unknown
group(add.s(i) for i in numbers).apply_async()  # group flow app unknown
group([shared.s()])()  # group flow current yes
group(something)  # signature group ?
group(add.s(1), shared.s())  # signature group ?
chain(add.s(1, 1), shared.s())()  # one flow ? unset
chain(add.s(1, 1), group(add.s(1), add.s(2)))()  # group flow app unknown
chain(*something)()  # one flow ? unknown
chord([add.s(1)])(add.s())  # one flow app unset
chord([add.s(1)], shared.s())()  # one flow ? unset
add.s(1) | add.s(2)  # signature chain app
(add.s(1) | group(add.s(2), add.s(3)))()  # group flow app unknown
add.s(1) | something  # -
numbers | numbers  # -
add.s(1) + add.s(2)  # -
add.delay(1, 2).parent  # one call app unset
group(add.s(1))().results  # many one flow app unset
group(add.s(1))().children[0]  # one flow app unset
add.delay(1, 2).get()  # -
add.delay(1, 2).result  # -
[add.delay(1, 2), add.delay(3, 4)]  # many one call app unset
[add.delay(1, 2), 3]  # -
[]  # many none
(add.delay(i, i) for i in numbers)  # many one call app unset
[add.delay(i, i) for i in numbers][0]  # one call app unset
[add.delay(i, i) for i in numbers][:2]  # many one call app unset
[one for one in [add.delay(1, 2)]]  # many one call app unset
[one for index, one in enumerate([add.delay(1, 2)])]  # -
list(add.delay(i, i) for i in numbers)  # many one call app unset
list()  # many none
tuple(numbers)  # -
nested  # -
nested[0]  # -
numbers[0]  # -
add.delay(1, 2) if flag else shared.delay()  # one call ? unset
add.delay(1, 2) if flag else None  # one call app unset
add.delay(1, 2) if flag else 3  # -
add.delay(1, 2) if flag else add.apply((1, 2))  # eager flow ? unknown
(sent := add.delay(1, 2))  # one call app unset
add if flag else shared  # task  ? unknown
add if flag else aliased  # task  app unset
add.s(1) if flag else shared.s()  # signature task ?
group(add.s(1)) if flag else add.s(1)  # signature chain app
[add.s(1)] if flag else [add.s(2)]  # many signature task app
[] if flag else []  # many none
add if flag else add.s(1)  # -
celery.chord([add.s(1)], add.s())()  # one flow app unset
celery.group(add.s(1)) | add.s(2) | group(add.s(3))  # signature chain app
chord(header=[add.s(1)], body=add.s())()  # one flow app unset
set(add.delay(i, i) for i in numbers)  # many one call app unset
add.starmap([(1, 2)]).delay()  # one call app unknown
app.register_task(something)  # -
app.tasks[numbers, flag]  # -
app.conf["x"]  # -
shared_task(two_ways)  # task two_ways current unset
shared_task(bind=True)(two_ways)  # task two_ways current unset
something.task(two_ways)  # -
two_ways(flag)  # one call ? unset
perhaps(flag)  # one call app unset
other_ways(flag)  # -
generates()  # -
awaited()  # -
loops()  # -
lambda: add.delay(1, 2)  # -
"""

OTHER = """
from celery import Celery, Task

from .main import app

own = Celery("other")


@app.task
def remote():
    return 1


@own.task(ignore_result=True)
def renamed():
    return 1


class Kept(Task):
    ignore_result = False

    def run(self):
        return 1


kept = own.register_task(Kept())
"""

LINES = [line.rpartition("  # ")[::2] for line in EXPRESSIONS.strip().splitlines()]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    root: Path = tmp_path_factory.mktemp("things")
    (root / "shop").mkdir()
    (root / "shop/__init__.py").write_text("")
    (root / "shop/other.py").write_text(OTHER)
    asked = "".join(f"asked({text})\n" for text, _ in LINES)
    (root / "shop/main.py").write_text(f"{DEFINITIONS}\n\n{asked}")
    found = read_model(Project(str(root.resolve())))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def nodes(model: Model) -> list[Node]:
    file = model.evaluator.modules.file("shop/main.py")
    assert file is not None
    calls = [
        node.named_children[0].child_by_field_name("arguments")
        for node in file.scope.node.named_children
        if text_of(node).startswith("asked(")
    ]
    # A generator that is the only argument has no parentheses of its own in the tree.
    return [
        node if node.type == "generator_expression" else node.named_children[0] for node in calls if node is not None
    ]


@pytest.mark.parametrize("number", range(len(LINES)), ids=[text for text, _ in LINES])
def test_what_an_expression_is(model: Model, nodes: list[Node], number: int) -> None:
    file = model.evaluator.modules.file("shop/main.py")
    assert file is not None
    assert len(nodes) == len(LINES)
    things = model.results.things
    as_app = LINES[number][1].startswith("app ")
    found = things.app_of(nodes[number], file.scope) if as_app else things.thing(nodes[number], file.scope)
    assert described(model, found) == LINES[number][1]


def described(model: Model, thing: Thing | None) -> str:
    def owner(location: Location | None) -> str:
        if location is None or location == CURRENT:
            return "?" if location is None else "current"
        return next(app.name for app in model.apps if app.location == location)

    if thing is None:
        return "-"
    if isinstance(thing, App):
        return f"app {owner(thing.owner)}"
    if isinstance(thing, Task):
        return f"task {thing.name} {owner(thing.owner)} {thing.ignores}"
    if isinstance(thing, Signature):
        return f"signature {thing.kind} {owner(thing.owner)}"
    if isinstance(thing, Many):
        return f"many {described(model, thing.of) if thing.of is not None else 'none'}"
    assert isinstance(thing, Result)
    return f"{thing.kind} {thing.made} {owner(thing.owner)} {thing.ignores}{' own' if thing.own else ''}"

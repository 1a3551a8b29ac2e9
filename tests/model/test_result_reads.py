"""What names hold where a result is read: each read below says what it is taken for; what says nothing is no read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from celery_backend_lint.model import read_model
from celery_backend_lint.project.discovery import Project

if TYPE_CHECKING:
    from pathlib import Path

TASKS = """
import celery
from celery import Celery, Task, group
from celery.result import GroupResult

app = Celery("app")


@app.task
def add(x, y):
    return x + y


@app.task(ignore_result=True)
def quiet():
    return 1


class Job(Task):
    def run(self):
        self.delay().get()  # Job
        self.start()

    def start(self):
        self.apply_async().wait()  # Job


@app.task(bind=True)
def bound(self, other):
    self.delay().get()  # bound
    self.AsyncResult("id").get()  # bound
    self.app.AsyncResult("id").state  # ?
    other.delay().get()


kept = add.delay(1, 2)
kept.get()  # add
fixed = add.delay(1, 2)


def closes():
    kept.get()
    inner = add.delay(1, 2)

    def later():
        return inner.get()  # add

    fixed.get()  # add
    return later, lambda: inner.get()  # add


def branches(flag, numbers):
    one = add.delay(1, 2)
    one.get()  # add
    if flag:
        one = quiet.delay()
        one.get()  # quiet
    else:
        one.get()  # add
    one.get()  # ?
    one = 3
    one.get()
    for number in numbers:
        one = add.delay(number, number)
        one.get()  # add
    two = add.delay(1, 2)
    for number in numbers:
        two.get()
        two = {}
    while flag:
        three = add.delay(1, 2)
        three.get()  # add
        three = None
    try:
        four = add.delay(1, 2)
    except Exception:
        four = {}
    four.get()
    five = None
    if flag:
        five = add.delay(1, 2)
    five.get()  # add
    six: object
    six = add.delay(1, 2)
    six.get()  # add
    seven, eight = add.delay(1, 2), {}
    seven.get()
    eight.get()
    with open("x") as nine:
        nine.get()
    ten = add.delay(1, 2)
    del ten
    ten.get()
    match flag:
        case 1:
            eleven = add.delay(1, 2)
        case _:
            eleven = {}
    eleven.get()


def lists(numbers):
    sent = []
    for number in numbers:
        sent.append(add.delay(number, number))
    for each in sent:
        each.get()  # add
    for index, each in enumerate(sent):
        each.get()
    [each.get() for each in sent]  # add
    {each.get(): 1 for each in sent}  # add
    [each.get() for index, each in enumerate(sent)]
    [inner.get() for each in [sent] for inner in each]
    sent[0].get()  # add
    sent[-1].get(timeout=1)  # add
    more = [add.delay(1, 2)]
    more.append({})
    more[0].get()
    other = [add.delay(1, 2)]
    other.extend(sent)
    other[0].get()
    for each in reversed(sent):
        each.get()  # add
    empty = []
    empty[0].get()
    group(add.s(1, 2))().get()  # ?
    for each in group(add.s(1, 2))().results:
        each.get()  # ?


def restores():
    GroupResult.restore("id")  # ?
    GroupResult.restore("id").join()  # ?
    celery.result.GroupResult.restore
    group.restore("id")


def uses_global():
    global kept
    kept.get()
    kept = add.delay(1, 2)


class Holder:
    klass = add.delay(1, 2)

    def __init__(self):
        self.sent = None
        self.mixed = None
        self.pair, self.other = add.delay(1, 2), 1

    def send(self):
        self.sent = add.delay(1, 2)
        self.mixed = add.delay(1, 2)
        self.mixed = {}

    def read(self):
        self.mixed.get()
        self.pair.get()
        self.unknown.get()
        return self.sent.get()  # add


def attributes():
    sent = add.delay(1, 2)
    sent.state  # add
    sent.state = 1
    sent.status()
    sent.nothing()
    sent.results
    group(add.s(1, 2))().state
    group(add.s(1, 2))().ready()  # ?
    sent.\\
        get()  # add
"""


def test_reads(tmp_path: Path) -> None:
    (tmp_path / "tasks.py").write_text(TASKS)
    model = read_model(Project(str(tmp_path.resolve())))
    assert model is not None
    found = {
        (read.location.span.line, read.result.task.name if read.result.task else "?") for read in model.results.reads()
    }
    expected = set()
    for number, line in enumerate(TASKS.splitlines(), 1):
        said = re.search(r"  # (\w+|\?)$", line)
        if said is not None:
            start = number - 1 if line.strip().startswith("get()") else number
            expected.add((start, said[1]))
    assert found == expected

"""Which place is named where a result is read: of several apps, one of the app that is spoken of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_backend_lint.model.result_use import result_use
from tests.model.build import model_of

if TYPE_CHECKING:
    from pathlib import Path

APPS = """
from celery import Celery

orders = Celery("orders")
mails = Celery("mails")


@orders.task
def add(x, y):
    return x + y


@mails.task
def send():
    return 1
"""

READS = """
from apps import add, send

{first}
{second}
"""


def test_each_app_has_its_own_place(tmp_path: Path) -> None:
    text = READS.format(first="add.delay(1, 2).get()", second="send.delay().get()")
    model = model_of(tmp_path, {"apps.py": APPS, "run.py": text})
    lines = {app.name: place.line for app in model.apps if (place := result_use(model, app)) is not None}
    assert lines == {"orders": 4, "mails": 5}


def test_an_app_whose_results_nobody_reads_has_none(tmp_path: Path) -> None:
    text = READS.format(first="add.delay(1, 2).get()", second="send.delay()")
    model = model_of(tmp_path, {"apps.py": APPS, "run.py": text})
    lines = {app.name: place.line for app in model.apps if (place := result_use(model, app)) is not None}
    assert lines == {"orders": 4}


def test_what_is_of_the_current_app_may_be_of_each(tmp_path: Path) -> None:
    text = "from celery.result import AsyncResult\n\nAsyncResult('id').get()\n"
    model = model_of(tmp_path, {"apps.py": APPS, "run.py": text})
    places = [result_use(model, app) for app in model.apps]
    assert [place.line for place in places if place is not None] == [3, 3]

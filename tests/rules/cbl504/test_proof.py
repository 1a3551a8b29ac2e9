"""CBL504 is true: which backends wait for beat to remove old results."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.proofs.real import RealCelery

SCHEDULED = """
from celery.beat import Scheduler

app = Celery()
app.conf.update(result_backend={backend!r})
scheduler = Scheduler(app, schedule={{}}, lazy=True)
scheduler.install_default_entries({{}})
"""
ENTRIES = "sorted(scheduler.schedule)"
DJANGO = """
from django.conf import settings
settings.configure(INSTALLED_APPS=["django_celery_results"], USE_TZ=True, DATABASES={{
    "default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}}})
import django
django.setup()
"""


@pytest.mark.parametrize("backend", ["redis://cache", "rpc://", "cache+memory://"])
def test_these_remove_results_by_themselves(celery: RealCelery, backend: str) -> None:
    assert celery.evaluate(ENTRIES, SCHEDULED.format(backend=backend)).value == []


@pytest.mark.parametrize("backend", ["db+sqlite:///results.db", "file://{folder}"])
def test_these_rely_on_beat(celery: RealCelery, tmp_path: Path, backend: str) -> None:
    source = SCHEDULED.format(backend=backend.format(folder=tmp_path))
    assert celery.evaluate(ENTRIES, source, root=tmp_path).value == ["celery.backend_cleanup"]


def test_djangos_database_relies_on_beat(celery: RealCelery) -> None:
    source = (DJANGO + SCHEDULED).format(backend="django-db")
    assert celery.evaluate(ENTRIES, source).value == ["celery.backend_cleanup"]


def test_djangos_cache_expires_by_itself_though_beat_schedules_a_clean_up(celery: RealCelery) -> None:
    source = (DJANGO + SCHEDULED).format(backend="django-cache")
    assert celery.evaluate(ENTRIES, source).value == ["celery.backend_cleanup"]
    stored = DJANGO.format() + (
        "app = Celery()\napp.conf.update(result_backend='django-cache', result_expires=0.2)\n"
        "app.backend.store_result('proof', 42, 'SUCCESS')\n"
        "key = app.backend.get_key_for_task('proof')\nbefore = app.backend.get(key)\nimport time\ntime.sleep(0.3)\n"
    )
    assert celery.evaluate("(before['result'], app.backend.get(key))", stored).value == (42, None)


def test_without_the_clean_up_an_old_row_stays(celery: RealCelery, tmp_path: Path) -> None:
    source = f"""
from datetime import timedelta
app = Celery()
app.conf.update(result_backend="db+sqlite:///{tmp_path}/results.db", result_expires=60)
backend = app.backend
backend.store_result("old", 42, "SUCCESS")
session = backend.ResultSession()
session.query(backend.task_cls).update({{"date_done": app.now().replace(tzinfo=None) - timedelta(days=9)}})
session.commit()
"""
    assert celery.evaluate("backend.get_result('old')", source).value == 42
    assert celery.evaluate("backend.cleanup() or backend.get_result('old')", source).value is None


def test_the_clean_up_of_one_app_deletes_the_results_of_another(celery: RealCelery, tmp_path: Path) -> None:
    source = f"""
import datetime
from celery.backends.database.models import Task
backend = "db+sqlite:///{tmp_path}/results.db"
one, other = Celery("shop", backend=backend), Celery("studio", backend=backend)
one.backend.store_result("proof", 42, "SUCCESS")
session = one.backend.ResultSession()
session.query(Task).update({{Task.date_done: datetime.datetime(2020, 1, 1)}})
session.commit()
before = session.query(Task).count()
other.backend.cleanup()
"""
    assert celery.evaluate("(before, session.query(Task).count())", source).value == (1, 0)

"""CBL506 is true: Celery's clean-up and Django's CASCADE take the project's rows along."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.proofs.real import write_files

if TYPE_CHECKING:
    from pathlib import Path

    from tests.proofs.real import RealCelery

MODELS = """
from django.db import models


class Report(models.Model):
    task = models.ForeignKey("django_celery_results.TaskResult", null=True, on_delete=models.{action})
"""
DJANGO = """
from datetime import timedelta
from django.conf import settings
settings.configure(INSTALLED_APPS=["django_celery_results", "shop"], USE_TZ=True, DATABASES={"default": {
    "ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}, DEFAULT_AUTO_FIELD="django.db.models.AutoField")
import django
django.setup()
from django.db import connection
from django.utils.timezone import now
from django_celery_results.models import GroupResult, TaskResult
from shop.models import Report

with connection.schema_editor() as editor:
    for model in (TaskResult, GroupResult, Report):
        editor.create_model(model)
app = Celery(broker="memory://")
app.conf.update(result_backend="django-db")
for age in (0, 3):
    app.backend.store_result(f"{age} days", 42, "SUCCESS")
    Report.objects.create(task=TaskResult.objects.get(task_id=f"{age} days"))
    TaskResult.objects.filter(task_id=f"{age} days").update(date_done=now() - timedelta(days=age))
app.backend.cleanup()
"""
LEFT = "(TaskResult.objects.count(), Report.objects.count())"


@pytest.mark.parametrize(("action", "left"), [("CASCADE", (1, 1)), ("SET_NULL", (1, 2))])
def test_rows_that_point_at_old_results(celery: RealCelery, tmp_path: Path, action: str, left: tuple[int, int]) -> None:
    write_files(tmp_path, {"shop/__init__.py": "", "shop/models.py": MODELS.format(action=action)})
    assert celery.evaluate(LEFT, DJANGO, root=tmp_path).value == left

"""CBL907 is true: a variable that nothing reads changes nothing; those that Celery reads itself do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import celery as library

from celery_backend_lint.model.variable_mentions import READ_BY_CELERY

if TYPE_CHECKING:
    from tests.proofs.real import RealCelery

SOURCE = "import os\napp = Celery('proof', backend=os.environ.get('RESULTS_URL', 'redis://default'))"
HOST = "app.backend.connparams['host']"


def test_filled_in_it_changes_nothing(celery: RealCelery) -> None:
    told = celery.evaluate(HOST, SOURCE, environment={"REDIS_RESULTS_URL": "redis://cache"})
    assert told.value == "default"
    told = celery.evaluate(HOST, SOURCE, environment={"RESULTS_URL": "redis://cache"})
    assert told.value == "cache"


def test_celery_reads_these_itself() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in Path(library.__file__).parent.rglob("*.py"))
    for name in READ_BY_CELERY:
        assert re.search(rf"[\"']{name}[\"']", text), name

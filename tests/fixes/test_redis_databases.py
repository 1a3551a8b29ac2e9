"""Results put into another database: what is not written down is left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.redis_databases import use_database
from celery_backend_lint.model.redis_databases import free_number, redis_databases
from tests.model.build import model_of

if TYPE_CHECKING:
    from pathlib import Path


def test_no_number_is_free_where_all_are_taken(tmp_path: Path) -> None:
    lines = [f'Celery("a{n}", broker="redis://cache/{n}", backend="redis://cache/0")' for n in range(1, 16)]
    model = model_of(tmp_path, {"proj.py": "from celery import Celery\n\n" + "\n".join(lines) + "\n"})
    results = next(redis_databases(model.apps[0], "result_backend"))
    assert free_number(model.apps, results.server) is None
    assert free_number(model.apps[1:], results.server) == 1
    with pytest.raises(CannotFixError, match="no number is free"):
        use_database(model, results, None)

"""CBL807 is true: what `shared_task` and AsyncResult belong to in a web process that has not imported the app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cases import HERE, read_case
from tests.proofs.real import write_files

if TYPE_CHECKING:
    from pathlib import Path

    from tests.proofs.real import RealCelery

CASE = read_case(HERE / "rules" / "cbl807" / "fix_empty_init.txt")
WEB = """
import manage
import django

django.setup()

from celery.result import AsyncResult
from orders.tasks import ship
"""
SEEN = "[ship.app.main, type(AsyncResult('id').backend).__name__, ship.app.connection().as_uri().split('@')[-1]]"


def test_a_web_process_uses_the_default_app(celery: RealCelery, tmp_path: Path) -> None:
    write_files(tmp_path, {**CASE.files, "orders/views.py": ""})
    said = celery.evaluate(SEEN, WEB, root=tmp_path)
    assert said.value == ["default", "DisabledBackend", "localhost:5672//"]


def test_with_the_import_it_uses_the_project_s(celery: RealCelery, tmp_path: Path) -> None:
    write_files(tmp_path, {**CASE.files, **CASE.after})
    said = celery.evaluate(SEEN, WEB, root=tmp_path)
    assert said.value == ["shop", "RedisBackend", "cache:6379/0"]


def test_the_default_app_takes_the_broker_from_the_environment_too(celery: RealCelery, tmp_path: Path) -> None:
    write_files(tmp_path, {**CASE.files, "orders/views.py": ""})
    said = celery.evaluate(SEEN, WEB, root=tmp_path, environment={"CELERY_BROKER_URL": "redis://other:6379/0"})
    assert said.value == ["default", "DisabledBackend", "other:6379/0"]


def test_the_default_app_takes_both_from_the_environment_and_not_the_queue(celery: RealCelery, tmp_path: Path) -> None:
    case = read_case(HERE / "rules" / "cbl807" / "bad_both_urls_but_another_queue.txt")
    write_files(tmp_path, {**case.files, "orders/views.py": ""})
    urls = {"CELERY_BROKER_URL": "redis://other:6379/0", "CELERY_RESULT_BACKEND": "redis://other:6379/1"}
    said = celery.evaluate(SEEN, WEB, root=tmp_path, environment=urls)
    assert said.value == ["default", "RedisBackend", "other:6379/0"]
    queue = celery.evaluate("ship.app.conf.task_default_queue", WEB, root=tmp_path, environment=urls)
    assert queue.value == "celery"


def test_the_import_runs_what_the_module_of_the_app_patches(celery: RealCelery, tmp_path: Path) -> None:
    """Django is half loaded then: with eventlet 0.40 and Django 5.2 its threads lose the database."""
    case = read_case(HERE / "rules" / "cbl807" / "fix_patches_the_standard_library.txt")
    write_files(tmp_path, {**case.files, "orders/views.py": ""})
    seen = "getattr(__import__('builtins'), 'patched', False)"
    assert celery.evaluate(seen, WEB, root=tmp_path).value is False
    write_files(tmp_path, {"shop/__init__.py": CASE.after["shop/__init__.py"]})
    assert celery.evaluate(seen, WEB, root=tmp_path).value is True

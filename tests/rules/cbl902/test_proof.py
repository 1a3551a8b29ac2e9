"""CBL902 is true: who fills in an example that lacks a variable has a project that does not start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.proofs.real import RealCelery

PROJECT = {
    "proj.py": (
        "import os\n\nfrom celery import Celery\nfrom dotenv import load_dotenv\n\n"
        "load_dotenv('.env.example')\n"
        "app = Celery('proj', broker=os.environ['BROKER'], backend=os.environ['RESULTS'])\n"
    )
}


def test_the_missing_variable_is_found_out_at_the_start(celery: RealCelery, tmp_path: Path) -> None:
    for name, example in (
        ("bad", "BROKER=amqp://localhost\n"),
        ("commented", "BROKER=amqp://localhost\n# RESULTS=redis://localhost\n"),
        ("good", "BROKER=amqp://localhost\nRESULTS=redis://localhost\n"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "proj.py").write_text(PROJECT["proj.py"])
        (tmp_path / name / ".env.example").write_text(example)
    read = "app.conf.result_backend"
    bad = celery.evaluate(read, "from proj import app", root=tmp_path / "bad")
    assert bad.fails_with("KeyError", "RESULTS")
    # A commented line sets nothing, but it tells the reader: the rule takes it for present.
    assert celery.evaluate(read, "from proj import app", root=tmp_path / "commented").fails_with("KeyError", "RESULTS")
    good = celery.evaluate(read, "from proj import app", root=tmp_path / "good")
    assert good.value == "redis://localhost"


def test_an_optional_one_is_not_missed(celery: RealCelery, tmp_path: Path) -> None:
    source = "app = Celery(backend=os.getenv('RESULTS', 'redis://localhost'))"
    assert celery.evaluate("app.conf.result_backend", source, root=tmp_path).value == "redis://localhost"


@pytest.mark.parametrize("version", ["5.3.6", "5.5.3", "5.6.3", "5.7.0"])
def test_tasks_that_run_in_the_process_ask_no_server(celery_at: Callable[[str], RealCelery], version: str) -> None:
    celery = celery_at(version)
    source = (
        "from celery import Celery\n"
        "app = Celery('proj', broker='amqp://nobody.invalid', backend='redis://nobody.invalid')\n"
        "app.conf.update(task_always_eager={eager}, task_store_eager_result={stored},\n"
        "    task_publish_retry=False, broker_connection_timeout=1, redis_socket_connect_timeout=1,\n"
        "    result_backend_transport_options={{'retry_policy': {{'max_retries': 0}}}})\n"
        "@app.task(name='add')\ndef add(x, y):\n    return x + y\n"
    )
    read = "add.delay(1, 2).get(timeout=5)"
    assert celery.evaluate(read, source.format(eager=True, stored=False)).value == 3
    sent = celery.evaluate(read, source.format(eager=False, stored=False).replace("redis://nobody.invalid", "disabled"))
    assert sent.fails_with("OperationalError")
    assert celery.evaluate(read, source.format(eager=True, stored=True)).fails_with("ConnectionError", "nobody.invalid")

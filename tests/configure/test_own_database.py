"""Results get a database of their own where broker and results have been in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.configure.conftest import Run


@pytest.mark.parametrize(
    ("broker", "results", "example"),
    [
        ("redis://cache:6379/0", "redis://cache:6379/0", "redis://cache:6379/1"),
        ("redis://cache:6379", "redis://cache:6379/0?ssl_cert_reqs=none", "redis://cache:6379/1?ssl_cert_reqs=none"),
        ("redis://cache:6379/0", "redis://cache:6379/2", "redis://cache:6379/2"),
        ("redis://other:6379/0", "redis://cache:6379/0", "redis://cache:6379/0"),
        ("amqp://cache//", "redis://cache:6379/0", "redis://cache:6379/0"),
    ],
)
def test_the_example_names_another_database_than_the_brokers(
    tmp_path: Path, configure: Callable[..., Run], broker: str, results: str, example: str
) -> None:
    (tmp_path / "requirements.txt").write_text("celery[redis]==5.6.3\n")
    (tmp_path / "worker.py").write_text(
        f'from celery import Celery\n\napp = Celery("shop", broker="{broker}", backend="{results}")\n'
    )
    done = configure(tmp_path, "redis")
    assert done.status == 0, done.err
    assert f"CELERY_RESULT_BACKEND={example}\n" in (tmp_path / ".env.example").read_text().replace("'", "")
    assert configure(tmp_path, "redis").told["changed"] == []


def test_a_default_and_its_example_agree(tmp_path: Path, configure: Callable[..., Run]) -> None:
    (tmp_path / "requirements.txt").write_text("celery[redis]==5.6.3\n")
    (tmp_path / "worker.py").write_text(
        "import os\n\nfrom celery import Celery\n\n"
        'BROKER = os.environ.get("BROKER", "redis://cache:6379/2")\n'
        'RESULTS = os.environ.get("RESULTS", "redis://cache:6379/2")\n'
        'app = Celery("shop", broker=BROKER, backend=RESULTS)\n'
    )
    done = configure(tmp_path, "redis")
    assert done.status == 0, done.err
    assert 'os.environ.get("RESULTS", "redis://cache:6379/1")' in (tmp_path / "worker.py").read_text()
    example = (tmp_path / ".env.example").read_text()
    assert "RESULTS=redis://cache:6379/1\n" in example
    assert "BROKER=redis://cache:6379/2\n" in example

"""CBL125 is true: a server without a password shows results to anybody, one with a password refuses Celery."""

from __future__ import annotations

from typing import TYPE_CHECKING

import redis

from tests.redis_servers import redis_server

if TYPE_CHECKING:
    from pathlib import Path

    from tests.proofs.real import RealCelery

STORED = "app.backend.store_result('task', 'for nobody else', 'SUCCESS')"


def test_anybody_reads_and_changes_results(celery: RealCelery, tmp_path: Path) -> None:
    with redis_server(tmp_path) as port:
        url = f"redis://127.0.0.1:{port}/0"
        assert celery.evaluate(STORED, result_backend=url).works()
        with redis.Redis(port=port) as stranger:
            held = stranger.get("celery-task-meta-task")
            assert isinstance(held, bytes)
            stranger.set("celery-task-meta-task", held.replace(b"for nobody else", b"of the stranger"))
        read = celery.evaluate("app.AsyncResult('task').result", result_backend=url)
        assert read.value == "of the stranger"


def test_a_server_with_a_password_refuses(celery: RealCelery, tmp_path: Path) -> None:
    with redis_server(tmp_path, "--requirepass", "s3cret") as port:
        assert celery.evaluate(STORED, result_backend=f"redis://127.0.0.1:{port}/0").error == "AuthenticationError"
        assert celery.evaluate(STORED, result_backend=f"redis://:s3cret@127.0.0.1:{port}/0").works()

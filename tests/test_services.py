"""A test that lacks its server is skipped, or fails where servers are required, and says how to start one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOBODY = {
    "CBL_TEST_REDIS": "redis://127.0.0.1:1",
    "CBL_TEST_POSTGRESQL": "postgresql+psycopg2://postgres@127.0.0.1:1/postgres",
    "CBL_TEST_MARIADB": "mysql+pymysql://root@127.0.0.1:1/test",
    "CBL_TEST_RABBITMQ": "amqp://guest:guest@127.0.0.1:1//",
}
HOW = {
    "redis_url": "docker run --rm -p 6379:6379 redis",
    "postgresql_url": "docker run --rm -p 5432:5432",
    "mariadb_url": "docker run --rm -p 3306:3306",
    "rabbitmq_url": "docker run --rm -p 5672:5672 rabbitmq",
}


@pytest.mark.parametrize(("required", "expected"), [("0", "4 skipped"), ("1", "4 errors")])
def test_a_missing_server_skips_or_fails(tmp_path: Path, required: str, expected: str) -> None:
    (tmp_path / "conftest.py").write_text("from tests.conftest import *\n")
    asking = "".join(f"def test_{fixture}({fixture}): assert {fixture}\n" for fixture in HOW)
    (tmp_path / "test_asks.py").write_text(asking)
    command = [sys.executable, "-m", "pytest", "-q", "-ra", "-p", "no:cacheprovider", "--rootdir", str(tmp_path)]
    environment = {
        **os.environ, **NOBODY, "PYTHONPATH": str(ROOT), "COLUMNS": "300", "CBL_REQUIRE_SERVICES": required,
    }  # fmt: skip
    done = subprocess.run(
        [*command, str(tmp_path / "test_asks.py")], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert expected in done.stdout
    for how in HOW.values():
        assert how in done.stdout

"""PostgreSQL servers of a test's own, for what the shared one must not be told: passwords, being stopped."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.redis_servers import free_port
from tests.services import unavailable

OWNER = "owner"


@contextmanager
def postgresql_server(password: str) -> Iterator[int]:
    """Start a server that asks its superuser `OWNER` for a password, and give its port."""
    initdb, server = program("initdb"), program("postgres")
    with tempfile.TemporaryDirectory(prefix="cbl-postgresql-") as name:
        folder = Path(name)
        given = folder / "password"
        given.write_text(password + "\n")
        account = None
        if os.getuid() == 0:  # with which neither program runs
            account = "nobody"
            for path in (folder, given):
                shutil.chown(path, account)
        data = folder / "data"
        options = ["-U", OWNER, "-A", "scram-sha-256", "--pwfile", str(given), "--no-sync"]
        subprocess.run([initdb, "-D", data, *options], check=True, capture_output=True, user=account, cwd=folder)
        port = free_port()
        process = subprocess.Popen(
            [server, "-D", data, "-p", str(port), "-k", folder, "-c", "listen_addresses=127.0.0.1", "-F"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            user=account,
            cwd=folder,
        )
        assert process.stderr is not None
        try:
            while "ready to accept connections" not in (line := process.stderr.readline()):
                assert line, "the server ended"
            yield port
        finally:
            process.kill()
            process.communicate()


def program(name: str) -> str:
    """The path of one of PostgreSQL's programs, which Debian keeps off PATH."""
    found = shutil.which(name) or max(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), default=None)
    if found is None:
        unavailable("This test", f"{name}: apt-get install postgresql")
    return found

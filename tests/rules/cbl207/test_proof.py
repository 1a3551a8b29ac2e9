"""CBL207 is true: without the development group the backend's package is not installed, and the backend fails."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from tests.oracle.environments import environment, newest_celery
from tests.proofs.real import RealCelery
from tests.services import unavailable

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = """
[project]
name = "shop"
version = "0"
dependencies = ["celery==5.5.3"{more}]
[dependency-groups]
dev = ["redis==5.2.1"]
"""


def resolve(folder: Path, *arguments: str, more: str = "") -> list[str]:
    """The names of the packages that uv would install for the manifest."""
    (folder / "pyproject.toml").write_text(MANIFEST.format(more=more))
    command = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "compile",
        "--quiet",
        "--no-header",
        "--no-annotate",
        "pyproject.toml",
    ]
    done = subprocess.run([*command, *arguments], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        unavailable("This test", f"uv and a package index ({done.stderr.strip()[-200:]})")
    return [line.partition("==")[0] for line in done.stdout.splitlines()]


def test_only_the_group_brings_the_package(tmp_path: Path) -> None:
    assert "redis" not in resolve(tmp_path)
    assert "redis" in resolve(tmp_path, "--group", "dev")
    assert "redis" in resolve(tmp_path, more=', "redis==5.2.1"')


def test_without_it_the_backend_fails() -> None:
    bare = RealCelery(environment(f"celery=={newest_celery()}"))
    try:
        assert bare.evaluate("app.backend", result_backend="redis://cache/1").fails_with("ModuleNotFoundError", "redis")
    finally:
        bare.close()

"""Make projects of real files and real git repositories."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

IDENTITY = {
    "GIT_AUTHOR_NAME": "t",
    "GIT_AUTHOR_EMAIL": "t@example.org",
    "GIT_COMMITTER_NAME": "t",
    "GIT_COMMITTER_EMAIL": "t@example.org",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


def run_git(folder: Path, *arguments: str, **more: Any) -> str:
    """Run git in ``folder`` and return what it says."""
    environment = {**os.environ, **IDENTITY}
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=environment, check=True, capture_output=True, text=True, **more
    )
    return done.stdout


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    """Write files below ``root``."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def commit(root: Path) -> Path:
    """Make ``root`` a repository with all its files committed, ignored ones not."""
    run_git(root, "init", "-q", "-b", "main")
    run_git(root, "add", "-A")
    run_git(root, "commit", "-q", "--allow-empty", "-m", "all")
    return root

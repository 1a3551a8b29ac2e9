"""A real git repository for proofs about what git ignores, tracks and remembers."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.proofs.real import write_files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Repository:
    """A repository in a folder of its own, untouched by the user's git configuration."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_AUTHOR_NAME": "proof",
            "GIT_AUTHOR_EMAIL": "proof@example.com",
            "GIT_COMMITTER_NAME": "proof",
            "GIT_COMMITTER_EMAIL": "proof@example.com",
        }
        self.git("init", "--quiet")

    def git(self, *arguments: str) -> str:
        """Run git here and return what it prints, whatever its exit code."""
        done = subprocess.run(["git", *arguments], cwd=self.root, env=self._environment, capture_output=True, text=True)
        return done.stdout

    def write(self, files: Mapping[str, str]) -> None:
        """Write files into the working tree."""
        write_files(self.root, files)

    def commit_all(self, files: Mapping[str, str]) -> set[str]:
        """Write files, do what ``git add -A && git commit`` does, and tell every path that is tracked now."""
        self.write(files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "proof")
        return set(self.git("ls-files").splitlines())

    def clone(self, folder: Path) -> set[str]:
        """Clone it and tell the files that the clone holds."""
        self.git("clone", "--quiet", str(self.root), str(folder))
        return {path.name for path in folder.iterdir() if path.name != ".git"}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An empty repository below ``tmp_path``."""
    root = tmp_path / "repository"
    root.mkdir()
    return Repository(root)

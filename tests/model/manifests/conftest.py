from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from celery_backend_lint.model.manifests.collect import read_manifests
from celery_backend_lint.project.discovery import open_project

if TYPE_CHECKING:
    from pathlib import Path

    from celery_backend_lint.model.manifests.selection import Manifests


class Read(Protocol):
    def __call__(self, files: dict[str, str | bytes]) -> Manifests: ...


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write a project of these files and read its manifests."""

    def write_and_read(files: dict[str, str | bytes]) -> Manifests:
        for path, content in files.items():
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_manifests(open_project([str(tmp_path)], str(tmp_path)))

    return write_and_read

"""Copies of folders that somebody keeps beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from celery_backend_lint.project.backups import copies
from celery_backend_lint.project.discovery import open_project

DATED = "backend_backup_20250815_021148"
TWO = ("app/a.py", "app/b.py")


def below(*folders: str) -> list[str]:
    return [f"{folder}/{path}" if folder else path for folder in folders for path in TWO]


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        (below("backend", DATED), {f"{DATED}/": "backend/"}),
        (["backend/app/a.py", f"{DATED}/app/a.py"], {f"{DATED}/": "backend/"}),
        (["x/api/a.py", "x/api-backup-2024-01-31/a.py"], {"x/api-backup-2024-01-31/": "x/api/"}),
        (below("backend", "backend_20240131"), {"backend_20240131/": "backend/"}),
        *(
            (below("backend", name), {f"{name}/": "backend/"})
            for name in (
                "backend.bak", "backend_old", "backend-copy", "backend copy 2", "backend (copy)", "backend.orig",
                "old_backend", "Copy of backend", "backup_backend", "backend.OLD", "BACKUP_backend",
            )
        ),
        (below("", "backup"), {"backup/": ""}),
        (below("x", "x/old"), {"x/old/": "x/"}),
        # no twin, or one of other files
        (below("backend_old"), {}),
        (below("api", DATED), {}),
        (["backend/a.py", f"{DATED}/app/a.py"], {}),
        (["x/models.py", "x/old/models.py"], {}),
        (["x/__init__.py", "x/a.py", "x/old/__init__.py", "x/old/a.py", "x/old/b.py", "x/old/c.py"], {}),
        # names of something else
        (below("backend", "backend_backup_service", "backups_api", "backend_2024", "folder", "threshold"), {}),
        (below("v1", "v1_20"), {}),
    ],
)  # fmt: skip
def test_copies(paths: list[str], found: dict[str, str]) -> None:
    assert copies(paths) == found


def listed(root: Path, *paths: str, **texts: str) -> tuple[list[str], list[str]]:
    """Which Python files a project at ``root`` has, and what its notes say."""
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("")
    for name, text in texts.items():
        (root / name.replace("__", ".")).write_text(text)
    project = open_project([], str(root))
    found = [path for path in project.paths() if path.endswith(".py")]
    return found, [f"{note.path} {note.reason}" for note in project.notes]


def test_a_copy_is_left_out_with_a_note(tmp_path: Path) -> None:
    found, notes = listed(tmp_path, *below("backend", DATED), README__md=f"Do not use {DATED}/.")
    assert found == below("backend")
    assert notes == [f"{DATED} is left out: a copy of `backend/`, 2 files"]


@pytest.mark.parametrize(
    ("name", "file", "text"),
    [
        (DATED, "docker-compose__yml", f"services:\n  web:\n    build: {DATED}\n"),
        (DATED, "run__sh", f"cd {DATED} && celery -A app worker\n"),
        ("backend_old", "main__py", "from backend_old.app import a\n"),
        ("old", "main__py", "from old import app\n"),
        ("old", "main__py", "import old.app\n"),
        ("old", "Dockerfile", "COPY old /srv\n"),
        ("old", "docker-compose__yml", "services:\n  web:\n    build: ./old\n"),
        ("old", "docker-compose__yml", "services:\n  web:\n    build: old\n"),
    ],
)
def test_what_something_mentions_stays(tmp_path: Path, name: str, file: str, text: str) -> None:
    twin = "" if name == "old" else "backend"
    paths = below(twin, name)
    found, notes = listed(tmp_path, *paths, **{file: text})
    assert set(paths) <= set(found)
    assert notes == []


def test_a_word_is_no_mention(tmp_path: Path) -> None:
    found, _ = listed(tmp_path, *below("", "old"), main__py="# the old way\nold = 1\n")
    assert found == [*below(""), "main.py"]


def test_a_copy_that_the_user_names_is_looked_at(tmp_path: Path) -> None:
    listed(tmp_path, *below("backend", DATED))
    assert open_project([str(tmp_path / DATED), str(tmp_path / "backend")], str(tmp_path)).paths() == tuple(
        below("backend", DATED)
    )

"""A changed project answers as one that is opened anew with the same contents, and leaves its base alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_backend_lint.project.changed import ChangedProject
from celery_backend_lint.project.discovery import open_project
from tests.cases import git

if TYPE_CHECKING:
    from pathlib import Path

    from celery_backend_lint.project.discovery import Project

CHANGES = {"tasks.py": b"import celery\n", "new/app.py": b"Celery()\n", "shop.py": b"", "notes.txt": b"none\n"}


def projects(root: Path, changes: dict[str, bytes]) -> tuple[Project, ChangedProject, Project]:
    """The base, what is made of it, and one that is opened and given the contents."""
    for path, text in {
        "tasks.py": "x = 1\n",
        "shop.py": "Celery()\n",
        "other.py": "Celery()\n",
        ".gitignore": "*.log\n",
    }.items():
        (root / path).write_text(text)
    git(root, "init", "-q")
    git(root, "add", "-A")
    base, anew = open_project([str(root)], str(root)), open_project([str(root)], str(root))
    for path, data in changes.items():
        anew.put(path, data)
    return base, ChangedProject(base, changes), anew


def test_it_answers_as_one_opened_anew(tmp_path: Path) -> None:
    base, changed, anew = projects(tmp_path, CHANGES)
    assert base.paths() == (".gitignore", "other.py", "shop.py", "tasks.py")
    assert changed.paths() == anew.paths()
    for needles in ([b"elery"], [b"Celery", b"import"], [b"x = 1"]):
        assert changed.python_files_mentioning(needles) == anew.python_files_mentioning(needles)
    for path in (*anew.paths(), "absent.py"):
        mine, other = changed.source(path), anew.source(path)
        assert (mine.data if mine else None) == (other.data if other else None)
        assert (changed.exists(path), changed.tracked(path)) == (anew.exists(path), anew.tracked(path))
    assert changed.folder("new") == anew.folder("new")
    assert changed.ignored(["a.log", "b.txt"]) == anew.ignored(["a.log", "b.txt"]) == {"a.log"}


def test_its_base_stays_as_it_is(tmp_path: Path) -> None:
    base, changed, _ = projects(tmp_path, CHANGES)
    assert changed.python_files_mentioning([b"elery"]) == ("new/app.py", "other.py", "tasks.py")
    assert base.python_files_mentioning([b"elery"]) == ("other.py", "shop.py")
    assert not base.exists("new/app.py")
    assert not base.tracked("new/app.py")
    assert base.source("other.py") is changed.source("other.py")
    second = ChangedProject(base, {})
    assert second.paths() == base.paths()
    assert second.python_files_mentioning([b"elery"]) == ("other.py", "shop.py")


def test_an_ignore_list_that_changed_decides(tmp_path: Path) -> None:
    base, changed, anew = projects(tmp_path, {".gitignore": b"*.txt\n"})
    assert changed.ignored(["a.log", "b.txt"]) == anew.ignored(["a.log", "b.txt"]) == {"b.txt"}
    assert base.ignored(["a.log", "b.txt"]) == {"a.log"}


def test_a_file_is_what_it_was_when_it_was_first_read(tmp_path: Path) -> None:
    base, _, _ = projects(tmp_path, {})
    base.python_files_mentioning([b"elery"])
    (tmp_path / "other.py").write_text("nothing\n")
    source = ChangedProject(base, {}).source("other.py")
    assert source is not None
    assert source.data == b"Celery()\n"

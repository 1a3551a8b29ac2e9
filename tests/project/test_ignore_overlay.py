"""What git would ignore with other lists is what it ignores once they are written."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from celery_backend_lint.project.discovery import Project

PATTERNS = st.lists(
    st.sampled_from(
        [".env", "!.env", "*.env", "/.env", "sub/", "!sub/.env", "**/.env", ".env*", "!.env.example", "# x"]
    ),
    max_size=5,
).map(lambda lines: "".join(f"{line}\n" for line in lines).encode())
PATHS = (".env", ".env.example", "sub/.env", "sub/deep/.env", "sub/deep/.env.example", "a.py")


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repository").resolve()
    git(folder, "init", "-q")
    (folder / "sub/deep").mkdir(parents=True)
    (folder / ".git/info/exclude").write_text("*.example\n")
    (folder / "sub/a.py").touch()
    return folder


@given(top=PATTERNS, inner=PATTERNS, then=PATTERNS, where=st.sampled_from([".gitignore", "sub/.gitignore"]))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_the_answer_is_that_of_the_disk_afterwards(
    repository: Path, top: bytes, inner: bytes, then: bytes, where: str
) -> None:
    (repository / ".gitignore").write_bytes(top)
    (repository / "sub/.gitignore").write_bytes(inner)
    project = Project(str(repository))
    project.put(where, then)
    before = project.ignored(PATHS)
    (repository / where).write_bytes(then)
    assert before == Project(str(repository)).ignored(PATHS)


def test_a_list_above_the_project_counts(repository: Path) -> None:
    (repository / ".gitignore").write_bytes(b".env\n")
    (repository / "sub/.gitignore").unlink(missing_ok=True)
    project = Project(str(repository / "sub"))
    project.put(".gitignore", b"other\n")
    assert project.ignored([".env", "other", "deep/.env", "a.py"]) == {".env", "other", "deep/.env"}
    project.put(".gitignore", b"!.env\n")
    assert project.ignored([".env", "deep/.env"]) == frozenset()


def test_a_linked_work_tree(repository: Path, tmp_path: Path) -> None:
    git(repository, "-c", "user.name=t", "-c", "user.email=t@e", "commit", "-q", "--allow-empty", "-m", "x")
    linked = tmp_path.resolve() / "linked"
    git(repository, "worktree", "add", "-q", str(linked))
    (linked / "a.py").touch()
    project = Project(str(linked))
    project.put(".gitignore", b".env\n")
    assert project.ignored([".env", "a.py", "x.example"]) == {".env", "x.example"}

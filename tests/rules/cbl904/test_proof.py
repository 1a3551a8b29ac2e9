"""CBL904 is true: which patterns keep an env file out of a commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.proofs.repository import Repository

SECRET = "RESULTS=redis://:Qr7xV2mPz@cache:6379/0\n"


@pytest.mark.parametrize(
    ("bad", "path"),
    [
        ("", ".env"),
        ("/.env\n", "services/shop/.env"),
        (".env  # secrets\n", ".env"),
        (" .env\n", ".env"),
        (".ENV\n", ".env"),
        (".env/\n", ".env"),
        (".env.*\n", ".env"),
        (".env\n", ".env.production"),
        (".env\n", ".envs/.local/.django"),
        (".env\n!.env\n", ".env"),
    ],
)
def test_it_would_be_committed(repository: Repository, bad: str, path: str) -> None:
    assert path in repository.commit_all({".gitignore": bad, path: SECRET})


@pytest.mark.parametrize(
    ("good", "path"),
    [
        (".env\n", ".env"),
        (".env\n", "services/shop/.env"),
        ("**/.env\n", "services/shop/.env"),
        (".env   \n", ".env"),
        (".env\r\n", ".env"),
        ("\ufeff.env\n", ".env"),
        (".env*\n", ".env.production"),
        ("*.env\n", ".env"),
        (".env*\n!.env.example\n", ".env"),
        (".envs/\n", ".envs/.local/.django"),
    ],
)
def test_it_is_kept_out(repository: Repository, good: str, path: str) -> None:
    assert path not in repository.commit_all({".gitignore": good, path: SECRET})


@pytest.mark.parametrize(("encoding", "kept_out"), [("utf-16", False), ("utf-8-sig", True), ("utf-8", True)])
def test_git_reads_no_utf_16(repository: Repository, encoding: str, kept_out: bool) -> None:
    (repository.root / ".gitignore").write_bytes("*.pyc\n.env\n".encode(encoding))
    assert (".env" not in repository.commit_all({".env": SECRET})) is kept_out


def test_a_gitignore_in_its_folder_and_gits_own_exclude_file_count(repository: Repository) -> None:
    tracked = repository.commit_all({"shop/.gitignore": ".env\n", "shop/.env": SECRET, ".env.local": SECRET})
    assert tracked == {"shop/.gitignore", ".env.local"}
    repository.write({".git/info/exclude": ".env.test\n"})
    assert ".env.test" not in repository.commit_all({".env.test": SECRET})


def test_the_correction_leaves_the_example_in(repository: Repository) -> None:
    fixed = {".gitignore": ".env\n!.env.example\n", ".env": SECRET, ".env.example": "RESULTS=\n"}
    assert repository.commit_all(fixed) == {".gitignore", ".env.example"}


def test_the_pattern_of_a_name_that_a_folder_has_takes_the_example_along(repository: Repository) -> None:
    files = {".env/.env": SECRET, ".env/.env.example": "RESULTS=\n"}
    assert repository.commit_all({".gitignore": ".env\n!.env.example\n", **files}) == {".gitignore"}
    assert repository.commit_all({".gitignore": ".env/.env\n"}) == {".gitignore", ".env/.env.example"}

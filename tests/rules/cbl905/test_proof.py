"""CBL905 is true: ignoring a tracked file does nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.proofs.repository import Repository

OLD = "RESULTS=redis://:Qr7xV2mPz@cache:6379/0\n"
NEW = "RESULTS=redis://:Zt9kW4nLc@cache:6379/0\n"


def test_an_ignored_tracked_file_is_still_committed(repository: Repository) -> None:
    repository.commit_all({".env": OLD})
    assert ".env" in repository.commit_all({".gitignore": ".env\n", ".env": NEW})
    assert repository.git("show", "HEAD:.env") == NEW
    # Git says so only when it is asked in a certain way: check-ignore is silent about tracked files.
    assert repository.git("check-ignore", ".env") == ""
    assert repository.git("check-ignore", "--no-index", ".env") == ".env\n"
    assert repository.git("ls-files", "--ignored", "--cached", "--exclude-standard") == ".env\n"


def test_removed_from_the_index_it_stays_out_and_on_disk(repository: Repository) -> None:
    repository.commit_all({".env": OLD})
    repository.git("rm", "--quiet", "--cached", ".env")
    assert repository.commit_all({".gitignore": ".env\n"}) == {".gitignore"}
    assert (repository.root / ".env").read_text() == OLD


def test_history_keeps_the_secret_so_it_must_be_rotated(repository: Repository) -> None:
    repository.commit_all({".env": OLD})
    repository.git("rm", "--quiet", "--cached", ".env")
    repository.commit_all({".gitignore": ".env\n"})
    assert "Qr7xV2mPz" in repository.git("log", "--patch", "--", ".env")

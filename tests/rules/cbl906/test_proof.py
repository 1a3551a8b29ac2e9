"""CBL906 is true: patterns that keep the example out of every clone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.proofs.repository import Repository


@pytest.mark.parametrize(
    ("bad", "good", "example"),
    [
        (".env*\n", ".env*\n!.env.example\n", ".env.example"),
        (".env.*\n", ".env.*\n!.env.example\n", ".env.example"),
        ("*.env\n", "*.env\n!example.env\n", "example.env"),
        ("!.env.example\n.env*\n", ".env*\n!.env.example\n", ".env.example"),
        (".env*\n!.env.example  # for everybody\n", "# for everybody\n.env*\n!.env.example\n", ".env.example"),
        (".envs/\n!.envs/.env.example\n", ".envs/*\n!.envs/.env.example\n", ".envs/.env.example"),
        (".env*\n!/.env.example\n", ".env*\n!.env.example\n", "shop/.env.example"),
    ],
)
def test_the_example_does_not_reach_a_clone(repository: Repository, bad: str, good: str, example: str) -> None:
    assert repository.commit_all({".gitignore": bad, example: "RESULTS=\n"}) == {".gitignore"}
    assert example in repository.commit_all({".gitignore": good})


def test_once_tracked_it_stays(repository: Repository) -> None:
    repository.commit_all({".env.example": "RESULTS=\n"})
    assert ".env.example" in repository.commit_all({".gitignore": ".env*\n"})


def test_a_deeper_gitignore_may_let_it_in(repository: Repository) -> None:
    files = {".gitignore": ".env*\n", "shop/.gitignore": "!.env.example\n", "shop/.env.example": "RESULTS=\n"}
    assert "shop/.env.example" in repository.commit_all(files)

"""CBL903 is true: an example is committed, so what it holds is public; who looks for secrets finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from detect_secrets.core.scan import scan_file
from detect_secrets.settings import default_settings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.proofs.repository import Repository


def found(folder: Path, line: str) -> set[str]:
    """The kinds of secret that detect-secrets finds in an example of one line, with its default plugins and filters."""
    example = folder / ".env.example"
    example.write_text(line + "\n")
    with default_settings():
        return {secret.type for secret in scan_file(str(example))}


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        ("AWS_ACCESS_KEY_ID=AKIAQ3EXR7Y2MZP4KL5V", "AWS_ACCESS_KEY_ID=your_access_key_here"),
        ("RESULTS=postgresql://shop:Qr7xV2mPz@db/shop", "RESULTS=postgresql://<user>:<password>@db/shop"),
    ],
)
def test_detect_secrets_tells_a_secret_from_a_placeholder(tmp_path: Path, bad: str, good: str) -> None:
    assert found(tmp_path, bad)
    assert not found(tmp_path, good)


@pytest.mark.parametrize("url", ["redis://:Qr7xV2mPz@cache:6379/0", "sentinel://:Qr7xV2mPz@cache:26379/0"])
def test_detect_secrets_misses_a_password_without_a_user_so_we_look_ourselves(tmp_path: Path, url: str) -> None:
    assert not found(tmp_path, f"RESULTS={url}")


def test_every_clone_has_what_the_example_holds(repository: Repository, tmp_path: Path) -> None:
    tracked = repository.commit_all(
        {".gitignore": ".env\n", ".env.example": "RESULTS=redis://:Qr7xV2mPz@cache:6379/0\n"}
    )
    assert ".env.example" in tracked
    repository.clone(tmp_path / "clone")
    assert "Qr7xV2mPz" in (tmp_path / "clone" / ".env.example").read_text()

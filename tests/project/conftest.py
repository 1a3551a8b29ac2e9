"""Tests of discovery run as if no git hook had started them."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def _no_git_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)

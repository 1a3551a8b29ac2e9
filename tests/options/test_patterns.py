"""File patterns of the configuration."""

from __future__ import annotations

import pytest

from celery_backend_lint.patterns import matcher


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("migrations", "shop/migrations/0001.py"),
        ("migrations/", "shop/migrations/0001.py"),
        ("test_*.py", "tests/test_x.py"),
        ("tests/*.py", "tests/a.py"),
        ("tests/*.py", "tests/unit/a.py"),
        ("tests/**/*.py", "tests/a.py"),
        ("tests/**/*.py", "tests/unit/a.py"),
        ("**/settings.py", "settings.py"),
        ("./docs/examples", "docs/examples/a.py"),
        ("/docs", "docs/a.py"),
        ("[ab].py", "x/a.py"),
    ],
)
def test_matches(pattern: str, path: str) -> None:
    assert matcher([pattern])(path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("migrations", "migrations.py"),
        ("tests/*.py", "shop/tests/a.py"),
        ("/docs", "shop/docs/a.py"),
        ("", "a.py"),
        ("/", "a.py"),
        ("[z-a]", "z"),
        ("A.py", "a.py"),
    ],
)
def test_does_not_match(pattern: str, path: str) -> None:
    assert not matcher([pattern])(path)


def test_any_of_several_patterns_is_enough() -> None:
    matches = matcher(["docs/*", "a.py"])
    assert matches("docs/x.py")
    assert matches("x/a.py")
    assert not matches("b.py")


def test_no_pattern_matches_nothing() -> None:
    assert not matcher([])("a.py")

"""Which files are test code by their path."""

from __future__ import annotations

import re

_TEST_PATH = r"(^|/)(tests?|testing|test_[^/]*|conftest\.py|[^/]*_tests?\.py)(/|$)|^t/[^/]+/"
"""Paths of test code, in lower case; ``t/unit``, ``t/proj`` is how Celery's own projects call theirs."""


def is_test_path(path: str) -> bool:
    """Whether a file is test code by its path."""
    lowered = path.lower()
    return ("test" in lowered or lowered.startswith("t/")) and re.search(_TEST_PATH, lowered) is not None

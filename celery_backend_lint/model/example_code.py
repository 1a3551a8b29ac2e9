"""Code that shows how to use something: it is read like any other, but nobody deploys it."""

from __future__ import annotations

import re

_EXAMPLES = re.compile(r"(?i)(^|/)(examples?|samples?|demos?|docs?|tutorials?)(/|$)")


def is_example_path(path: str) -> bool:
    """Whether a file is an example or documentation by its path."""
    return _EXAMPLES.search(path) is not None

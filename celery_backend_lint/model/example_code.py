"""Code that shows how to use something: it is read like any other, but nobody deploys it."""

from __future__ import annotations

import re

_EXAMPLES = r"(?i)(^|/)(examples?|samples?|demos?|docs?|tutorials?)(/|$)"


def is_example_path(path: str) -> bool:
    """Whether a file is an example or documentation by its path."""
    return re.search(_EXAMPLES, path) is not None

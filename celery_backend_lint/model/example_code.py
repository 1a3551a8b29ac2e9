"""Code that shows how to use something: it is read like any other, but nobody deploys it."""

from __future__ import annotations

import re

_WORDS = ("example", "sample", "demo", "doc", "tutorial", "benchmark", "playground", "quickstart")
_EXAMPLES = r"(^|/)(examples?|samples?|demos?|docs?|tutorials?|benchmarks?|playground|quickstarts?)(/|$)"


def is_example_path(path: str) -> bool:
    """Whether a file is an example, a benchmark or documentation by its path."""
    lowered = path.lower()
    return any(word in lowered for word in _WORDS) and re.search(_EXAMPLES, lowered) is not None

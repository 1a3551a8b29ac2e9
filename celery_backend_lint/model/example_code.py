"""Code that shows how to use something, or that is put by: it is read like any other, but nobody deploys it."""

from __future__ import annotations

import re

_WORDS = ("example", "sample", "demo", "doc", "tutorial", "benchmark", "playground", "quickstart")
_EXAMPLES = r"(^|/)(examples?|samples?|demos?|docs?|tutorials?|benchmarks?|playground|quickstarts?)(/|$)"
_PAST = ("archive", "deprecated", "obsolete", "attic")
_PAST_FOLDERS = r"(^|/)[._]?(archived?|archives|deprecated|obsolete|attic)([-_.][^/]*)?/"
"""Folders for what is kept and not run any more, also ``deprecated-docker-redis/``."""


def is_example_path(path: str) -> bool:
    """Whether a file is an example, a benchmark, documentation or put by as old by its path."""
    lowered = path.lower()
    return (any(word in lowered for word in _WORDS) and re.search(_EXAMPLES, lowered) is not None) or (
        any(word in lowered for word in _PAST) and re.search(_PAST_FOLDERS, lowered) is not None
    )

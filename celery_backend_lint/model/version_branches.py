"""What a project writes for one Celery and what for another: branches of a file that asks for Celery's version."""

from __future__ import annotations

import re

from celery_backend_lint.model.source_nodes import node_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model

_ASKED = rb"\bcelery\s*\.\s*(?:version_info|VERSION|__version__)\b|\bfrom\s+celery\s+import\b[^\n]*(?:version|VERSION)"
"""Celery's names for its version (``celery/__init__.py``, 3.1 to 5.7)."""


def is_for_one_celery(model: Model, location: Location) -> bool:
    """Whether a place stands in a branch of a file that asks which Celery runs.

    Whether it is that question that the branch hangs on is not followed: it may go through a variable.
    """
    file = model.evaluator.modules.file(location.path)
    if file is None or not any(word in file.source.utf8 for word in (b"version", b"VERSION")):
        return False
    if re.search(_ASKED, file.source.utf8) is None:
        return False
    node = node_at(model.evaluator, location)
    while node is not None and node.type != "if_statement":
        node = node.parent
    return node is not None

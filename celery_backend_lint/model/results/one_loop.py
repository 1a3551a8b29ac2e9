"""Programs whose one event loop sends tasks and asks for their results: all of that happens in one thread."""

from __future__ import annotations

import re

from celery_backend_lint.model.file_mentions import holding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.results.records import Read
    from celery_backend_lint.syntax.python import Node

_SEVERAL = ("gunicorn", "hypercorn", "WEB_CONCURRENCY", "workers", "replicas", "--scale")
_MORE_THAN_ONE = (
    rb"gunicorn|hypercorn|WEB_CONCURRENCY|--scale"
    rb"|(?:--workers[\s=,\"']|\bworkers\s*=|\breplicas[\"']?\s*:)[\s=,\"']*(?!1\b)[^\s=,\"']"
)
"""What starts a server in several processes; uvicorn by itself starts one."""


def is_of_the_sending_loop(model: Model, read: Read) -> bool:
    """Whether coroutines of one file send every task and make a read, in a program that is seen to run once.

    FastAPI and its like run ``async def`` in the thread of the event loop, and ``def`` in others.
    """
    from celery_backend_lint.model.results.sends import sends

    sent = list(sends(model))
    if not sent or not _is_in_coroutine(read.node):
        return False
    if any(path != read.location.path or not _is_in_coroutine(node) for path, node in sent):
        return False
    return not any(re.search(_MORE_THAN_ONE, data) is not None for _, data in holding(model.project, _SEVERAL))


def _is_in_coroutine(node: Node) -> bool:
    """Whether the nearest function around a node is an ``async def``."""
    outer = node.parent
    while outer is not None and outer.type not in ("function_definition", "lambda"):
        outer = outer.parent
    return outer is not None and any(child.type == "async" for child in outer.children)

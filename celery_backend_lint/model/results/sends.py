"""The places that send tasks, and whether what they get back is kept."""

from __future__ import annotations

import re

from celery_backend_lint.project.test_paths import is_test_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.syntax.python import Node

_SENT = rb"\.\s*(delay|apply_async|send_task)\s*\("
_NEEDLES = (b".delay(", b".apply_async(", b"send_task(")
_PASSED = (b".delay)", b".delay,", b".apply_async)", b".apply_async,")
"""Methods that are handed to something else to call, which may keep what they give."""

READING = (
    b"AsyncResult", b"GroupResult", b"ResultSet", b"EagerResult", b"allow_join_result", b"celery.result", b"chord",
    b"TaskResult", b"get_task_meta", b"update_state", b"task_id", b"celery_progress", b"group(", b"chunks(",
    b"backend.get", b"task_track_started", b"TASK_TRACK_STARTED", b"group as", b"task-meta", b"taskmeta",
    b"sync_to_async", b"to_thread", b"run_in_executor", b"run_in_threadpool", b"run_sync",
)  # fmt: skip
"""Bytes that stand, in a file about tasks, where a result may be read, or where the backend is needed for something
else: whoever has a task's id may ask for its result, also from elsewhere, and a group may become a chord.
"""

_HANDLES = (
    rb"shared_task|periodic_task\b|[.@]task\b|\bTask\s*[,)\n]|\bdelay\b|apply_async|send_task|\b(?:signature|Signature)\b"
    rb"|register_task|tasks\.register\b|\bPeriodicTask\b"
)
_HANDLES_NEEDLES = (b"task", b"Task", b"delay", b"apply_async", b"ignature")
_BRING_TASKS = r"(?!celery$|django-celery-(?:results|beat)$|pytest-celery$).*(?:celery|post-office|health-check).*"
"""Distributions whose tasks a worker of Django's finds by itself, as far as names tell."""


def may_have_tasks(model: Model, app: App) -> bool:
    """Whether an app may have a task: one is defined, sent or scheduled in code outside of tests, by any sign of it, or
    may come from what is installed or imported.
    """
    from celery_backend_lint.model.packages import Packages

    if app.unread or any(name in app.settings for name in ("imports", "include", "beat_schedule")):
        return True
    for path in model.project.python_files_mentioning(_HANDLES_NEEDLES):
        source = model.project.source(path) if not is_test_path(path) else None
        if source is not None and re.search(_HANDLES, source.utf8) is not None:
            return True
    if Packages(model, app).hides_something():
        return True
    manifests = model.manifests.manifests.values()
    return any(re.fullmatch(_BRING_TASKS, one.name) for manifest in manifests for one in manifest.requirements)


def sign_of_reading(model: Model) -> str:
    """A file outside of tests that may need results; "" for none.

    Either it keeps what sending a task gives, or its bytes show that it may read results.
    """
    project = model.project
    for path, node in sends(model):
        if not _is_dropped(node):
            return path
    for path in project.python_files_mentioning((b"AsyncResult", b"elery", *_NEEDLES, *_PASSED)):
        if not is_test_path(path) and project.mentions(path, READING):
            return path
    return ""


def sends(model: Model) -> Iterator[tuple[str, Node]]:
    """Every call outside of tests that sends a task, by its name alone, with the file it stands in."""
    for path in model.project.python_files_mentioning(_NEEDLES):
        file = model.evaluator.modules.file(path) if not is_test_path(path) else None
        if file is None:
            continue
        for match in re.finditer(_SENT, file.source.utf8):
            node = file.scope.node.descendant_for_byte_range(*match.span(1))
            attribute = node.parent if node is not None else None
            call = attribute.parent if attribute is not None and attribute.type == "attribute" else None
            if call is not None and call.type == "call" and call.child_by_field_name("function") == attribute:
                yield path, call


def first_send(model: Model) -> Location | None:
    """The first place that sends a task."""
    for path, node in sends(model):
        file = model.evaluator.modules.file(path)
        if file is not None:
            return model.evaluator.location(node, file.scope)
    return None


def _is_dropped(call: Node) -> bool:
    """Whether nobody gets what a call gives: it is a statement, or all that a lambda does."""
    parent = call.parent
    while parent is not None and parent.type == "parenthesized_expression":
        parent = parent.parent
    return parent is not None and parent.type in ("expression_statement", "lambda")

"""Modules that patch the standard library for green threads as soon as they are imported (eventlet's, gevent's)."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.imported_modules import packages_above

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.syntax.python import Node

_LIBRARIES = (b"eventlet", b"gevent")
_CALL = rb"\b(?:monkey_patch|patch_(?:all|socket|ssl|thread|threading|time|select|os|subprocess|builtins|dns))[ \t]*\("
_DEFERRED = ("function_definition", "lambda")


def patching_of(model: Model, app: App) -> Location | None:
    """Where importing the module of an app patches the standard library: the first call outside of functions, in the
    module or in one of the project's that it imports. None where nothing does, and for the packages above it, which
    any process that imports them has patched already.

    A call under a condition counts: whether it runs in a web process is not known.
    """
    if not any(model.project.python_files_mentioning(_LIBRARIES)):
        return None
    from celery_backend_lint.model.import_order import events

    loaded = events(model, app.path, {})[1] - frozenset(packages_above(model.evaluator, app.path))
    for path in (app.path, *sorted(loaded - {app.path})):
        found = _first_call(model, path)
        if found is not None:
            return found
    return None


def _first_call(model: Model, path: str) -> Location | None:
    from celery_backend_lint.location import Location

    file = model.evaluator.modules.file(path)
    if file is None or not any(name in file.source.data for name in _LIBRARIES):
        return None
    for match in re.finditer(_CALL, file.source.utf8) if b"monkey" in file.source.utf8 else ():
        call = _call_of(file.scope.node.descendant_for_byte_range(match.start(), match.start()))
        if call is not None:
            return Location(path, file.source.span(call.start_byte, call.end_byte))
    return None


def _call_of(name: Node | None) -> Node | None:
    """The call of the function whose name stands here, if importing the module runs it."""
    node = name.parent if name is not None and name.type == "identifier" else None
    if node is not None and node.type == "attribute":
        node = node.parent
    if node is None or node.type != "call":
        return None
    above = node.parent
    while above is not None:
        condition = above.child_by_field_name("condition") if above.type == "if_statement" else None
        if above.type in _DEFERRED or (condition is not None and b"__name__" in (condition.text or b"")):
            return None
        above = above.parent
    return node

"""flask-celeryext: an extension that makes Celery's app from a Flask app's configuration.

Read in flask_celeryext 0.5.1: ``FlaskCeleryExt(app, create_celery_app=f)`` and its ``init_app(app)`` call ``f(app)``
and keep the result as ``.celery``. Without a function of its own it takes the default app (``celery.current_app``) and
gives it a copy of ``app.config`` as its configuration object, the names of `flask_celeryext._mapping` put in new style.
"""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.values import Choice, External, Function, Instance, Literal
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.syntax.python import Node

EXTENSION = frozenset({"flask_celeryext.FlaskCeleryExt", "flask_celeryext.ext.FlaskCeleryExt"})
"""The extension's class."""

_MADE = re.compile(rb"FlaskCeleryExt\s*(\()")
_STARTED = re.compile(rb"\.\s*init_app\s*(\()")


def factory_of(extension: Instance) -> Value | None:
    """The function of the project that makes the app, None where it is the extension's own."""
    for entry in extension.keywords:
        if isinstance(entry.key, Literal) and entry.key.value == "create_celery_app":
            return None if isinstance(entry.value, Literal) else entry.value
    return extension.arguments[1] if len(extension.arguments) > 1 else None


def extension_called(ev: Evaluator, call: Node, scope: Scope) -> tuple[Instance, Value | None] | None:
    """The extension that a call starts, and the Flask app that it is given (None: not yet); None for another call.

    In a loop that is the first of its rounds: ``for extension in extensions: extension.init_app(app)``.
    """
    from celery_backend_lint.evaluate.loops import scopes_at

    found = (_called_in(ev, call, one) for one in scopes_at(ev, call, scope))
    return next((one for one in found if one is not None), None)


def _called_in(ev: Evaluator, call: Node, scope: Scope) -> tuple[Instance, Value | None] | None:
    from celery_backend_lint.evaluate.calls import read_arguments

    function = call.child_by_field_name("function")
    if function is None:
        return None
    owner, name = function.child_by_field_name("object"), function.child_by_field_name("attribute")
    if owner is not None and name is not None and text_of(name) == "init_app":
        made = _extension(ev.value(owner, scope)) or _given_to_global(ev, owner, scope)
    else:
        made = _extension(ev.value(call, scope)) if b"CeleryExt" in (function.text or b"") else None
    if made is None:
        return None
    arguments, keywords = read_arguments(ev, call, scope)
    named = [e.value for e in keywords if isinstance(e.key, Literal) and e.key.value == "app"]
    given = arguments[0] if arguments else named[0] if named else None
    if isinstance(given, Literal):
        given = None
    return made, given


def _extension(value: Value) -> Instance | None:
    """The extension that a value is in one of its outcomes: of ``ext = None`` with ``global ext`` the other one."""
    if isinstance(value, Choice):
        return next((found for one in value.alternatives if (found := _extension(one.value)) is not None), None)
    is_one = isinstance(value, Instance) and isinstance(value.type, External) and value.type.name in EXTENSION
    return value if is_one else None  # type: ignore[return-value]


def _given_to_global(ev: Evaluator, node: Node, scope: Scope) -> Instance | None:
    """The only extension that a file gives to a name by which a function may know it: ``global ext; ext = …``."""
    text = scope.file.source.utf8
    if node.type != "identifier" or b"global" not in text:
        return None
    written = rb"\b" + re.escape(node.text or b"") + rb"\s*=\s*[\w.]*CeleryExt\s*(\()"
    found = []
    for match in re.finditer(written, text):
        arguments = scope.file.scope.node.descendant_for_byte_range(*match.span(1))
        call = arguments.parent.parent if arguments is not None and arguments.parent is not None else None
        if call is not None and call.type == "call":
            found.append(_extension(ev.value(call, ev.scope_at(call, scope.file.scope))))
    return found[0] if len(found) == 1 else None


def given_to(ev: Evaluator, node: Node, scope: Scope) -> Iterator[tuple[Value, Node, Scope]]:
    """The Flask apps that extensions call a function of the project with, each with the call that starts it.

    ``node`` is the function's definition, ``scope`` where it stands.
    """
    project = ev.modules.project
    if not project.python_files_mentioning([b"FlaskCeleryExt"]):
        return
    for path in project.python_files_mentioning([b"FlaskCeleryExt", b"init_app"]):
        file = ev.modules.file(path)
        if file is None:
            continue
        text = file.source.utf8
        for match in [*_MADE.finditer(text), *_STARTED.finditer(text)]:
            arguments = file.scope.node.descendant_for_byte_range(*match.span(1))
            call = arguments.parent.parent if arguments is not None and arguments.parent is not None else None
            if call is None or call.type != "call":
                continue
            where = ev.scope_at(call, file.scope)
            found = extension_called(ev, call, where)
            if found is None or found[1] is None:
                continue
            factory = factory_of(found[0])
            same = isinstance(factory, Function) and factory.node.start_byte == node.start_byte
            if isinstance(factory, Function) and same and factory.scope.file is scope.file:
                yield found[1], call, where

"""Celery's app kept on a web application: ``app.extensions["celery"]``, ``app.celery_app``, ``app.state.celery``.

What is kept is looked for in the whole project, by the name it is kept under, which must speak of Celery.
"""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.alternatives import any_of, combine
from celery_backend_lint.evaluate.flask.config import FLASK
from celery_backend_lint.evaluate.values import Choice, External, Instance, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.syntax.python import Node

_APPLICATIONS = FLASK | {
    "fastapi.FastAPI", "fastapi.applications.FastAPI", "starlette.applications.Starlette", "quart.Quart",
}  # fmt: skip
_HOLDERS = {"extensions": "flask.extensions", "state": "starlette.datastructures.State"}
MOST_PLACES = 40
"""A name that is assigned more often than this is not looked for."""


def attribute_of_application(instance: Instance, name: str, origin: Location) -> Instance | None:
    """``app.extensions`` and ``app.state``: what keeps other objects; None for another attribute or object."""
    if isinstance(instance.type, External) and instance.type.name in _APPLICATIONS and name in _HOLDERS:
        return Instance(External(_HOLDERS[name], origin), (instance,), (), origin)
    return None


def kept(ev: Evaluator, owner: Instance, name: str, origin: Location) -> Value | None:
    """What is kept under a name on a web application or on one of its holders; None where nothing is seen to be."""
    if not isinstance(owner.type, External) or "celery" not in name.lower():
        return None
    if owner.type.name in _HOLDERS.values():
        application = owner.arguments[0]
    elif owner.type.name in _APPLICATIONS:
        application = owner
    else:
        return None
    word = re.escape(name.encode())
    written = re.compile(rb"(?:\.\s*" + word + rb"|\[\s*[\"']" + word + rb"[\"']\s*\])\s*(?::[^=\n]+)?=(?!=)")
    found: list[Value] = []
    seen = 0
    for path in ev.modules.project.python_files_mentioning([name.encode()]):
        file = ev.modules.file(path)
        for match in written.finditer(file.source.utf8) if file is not None else ():
            seen += 1
            if file is None or seen > MOST_PLACES:
                return Unknown("it is kept in too many places", origin)
            node = file.scope.node.descendant_for_byte_range(match.start(), match.start() + 1)
            while node is not None and node.type not in ("assignment", "block", "module"):
                node = node.parent
            left = node.child_by_field_name("left") if node is not None else None
            right = node.child_by_field_name("right") if node is not None else None
            holder = _holder(left) if left is not None else None
            if node is None or holder is None or right is None:
                continue
            scope = ev.scope_at(node, file.scope)
            value = ev.value(holder, scope)
            if owner is not application:
                value = _application_of(value, owner)
            if _is(value, application):
                found.append(ev.value(right, scope))
    if not found:
        return None
    return combine(any_of(found, "which of several is kept there", origin), origin)


def _holder(target: Node) -> Node | None:
    """What an attribute or an item is set on."""
    return target.child_by_field_name("object" if target.type == "attribute" else "value")


def _application_of(value: Value, holder: Instance) -> Value:
    """The web application that a holder of the same kind as ``holder`` belongs to; the value itself for all else."""
    same = isinstance(value, Instance) and isinstance(value.type, External) and isinstance(holder.type, External)
    if same and value.type.name == holder.type.name and value.arguments:  # type: ignore[union-attr]
        return value.arguments[0]  # type: ignore[union-attr]
    return Unknown("something else", value.origin)


def _is(value: Value, application: Value) -> bool:
    if isinstance(value, Choice):
        return any(_is(one.value, application) for one in value.alternatives)
    return isinstance(value, Instance) and isinstance(application, Instance) and value.origin == application.origin

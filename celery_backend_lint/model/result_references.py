"""Foreign keys of a project's models to the results that django-celery-results keeps."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import External, Literal
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import arguments_of, location_of, nodes_in, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.project_modules import ModuleFile
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.syntax.python import Node

_RESULTS = {
    f"django_celery_results.{home}{name}": name for home in ("models.", "") for name in ("TaskResult", "GroupResult")
}
_BY_LABEL = {f"django_celery_results.{name.lower()}": name for name in ("TaskResult", "GroupResult")}
"""Django takes the model's name in a text in any case (``django.apps.registry.Apps.get_model``)."""

_NAMES = (b"TaskResult", b"GroupResult", b"taskresult", b"groupresult")
_FIELDS = ("ForeignKey", "OneToOneField")
_FIELD_BYTES = (b"ForeignKey", b"OneToOneField")


@record
class ResultReference:
    """A field that points at a result: ``owner`` is its model, ``target`` ``TaskResult`` or ``GroupResult``.

    ``on_delete`` is the dotted name that the field gives, ``""`` where that is not known.
    """

    owner: str
    target: str
    on_delete: str
    location: Location


def result_references(model: Model) -> Iterator[ResultReference]:
    """The fields that certainly point at django-celery-results' models, by path and line; no tests, no migrations."""
    for path in model.project.python_files_mentioning([b"django_celery_results"]):
        speaks = all(model.project.mentions(path, names) for names in (_NAMES, _FIELD_BYTES))
        file = model.evaluator.modules.file(path) if speaks else None
        if file is not None and not is_test_path(path) and "/migrations/" not in f"/{path}":
            yield from _in_file(model, file)


def _in_file(model: Model, file: ModuleFile) -> Iterator[ResultReference]:
    for call in (node for node in nodes_in(file.scope.node) if node.type == "call"):
        function = call.child_by_field_name("function")
        name = text_of(function).rpartition(".")[2] if function is not None else ""
        if name not in _FIELDS:
            continue
        scope = model.evaluator.scope_at(call, file.scope)
        given = list(arguments_of(call))
        positional = [node for key, node in given if not key]
        named = {key: node for key, node in given if key}
        to = named.get("to") or (positional[0] if positional else None)
        target = _target(model, to, scope) if to is not None else ""
        if target:
            action = named.get("on_delete") or (positional[1] if len(positional) > 1 else None)
            yield ResultReference(_owner(call), target, _action(model, action, scope), location_of(file.source, call))


def _target(model: Model, node: Node, scope: Scope) -> str:
    value = model.evaluator.ask(node, scope)
    if isinstance(value, Literal) and isinstance(value.value, str):
        return _BY_LABEL.get(value.value.lower(), "")
    return _RESULTS.get(value.name, "") if isinstance(value, External) else ""


def _action(model: Model, node: Node | None, scope: Scope) -> str:
    value = model.evaluator.ask(node, scope) if node is not None else None
    return value.name if isinstance(value, External) else ""


def _owner(call: Node) -> str:
    """The name of the class around a call."""
    node = call.parent
    while node is not None and node.type != "class_definition":
        node = node.parent
    name = node.child_by_field_name("name") if node is not None else None
    return text_of(name) if name is not None else ""
